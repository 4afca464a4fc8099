"""A session with a policy that says yes and remembers, and a fixed clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from fakeeop.model import Envelope, Recipient, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.ports import StoredContent
from fakeeop.smtp.policy import SessionSettings
from fakeeop.smtp.session import SmtpSession
from fakeeop.smtp.xclient import XclientCommand

NOON = datetime(2025, 3, 9, 19, 25, 28, 476_000, tzinfo=UTC)


class YesMan:
    """Accepts everything; refuses senders and recipients whose local part is ``refused``."""

    def __init__(self) -> None:
        self.messages: list[tuple[Envelope, Any]] = []  # content: bytes, or what a spool holds
        self.hellos: list[tuple[str, bool]] = []
        self.refusals: list[tuple[str, bytes]] = []
        self.tls: TlsFacts | None = None
        self.spoken_for: XclientCommand | None = None

    def hello(self, name: str, esmtp: bool) -> None:
        self.hellos.append((name, esmtp))

    def secured(self, facts: TlsFacts) -> None:
        self.tls = facts

    def speaks_for(self, command: XclientCommand) -> None:
        self.spoken_for = command

    def mail(self, reverse_path: Mailbox) -> bytes | None:
        return b"550 no\r\n" if reverse_path.local == "refused" else None

    def recipient(self, reverse_path: Mailbox, recipient: Recipient, earlier: tuple[Mailbox, ...]) -> bytes | None:
        assert isinstance(reverse_path, Mailbox)
        assert isinstance(earlier, tuple)
        return b"550 no\r\n" if recipient.mailbox.local == "refused" else None

    def message(self, envelope: Envelope, content: bytes | StoredContent, started: float) -> bytes:
        assert started == 7.0
        self.messages.append((envelope, content))
        return b"250 queued %d\r\n" % len(self.messages)

    def refused(self, stage: str, reply: bytes) -> None:
        self.refusals.append((stage, reply))


class StoppedClock:
    """It is noon, and seven seconds after the start."""

    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 7.0


class Desk:
    """One session and its policy. ``say`` feeds text or octets and gives the replies as lines."""

    def __init__(self, settings: SessionSettings, **given: Any) -> None:
        self.policy = YesMan()
        self.session = SmtpSession(settings, self.policy, "203.0.113.25", "08DD3FA5DBC8F401", StoppedClock(), **given)

    def say(self, what: str | bytes) -> list[str]:
        octets = what if isinstance(what, bytes) else what.replace("\n", "\r\n").encode()
        return self.session.receive(octets).decode().split("\r\n")[:-1]

    def codes(self, what: str | bytes) -> list[str]:
        return [line[:3] for line in self.say(what) if line[3:4] == " "]


@pytest.fixture
def desk() -> Desk:
    return Desk(SessionSettings())


@pytest.fixture(scope="session")
def new_desk() -> Callable[..., Desk]:
    """A factory: settings by keyword; ``authenticator`` and ``xclient`` are the session's."""

    def make(*, authenticator: Any = None, xclient: bool = False, **settings: Any) -> Desk:
        return Desk(SessionSettings(**settings), authenticator=authenticator, xclient=xclient)

    return make
