"""Which row a reply is, by its words.

A row is found by its fixed words, in their order, with anything in the place of its placeholders, and by a status that
is not another one. A code alone finds nothing, and neither do words that several rows have: then there is no row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from attrs import frozen

from fakeeop.smtp.replies.rows import ReplyRow

__all__ = ["OTHER_WORDS", "SaidReply", "match_reply", "of_other_provider", "said_reply"]

OTHER_WORDS: dict[str, tuple[str, ...]] = {  # as Microsoft's documentation, or another year, has them
    "access-denied-later": ("Access denied, please try again later.",),
    "address-listed-2014": (
        "Service unavailable; Client host [{ip}] blocked using {list}; To request removal from this list please "
        "forward",
    ),
    "authentication-level": ("Access denied, sending domain {domain} does not meet the required authentication level",),
    "bad-outbound-sender": ("Bad outbound sender",),
    "client-not-authenticated-2020": ("Client was not authenticated to send anonymous mail during MAIL FROM",),
    "concurrent-connections": (
        "STOREDRV.ClientSubmit; sender thread limit exceeded",
        "concurrent connection limit exceeded",
    ),
    "dane-host-mismatch": (
        "certificate-host-mismatch: Remote certificate MUST have a common name or subject alternative name that "
        "matches the hostname (DANE)",
    ),
    "ipv6-not-authenticated": (
        "Access denied, a message sent over IPv6 [{ip}] must pass either SPF or DKIM validation, this message is not "
        "signed",
    ),
    "mailbox-logon-failure": ("STOREDRV; mailbox logon failure",),
    "network-blocked": (
        "SC-001 {box} Unfortunately, messages from {ip} weren't sent. Please contact your Internet service provider "
        "since part of their network is on our block list",
    ),
    "relay-access-denied": ("Relay Access Denied",),
    "queue-expired": ("QUEUE.Expired; message expired",),
    "remote-tls-required": ("Cannot connect to remote server. 5.7.3 STARTTLS is required to send mail",),
    "send-connector-certificate": (
        "The certificate specified in the TlsCertificateName of the send connector could not be found",
    ),
    "recipient-limit": ("Recipient's per hour message receive limit exceeded",),
    "recipient-not-found": (
        "Recipient not found",
        "Recipient {recipient} not found by SMTP address lookup",
        "RESOLVER.ADR.RecipientNotFound; Recipient {recipient} not found by SMTP address lookup",
    ),
    "recipient-rate": ("SubmissionQuotaExceededException",),
    "send-as-denied": ("STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",),
    "sender-not-authenticated-12": (
        "RESOLVER.RST.SenderAuthenticated; Delivery restriction check failed as sender not authenticated",
    ),
    "sender-not-authenticated-for-group": ("Sender not authenticated for group",),
    "sender-not-authenticated-for-mailbox": ("Sender was not authenticated for mailbox",),
    "sender-to-recipient-limit": ("Recipient's per hour message receive limit from specific sender exceeded",),
    "tenant-threshold": ("Access denied, tenant has exceeded threshold",),
    "too-many-recipients": ("Too many recipients",),
    "traffic-not-accepted": ("Access denied, traffic not accepted from this IP",),
}

_OTHER_STATUSES = {
    "access-denied-later": r"4\.7\.(?:[56]\d\d|8[5-9]\d)",
    "address-banned": r"5\.7\.6(?:0[6-9]|[1-4]\d)",
    "address-banned-2019": r"5\.7\.6(?:0[6-9]|[1-4]\d)",
    "server-busy": r"4\.7\.[56]\d\d",
    "server-busy-843": r"4\.7\.[56]\d\d",
    "transport-rule": r"5\.7\.9\d\d",
}
_BOXES = re.compile(r"\s*\[[^\[\]]*\.(?:outlook|exchangelabs|office365)\.com[^\[\]]*\]|\s*\[Hostname=[^\]]*\]?", re.I)
_AS = re.compile(r"\(?\bAS\(?(\d{3,})\)?", re.I)
_TOKEN = re.compile(r"[a-z0-9]+")
_PLACE = re.compile(r"\{\w+\}")
_GAP = ""
_LONGEST_GAP = 12  # words
_LONGEST = 2_000  # characters that are looked at
_TAIL = re.compile(
    r"(?:(?:To request removal|For more (?:info|details)|For e-mail|Please (?:visit|go to)|Visit https?|To learn how|"
    r"see https?)\b|\(?\bAS\(?\d|\(S\d|Spf=|\[BeginDiag|; Failed to process message|NextHop:)",
    re.I,
)
_HARMLESS = re.compile(
    r"[\W_]*(?:$|for (?:more|e-?mail)|please (?:visit|go|contact)|to (?:request|learn)|visit|see http|http|[\[(<]|AS\d|"
    r"smtp\b|error\b|in reply|attempted|contact your|nexthop)",
    re.I,
)
_OF_SERVICE_ONLY = re.compile(
    r"tenant(?:inbound)?attribution|resolver|storedrv|attr\d+|prx\d+|smtpclientauthentication|xoauth2|exosmtperrors|"
    r"\w+exception|as\d{4,}|unifiedgroupagent|sendasdenied"
)
_OTHERS = re.compile(
    r"\bgsmtp\b|google\.com|yahoo|zoho|mimecast|messagelabs|proofpoint|pphosted|icloud\.com|apple\.com|qq\.com|"
    r"secureserver|cuda_nsu|barracuda|amazonaws|cloudmark|psmtp|comcast|\bOFR\d|mail\.ru|\bIB\d{3}\b",
    re.I,
)
_POSTFIX_PATH = re.compile(r"\s*<[^<>]*>:\s")  # <bob@fabrikam.example>: Recipient address rejected
_RANGE = re.compile(r"^(?:-\d{1,3}\b|\.(?=\s))")


@frozen
class SaidReply:
    """A reply taken apart. ``ours``: did the service say it; None if nothing tells."""

    code: int | None
    status: str | None
    words: str
    ours: bool | None = None


_CODES = re.compile(r"#?\b([2-5]\d\d)(?:[ ;:#-]+([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d))?(?=\W|$)[ ;:-]*(.*)", re.S)
_STATUS = re.compile(r"#?\b([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)(.*)", re.S)


def said_reply(text: str, *, ours: bool | None = None) -> SaidReply:
    """A whole reply, or one without code, or words alone."""
    match = _CODES.match(text)
    if match is not None:
        return SaidReply(int(match[1]), match[2], _RANGE.sub("", match[3]), ours)
    match = _STATUS.match(text)
    if match is not None:
        return SaidReply(None, match[1], _RANGE.sub("", match[2]), ours)
    return SaidReply(None, None, text, ours)


def match_reply(
    said: SaidReply, rows: Sequence[ReplyRow], alike: Callable[[ReplyRow], object] = lambda row: row.key
) -> ReplyRow | None:
    """The row that these words are; None if there is none, or several of which ``alike`` is not the same."""
    words = _words(said.words[:_LONGEST])
    if not words or _POSTFIX_PATH.match(said.words) or (said.ours is not True and of_other_provider(said.words)):
        return None
    found = [
        ((*rank, (row.status == said.status) + (row.code == said.code)), row)
        for row in rows
        if _codes_fit(said, row) and (rank := max(_ranks(said, row, words), default=None)) is not None
    ]
    best = max((rank for rank, _ in found), default=None)
    rows_found = [row for rank, row in found if rank == best]
    return rows_found[0] if len({alike(row) for row in rows_found}) == 1 else None


def of_other_provider(text: str) -> bool:
    """True if a text has the marks of another mail provider or product."""
    return bool(_OTHERS.search(text))


def _codes_fit(said: SaidReply, row: ReplyRow) -> bool:
    if said.status and row.status:
        other = _OTHER_STATUSES.get(row.key)
        return said.status == row.status or bool(other and re.fullmatch(other, said.status))
    if said.status:
        return False
    return said.code is None or str(said.code)[0] in (str(row.code)[0], row.status[:1])


_Rank = tuple[int, int]


def _ranks(said: SaidReply, row: ReplyRow, words: tuple[str, ...]) -> Iterator[_Rank]:
    """How much of the row was said, of each of its wordings that fits: all, all that matters, or the beginning."""
    for whole, core in _wordings(row):
        if whole[0] not in (_GAP, words[0]):
            continue
        for level, pattern in ((3, whole), (2, core)):
            end, literal = _run(pattern, words)
            fixed = tuple(each for each in pattern if each)
            own = bool(_OF_SERVICE_ONLY.search(" ".join(fixed[:literal] if end is None else fixed)))
            if end is None:
                if level == 3 and literal >= 4 and _believed(said, row, own=own, fixed=literal):
                    yield 1, literal
                continue
            alone = len(fixed) >= 5 or own or _open_end(row) or _rest_is_harmless(said.words, words, end)
            if alone and _believed(said, row, own=own, fixed=len(fixed)):
                yield level, len(fixed)


def _believed(said: SaidReply, row: ReplyRow, *, own: bool, fixed: int) -> bool:
    """Few words that any server may say are the service's only if something else speaks for it."""
    if said.ours or own:
        return True
    if not said.status:
        return False
    least = {"server": 3, "outbound": 3}.get(row.kind, 5)
    return said.ours is None or fixed >= least


