"""Make one certificate, right or wrong in any way that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from attrs import field, frozen

from fakeeop.pki import crypto

__all__ = ["BOTH_USAGES", "KEY_KINDS", "Issued", "Issuer", "PrivateKey", "issue", "make_key"]

PrivateKey: TypeAlias = "crypto.rsa.RSAPrivateKey | crypto.ec.EllipticCurvePrivateKey"

BOTH_USAGES = ("clientAuth", "serverAuth")
KEY_KINDS = ("ec", "ec-p384", "rsa", "rsa-1024", "rsa-4096")
_USAGES = {  # RFC 5280 section 4.2.1.12
    "clientAuth": "1.3.6.1.5.5.7.3.2",
    "serverAuth": "1.3.6.1.5.5.7.3.1",
    "codeSigning": "1.3.6.1.5.5.7.3.3",
    "emailProtection": "1.3.6.1.5.5.7.3.4",
}
_LIFETIME = timedelta(days=397)  # what public CAs gave until 2026


@frozen(eq=False)
class Issued:
    """A certificate, its key, and the certificates that its owner sends along (``sent``, nearest issuer first)."""

    certificate: crypto.x509.Certificate
    key: PrivateKey
    sent: tuple[crypto.x509.Certificate, ...] = ()

    @property
    def serial(self) -> str:
        """Upper-case hex, as a revocation list of ours holds it."""
        return f"{self.certificate.serial_number:X}"

    @property
    def certificate_pem(self) -> bytes:
        """The leaf alone."""
        return self.certificate.public_bytes(crypto.Encoding.PEM)

    @property
    def chain_pem(self) -> bytes:
        """The leaf, then what is sent along."""
        return b"".join(each.public_bytes(crypto.Encoding.PEM) for each in (self.certificate, *self.sent))

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        """As ``fakeeop.pki.judge.certificate_facts`` takes it."""
        return tuple(each.public_bytes(crypto.Encoding.DER) for each in (self.certificate, *self.sent))

    @property
    def key_pem(self) -> bytes:
        """The private key, PKCS #8, not encrypted."""
        return self.key.private_bytes(crypto.Encoding.PEM, crypto.PrivateFormat.PKCS8, crypto.NoEncryption())


