"""What kind of server it is, by what it says of itself (facts wire §1.2 to §1.6)."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["KINDS", "kind_of"]

KINDS = {
    "mx": (
        "the MX of Exchange Online: mail for its tenants, and relay for who fits an OnPremises connector of one; "
        "nobody signs in here"
    ),
    "submission": (
        "the submission door of Exchange Online (smtp.office365.com:587): a mailbox signs in first, connectors play no "
        "part; relay by connector belongs on the MX, port 25"
    ),
    "consumer": "the MX of outlook.com and hotmail.com: no tenants, no connectors",
    "exchange": "an Exchange Server, not Exchange Online: its receive connectors decide, not a tenant's",
    "other-submission": "a submission server of somebody else: it offers AUTH, and its banner is not Exchange Online's",
    "other": "an SMTP server of somebody else: its banner is not that of Exchange Online",
}
_CONSUMER_SIZE = "SIZE 49283072"  # facts wire §1.4


def kind_of(banner: str, extensions: Sequence[str], port: int) -> str:
    """A key of ``KINDS``. ``extensions``: the lines of EHLO behind the first, of all EHLOs so far.

    >>> kind_of("220 X.outlook.office365.com Microsoft ESMTP MAIL Service ready at …", [], 587)
    'submission'
    """
    words = banner.split()
    name = words[1].lower().rstrip(".") if len(words) > 1 else ""
    auth = [line.upper() for line in extensions if line.upper().startswith("AUTH")]
    if "Microsoft ESMTP MAIL Service" not in banner:
        return "other-submission" if auth and port != 25 else "other"
    if any(line.upper() == _CONSUMER_SIZE for line in extensions) or name.endswith(".olc.protection.outlook.com"):
        return "consumer"
    if name.endswith(".outlook.office365.com") or any("XOAUTH2" in line for line in auth):
        return "submission"
    return "mx" if name.endswith(".mail.protection.outlook.com") else "exchange"
