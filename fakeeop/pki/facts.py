"""A certificate, read: ``CertificateFacts`` from DER, with and without a judgement of its chain."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fakeeop.model import CertificateFacts
from fakeeop.model.addresses import DomainPattern

__all__ = ["certificate_facts", "describe", "key_text"]

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224", "secp192r1": "P-192"}
_USAGES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "serverAuth",
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning",
}


def certificate_facts(
    chain_der: Sequence[bytes],
    trusted_ca_pem: bytes,
    now: datetime,
    *,
    revoked: Container[str] = frozenset(),
    public_roots_pem: bytes = b"",
) -> CertificateFacts:
    """What the TLS layer would say of this chain (leaf first, as a client would send it), without a handshake.

    ``now`` is aware. ``revoked`` holds serial numbers in upper-case hex, ``public_roots_pem`` more roots
    (``fakeeop.pki.roots``). Raises ValueError for what is no certificate.
    """
    from fakeeop.pki.judge import ChainJudge  # noqa: PLC0415  the judge imports this module

    return ChainJudge(trusted_ca_pem, revoked, public_roots_pem).facts(tuple(chain_der), now)


def describe(chain: Sequence[x509.Certificate], sha256: str) -> CertificateFacts:
    """The facts of the leaf and the subjects of its chain, with no problem judged yet."""
    leaf = chain[0]
    common_names = [str(each.value) for each in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    alternative = _alternative_names(leaf)
    names = (_canonical(name) for name in (*common_names, *alternative))
    return CertificateFacts(
        names=tuple(dict.fromkeys(name for name in names if name)),
        subject=subject_text(leaf.subject),
        issuer=subject_text(leaf.issuer),
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        common_name=common_names[-1] if common_names else None,  # the most specific one, RFC 6125 section 6.4.4
        subject_alternative_names=tuple(alternative),
        serial=f"{leaf.serial_number:X}",
        key=key_text(leaf),
        extended_key_usages=_usages(leaf),
        chain=tuple(subject_text(each.subject) for each in chain),
        sha256=sha256,
    )


def subject_text(name: x509.Name) -> str:
    """A distinguished name in RFC 4514 order, spaced as certificate viewers do: ``CN=mail.contoso.com, O=Contoso``."""
    return ", ".join(part.rfc4514_string() for part in reversed(name.rdns))


def key_text(certificate: x509.Certificate) -> str:
    """``EC P-256``, ``RSA 2048``; the algorithm's own name for any other key."""
    try:
        key = certificate.public_key()
    except (ValueError, TypeError):  # a kind of key, or a curve, that the library does not know
        return f"unknown ({certificate.public_key_algorithm_oid.dotted_string})"
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC {_CURVES.get(key.curve.name, key.curve.name)}"
    return type(key).__name__.removesuffix("PublicKey")


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):  # ValueError: an extension that cannot be parsed
        return []
    return found.value.get_values_for_type(x509.DNSName)


def _usages(certificate: x509.Certificate) -> tuple[str, ...] | None:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except (x509.ExtensionNotFound, ValueError):
        return None
    return tuple(_USAGES.get(usage, usage.dotted_string) for usage in found.value)


def _canonical(name: str) -> str | None:
    """The canonical name, a leading ``*.`` kept; None for what is no domain name (``John Doe``, ``m*.x``)."""
    try:
        pattern = DomainPattern.parse(name)
    except ValueError:
        return None
    return None if pattern.is_any else str(pattern)
