"""Certificates on disk: PEM and PFX, written for every client and read from whatever a user has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from fakeeop.errors import CertificateFileError, UnreadableCertificate
from fakeeop.pki import crypto
from fakeeop.pki.authority import write_private
from fakeeop.pki.facts import read_certificate
from fakeeop.pki.issue import Issued

__all__ = [
    "PFX_PASSWORD",
    "CertificateFile",
    "IssuedFiles",
    "issued_paths",
    "read_certificate_file",
    "read_certificate_octets",
    "read_pair",
    "write_issued",
]

PFX_PASSWORD = "fakeeop"  # noqa: S105  no secret: a lab's default, printed to the user
_PKCS7_DATA = bytes.fromhex("06092a864886f70d010701")  # the content type near the top of every PFX (RFC 7292)


_PEM_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----")


@frozen
class IssuedFiles:
    """Where ``write_issued`` put things. ``certificate``: leaf and what is sent along; ``both``: the key first, too."""

    certificate: Path
    key: Path
    both: Path
    pfx: Path
    legacy_pfx: Path

    @property
    def all(self) -> tuple[Path, ...]:
        """Every path."""
        return (self.certificate, self.key, self.both, self.pfx, self.legacy_pfx)


@frozen
class CertificateFile:
    """What a file of a user holds: the chain as DER, the leaf first; the key as PEM if it has one."""

    path: str
    chain_der: tuple[bytes, ...]
    key_pem: bytes | None


def issued_paths(folder: Path, name: str) -> IssuedFiles:
    """The five paths of a certificate called ``name``."""
    return IssuedFiles(
        folder / f"{name}.pem",
        folder / f"{name}.key",
        folder / f"{name}.both.pem",
        folder / f"{name}.pfx",
        folder / f"{name}.legacy.pfx",
    )


def write_issued(
    folder: Path, name: str, issued: Issued, password: str = PFX_PASSWORD, *, pfx: bool = True
) -> IssuedFiles:
    """Write a certificate in every form a client may want; what holds the key has mode 600. Raises OSError.

    The PFX is AES-256 with PBKDF2; the legacy one is 3DES with SHA-1, for Windows before 2019 and Mono. ``pfx=False``
    leaves both out (they are slow to make: the password is stretched).
    """
    paths = issued_paths(folder, name)
    paths.certificate.write_bytes(issued.chain_pem)
    write_private(paths.key, issued.key_pem)
    write_private(paths.both, issued.key_pem + issued.chain_pem)
    if pfx:
        write_private(paths.pfx, _pfx(name, issued, crypto.BestAvailableEncryption(password.encode())))
        write_private(paths.legacy_pfx, _pfx(name, issued, _legacy(password)))
    return paths


def _pfx(name: str, issued: Issued, encryption: crypto.KeySerializationEncryption) -> bytes:
    return crypto.pkcs12.serialize_key_and_certificates(
        name.encode(), issued.key, issued.certificate, list(issued.sent) or None, encryption
    )


def _legacy(password: str) -> crypto.KeySerializationEncryption:
    builder = crypto.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2048)
    builder = builder.key_cert_algorithm(crypto.pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    return builder.hmac_hash(crypto.hashes.SHA1()).build(password.encode())


def read_certificate_file(path: Path | str, password: str | None = None) -> CertificateFile:
    """Read PEM (certificates, with or without a key), DER or PFX. Raises CertificateFileError.

    The leaf is the certificate of the key, if the file has a key; else the first one.
    """
    where = str(path)
    return read_certificate_octets(where, _read(where), password)


def read_certificate_octets(where: str, data: bytes, password: str | None = None) -> CertificateFile:
    """The same of octets; ``where`` is what the error calls them. Raises CertificateFileError."""
    if b"-----BEGIN " in data:
        return _read_pem(where, data, password)
    if data.startswith(b"\x30"):
        return _read_binary(where, data, password)
    raise CertificateFileError(where, "is neither PEM nor PFX: no certificate in it")


def read_pair(certificate: Path | str, key: Path | str | None = None, password: str | None = None) -> CertificateFile:
    """A certificate with its key, of two files or one. Raises CertificateFileError, also if they do not match."""
    found = read_certificate_file(certificate, password)
    if key is not None:
        where = str(key)
        found = CertificateFile(found.path, found.chain_der, _pem_key(where, _read(where), password))
        if found.key_pem is None:
            raise CertificateFileError(where, "no private key in it")
    if found.key_pem is None:
        raise CertificateFileError(found.path, "no private key in it; name the key file as well")
    public = crypto.load_pem_private_key(found.key_pem, None).public_key()
    try:
        matches = read_certificate(found.chain_der[0]).public_key() == public
    except (UnreadableCertificate, ValueError, TypeError, crypto.UnsupportedAlgorithm) as why:
        raise CertificateFileError(found.path, f"the certificate in it cannot be used: {why}") from why
    if not matches:
        raise CertificateFileError(str(key or certificate), f"the key is not that of the certificate in {certificate}")
    return found


def _read(where: str) -> bytes:
    try:
        return Path(where).read_bytes()
    except OSError as why:
        raise CertificateFileError(where, f"cannot be read: {why.strerror}") from why


def _read_pem(where: str, data: bytes, password: str | None) -> CertificateFile:
    if b"-----BEGIN CERTIFICATE-----" not in data:
        raise CertificateFileError(where, "no certificate in it (no 'BEGIN CERTIFICATE' line)")
    chain = tuple(_pem_block(where, block[0]) for block in _PEM_BLOCK.finditer(data))
    if not chain:
        raise CertificateFileError(where, "the certificate in it is broken: no 'END CERTIFICATE' line")
    key = _pem_key(where, data, password)
    return CertificateFile(where, _leaf_first(chain, key), key)


def _pem_block(where: str, pem: bytes) -> bytes:
    """One certificate as DER. What OpenSSL takes can be sent, even if it cannot be read: the judge says so."""
    try:
        certificate = crypto.openssl.load_certificate(crypto.openssl.FILETYPE_PEM, pem)
    except crypto.openssl.Error as why:
        try:
            crypto.x509.load_pem_x509_certificate(pem)
        except ValueError as broken:
            raise CertificateFileError(where, f"the certificate in it is broken: {_first_line(broken)}") from why
        raise CertificateFileError(where, "the certificate in it is broken: OpenSSL cannot parse it") from why
    return crypto.openssl.dump_certificate(crypto.openssl.FILETYPE_ASN1, certificate)


def _pem_key(where: str, data: bytes, password: str | None) -> bytes | None:
    if b"PRIVATE KEY-----" not in data:
        return None
    encrypted = b"ENCRYPTED" in data
    if encrypted and not password:
        raise CertificateFileError(where, "the private key in it is encrypted, and no password was given")
    try:
        key = crypto.load_pem_private_key(data, password.encode() if encrypted and password else None)
    except (ValueError, TypeError, crypto.UnsupportedAlgorithm) as why:
        reason = "wrong password, or a broken key" if encrypted else f"the key in it is broken: {_first_line(why)}"
        raise CertificateFileError(where, reason) from why
    return _key_pem(key)


def _read_binary(where: str, data: bytes, password: str | None) -> CertificateFile:
    with suppress(crypto.openssl.Error):  # not a certificate: perhaps a PFX
        certificate = crypto.openssl.load_certificate(crypto.openssl.FILETYPE_ASN1, data)
        return CertificateFile(
            where, (crypto.openssl.dump_certificate(crypto.openssl.FILETYPE_ASN1, certificate),), None
        )
    if _PKCS7_DATA not in data[:64]:
        raise CertificateFileError(where, "is neither PEM, nor a DER certificate, nor PFX")
    return _read_pfx(where, data, password)


def _read_pfx(where: str, data: bytes, password: str | None) -> CertificateFile:
    try:
        key, leaf, others = crypto.pkcs12.load_key_and_certificates(data, password.encode() if password else None)
    except crypto.UnsupportedAlgorithm as why:
        raise CertificateFileError(
            where, f"a PFX that cannot be read here: {_first_line(why)}; export it anew"
        ) from why
    except ValueError as why:
        hint = "wrong PFX password (or a damaged file)" if password else "a PFX with a password, and none was given"
        raise CertificateFileError(where, hint) from why
    chain = [each for each in (leaf, *others) if each is not None]
    if not chain:
        raise CertificateFileError(where, "a PFX without a certificate")
    pem = None if key is None else _key_pem(key)
    return CertificateFile(where, _leaf_first([each.public_bytes(crypto.Encoding.DER) for each in chain], pem), pem)


def _key_pem(key: crypto.PrivateKeyTypes) -> bytes:
    return key.private_bytes(crypto.Encoding.PEM, crypto.PrivateFormat.PKCS8, crypto.NoEncryption())


def _leaf_first(chain: Sequence[bytes], key_pem: bytes | None) -> tuple[bytes, ...]:
    leaf = chain[0]
    if key_pem is not None:
        public = crypto.load_pem_private_key(key_pem, None).public_key()
        leaf = next((der for der in chain if _has_key(der, public)), leaf)
    return (leaf, *(other for other in chain if other != leaf))


def _has_key(der: bytes, public: object) -> bool:
    try:
        return read_certificate(der).public_key() == public
    except (UnreadableCertificate, ValueError, TypeError, crypto.UnsupportedAlgorithm):
        return False  # the file may still hold the one of the key


def _first_line(why: Exception) -> str:
    return str(why).splitlines()[0] if str(why) else type(why).__name__
