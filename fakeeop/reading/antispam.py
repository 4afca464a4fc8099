"""Authentication-Results and antispam reports of Exchange Online, taken apart; what values mean (facts wire §4.4, §6).

The meanings are those of MicrosoftDocs/defender-docs, message-headers-eop-mdo.md (2025-07-07), which the facts name for
them; SCL of Exchange: -1 is mail that skipped filtering (there, SFV:SKN).
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

__all__ = [
    "AntispamReport",
    "AuthenticationResult",
    "authentication_results",
    "meaning_of",
    "meaning_of_result",
    "report_of",
]

KEYS = {
    "ARC": "ARC result",
    "CTRY": "country of the address",
    "LANG": "language",
    "SCL": "spam confidence level",
    "PCL": "phishing confidence level",
    "SFV": "verdict of the spam filter",
    "IPV": "reputation of the address",
    "H": "HELO of the connecting host",
    "PTR": "reverse name of the address",
    "CIP": "connecting address",
    "CAT": "category of the policy",
    "SFTY": "safety tip",
    "SRV": "bulk mail",
    "X-CustomSpam": "advanced spam option",
    "SFS": "rules that matched",
    "DIR": "direction",
    "BCL": "bulk complaint level",
}
_RESULT = re.compile(r"\b(spf|dkim|dmarc|compauth)=(\w+)(?:\s*\(([^)]*)\))?([^;]*)", re.I)
_SFV: Final = {
    "BLK": "blocked: a blocked sender of the user",
    "NSPM": "not spam",
    "SFE": "not filtered: a safe sender of the user",
    "SKA": "not filtered: allowed by an anti-spam policy",
    "SKB": "spam: blocked by an anti-spam policy",
    "SKN": "taken for not spam before filtering, as by a mail flow rule",
    "SKQ": "released from quarantine",
    "SKS": "taken for spam before filtering, as by a mail flow rule",
    "SPM": "spam",
}
_CAT: Final = {
    "AMP": "anti-malware",
    "BIMP": "brand impersonation",
    "BULK": "bulk",
    "DIMP": "domain impersonation",
    "FTBP": "common attachments filter",
    "GIMP": "impersonation, by mailbox intelligence",
    "HPHISH": "high confidence phishing",
    "HPHSH": "high confidence phishing",
    "HSPM": "high confidence spam",
    "INTOS": "phishing within the organization",
    "MALW": "malware",
    "OSPM": "outbound spam",
    "PHSH": "phishing",
    "SAP": "Safe Attachments",
    "SPM": "spam",
    "SPOOF": "spoofing",
    "UIMP": "user impersonation",
}
_VALUES: Final = {
    "SFV": _SFV,
    "CAT": _CAT,
    "IPV": {"CAL": "not filtered: on the IP Allow List", "NLI": "on no reputation list"},
    "DIR": {"INB": "inbound", "OUT": "outbound", "INT": "internal"},
    "SRV": {"BULK": "bulk mail"},
    "SCL": {"-1": "not filtered"},
}
_RESULTS: Final = {
    ("spf", "pass"): "the domain allows this address",
    ("spf", "fail"): "the domain does not list this address and asks to reject (-all)",
    ("spf", "softfail"): "the domain does not list this address and asks to mark (~all)",
    ("spf", "neutral"): "the domain does not list this address and asks for nothing (?all)",
    ("spf", "none"): "the domain has no SPF record",
    ("spf", "temperror"): "an error of the moment, as of DNS",
    ("spf", "permerror"): "the SPF record is broken",
    ("dmarc", "bestguesspass"): "no DMARC record; with one it would pass",
    ("dmarc", "none"): "no DMARC record",
}
_REASONS: Final = (  # of compauth, the first that fits
    (r"000", "DMARC failed and its policy says quarantine or reject"),
    (r"001", "the domain publishes nothing, or only weak policies"),
    (r"002", "the organization forbids this pair of sender and domain"),
    (r"010", "DMARC failed for a domain of the own organization"),
    (r"130", "passed: ARC overrode DMARC"),
    (r"[17]\d\d", "passed"),
    (r"2\d\d", "passed softly"),
    (r"3\d\d", "not checked"),
    (r"[49]\d\d", "bypassed"),
    (r"6\d\d", "failed for a domain of the own organization"),
)
_REASON: Final = re.compile(r"\breason=(\d{3})\b")


@frozen
class AuthenticationResult:
    """One method and its result. ``comment`` stood in brackets, ``properties`` after it."""

    method: str
    result: str
    comment: str
    properties: str


@frozen
class AntispamReport:
    """``known``: key → value, in order; ``unparsed`` is what has no known key."""

    known: tuple[tuple[str, str], ...]
    unparsed: str

    def get(self, key: str) -> str:
        """The value of a key; empty if it is not there."""
        return next((value for name, value in self.known if name == key), "")


def authentication_results(value: str) -> tuple[AuthenticationResult, ...]:
    """Each ``method=result``; recipient domains between them (2016 to 2020) are passed over."""
    return tuple(
        AuthenticationResult(method.lower(), result.lower(), comment.strip(), rest.strip())
        for method, result, comment, rest in _RESULT.findall(value)
    )


def report_of(value: str) -> AntispamReport:
    """``CIP:…;CTRY:…;`` of X-Forefront-Antispam-Report and X-Microsoft-Antispam; ``(null)`` is stripped (8)."""
    known: list[tuple[str, str]] = []
    unparsed: list[str] = []
    for part in value.replace("(null)", "").split(";"):
        key, colon, rest = part.strip().partition(":")
        name = next((each for each in KEYS if each.lower() == key.lower()), None)
        if colon and name is not None:
            known.append((name, rest.strip()))
        elif part.strip():
            unparsed.append(part.strip())
    return AntispamReport(tuple(known), ";".join(unparsed))


def meaning_of(key: str, value: str) -> str:
    """Of a value of X-Forefront-Antispam-Report or X-Microsoft-Antispam; empty if nothing is documented."""
    return _VALUES.get(key, {}).get(value.upper(), "")


def meaning_of_result(method: str, result: str, properties: str = "") -> str:
    """Of one method of Authentication-Results; empty if nothing is documented."""
    if method == "compauth":
        found = _REASON.search(properties)
        return next((text for sign, text in _REASONS if found is not None and re.fullmatch(sign, found[1])), "")
    return _RESULTS.get((method, result), "")
