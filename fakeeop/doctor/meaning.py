"""What an answer means: its row in the reply table, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fakeeop.smtp.replies.matching import SaidReply, match_reply, said_reply
from fakeeop.smtp.replies.rows import CONFIDENCE, ROWS, ReplyRow, reason_of
from fakeeop.why.code_advice import CODE_ADVICE
from fakeeop.why.code_causes import cause_of

__all__ = ["KINDS", "kind_of", "meaning", "row_of"]


def row_of(reply: str, stage: str) -> ReplyRow | None:
    """The row whose words were said, one of this stage if several have them; none if no row has them.

    Of a success the code and the status are enough.
    """
    if not re.match(r"[2-5]\d\d(?:[ -]|$)", reply):
        return None
    said = said_reply(reply.replace("\n", " "))
    here = [row for row in ROWS if stage in row.stages]
    if reply[0] in "23":
        same = [row for row in (*here, *ROWS) if row.code == said.code and row.status == (said.status or "")]
        return match_reply(said, same) or next(iter(same), None)
    return _refusal(said, here) or _refusal(said, ROWS)


def _refusal(said: SaidReply, rows: Sequence[ReplyRow]) -> ReplyRow | None:
    return match_reply(said, rows, reason_of) or match_reply(said, rows, lambda row: row.status)


def meaning(reply: str, stage: str) -> tuple[str, ...]:
    """Sentences: when the service says this, how sure that is, what to do. ``stage``: a stage of the reply table."""
    row = row_of(reply, stage)
    if row is None:
        return (_general(reply),)
    sure = CONFIDENCE.get(row.confidence, row.confidence)
    cause = (cause_of(row) if row.code >= 400 else None) or row.trigger
    return (f"{cause} [{sure}: {row.source}]", *(CODE_ADVICE.get(row.key) or CODE_ADVICE.get(reason_of(row), ())))


def _general(reply: str) -> str:
    """By the first digit (RFC 5321 section 4.2.1)."""
    words = {"2": "accepted", "3": "accepted so far, it waits for more", "4": "refused for now: try again later"}
    what = words.get(reply[:1], "refused for good" if reply[:1] == "5" else "no reply that SMTP knows")
    return f"{what}; no reply that is known of Exchange Online"


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
