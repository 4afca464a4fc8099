"""What an MTA is to the harness: a private instance that takes mail, queues it, and says what happened to it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import field, frozen

from harness.clients.base import Driver
from harness.model.result import Observation

__all__ = [
    "STATUSES",
    "DeliveryStatus",
    "Instance",
    "Mail",
    "Mta",
    "MtaDriver",
    "MtaFolder",
    "OfferedForm",
    "OfferedLint",
    "hours",
    "merged",
    "observed",
    "outcome_of",
    "seconds",
]

STATUSES = ("sent", "deferred", "bounced", "expired")
_NOT_OFFERED: Final = re.compile(r"not offered|not offer|not supported by")  # STARTTLS, in the words of the MTAs
_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


# -- what a folder of an MTA offers ---------------------------------------------------------------------------------


@frozen
class OfferedForm:
    """``harness check-relay --<name> METAVAR``: a private instance of a user's configuration. ``at``: module:class."""

    metavar: str
    about: str
    at: str


@frozen
class OfferedLint:
    """``harness lint-relay``. ``at``: module:function, from a path and ``Expected`` to a ``Route`` and findings.

    A file is known as this MTA's by its name (``files``, globs; in a folder, ``in_folder``), else by ``sign``, which is
    looked for in its text. Signs are tried by ``rank``, the surest first. ``made_of`` is the sign of a file that the
    configuration is made of, and what to read instead.
    """

    at: str
    files: tuple[str, ...]
    sign: str
    rank: int
    in_folder: str = ""
    made_of: tuple[str, str] | None = None


@frozen
class MtaFolder:
    """What is in one folder of ``harness.mtas``; stands in its ``__init__``. Modules are imported when asked for.

    ``driver`` is module:class of the client; ``install`` the command that installs the program.
    """

    title: str
    about: str
    install: str
    driver: str
    form: OfferedForm | None = None
    lint: OfferedLint | None = None


# -- what it is asked to do, and what it says -----------------------------------------------------------------------


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
        """Bring it up. Raises DriverError with its own words when its configuration is wrong."""

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

    def connect(self, seconds: float) -> socket.socket:
        """A connection to its SMTP server, for a client to be put before it. Raises DriverError if it has none."""

    def retry(self, seconds: float) -> None:
        """Have it try everything in the queue once, now."""

    def restart(self, seconds: float, config: Mapping[str, Any]) -> None:
        """Stop it and start it again, with the queue as it is and these settings changed."""

    def stop(self) -> None:
        """End its processes, remove its folders. Harmless when stopped."""


class MtaDriver(Driver, Protocol):
    """The driver of a client that is an MTA."""

    def mta(self, instance: Instance) -> Mta:
        """A private instance, not started yet."""


# -- for all of them ------------------------------------------------------------------------------------------------


def observed(mta: Mta, queue_id: str, wanted: int) -> Observation:
    """The observation of one message with ``wanted`` recipients, as things stand; no outcome before each was tried."""
    statuses = mta.statuses(queue_id)
    outcome, decisive = outcome_of(statuses) if len(statuses) >= wanted else (None, None)
    return Observation(
        outcome=outcome,
        stage=decisive.stage if decisive else None,
        reply=decisive.reply if decisive else None,
        recipients={each.recipient: _recipient(each) for each in statuses},
        tls=mta.tls(),
        transcript=tuple(mta.log()),
        delivery_status=tuple(each.tree() for each in statuses),
    )


def outcome_of(statuses: Sequence[DeliveryStatus]) -> tuple[str | None, DeliveryStatus | None]:
    """The outcome of a transaction, and the recipient that decided it, as for a client that sees every reply."""
    sent = [each for each in statuses if each.status == "sent"]
    if sent:
        return ("accepted" if len(sent) == len(statuses) else "partially-accepted"), sent[0]
    waiting = [each for each in statuses if each.status == "deferred"]
    if not waiting:
        return ("rejected", statuses[0]) if statuses else (None, None)
    return _unfinished(waiting[0]), waiting[0]


def _recipient(one: DeliveryStatus) -> dict[str, str | None]:
    """Of a recipient that was refused at RCPT the reply is known too."""
    found: dict[str, str | None] = {"outcome": outcome_of([one])[0]}
    return found | ({"reply": one.reply} if one.stage == "rcpt" and one.reply is not None else {})


def _unfinished(one: DeliveryStatus) -> str:
    """A deferred recipient: by a reply, or because there was no transaction to speak of."""
    if one.reply is not None:
        return "deferred"
    if _NOT_OFFERED.search(one.said):
        return "not-attempted"
    if one.stage == "starttls":
        return "tls-failed"
    return "disconnected" if one.stage not in (None, "connect") else "deferred"


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``over`` wins; where it has a section, its settings are merged into the section of that name."""
    found = dict(base)
    for name, value in over.items():
        below = found.get(name)
        if isinstance(value, Mapping):
            found[name] = merged(below if isinstance(below, Mapping) else {}, value)
        else:
            found[name] = value
    return found


def seconds(text: str, unit: str = "s") -> float | None:
    """A span of time as MTAs write it (``5d``, ``300``, ``2 h``), in ``unit`` if it names none; None for other text."""
    found = re.fullmatch(r"\s*(\d+)\s*([smhdw]?)\s*", text)
    return None if found is None else int(found[1]) * _SECONDS[found[2] or unit]


def hours(text: str, unit: str = "s") -> float | None:
    """A span of time, as ``seconds`` reads it, in hours."""
    found = seconds(text, unit)
    return None if found is None else found / 3600
