"""A certificate, read: its ``CertificateFacts``, without a judgement of its chain."""

from __future__ import annotations

from collections.abc import Sequence

from fakeeop.model import CertificateFacts
from fakeeop.model.addresses import DomainPattern
from fakeeop.pki import crypto

__all__ = ["authority_key_text", "describe", "key_text", "own_key_text", "subject_text"]

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224", "secp192r1": "P-192"}
_IDENTIFIER_SHOWN = 6  # octets of 20
_USAGES = {"1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth", "1.3.6.1.5.5.7.3.3": "codeSigning"}


def describe(chain: Sequence[crypto.x509.Certificate], sha256: str) -> CertificateFacts:
    """The facts of the leaf and the subjects of its chain, with no problem judged yet."""
    leaf = chain[0]
    common_names = [str(each.value) for each in leaf.subject.get_attributes_for_oid(crypto.NameOID.COMMON_NAME)]
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


def subject_text(name: crypto.x509.Name) -> str:
    """A distinguished name in RFC 4514 order, spaced as certificate viewers do: ``CN=mail.contoso.com, O=Contoso``."""
    return ", ".join(part.rfc4514_string() for part in reversed(name.rdns))


def key_text(certificate: crypto.x509.Certificate) -> str:
    """``EC P-256``, ``RSA 2048``; the algorithm's own name for any other key."""
    try:
        key = certificate.public_key()
    except (ValueError, TypeError):  # a kind of key, or a curve, that the library does not know
        return f"unknown ({certificate.public_key_algorithm_oid.dotted_string})"
    if isinstance(key, crypto.rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    if isinstance(key, crypto.ec.EllipticCurvePublicKey):
        return f"EC {_CURVES.get(key.curve.name, key.curve.name)}"
    return type(key).__name__.removesuffix("PublicKey")


def own_key_text(certificate: crypto.x509.Certificate) -> str:
    """The identifier of the certificate's own key (RFC 5280 section 4.2.1.2), as far as it is needed to compare."""
    try:
        found = certificate.extensions.get_extension_for_class(crypto.x509.SubjectKeyIdentifier)
    except (crypto.x509.ExtensionNotFound, ValueError):
        try:
            digest = crypto.x509.SubjectKeyIdentifier.from_public_key(certificate.public_key()).digest
        except (ValueError, TypeError, crypto.UnsupportedAlgorithm):
            return "unknown"
        return _identifier_text(digest)
    return _identifier_text(found.value.digest)


def authority_key_text(certificate: crypto.x509.Certificate) -> str:
    """The identifier of the key that signed the certificate, as it says itself; its own if it signed itself."""
    try:
        found = certificate.extensions.get_extension_for_class(crypto.x509.AuthorityKeyIdentifier)
    except (crypto.x509.ExtensionNotFound, ValueError):
        return own_key_text(certificate) if certificate.issuer == certificate.subject else "unknown"
    identifier = found.value.key_identifier
    return _identifier_text(identifier) if identifier else "unknown"


def _identifier_text(identifier: bytes) -> str:
    """``3F:2A:0B:99:1C:D4…``, as ``openssl x509 -text`` writes it."""
    shown = identifier[:_IDENTIFIER_SHOWN]
    return shown.hex(":").upper() + ("…" if len(identifier) > len(shown) else "")


def _alternative_names(certificate: crypto.x509.Certificate) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(crypto.x509.SubjectAlternativeName)
    except (crypto.x509.ExtensionNotFound, ValueError):  # ValueError: an extension that cannot be parsed
        return []
    return found.value.get_values_for_type(crypto.x509.DNSName)


def _usages(certificate: crypto.x509.Certificate) -> tuple[str, ...] | None:
    try:
        found = certificate.extensions.get_extension_for_class(crypto.x509.ExtendedKeyUsage)
    except (crypto.x509.ExtensionNotFound, ValueError):
        return None
    return tuple(_USAGES.get(usage.dotted_string, usage.dotted_string) for usage in found.value)


def _canonical(name: str) -> str | None:
    """The canonical name, a leading ``*.`` kept; None for what is not a domain name (``John Doe``, ``m*.x``)."""
    try:
        pattern = DomainPattern.parse(name)
    except ValueError:
        return None
    return None if pattern.is_any else str(pattern)