@frozen(eq=False)
class Issuer:
    """A certificate authority: a root when ``above`` is None, else an intermediate."""

    certificate: crypto.x509.Certificate
    key: PrivateKey = field(repr=False)
    above: Issuer | None = None

    @property
    def certificate_pem(self) -> bytes:
        """The CA certificate alone."""
        return self.certificate.public_bytes(crypto.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The private key, PKCS #8, not encrypted."""
        return self.key.private_bytes(crypto.Encoding.PEM, crypto.PrivateFormat.PKCS8, crypto.NoEncryption())

    @property
    def intermediates(self) -> tuple[crypto.x509.Certificate, ...]:
        """What a holder of a certificate of this issuer should send: every CA up to the root, without the root."""
        if self.above is None:
            return ()
        return (self.certificate, *self.above.intermediates)

    @property
    def root(self) -> crypto.x509.Certificate:
        """The certificate at the top."""
        return self.certificate if self.above is None else self.above.root


def make_key(kind: str = "ec") -> PrivateKey:
    """A private key of one of ``KEY_KINDS``. Raises ValueError.

    EC keys are new each time. RSA keys are slow to make (0.1 s and more), so one of each size serves the whole process:
    these certificates are for tests, where nobody is kept out by the key.
    """
    if kind == "ec":
        return crypto.ec.generate_private_key(crypto.ec.SECP256R1())
    if kind == "ec-p384":
        return crypto.ec.generate_private_key(crypto.ec.SECP384R1())
    if kind in ("rsa", "rsa-1024", "rsa-4096"):
        return _rsa_key(int(kind[4:] or 2048))
    raise ValueError(f"unknown kind of key {kind!r}: one of {', '.join(KEY_KINDS)}")


@lru_cache(maxsize=4)
def _rsa_key(bits: int) -> crypto.rsa.RSAPrivateKey:
    return crypto.rsa.generate_private_key(65537, bits)  # a short key on purpose: it is one of the variants


def issue(
    issuer: Issuer | None = None,
    *,
    common_name: str | None = None,
    dns_names: Sequence[str] = (),
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    eku: Sequence[str] | None = BOTH_USAGES,
    key: str = "ec",
    crl_url: str | None = None,
    sent: Sequence[crypto.x509.Certificate] | None = None,
    now: datetime | None = None,
) -> Issued:
    """Issue one end-entity certificate; ``issuer=None`` makes it self-signed.

    ``common_name`` None leaves the CN out; ``dns_names`` may be U-labels (they become A-labels in the SAN). The default
    validity is from the day before ``now`` for 397 days; a bound that lies on the wrong side of the other default moves
    it along. ``eku``: short names or dotted OIDs; None or empty leaves the extension out. ``sent``: default is every
    intermediate. Raises ValueError for names, keys and dates that cannot be.
    """
    private = make_key(key)
    subject = _subject(common_name)
    start, end = _validity(not_before, not_after, now)
    builder = (
        crypto.x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(private.public_key())
        .serial_number(crypto.x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(crypto.x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(crypto.x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(_key_usage(), critical=True)
    )
    if issuer is not None:
        above = crypto.x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
        builder = builder.add_extension(above, critical=False)
    if dns_names:
        names = crypto.x509.SubjectAlternativeName([crypto.x509.DNSName(_a_labels(name)) for name in dns_names])
        builder = builder.add_extension(names, critical=common_name is None)  # RFC 5280 section 4.1.2.6
    if eku:
        builder = builder.add_extension(crypto.x509.ExtendedKeyUsage([_usage(name) for name in eku]), critical=False)
    if crl_url:
        point = crypto.x509.DistributionPoint([crypto.x509.UniformResourceIdentifier(crl_url)], None, None, None)
        builder = builder.add_extension(crypto.x509.CRLDistributionPoints([point]), critical=False)
    certificate = builder.sign(issuer.key if issuer else private, crypto.hashes.SHA256())
    if sent is None:
        sent = issuer.intermediates if issuer else ()
    return Issued(certificate, private, tuple(sent))


def _subject(common_name: str | None) -> crypto.x509.Name:
    parts = [crypto.x509.NameAttribute(crypto.NameOID.ORGANIZATION_NAME, "fakeeop lab")]
    if common_name is not None:
        parts.append(crypto.x509.NameAttribute(crypto.NameOID.COMMON_NAME, common_name))
    return crypto.x509.Name(parts)


def _validity(
    not_before: datetime | None, not_after: datetime | None, now: datetime | None
) -> tuple[datetime, datetime]:
    today = (now or datetime.now(UTC)).replace(microsecond=0)
    start = not_before or today - timedelta(days=1)
    if not_before is None and not_after is not None and not_after <= start:
        start = not_after - _LIFETIME
    end = not_after or start + _LIFETIME
    if end <= start:
        raise ValueError(f"not-after ({end:%Y-%m-%d %H:%M:%S}Z) lies before not-before ({start:%Y-%m-%d %H:%M:%S}Z)")
    return start, end


def _key_usage() -> crypto.x509.KeyUsage:
    return crypto.x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _usage(name: str) -> crypto.x509.ObjectIdentifier:
    try:
        return crypto.x509.ObjectIdentifier(_USAGES.get(name, name))
    except ValueError as why:
        known = ", ".join(_USAGES)
        raise ValueError(f"unknown extended key usage {name!r}: one of {known}, or a dotted OID") from why


def _a_labels(name: str) -> str:
    if name.isascii():
        return name
    import idna  # noqa: PLC0415  the rare non-ASCII name only: start-up time

    prefix, bare = ("*.", name[2:]) if name.startswith("*.") else ("", name)
    return prefix + idna.encode(bare, uts46=True).decode("ascii")
