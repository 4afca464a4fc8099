"""What an MTA's log has said: which messages are queued, what happened to each recipient. No I/O.

An MTA's own log module reads that MTA's lines into one.
"""

from __future__ import annotations

from typing import Any

from attrs import define, evolve, field

from harness.mtas.base import DeliveryStatus

__all__ = ["MtaLedger", "QueuedMessage"]


@define
class QueuedMessage:
    """One message: what is known of it. ``tried`` counts attempts, one a recipient."""

    latest: dict[str, DeliveryStatus] = field(factory=dict)
    recipients: int | None = None  # as the MTA counts them
    tried: int = 0
    removed: bool = False


@define
class MtaLedger:
    """Everything the log has said. ``fatal`` is what a program said before it gave up."""

    text: list[str] = field(factory=list)
    tls: dict[str, Any] | None = None
    fatal: str = ""
    _messages: dict[str, QueuedMessage] = field(factory=dict)

    def open(self) -> tuple[str, ...]:
        """The ids of messages that are not removed."""
        return tuple(key for key, each in list(self._messages.items()) if not each.removed)

    def known(self) -> tuple[str, ...]:
        """The ids of all messages."""
        return tuple(list(self._messages))

    def message(self, queue_id: str) -> QueuedMessage:
        """The message of this id, noted now if it is new."""
        return self._messages.setdefault(queue_id, QueuedMessage())

    def taken(self, queue_id: str) -> bool:
        """The message is in the queue: its sender has been told so. True."""
        return self.message(queue_id) is not None

    def statuses(self, queue_id: str) -> tuple[DeliveryStatus, ...]:
        """The latest word on each recipient."""
        return tuple(self._of(queue_id).latest.values())

    def tried(self, queue_id: str) -> int:
        """How many attempts there were, one a recipient."""
        return self._of(queue_id).tried

    def removed(self, queue_id: str) -> bool:
        """Is it finished?"""
        return self._of(queue_id).removed

    def pending(self, queue_id: str) -> int:
        """How many recipients are waiting for an attempt, at least one while the message is queued."""
        one = self._of(queue_id)
        final = sum(each.status != "deferred" for each in one.latest.values())
        return 0 if one.removed else max((one.recipients or 1) - final, 1)

    def attempt(self, queue_id: str, status: DeliveryStatus) -> None:
        """One attempt at one recipient, and its result; its number is found here."""
        one = self.message(queue_id)
        before = one.latest.get(status.recipient)
        one.tried += 1
        one.latest[status.recipient] = evolve(status, attempts=before.attempts + 1 if before else 1)

    def expired(self, queue_id: str) -> None:
        """What was deferred is given up."""
        one = self.message(queue_id)
        for name, each in one.latest.items():
            one.latest[name] = evolve(each, status="expired") if each.status == "deferred" else each

    def _of(self, queue_id: str) -> QueuedMessage:
        return self._messages.get(queue_id) or QueuedMessage()
