"""A certificate, read: its ``CertificateFacts``, without a judgement of its chain.

Printers and appliances make certificates that OpenSSL takes and cryptography does not. Such a one is a fact, too.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from fakeeop.errors import UnreadableCertificate
from fakeeop.model import CertificateFacts, ChainProblem
from fakeeop.model.addresses import DomainPattern
from fakeeop.model.session import UNKNOWN_TIME
from fakeeop.pki import crypto

__all__ = [
    "authority_key_text",
    "describe",
    "describe_unreadable",
    "key_text",
    "own_key_text",
    "read_certificate",
    "subject_text",
]

_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521", "secp224r1": "P-224", "secp192r1": "P-192"}
_IDENTIFIER_SHOWN = 6  # octets of 20
_USAGES = {"1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth", "1.3.6.1.5.5.7.3.3": "codeSigning"}


Part = TypeVar("Part")


def read_certificate(der: bytes) -> crypto.x509.Certificate:
    """A certificate of which everything can be read that is asked of one later. Raises UnreadableCertificate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library will refuse some day, it still reads
        try:
            certificate = crypto.x509.load_der_x509_certificate(der)
            for name in (certificate.subject, certificate.issuer):
                subject_text(name)
            _ = certificate.serial_number, certificate.not_valid_before_utc, certificate.not_valid_after_utc
            _ = certificate.public_key_algorithm_oid, certificate.extensions
            crypto.openssl.X509.from_cryptography(certificate)
        except Exception as why:  # a parser on a stranger's octets: whatever it raises is the reason
            raise UnreadableCertificate(_reason(why)) from why
    return certificate


def _reason(why: Exception) -> str:
    if isinstance(why, crypto.openssl.Error):
        return "OpenSSL cannot parse it"
    return " ".join(str(why).split()) or type(why).__name__


def describe_unreadable(der: bytes, why: UnreadableCertificate) -> CertificateFacts:
    """What can be read of a leaf that cannot be read as a whole; its one problem says why."""
    leaf = None
    with suppress(Exception), warnings.catch_warnings():  # the reason is known: ``why``
        warnings.simplefilter("ignore")
        leaf = crypto.x509.load_der_x509_certificate(der)
    subject = _part(leaf, lambda each: subject_text(each.subject), "")
    nobody: list[str] = []
    common_names = _part(leaf, _common_names, nobody)
    return CertificateFacts(
        names=tuple(dict.fromkeys(name for name in map(_canonical, common_names) if name)),
        subject=subject,
        issuer=_part(leaf, lambda each: subject_text(each.issuer), ""),
        not_before=_part(leaf, lambda each: each.not_valid_before_utc, UNKNOWN_TIME),
        not_after=_part(leaf, lambda each: each.not_valid_after_utc, UNKNOWN_TIME),
        common_name=common_names[-1] if common_names else None,
        chain=(subject or f"({why})",),
        problems=(ChainProblem.UNREADABLE,),
        detail=(str(why),),
        sha256=hashlib.sha256(der).hexdigest(),
    )


def _part(
    leaf: crypto.x509.Certificate | None, read: Callable[[crypto.x509.Certificate], Part], otherwise: Part
) -> Part:
    with suppress(Exception):  # this part cannot be read either
        if leaf is not None:
            return read(leaf)
    return otherwise


def _common_names(leaf: crypto.x509.Certificate) -> list[str]:
    return [str(each.value) for each in leaf.subject.get_attributes_for_oid(crypto.NameOID.COMMON_NAME)]


def describe(chain: Sequence[crypto.x509.Certificate], sha256: str) -> CertificateFacts:
    """The facts of the leaf and the subjects of its chain, with no problem judged yet."""
    leaf = chain[0]
    common_names = _common_names(leaf)
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
    except (ValueError, TypeError, crypto.UnsupportedAlgorithm):  # a kind of key or a curve that is not known
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