def _rest_is_harmless(text: str, words: tuple[str, ...], end: int) -> bool:
    """Nothing behind the words but addresses, links and numbers. ``end``: how many words belong to the row."""
    if end >= len(words):
        return True
    plain = _plain(text)
    position = 0
    for match in list(_TOKEN.finditer(plain))[:end]:
        position = match.end()
    return bool(_HARMLESS.match(plain[position:]))


def _run(pattern: tuple[str, ...], words: tuple[str, ...]) -> tuple[int | None, int]:
    """After how many words the whole pattern was said, None if it was not; then how many fixed words the text has."""
    states = _closed({(0, 0)}, pattern)
    for index, word in enumerate(words):
        if any(place == len(pattern) for place, _ in states):
            return index, 0
        moved = set()
        for place, gap in states:
            if pattern[place] == _GAP:
                if gap < _LONGEST_GAP:
                    moved.add((place, gap + 1))
            elif pattern[place] == word:
                moved.add((place + 1, 0))
        states = _closed(moved, pattern)
        if not states:
            return None, 0
    if any(place == len(pattern) for place, _ in states):
        return len(words), 0
    return None, max(sum(1 for each in pattern[:place] if each) for place, _ in states)


def _closed(states: set[tuple[int, int]], pattern: tuple[str, ...]) -> set[tuple[int, int]]:
    """With those that a gap of no words leads to."""
    todo, done = list(states), set(states)
    while todo:
        place, _ = todo.pop()
        if place < len(pattern) and pattern[place] == _GAP and (place + 1, 0) not in done:
            done.add((place + 1, 0))
            todo.append((place + 1, 0))
    return done


