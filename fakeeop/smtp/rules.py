"""``TABLE`` made ready for a session: verbs as octets, handlers in place, one look-up a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fakeeop.smtp.replies.rows import fixed
from fakeeop.smtp.state import EVENTS, TABLE, State

__all__ = ["compiled", "constant"]

_S = TypeVar("_S")
_Handler = Callable[[_S, bytes], bytes]


def constant(key: str) -> Callable[[Any, bytes], bytes]:
    """A handler that gives one reply whatever is said."""
    reply = fixed(key)
    return lambda _session, _argument: reply


def compiled(
    handlers: Mapping[str, _Handler[_S]], refuse_chunk: Callable[[_S, bytes, str], bytes]
) -> dict[State, dict[bytes, tuple[_Handler[_S] | None, str]]]:
    """For each state: verb → its handler, or None and the key of the reply that refuses it.

    ``refuse_chunk`` is for BDAT, whose octets must be taken off the stream even then.
    """

    def entry(verb: str, listed: State | str) -> tuple[_Handler[_S] | None, str]:
        if isinstance(listed, State):
            return handlers[verb], ""
        if verb == "BDAT":
            return (lambda session, argument: refuse_chunk(session, argument, listed)), listed
        return None, listed

    return {
        state: {verb.encode(): entry(verb, listed) for verb, listed in row.items() if verb not in EVENTS}
        for state, row in TABLE.items()
    }
