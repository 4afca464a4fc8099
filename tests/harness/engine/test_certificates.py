from __future__ import annotations

import ssl
import stat

import pytest

from harness.engine.certificates import CertificateFiles, WorldPki
from harness.errors import HarnessError

DECLARED = {
    "ca": {"ca": True, "trusted-by-eop": True},
    "pem": {"issued-by": "ca", "dns-names": ["relay.contoso.com"]},
    "pfx": {"issued-by": "ca", "dns-names": ["relay.contoso.com"], "format": "pfx"},
}


@pytest.fixture
def pki(tmp_path):
    return WorldPki(DECLARED, "<test>", CertificateFiles(tmp_path / "pki"))


@pytest.mark.parametrize("name", ["pem", "pfx"])
def test_files_that_a_client_can_load(pki, name):
    credential = pki.credential(name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_cert_chain(credential.certificate, credential.key)
    assert stat.S_IMODE(credential.key.stat().st_mode) == 0o600


def test_what_came_out_of_the_pfx_is_what_went_in(pki):
    assert (
        pki.credential("pem").certificate.read_text().split() == pki.credential("pfx").certificate.read_text().split()
    )
    assert pki.credential("pem") != pki.credential("pfx")


def test_a_certificate_is_written_once(pki, tmp_path):
    assert not (tmp_path / "pki").exists()
    assert pki.credential("pem") is pki.credential("pem")


def test_a_name_that_is_no_certificate(pki):
    for name in ("ca", "nothing"):
        with pytest.raises(HarnessError, match=f"no certificate '{name}' in world.pki; declared: pem, pfx"):
            pki.credential(name)


def test_the_roots_of_the_server(pki):
    context = ssl.create_default_context(cafile=str(pki.server_roots()))
    assert context.cert_store_stats()["x509_ca"] >= 1
    assert pki.server_roots() == pki.server_roots()
