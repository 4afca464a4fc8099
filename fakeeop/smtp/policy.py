"""What a session is given from outside: its settings, the policy that it asks, and what stands in its way.

An ``Interceptor`` stands between a session and its commands when something is to be limited, hidden or to go wrong. It
may answer in place of a handler, or leave an ``Effect``: what is to be written and done later, by the adapter, before
the session goes on. While it is not ``active`` a command pays one look at it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from attrs import Factory, field, frozen

from fakeeop.model import Envelope, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.ports import Content, OpenSpool
from fakeeop.smtp.names import HostNames
from fakeeop.smtp.xclient import XclientCommand

__all__ = ["Effect", "Interceptor", "Policy", "SessionSettings", "Until", "Waiting"]


@frozen
class SessionSettings:
    """What the sessions of one listener announce and enforce (``fakeeop.front.settings`` makes them).

    ``size`` is in octets (wire §1.4). The rest is our choice: ``line`` is RFC 5321's 512 octets and what the extensions
    announced add to it, rounded up; lines of AUTH may have ``auth_line`` octets if that is more; ``errors`` counts
    syntax and sequence errors, not refusals; ``recipients`` is for one transaction (wire §2.4 has 200 and 1000,
    uncertain). Content of more than ``in_memory`` octets goes to a spool, if there is one; ``room`` is what a message
    may take of the memory. Without ``bare_line_feeds`` content of DATA is refused for one. ``hidden`` extensions are
    neither announced nor known; ``region`` is where the front end stands, ``hosts`` is how it calls itself.
    """

    size: int = 157_286_400
    line: int = 2_048
    errors: int = 20
    recipients: int = 1_000
    starttls: bool = True
    banner_session_id: bool = True
    invalid_sender: str = "invalid-sender-501"
    bare_line_feeds: bool = True
    auth_line: int = 0
    hidden: frozenset[str] = frozenset()
    region: str | None = None
    hosts: HostNames = field(factory=HostNames)
    spool: OpenSpool | None = None
    in_memory: int = 1_048_576
    room: int = field(init=False, default=Factory(lambda self: self.size, takes_self=True))

    def __attrs_post_init__(self) -> None:
        if self.spool is not None:
            object.__setattr__(self, "room", min(self.size, self.in_memory))


class Policy(Protocol):
    """Who decides in one session. A reply it returns is a refusal, whole and rendered; None is consent."""

    def hello(self, name: str, esmtp: bool) -> None:
        """EHLO or HELO was accepted."""

    def secured(self, facts: TlsFacts) -> None:
        """The session is under TLS now; what was said before is void."""

    def speaks_for(self, command: XclientCommand) -> None:
        """XCLIENT: the session starts anew, for the client that was named."""

    def mail(self, reverse_path: Mailbox) -> bytes | None:
        """A new transaction; a refusal ends it."""

    def recipient(self, reverse_path: Mailbox, recipient: Recipient, earlier: tuple[Mailbox, ...]) -> bytes | None:
        """One RCPT; ``earlier`` are the accepted ones of this transaction."""

    def message(self, envelope: Envelope, content: Content, started: float) -> bytes:
        """The content is here: take it and return the reply, or a refusal. ``started`` is when DATA or BDAT came."""

    def refused(self, stage: str, reply: bytes) -> None:
        """The session itself refused, at ``mail``, ``rcpt`` or ``message``: bad syntax, or too large."""


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


class Interceptor(Protocol):
    """Asked by a session, always the one that it stands in the way of."""

    @property
    def active(self) -> bool:
        """True if there is anything to intercept; once true in a session, it stays so."""

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
