from __future__ import annotations

import socket

import pytest

from fakeeop.admin import AdminSettings
from fakeeop.admin.guard import BODY_MAX
from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import ListenError, MissingExtra
from fakeeop.model import Forest


@pytest.mark.parametrize(("host", "status"), [
    ("localhost", 200),
    ("LOCALHOST:8025", 200),
    ("127.0.0.1:1", 200),
    ("[::1]:8025", 200),
    ("192.0.2.1", 200),
    ("localhost.", 200),
    ("evil.example", 403),
    ("evil.example:8025", 403),
    ("localhost.evil.example", 403),
    ("127.0.0.1.evil.example", 403),
    ("[", 403),
    ("", 403),
])  # fmt: skip
def test_names_that_dns_could_point_here_are_refused(lab, host, status):
    answer = lab.api.get("/tenants", headers={"Host": host})
    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_name_can_be_allowed(new_lab):
    lab = new_lab(settings=AdminSettings(names=("Eop",)))
    assert lab.api.get("/health", headers={"Host": "eop:8025"}).status_code == 200
    assert lab.api.get("/health", headers={"Host": "other"}).status_code == 403


def test_pages_of_others_are_refused_and_nothing_is_shared_with_them(lab):
    for origin in ("http://evil.example", "null", "http://localhost:1", "http://["):
        answer = lab.api.post("/reset", headers={"Origin": origin})
        assert answer.status_code == 403, origin
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert lab.api.post("/reset", headers={"Origin": lab.url}).status_code == 204
    preflight = lab.api.options(
        "/tenants", headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "PUT"}
    )
    assert preflight.status_code == 403


def test_the_token(new_lab):
    lab = new_lab(settings=AdminSettings(token="s3cret-ü"))  # noqa: S106  a lab's
    for path in ("/tenants", "/metrics", "/openapi.json", "/nowhere"):
        answer = lab.api.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"].startswith("Bearer")
    for wrong in ("Bearer", "Bearer x", "Basic s3cret", "s3cret", "Bearer s3cret"):
        assert lab.api.get("/tenants", headers={"Authorization": wrong}).status_code == 401
    right = {"Authorization": "bearer s3cret-ü".encode()}
    assert lab.api.get("/tenants", headers=right).status_code == 200
    assert lab.api.get("/health").status_code == lab.api.get("/ready").status_code == 200


def test_a_body_that_says_it_is_too_large(lab):
    answer = lab.api.put("/tenants", content=b" " * (BODY_MAX + 1), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["status"]) == (413, 413)


def test_a_body_that_does_not_say_how_large_it_is(lab):
    def chunks():
        for _ in range(BODY_MAX // 65536 + 2):
            yield b" " * 65536

    answer = lab.api.put("/tenants", content=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
    assert lab.api.get("/health").status_code == 200


def test_a_large_tenant_file_fits(lab):
    domains = [f"domain-{number}.example" for number in range(20_000)]
    tree = {"Tenants": [{"Name": "contoso", "AcceptedDomains": domains}]}
    assert lab.api.put("/tenants", json=tree).status_code == 200


def test_what_is_no_http(lab):
    with socket.create_connection(lab.emulator.admin_address, timeout=60) as connection:
        connection.sendall(b"EHLO relay\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")
    assert lab.api.get("/health").status_code == 200


def test_the_port_is_in_use(lab):
    _, port = lab.emulator.admin_address
    other = Emulator(Forest(), admin=AdminSettings(port=port))
    with pytest.raises(ListenError, match="the port is in use"):
        other.start()
    assert other.admin_address is None
    with Emulator(Forest(), listeners=(Listener("127.0.0.1", 0),)) as plain:
        assert plain.admin_address is None


def test_a_bug_of_ours_is_no_missing_extra(monkeypatch):
    def broken() -> None:
        raise ImportError("cannot import name 'x'", name="fakeeop.config")

    monkeypatch.setattr("fakeeop.admin.server.load_app", broken)
    emulator = Emulator(Forest(), admin=AdminSettings())
    with pytest.raises(ImportError, match="cannot import name"):
        emulator.start()
    assert not emulator.answering


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    def missing() -> None:
        raise ImportError("No module named 'fastapi'", name="fastapi")

    monkeypatch.setattr("fakeeop.admin.server.load_app", missing)
    emulator = Emulator(Forest(), admin=AdminSettings())
    with pytest.raises(MissingExtra, match=r"the admin API needs fastapi: pip install 'fakeeop\[admin\]'"):
        emulator.start()
    assert not emulator.answering
