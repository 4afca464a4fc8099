"""Octets: line ends, eight bits, BDAT, international addresses, long replies."""

from __future__ import annotations

from harness.relay_check.judges import all_of, arrived_once, attempted_again, delivered_in_the_end, intact
from harness.relay_check.values import RelayCase, SampleMessage

__all__ = ["CASES"]

_WORDS = "Grüße aus Köln: naïve façade, 東京\r\n".encode()
_MIME = ("MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
_DOTS = b".\r\n..\r\n.hidden\r\n" + b"x" * 900 + b"\r\n"


def _no_bare_line_feed(raw: bytes) -> str:
    stray = raw.replace(b"\r\n", b"")
    at = raw.find(b"\n") if b"\n" in stray else -1
    return f"a line feed without carriage return stands in it (the first LF at octet {at})" if b"\n" in stray else ""


def _eight_bit(raw: bytes) -> str:
    if _WORDS.strip() in raw or b"quoted-printable" in raw.lower() or b"base64" in raw.lower():
        return ""  # as it was, or encoded anew
    return "letters beyond ASCII are lost or changed"


def _dots(raw: bytes) -> str:
    return "" if _DOTS in raw else "lines that begin with a dot, or a long line, are changed"


CASES = (
    RelayCase(
        id="bare-line-feed",
        family="content",
        title="A bare LF that it is given does not reach the service",
        requirement="Lines are ended by CRLF on the wire: a bare LF is refused by the service (5.6.11) or is a "
        "hole for "
        "smuggled messages. The relay mends it, or refuses it.",
        source="RFC 5321 section 2.3.8",
        judge=all_of(arrived_once, intact(_no_bare_line_feed)),
        messages=(SampleMessage(body=b"one\ntwo\r\n"),),
        needs=frozenset({"content"}),
        refusable=True,
    ),
    RelayCase(
        id="dots-and-long-lines",
        family="content",
        title="Lines with leading dots and of 900 octets arrive as they are",
        requirement="The content is not changed by dot-stuffing or line length, with DATA or BDAT.",
        source="RFC 5321 section 4.5.2",
        judge=all_of(arrived_once, intact(_dots)),
        messages=(SampleMessage(body=_DOTS),),
        needs=frozenset({"content"}),
    ),
    RelayCase(
        id="without-chunking",
        family="content",
        title="Without CHUNKING, PIPELINING and 8BITMIME it still arrives",
        requirement="No extension is taken for granted: BDAT is used only where CHUNKING is offered.",
        source="RFC 3030 section 2; RFC 2920 section 3.1",
        judge=arrived_once,
        faults=({"at": "ehlo", "hide": ["CHUNKING", "PIPELINING", "8BITMIME", "BINARYMIME"]},),
    ),
    RelayCase(
        id="eight-bit",
        family="content",
        title="Eight-bit text arrives whole",
        requirement="A message in UTF-8 arrives with its letters: as 8BITMIME or encoded anew.",
        source="RFC 6152",
        judge=all_of(arrived_once, intact(_eight_bit)),
        messages=(SampleMessage(body=_WORDS, headers=_MIME),),
        needs=frozenset({"content"}),
    ),
    RelayCase(
        id="long-replies",
        family="content",
        title="A reply of 500 octets is understood",
        requirement="A reply may have several lines of up to 512 octets; a refusal for now stays one.",
        source="RFC 5321 sections 4.2.1 and 4.5.3.1.5",
        judge=all_of(delivered_in_the_end, attempted_again),
        faults=(
            {
                "at": "rcpt",
                "nth": 1,
                "recipient": "*.{tag}@*",
                "reply": "451 4.7.500 Server busy. " + "Please try again later. " * 19,
            },
        ),
        retries=True,
    ),
    RelayCase(
        id="smtputf8",
        family="content",
        title="An international address is relayed, or refused at once",
        requirement="The service offers SMTPUTF8: mail for an address beyond ASCII arrives, unless the relay "
        "itself does "
        "not take it.",
        level="should",
        source="RFC 6531",
        judge=arrived_once,
        messages=(SampleMessage(to=("outside-ü",)),),
        needs=frozenset({"sender"}),
        refusable=True,
    ),
)
