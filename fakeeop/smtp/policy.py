"""What a session is given from outside: its settings, and the judge that it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import Factory, field, frozen

from fakeeop.model import Envelope, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.ports import Content, OpenSpool
from fakeeop.smtp.auth import Credentials

if TYPE_CHECKING:
    from fakeeop.smtp.xclient import XclientCommand

__all__ = ["Authenticator", "Policy", "Settings"]


@frozen
class Settings:
    """What one listener announces and puts up with.

    ``size`` is in octets (wire §1.4). The rest is our choice: ``line`` is RFC 5321's 512 octets and what the extensions
    announced add to it, rounded up; ``errors`` counts syntax and sequence errors, not refusals; ``recipients`` is for
    one transaction (wire §2.4 has 200 and 1000, uncertain). Content of more than ``in_memory`` octets goes to a spool,
    if there is one; ``room`` is what a message may take of the memory. without ``bare_line_feeds`` content of
    DATA is refused for one.
    """

    size: int = 157_286_400
    line: int = 2_048
    errors: int = 20
    recipients: int = 1_000
    starttls: bool = True
    banner_session_id: bool = True
    invalid_sender: str = "invalid-sender-501"
    bare_line_feeds: bool = True
    spool: OpenSpool | None = None
    in_memory: int = 1_048_576
    room: int = field(init=False, default=Factory(lambda self: self.size, takes_self=True))

    def __attrs_post_init__(self) -> None:
        if self.spool is not None:
            object.__setattr__(self, "room", min(self.size, self.in_memory))


class Authenticator(Protocol):
    """Who is asked about AUTH at the submission endpoint."""

    def authenticate(self, credentials: Credentials) -> bytes | None:
        """May they sign in? A refusal, whole and rendered; one of 421 closes the connection."""


class Policy(Protocol):
    """The judge of one session. A reply it returns is a refusal, whole and rendered; None is consent."""

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
