"""The text of a failed expectation: what came, what was said on the wire, and why it was judged so."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from fakeeop.why.render import trace_text

if TYPE_CHECKING:
    from fakeeop.emulator import Emulator
    from fakeeop.testing.records import Message, Session

__all__ = ["EopAssertionError", "failure", "whole_report"]

_SESSIONS_SHOWN, _MESSAGES_SHOWN, _LINES_SHOWN = 3, 10, 60


class EopAssertionError(AssertionError):
    """Something else arrived than was expected; the text shows what, with transcript and trace."""


def failure(
    headline: str, eop: Emulator, messages: Sequence[Message], sessions: Sequence[Session]
) -> EopAssertionError:
    """``headline`` says what was expected and what was found."""
    return EopAssertionError(f"{headline}\n\n{whole_report(eop, messages, sessions)}")


def whole_report(eop: Emulator, messages: Sequence[Message], sessions: Sequence[Session]) -> str:
    """What an emulator saw, for people."""
    parts = ["\n".join(_messages(messages)), *("\n".join(_session(each)) for each in sessions[-_SESSIONS_SHOWN:])]
    if len(sessions) > _SESSIONS_SHOWN:
        parts.insert(1, f"the last {_SESSIONS_SHOWN} of {len(sessions)} sessions:")
    if not sessions:
        parts.append("no session: nobody has connected")
    try:
        trace = trace_text(eop.explain())
    except LookupError:
        parts.append("no recipient was judged")
    else:
        parts.append(
            "why the last refused recipient, or else the last, was judged so:\n" + textwrap.indent(trace, "  ")
        )
    return "\n\n".join(parts)


def _messages(messages: Sequence[Message]) -> Iterator[str]:
    if not messages:
        yield "no message was accepted"
        return
    yield f"accepted ({len(messages)}):"
    for number, message in list(enumerate(messages, 1))[-_MESSAGES_SHOWN:]:
        yield f"  {number}. {message}"


def _session(session: Session) -> Iterator[str]:
    yield str(session)
    lines = session.transcript
    if len(lines) > _LINES_SHOWN:
        half = _LINES_SHOWN // 2
        lines = (*lines[:half], f"… {len(lines) - 2 * half} lines …", *lines[-half:])
    for line in lines:
        yield f"  {line}"
