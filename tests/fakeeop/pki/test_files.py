from __future__ import annotations

import stat

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from fakeeop.errors import CertificateFileError
from fakeeop.pki.files import read_certificate_file, read_pair, write_issued


@pytest.fixture
def written(lab_authority, tmp_path):
    issued = lab_authority.issue(issuer=lab_authority.issuing, common_name="mail.contoso.com")
    return issued, write_issued(tmp_path, "relay", issued, "secret")


@pytest.mark.parametrize("form", ["certificate", "both", "pfx", "legacy_pfx"])
def test_every_form_holds_the_whole_chain(written, form: str):
    issued, paths = written
    assert read_certificate_file(getattr(paths, form), "secret").chain_der == issued.chain_der


@pytest.mark.parametrize("form", ["both", "pfx", "legacy_pfx"])
def test_forms_with_a_key(written, form: str):
    issued, paths = written
    assert read_pair(getattr(paths, form), None, "secret").key_pem == issued.key_pem


def test_certificate_and_key_apart(written):
    issued, paths = written
    assert read_pair(paths.certificate, paths.key).key_pem == issued.key_pem


def test_only_the_owner_may_read_a_key(written):
    _, paths = written
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths.all if path != paths.certificate}
    assert set(modes.values()) == {0o600}


def test_a_der_certificate(lab_authority, tmp_path):
    path = tmp_path / "root.cer"
    path.write_bytes(lab_authority.root.certificate.public_bytes(Encoding.DER))
    assert len(read_certificate_file(path).chain_der) == 1


def test_the_leaf_is_the_certificate_of_the_key(written, lab_authority, tmp_path):
    issued, _ = written
    path = tmp_path / "root-first.pem"
    path.write_bytes(lab_authority.issuing.certificate_pem + issued.certificate_pem + issued.key_pem)
    assert read_certificate_file(path).chain_der == issued.chain_der


def test_an_encrypted_key(written, tmp_path):
    issued, _ = written
    path = tmp_path / "encrypted.pem"
    key = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    path.write_bytes(issued.certificate_pem + key)
    assert read_pair(path, None, "secret").key_pem == issued.key_pem
    for password, why in ((None, "is encrypted, and no password was given"), ("wrong", "wrong password")):
        with pytest.raises(CertificateFileError, match=why):
            read_certificate_file(path, password)


def test_a_pfx_without_a_password(written, tmp_path):
    issued, _ = written
    path = tmp_path / "open.pfx"
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", issued.key, issued.certificate, None, NoEncryption()))
    assert read_certificate_file(path).chain_der == issued.chain_der[:1]


def test_a_pfx_that_holds_only_a_key(written, tmp_path):
    issued, _ = written
    path = tmp_path / "key.pfx"
    encryption = BestAvailableEncryption(b"pw")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"x", issued.key, None, None, encryption))
    with pytest.raises(CertificateFileError, match="without a certificate"):
        read_certificate_file(path, "pw")


def broken_pem(_issued) -> bytes:
    return b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no certificate in it"),
        (b"hello", "neither PEM nor PFX"),
        (b"\x30\x82\x01\x00garbage", "neither PEM, nor a DER certificate, nor PFX"),
        (broken_pem(None), "the certificate in it is broken"),
        (b"-----BEGIN CERTIFICATE-----\n", "broken"),
    ],
)
def test_what_is_no_certificate(tmp_path, content: bytes, why: str):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(CertificateFileError, match=why) as error:
        read_certificate_file(path)
    assert error.value.path == str(path)


def test_a_wrong_pfx_password(written):
    _, paths = written
    with pytest.raises(CertificateFileError, match="wrong PFX password"):
        read_certificate_file(paths.pfx, "wrong")
    with pytest.raises(CertificateFileError, match="a PFX with a password, and none was given"):
        read_certificate_file(paths.pfx)


def test_a_key_file_is_no_certificate_file(written):
    _, paths = written
    with pytest.raises(CertificateFileError, match="no certificate in it"):
        read_certificate_file(paths.key)


def test_a_missing_key(written):
    _, paths = written
    with pytest.raises(CertificateFileError, match="no private key in it"):
        read_pair(paths.certificate)
    with pytest.raises(CertificateFileError, match="no private key in it"):
        read_pair(paths.certificate, paths.certificate)


def test_a_key_of_another_certificate(written, lab_authority, tmp_path):
    _, paths = written
    other = write_issued(tmp_path, "other", lab_authority.issue(common_name="b.example"), pfx=False)
    with pytest.raises(CertificateFileError, match="is not that of the certificate"):
        read_pair(paths.certificate, other.key)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CertificateFileError, match="cannot be read: No such file"):
        read_certificate_file(tmp_path / "nothing.pem")


def test_a_folder(tmp_path):
    with pytest.raises(CertificateFileError, match="cannot be read: Is a directory"):
        read_certificate_file(tmp_path)


def test_the_pem_is_readable_by_others(written):
    issued, paths = written
    assert x509.load_pem_x509_certificates(paths.certificate.read_bytes())[0] == issued.certificate
