"""Authentication-Results and antispam reports of Exchange Online, taken apart (facts wire §4.4, §6)."""

from __future__ import annotations

import re

from attrs import frozen

__all__ = ["AuthenticationResult", "Report", "authentication_results", "report_of"]

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


@frozen
class AuthenticationResult:
    """One method and what came of it. ``comment`` stood in brackets, ``properties`` behind it."""

    method: str
    result: str
    comment: str
    properties: str


@frozen
class Report:
    """``known``: key → value, in order; ``unparsed`` is what is no known key."""

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


def report_of(value: str) -> Report:
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
    return Report(tuple(known), ";".join(unparsed))
