"""What values of antispam reports and of Authentication-Results mean, in few words.

Source: MicrosoftDocs/defender-docs, message-headers-eop-mdo.md (2025-07-07), which facts wire §4.4 and §6 name for it;
SCL of Exchange: -1 is mail that skipped filtering (there, SFV:SKN).
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["meaning_of", "meaning_of_result"]

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


def meaning_of(key: str, value: str) -> str:
    """Of a value of X-Forefront-Antispam-Report or X-Microsoft-Antispam; empty if nothing is documented."""
    return _VALUES.get(key, {}).get(value.upper(), "")


def meaning_of_result(method: str, result: str, properties: str = "") -> str:
    """Of one method of Authentication-Results; empty if nothing is documented."""
    if method == "compauth":
        found = _REASON.search(properties)
        return next((text for sign, text in _REASONS if found is not None and re.fullmatch(sign, found[1])), "")
    return _RESULTS.get((method, result), "")
