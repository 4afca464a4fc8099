"""X509Certificate2: read from a file or from octets, PFX or DER; what a script asks of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from exoshell.dotnet.transport import SmtpClientCertificate
from exoshell.powershell.errors import NetError
from exoshell.powershell.objects import arguments, live, secret_of
from exoshell.powershell.values import FormatView, PsObject
from fakeeop.errors import CertificateFileError, UnreadableCertificate
from fakeeop.pki.facts import read_certificate
from fakeeop.pki.files import read_certificate_octets

__all__ = ["client_certificate", "new_certificate", "octets_of"]

_TYPE: Final = "System.Security.Cryptography.X509Certificates.X509Certificate2"
_CRYPTOGRAPHIC: Final = ("System.Security.Cryptography.CryptographicException", "System.Exception")
_NAMES: Final = ("Subject", "Issuer", "Thumbprint", "SerialNumber", "NotBefore", "NotAfter", "HasPrivateKey",
                 "FriendlyName", "DnsNameList", "Version")  # fmt: skip
_ATTRIBUTES: Final = {"emailAddress": "E", "1.2.840.113549.1.9.1": "E", "ST": "S"}


def new_certificate(given: list[Any]) -> PsObject:
    """``New-Object …X509Certificate2``: without arguments, or (path or octets[, password[, flags]])."""
    arguments(_TYPE, given, 0, 1, 2, 3)
    made = live(_TYPE, *((name, None, None) for name in _NAMES))
    made.view = FormatView(("Thumbprint", "Subject"))
    made.methods["Import"] = lambda *values: _import(made, list(values))
    made.methods["Dispose"] = made.methods["Reset"] = lambda: None
    if given:
        _import(made, given)
    return made


def client_certificate(value: Any) -> SmtpClientCertificate | None:
    """What TLS needs of it; None without a private key: then it cannot be used, and .NET sends none."""
    return value.inner if isinstance(value, PsObject) and isinstance(value.inner, SmtpClientCertificate) else None


def octets_of(value: Any) -> bytes | None:
    """A byte array in any of its forms; None if it is not one."""
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    if isinstance(value, list) and all(isinstance(each, int) and 0 <= each < 256 for each in value):
        return bytes(value)
    return None


def _import(made: PsObject, given: list[Any]) -> None:
    if not given or given[0] is None or given[0] == []:
        raise NetError(
            "Array may not be empty or null. (Parameter 'rawData')",
            ("System.ArgumentException", "System.Exception"),
            advice="the certificate file was not read: look at its path",
        )
    password = secret_of(given[1]) if len(given) > 1 else ""
    octets = octets_of(given[0])
    if octets is None:
        octets = _read(str(given[0]))
    _fill(made, octets, password)


def _read(name: str) -> bytes:
    try:
        return Path(name.replace("\\", "/")).read_bytes()
    except OSError as why:
        raise NetError("The system cannot find the file specified.", _CRYPTOGRAPHIC, advice=f"{name}: {why}") from why


def _fill(made: PsObject, octets: bytes, password: str) -> None:
    from cryptography import x509  # noqa: PLC0415  heavy, and only for certificates
    from cryptography.hazmat.primitives.hashes import SHA1  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  as above

    try:
        found = read_certificate_octets("certificate", octets, password or None)
    except CertificateFileError as why:
        wrong = "password" in str(why)
        text = "The specified network password is not correct." if wrong else "Cannot find the requested object."
        raise NetError(text, _CRYPTOGRAPHIC, advice=str(why)) from why
    try:
        leaf = read_certificate(found.chain_der[0])
    except UnreadableCertificate as why:
        raise NetError("Cannot find the requested object.", _CRYPTOGRAPHIC, advice=str(why)) from why
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value if _has_names(leaf) else None
    # Built anew: properties of a certificate cannot be set by a script.
    values = (
        _name(leaf.subject), _name(leaf.issuer), leaf.fingerprint(SHA1()).hex().upper(),  # noqa: S303  .NET's thumbprint
        f"{leaf.serial_number:X}", leaf.not_valid_before_utc.astimezone(), leaf.not_valid_after_utc.astimezone(),
        found.key_pem is not None, "", names.get_values_for_type(x509.DNSName) if names else [], leaf.version.value + 1,
    )  # fmt: skip
    made.properties = live(_TYPE, *zip(_NAMES, values, (None,) * len(_NAMES), strict=True)).properties
    made.inner = SmtpClientCertificate(leaf.public_bytes(Encoding.PEM), found.key_pem) if found.key_pem else None


def _has_names(leaf: Any) -> bool:
    return any(each.oid.dotted_string == "2.5.29.17" for each in leaf.extensions)


def _name(name: Any) -> str:
    """As .NET writes a distinguished name: the last attribute first, ``, `` between."""
    return ", ".join(
        f"{_ATTRIBUTES.get(each.rfc4514_attribute_name, each.rfc4514_attribute_name)}={each.value}"
        for each in reversed(list(name))
    )
