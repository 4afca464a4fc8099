from __future__ import annotations

import pytest

from fakeeop.errors import CertificateFileError
from fakeeop.pki.roots import read_roots


def test_files_are_joined(lab_authority, tmp_path):
    pem = lab_authority.certificate_pem
    (tmp_path / "a.pem").write_bytes(pem.rstrip(b"\n"))
    (tmp_path / "b.pem").write_bytes(pem)
    both = read_roots([str(tmp_path / "a.pem"), str(tmp_path / "b.pem")])
    assert both.count(b"-----BEGIN CERTIFICATE-----") == 2
    assert b"----------" not in both


def test_no_source_is_no_root():
    assert read_roots([]) == b""


def test_what_the_machine_trusts(lab_authority, tmp_path, monkeypatch):
    (tmp_path / "machine.pem").write_bytes(lab_authority.certificate_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "machine.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert read_roots(["system"]).count(b"BEGIN CERTIFICATE") == 1


def test_a_machine_that_trusts_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    with pytest.raises(CertificateFileError, match="no list of trusted authorities"):
        read_roots(["system"])


@pytest.mark.parametrize(("content", "words"), [(b"nothing", "no certificate in PEM"), (None, "cannot be read")])
def test_a_file_that_is_no_root(tmp_path, content, words):
    path = tmp_path / "roots.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CertificateFileError, match=words):
        read_roots([str(path)])
