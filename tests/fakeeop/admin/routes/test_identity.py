from __future__ import annotations

import smtplib
import ssl

import pytest

from fakeeop.pki.authority import LabAuthority

STRANGER = "127.0.0.9"


def test_who_stands_for_whom(lab):
    assert lab.api.get("/peers").json() == {"127.0.0.25": "203.0.113.25"}
    assert lab.relay() == {}
    assert lab.api.put("/peers", json={STRANGER: "203.0.113.25"}).json() == {STRANGER: "203.0.113.25"}
    assert lab.send(STRANGER, "printer@contoso.com", "x@example.net") == {}
    assert lab.relay() != {}
    for wrong in ({"x": "203.0.113.25"}, {"127.0.0.1": "y"}, {"127.0.0.1": 7}, {"127.0.0.1": None}):
        assert lab.api.put("/peers", json=wrong).status_code == 422
    assert lab.api.get("/peers").json() == {STRANGER: "203.0.113.25"}


def test_other_certificates_for_the_handshakes_to_come(lab):
    def handshake(roots: str) -> None:
        host, port = lab.emulator.addresses[0]
        context = ssl.create_default_context(cadata=roots)
        with smtplib.SMTP("localhost" if host == "127.0.0.1" else host, port, timeout=60) as client:
            client.starttls(context=context)

    old = lab.api.get("/certificates").json()
    handshake(old["trusted"])
    authority = LabAuthority.create()
    server = authority.server_certificate(["localhost"])
    new = {"server": server.chain_pem.decode(), "key": server.key_pem.decode()}
    new["trusted"] = authority.certificate_pem.decode()
    answer = lab.api.put("/certificates", json={**new, "revoked": ["0a"]})
    assert answer.json() == {"server": new["server"], "trusted": new["trusted"]}
    assert "0A" in lab.emulator.certificates.revoked
    handshake(new["trusted"])
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(old["trusted"])
    other = authority.server_certificate(["localhost"])
    for wrong in (
        {**new, "key": other.key_pem.decode()}, {**new, "key": "x"}, {**new, "server": "x"}, {**new, "trusted": None},
        {**new, "revoked": "0A"}, {**new, "more": 1}, {},
    ):  # fmt: skip
        assert lab.api.put("/certificates", json=wrong).status_code == 422
    handshake(new["trusted"])
