"""Who stands between a session and its commands when something is to be limited, hidden or to go wrong.

A session without a guard pays one look for None a command. The guard may answer in place of a handler, or leave an
``Effect``: what is to be written and done later, by the adapter, before the session goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from attrs import frozen

from fakeeop.model.ports import Content

__all__ = ["Effect", "Guard", "Until", "Waiting"]


class Until(Protocol):
    """Something that has to happen first."""

    def when(self, say: Callable[[bytes | None], None]) -> None:
        """Call ``say`` in the loop's thread when it has; with a reply, if that is to stand in place of ours."""


@frozen
class Effect:
    """In this order: wait ``delay`` seconds, write ``reply`` (octets ``drip`` seconds apart), wait ``linger``, then.

    ``then`` is drop, reset, stall, close, or empty: go on. ``tls`` is a way in which the handshake is to go wrong.
    ``until`` comes before all: the reply that it may bring is said alone, and the session goes on.
    """

    reply: bytes = b""
    delay: float = 0.0
    drip: float = 0.0
    linger: float = 0.0
    then: str = ""
    tls: str = ""
    until: Until | None = None


class Waiting(Protocol):
    """As an ``Effect`` that is nothing but a reply that waits."""

    reply: bytes
    delay: float
    drip: float
    linger: float
    then: str
    tls: str

    @property
    def until(self) -> Until:
        """What it waits for."""


class Guard(Protocol):
    """Asked by a session (always the one it guards) and by the adapter."""

    def greeting(self, session: Any) -> bytes:
        """The banner, or what stands in its place."""

    def ended(self) -> None:
        """The connection is gone."""

    def handshake(self, session: Any) -> Effect | None:
        """How the TLS handshake that STARTTLS asked for is to go wrong."""

    def command(self, session: Any, verb: bytes, handler: Callable[[Any, bytes], bytes], argument: bytes) -> bytes:
        """A command that its state allows. Raises ProtocolViolation as handlers do."""

    def chunk(self, session: Any) -> bytes:
        """The end of a chunk that ``command`` had dropped."""

    def content(self, session: Any, transaction: Any, content: Content) -> bytes:
        """A whole message, ready to be handed to the policy."""
