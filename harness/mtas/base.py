"""What an MTA is to the harness: a private instance that takes mail, queues it, and says what became of it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from attrs import field, frozen

__all__ = ["STATUSES", "DeliveryStatus", "Instance", "Mail", "Mta", "MtaDriver"]

STATUSES = ("sent", "deferred", "bounced", "expired")


@frozen
class DeliveryStatus:
    """What an MTA last said of one recipient of one message.

    ``status`` is one of ``STATUSES``; ``dsn`` the enhanced status code of RFC 3463 (2.0.0). ``said`` is the MTA's own
    explanation; ``reply`` the server's reply in it, lines joined by newline, None where no reply decided; ``stage``
    where it came. ``attempts`` counts the tries of this recipient.
    """

    recipient: str
    status: str
    dsn: str
    relay: str
    said: str
    reply: str | None = None
    stage: str | None = None
    attempts: int = 1

    def tree(self) -> dict[str, Any]:
        """Under the names that scenarios use."""
        return {
            "recipient": self.recipient,
            "status": self.status,
            "dsn": self.dsn,
            "relay": self.relay,
            "said": self.said,
            "reply": self.reply,
            "stage": self.stage,
            "attempts": self.attempts,
        }


@frozen
class Mail:
    """A message for an MTA. ``mail_from`` and ``recipients`` are trees with ``address`` and the parameters of RFC 3461;
    ``content`` has CRLF and is not dot-stuffed.
    """

    mail_from: Mapping[str, Any]
    recipients: tuple[Mapping[str, Any], ...]
    content: bytes


@frozen
class Instance:
    """How a private instance is to be. ``config`` is in the MTA's own words, merged over its minimal base.

    ``name`` is the scenario's; ``source`` the local address it connects from (empty: any), ``target`` its smart host.
    ``names`` are names of hosts that it is to find without DNS, with their addresses.
    """

    name: str
    source: str
    target: tuple[str, int]
    config: Mapping[str, Any] = field(factory=dict)
    keys: Callable[[], Mapping[str, Path]] = dict  # path of each certificate file → the file of its key
    names: Mapping[str, str] = field(factory=dict)


class Mta(Protocol):
    """One private instance. Times are in seconds; what does not happen in time raises DeadlineExceeded."""

    def start(self, seconds: float) -> None:
        """Bring it up. Raises DriverError with its own words when its configuration is no good."""

    def submit(self, mail: Mail, seconds: float) -> str:
        """Hand it a message; the queue id. Raises DriverError when it does not take it."""

    def statuses(self, queue_id: str) -> tuple[DeliveryStatus, ...]:
        """The latest word on each recipient of a message, in the order of their first attempt."""

    def tls(self) -> dict[str, Any] | None:
        """The TLS layer of its last connection to the server; None before there was one."""

    def log(self) -> list[str]:
        """Everything it has logged so far."""

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again whenever it logs something; False when the time is over and it does not hold."""

    def queue(self) -> tuple[str, ...]:
        """The ids of what it has taken and not finished, bounces included."""

    def known(self) -> tuple[str, ...]:
        """The ids of all messages that it has ever told of."""

    def door(self, seconds: float) -> socket.socket:
        """A connection to its SMTP server, for a client to be put before it. Raises DriverError if it has none."""

    def retry(self, seconds: float) -> None:
        """Have it try everything in the queue once, now."""

    def restart(self, seconds: float, config: Mapping[str, Any]) -> None:
        """Stop it and start it again, with the queue as it is and these settings changed."""

    def stop(self) -> None:
        """End its processes, remove its folders. Harmless when stopped."""


class MtaDriver(Protocol):
    """The driver of a client that is an MTA."""

    def mta(self, instance: Instance) -> Mta:
        """A private instance, not started yet."""
