"""The states of an SMTP session and what each verb does in them, as data.

Theory of operation. A session is in one state. Each verb is looked up in the row of that state: the entry is either the
state that a success leads to, or the key of the reply (``fakeeop.smtp.replies``) that refuses the verb. A verb that is
refused, by the table or by its own handler, leaves the state as it is. Four events are not verbs: ``(end of data)``,
``(last chunk)``, ``(TLS established)`` and ``(exchange over)``.

Rules that the table cannot say:

* EHLO, HELO and RSET throw the mail transaction away (RFC 5321 section 4.1.4). ``RSET`` before the first hello is fine.
* STARTTLS throws everything away, what came behind it in clear text too: after the handshake the session is new, only
  the peer is the same (RFC 3207 section 4.2).
* The octets of a BDAT chunk follow its command line whether it was refused or not; they are taken off the stream before
  the reply, so that the next command is found (RFC 3030 section 2).
* A chunk that makes the content too large ends the transaction: 552, and chunks that follow get 503.
* AUTH is for the submission endpoint under TLS, once; the MX refuses it with 504 (RFC 4954, wire §2.4). An initial
  response that is all there is to say leads straight back.
* A transaction is over when the end of its content was answered, whatever the answer.
* Verbs may come in any pieces and in any number at once; each gets its reply in order (RFC 2920).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

__all__ = ["EVENTS", "TABLE", "VERBS", "State", "diagram"]


class State(Enum):
    """Where a session is."""

    GREETING = "greeting"  # the banner went out, no hello yet
    READY = "ready"  # hello said, no transaction
    MAIL = "mail"  # MAIL accepted
    RCPT = "rcpt"  # at least one RCPT accepted
    DATA = "data"  # content up to the lone dot
    BDAT = "bdat"  # at least one chunk, not the last
    AUTH = "auth"  # in an AUTH exchange: every line is an answer
    CLOSED = "closed"


Entry = State | str
Row = Mapping[str, Entry]

VERBS = (
    *("EHLO", "HELO", "STARTTLS", "MAIL", "RCPT", "DATA", "BDAT", "RSET"),
    *("NOOP", "VRFY", "HELP", "QUIT", "AUTH", "EXPN", "TURN", "ETRN"),
)
EVENTS = ("(end of data)", "(last chunk)", "(TLS established)", "(exchange over)")

_ANYWHERE: Row = {
    "QUIT": State.CLOSED,
    "AUTH": "no-authentication",
    "EXPN": "not-implemented",
    "TURN": "not-implemented",
    "ETRN": "not-implemented",
}


def _row(here: State, rest: Row) -> Row:
    staying: Row = {"NOOP": here, "VRFY": here, "HELP": here}
    return MappingProxyType({**_ANYWHERE, **staying, **rest})


_HELLO: Row = {"EHLO": State.READY, "HELO": State.READY, "RSET": State.READY}
_TLS: Row = {"STARTTLS": State.GREETING, "(TLS established)": State.GREETING}
_HELLO_FIRST = "hello-first"

TABLE: Mapping[State, Row] = MappingProxyType(
    {
        State.GREETING: _row(
            State.GREETING,
            {
                "EHLO": State.READY,
                "HELO": State.READY,
                "RSET": State.GREETING,
                "STARTTLS": _HELLO_FIRST,
                "AUTH": _HELLO_FIRST,
                "MAIL": _HELLO_FIRST,
                "RCPT": _HELLO_FIRST,
                "DATA": _HELLO_FIRST,
                "BDAT": _HELLO_FIRST,
                "(TLS established)": State.GREETING,
            },
        ),
        State.READY: _row(
            State.READY,
            {
                **_HELLO,
                **_TLS,
                "AUTH": State.AUTH,
                "MAIL": State.MAIL,
                "RCPT": "need-mail",
                "DATA": "need-mail",
                "BDAT": "need-mail",
            },
        ),
        State.AUTH: MappingProxyType({"(exchange over)": State.READY}),
        State.MAIL: _row(
            State.MAIL,
            {**_HELLO, **_TLS, "MAIL": "sender-twice", "RCPT": State.RCPT, "DATA": "need-rcpt", "BDAT": "need-rcpt"},
        ),
        State.RCPT: _row(
            State.RCPT,
            {
                **_HELLO,
                **_TLS,
                "MAIL": "sender-twice",
                "RCPT": State.RCPT,
                "DATA": State.DATA,
                "BDAT": State.BDAT,
                "(last chunk)": State.READY,
            },
        ),
        State.DATA: MappingProxyType({"(end of data)": State.READY}),
        State.BDAT: _row(
            State.BDAT,
            {
                **_HELLO,
                "STARTTLS": "bad-sequence",
                "MAIL": "bad-sequence",
                "RCPT": "bad-sequence",
                "DATA": "bad-sequence",
                "BDAT": State.BDAT,
                "(last chunk)": State.READY,
            },
        ),
        State.CLOSED: MappingProxyType({}),
    }
)


def diagram() -> str:
    """The table as a Mermaid state diagram, one arrow for every pair of states; refusals are left out."""
    lines = ["stateDiagram-v2", "    [*] --> GREETING: banner"]
    for state, row in TABLE.items():
        targets: dict[State, list[str]] = {}
        for verb in (*VERBS, *EVENTS):
            entry = row.get(verb)
            if isinstance(entry, State):
                targets.setdefault(entry, []).append(verb)
        lines += [f"    {state.name} --> {target.name}: {', '.join(verbs)}" for target, verbs in targets.items()]
    lines.append("    CLOSED --> [*]")
    return "\n".join(lines)
