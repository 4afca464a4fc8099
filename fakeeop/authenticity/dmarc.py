"""DMARC (RFC 7489): policy discovery, alignment and the words that the service has for the outcome (wire §4.4)."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from fakeeop.message.authentication_results import Dkim, Dmarc, Spf
from fakeeop.model.zone import Zone

__all__ = ["aligned", "check_dmarc", "organizational"]

_ACTIONS: dict[str, Literal["none", "quarantine", "oreject"]] = {
    "none": "none",
    "quarantine": "quarantine",
    "reject": "oreject",  # the service overrides a reject of mail that it has accepted (wire §4.4)
}
_SECOND_LEVEL = frozenset(
    ["ac", "co", "com", "edu", "go", "gob", "gouv", "gov", "mil", "ne", "net", "nom", "or", "org"]
)


@frozen
class _Policy:
    """One record; ``policy`` is what it asks for the domain that was looked at."""

    policy: str
    strict_dkim: bool
    strict_spf: bool


def organizational(domain: str) -> str:
    """``contoso.com`` of ``mail.contoso.com``, ``contoso.co.uk`` of ``a.contoso.co.uk``.

    There is no list of public suffixes here: two labels, or three below ``co.uk`` and its like (assumption).
    """
    labels = domain.split(".")
    if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL:
        return ".".join(labels[-3:])
    return ".".join(labels[-2:])


def aligned(header_from: str, domain: str, *, strict: bool = False) -> bool:
    """RFC 7489 section 3.1: the same domain, or while relaxed the same organizational domain."""
    if header_from == domain:
        return True
    return not strict and organizational(header_from) == organizational(domain)


def check_dmarc(zone: Zone, header_from: tuple[str, ...], spf: Spf, dkim: Dkim) -> Dmarc:
    """The outcome for the header From. pct= is not looked at: the policy holds for every message (assumption).

    Without a record a pass that is aligned makes it ``bestguesspass`` (sample 07). Several domains in From have no
    policy that counts: ``permerror`` (assumption).
    """
    if not header_from:
        return Dmarc("none", "none", "none")
    domain = header_from[0]
    if len(header_from) > 1:
        return Dmarc("permerror", "none", domain)
    found = _discovered(zone, domain)
    if isinstance(found, str):
        return Dmarc("temperror" if found == "temperror" else "permerror", "none", domain)
    strict_spf, strict_dkim = (found.strict_spf, found.strict_dkim) if found else (False, False)
    passes = (spf.result == "pass" and aligned(domain, spf.domain, strict=strict_spf)) or (
        dkim.result == "pass" and aligned(domain, dkim.domain, strict=strict_dkim)
    )
    if found is None:
        return Dmarc("bestguesspass" if passes else "none", "none", domain)
    if passes:
        return Dmarc("pass", "none", domain)
    return Dmarc("fail", _ACTIONS[found.policy], domain)


def _discovered(zone: Zone, domain: str) -> _Policy | Literal["temperror", "permerror"] | None:
    """RFC 7489 section 6.6.3: at the domain, else at its organizational domain."""
    for name in dict.fromkeys((domain, organizational(domain))):
        answer = zone.lookup(f"_dmarc.{name}", "TXT")
        if answer.status == "servfail":
            return "temperror"
        records = [tags for value in answer.values if (tags := _tags(str(value))) is not None]
        if len(records) > 1:
            return None
        if records:
            tags = records[0]
            policy = tags.get("p", "").lower()
            if name != domain:
                policy = tags.get("sp", policy).lower()
            if policy not in _ACTIONS:
                return "permerror"
            return _Policy(policy, tags.get("adkim") == "s", tags.get("aspf") == "s")
    return None


def _tags(text: str) -> dict[str, str] | None:
    """The tags of a DMARC record; None if it is not one."""
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    tags = {name.strip(): value.strip() for name, equals, value in pairs if equals}
    first = pairs[0] if pairs else ("", "", "")
    return tags if first[0].strip() == "v" and first[2].strip() == "DMARC1" else None
