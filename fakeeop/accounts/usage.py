"""How much a mailbox has sent lately, and on how many connections it is signed in (connectors §5: the three limits).

Both windows slide: the last 60 seconds, the last 24 hours (assumption; the documentation says per minute and per day).
Times are seconds of an injected clock that never goes back.
"""

from __future__ import annotations

from collections import deque

from fakeeop.model.mailbox import SubmissionLimits

__all__ = ["DAY", "MINUTE", "Usage", "UsageOfMailboxes"]

MINUTE, DAY = 60.0, 86_400.0


class Usage:
    """One mailbox: its signed-in sessions, oldest first, and what it sent within the windows."""

    __slots__ = ("_messages", "_recipients", "_total", "sessions")

    def __init__(self) -> None:
        self.sessions: list[object] = []
        self._messages: deque[float] = deque()
        self._recipients: deque[tuple[float, int]] = deque()
        self._total = 0

    def messages(self, now: float) -> int:
        """Messages of the last minute."""
        while self._messages and self._messages[0] <= now - MINUTE:
            self._messages.popleft()
        return len(self._messages)

    def recipients(self, now: float) -> int:
        """Recipients of the last day."""
        while self._recipients and self._recipients[0][0] <= now - DAY:
            self._total -= self._recipients.popleft()[1]
        return self._total

    def sent(self, recipients: int, now: float) -> None:
        """A message was taken."""
        self._messages.append(now)
        self._recipients.append((now, recipients))
        self._total += recipients

    def over(self, session: object, recipients: int, now: float, limits: SubmissionLimits) -> str | None:
        """The limit that one more message on ``session`` would break, as the key of its reply; None if it may pass.

        Of too many connections those that signed in last are refused (assumption).
        """
        if session in self.sessions[limits.concurrent_connections :]:
            return "concurrent-connections"
        if self.recipients(now) + recipients > limits.recipients_per_day:
            return "recipient-rate"
        return "message-rate" if self.messages(now) >= limits.messages_per_minute else None


class UsageOfMailboxes:
    """The usage of every mailbox that signed in, by its primary address. It outlives a change of the tenant file."""

    def __init__(self) -> None:
        self._usage: dict[str, Usage] = {}

    def of(self, address: str) -> Usage:
        """The usage of one mailbox, made when first asked for."""
        return self._usage.setdefault(address, Usage())

    def joined(self, address: str, session: object) -> None:
        """A session signed in as this mailbox."""
        self.of(address).sessions.append(session)

    def left(self, address: str, session: object) -> None:
        """It is over."""
        sessions = self.of(address).sessions
        if session in sessions:
            sessions.remove(session)
