"""The certificate that a relay shows: is it there, whole, good, and does it carry the name?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from fakeeop.errors import CertificateFileError, UnreadableCertificate
from fakeeop.model import CertificateFacts, ChainProblem
from fakeeop.model.addresses import DomainPattern
from fakeeop.pki.facts import read_certificate
from fakeeop.pki.files import read_certificate_file, read_pair
from fakeeop.pki.judge import ChainJudge
from harness.mtas.lint import ERROR, NOTE, WARNING, Expected, LintFinding, PlacedSetting, Route, Severity, unread

__all__ = ["check_certificate"]

_DENIED: Final = "550 5.7.64 TenantAttribution; Relay Access Denied"
_PROBLEMS: Final[dict[ChainProblem, tuple[str, str]]] = {
    ChainProblem.SELF_SIGNED: ("self-signed", "get a certificate of a public authority"),
    ChainProblem.UNTRUSTED: ("untrusted", "get a certificate of a public authority"),
    ChainProblem.ANOTHER_AUTHORITY: (
        "untrusted",
        "get it from the authority that is trusted: this one has its name only",
    ),
    ChainProblem.INCOMPLETE: (
        "missing-intermediate",
        "append the intermediate certificates of your authority to the file, the leaf first (a 'full chain' file)",
    ),
    ChainProblem.EXPIRED: ("expired", "renew it, and reload the MTA"),
    ChainProblem.NOT_YET_VALID: ("not-yet-valid", "wait, or look at the clock of this machine"),
    ChainProblem.WEAK_KEY: ("weak-key", "make a new key: RSA with 2048 bits or more, or EC P-256"),
    ChainProblem.UNREADABLE: ("unreadable", "have it issued anew, as a plain X.509 version 3 certificate"),
}


def check_certificate(route: Route, expected: Expected, judged: bool = True) -> Iterator[LintFinding]:
    """Everything about the files; nothing if no client certificate is set. Chain and names only if ``judged``."""
    shown, key = route.certificate, route.key
    if not shown.value:
        return
    if "$" in shown.value:
        yield unread(shown, f"{shown.value}, so the certificate was not looked at", "fakeeop certs show FILE")
        return
    path = expected.at(shown.value)
    if not path.exists():
        yield _absent(
            "certificate-not-here", shown, shown.value, "if it lacks on the relay too: none is shown", expected
        )
        return
    try:
        read = read_certificate_file(path)
    except CertificateFileError as why:
        yield _found("certificate-unreadable", ERROR, shown, str(why), _DENIED, "give a PEM file, the leaf first")
        return
    yield from _key(shown, key, expected)
    if judged:
        yield from _chain(shown, read.chain_der, expected)


def _absent(rule: str, setting: PlacedSetting, path: str, then: str, expected: Expected) -> LintFinding:
    """An error where the files of the configuration must be, else a note."""
    if expected.complete:
        return _found(rule, ERROR, setting, f"{path} is not there", then, "put it there, or name the right file")
    message = f"cannot be read from here: {path}"
    return _found(
        rule,
        NOTE,
        setting,
        message,
        then,
        "give --root DIR, the folder with a copy of its machine (--root / for this one)",
    )


def _key(shown: PlacedSetting, key: PlacedSetting, expected: Expected) -> Iterator[LintFinding]:
    at = expected.at(key.value or shown.value)
    if not at.exists():
        yield _absent(
            "key-not-here", key, key.value or shown.value, "without its key the certificate is not shown", expected
        )
        return
    try:
        found = read_pair(expected.at(shown.value), at)
    except CertificateFileError as why:
        message = f"certificate and key do not belong together, or the key cannot be used: {why}"
        then = "the MTA shows no certificate, or does not start"
        yield _found("key-mismatch", ERROR, key, message, then, "name the key of this certificate")
        return
    first = read_certificate_file(expected.at(shown.value)).chain_der[0]
    if found.chain_der[0] != first or _is_authority(first):
        message = f"the first certificate in {shown.value} is not the leaf"
        yield _found("leaf-not-first", ERROR, shown, message, "the MTA does not start, or shows none", "put it first")
    if at.stat().st_mode & 0o004:
        message = f"everybody on this machine can read the private key {at}"
        yield _found("key-open", WARNING, key, message, "", f"chmod 600 {at}")


def _chain(shown: PlacedSetting, chain: tuple[bytes, ...], expected: Expected) -> Iterator[LintFinding]:
    facts = ChainJudge(b"", public_roots_pem=expected.roots).facts(chain, expected.now)
    for problem, detail in zip(facts.problems, facts.detail, strict=True):
        rule, fix = _PROBLEMS.get(problem, ("certificate-problem", "see docs/certificates.md"))
        severity: Severity = ERROR if expected.by_certificate else WARNING  # by address nobody looks at it
        then = _DENIED if expected.by_certificate else f"if the connector knows it by certificate: {_DENIED}"
        yield _found(rule, severity, shown, f"{facts.subject}: {detail}", then, fix)
    left = facts.not_after - expected.now
    if timedelta(0) < left < timedelta(days=expected.days):
        message = f"{facts.subject} ends in {left.days} days, on {facts.not_after:%Y-%m-%d}"
        yield _found("expires-soon", WARNING, shown, message, f"from then on {_DENIED}", "renew it, keep the name")
    yield from _names(shown, facts, expected)
    usages = facts.extended_key_usages
    if usages is not None and not {"clientAuth", "2.5.29.37.0", "anyExtendedKeyUsage"} & set(usages):
        message = f"{facts.subject} is for {', '.join(usages)} only, not for clientAuth"
        then = "the service is believed to take it; some clients refuse to show it (fakeeop knobs, K13)"
        fix = "ask your authority, or test it against the emulator"
        yield _found("no-client-auth", NOTE, shown, message, then, fix)


def _is_authority(der: bytes) -> bool:
    from cryptography import x509  # noqa: PLC0415  start-up time

    try:
        constraints = read_certificate(der).extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, UnreadableCertificate):
        return False
    return constraints.value.ca


def _names(shown: PlacedSetting, facts: CertificateFacts, expected: Expected) -> Iterator[LintFinding]:
    if not expected.names:
        message = f"{facts.subject} carries the names {', '.join(facts.names) or '(none)'}"
        then = "TlsSenderCertificateName of the connector must be one of them"
        fix = "give --tenant FILE or --name NAME to have them compared"
        yield _found("certificate-names", NOTE, shown, message, then, fix)
        return
    if not any(_covers(pattern, name) for pattern in expected.names for name in facts.names):
        message = f"{facts.subject} carries {', '.join(facts.names) or 'no name'}; wanted: {', '.join(expected.names)}"
        fix = "get a certificate with that name, or set TlsSenderCertificateName to one that it carries"
        yield _found("wrong-name", ERROR, shown, message, _DENIED, fix)


def _covers(pattern: str, name: str) -> bool:
    """``*.d`` covers d, every name below it, and wildcards there (facts connectors §3 K3 to K5)."""
    wanted = DomainPattern.parse(pattern)
    return wanted.covers(name.removeprefix("*.")) if wanted.subdomains else wanted.domain == name


def _found(rule: str, severity: Severity, at: PlacedSetting, message: str, then: str, fix: str) -> LintFinding:
    return LintFinding(rule, severity, at.path, at.line, at.name, message, fix, then)