@lru_cache(maxsize=1_000)
def _wordings(row: ReplyRow) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    """Each wording of a row: all of it, and the part of it that says why."""
    found = []
    for text in (row.text, *OTHER_WORDS.get(row.key, ())):
        whole = _pattern(text)
        if any(whole):
            tail = _TAIL.search(text)
            core = _pattern(text[: tail.start()]) if tail else whole
            found.append((whole, core if sum(map(bool, core)) >= 2 else whole))
    return tuple(found)


def _pattern(text: str) -> tuple[str, ...]:
    """The fixed words; ``""`` where anything may stand. None of its ends is open but the first."""
    if text.startswith("("):  # (text not known)
        return ()
    pieces = [_words(piece) for piece in _PLACE.split(text)]
    found = list(pieces[0])
    for piece in pieces[1:]:
        found += [_GAP, *piece]
    while found and found[-1] == _GAP:
        found.pop()
    return tuple(found)


def _open_end(row: ReplyRow) -> bool:
    return row.text.rstrip("'].").endswith("}")


def _plain(text: str) -> str:
    return _AS.sub(r" as\1 ", _BOXES.sub("", text)).lower().replace("'", "").replace("\u2019", "")


def _words(text: str) -> tuple[str, ...]:
    return tuple(_TOKEN.findall(_plain(text)))
