"""What a target is: the server under the scenarios, one fresh world for each case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from attrs import field, frozen

__all__ = ["JournalView", "Later", "RunningTarget", "Target", "World"]


@frozen
class World:
    """What exists in a case: everything a target needs to become it.

    ``tree`` is the tenant tree (``Tenants``, ``Behaviour``), ``path`` its file for messages. ``hosts`` maps the name of
    each host to its public address, ``sources`` to the local address it speaks from; where there are no loopback
    aliases, several hosts have one source. ``certificates`` makes the server's certificate and the roots it trusts;
    it is asked only when the target needs them. ``listener`` has ``proxy`` and ``xclient``: true for what it takes, and
    ``hide``, ``region`` and ``peer``, the address that everybody has who connects. ``virtual``: its time stands still
    until ``RunningTarget.advance``.
    """

    tree: Any
    path: str
    hosts: Mapping[str, str] = field(factory=dict)
    sources: Mapping[str, str] = field(factory=dict)
    certificates: Callable[[], Any] | None = None
    submission: bool = False  # the submission endpoint is up too
    listener: Mapping[str, Any] = field(factory=dict)
    virtual: bool = False
    return_reports: tuple[str, int] | None = None  # the relay that gets the delivery reports


class Later:
    """Trees that are read at the first call and kept: what is delivered, and the trace. ``seen`` is None before."""

    def __init__(self, read: Callable[[], list[dict[str, Any]]]) -> None:
        self._read = read
        self.seen: list[dict[str, Any]] | None = None

    def __call__(self) -> list[dict[str, Any]]:
        """The trees."""
        if self.seen is None:
            self.seen = self._read()
        return self.seen


@frozen
class JournalView:
    """The server's view, as trees (``fakeeop.journal.memory``). The last two are read when somebody asks.

    ``trace`` has the rows of the last 48 hours, each with its ``Events`` (``fakeeop.delivery.message_trace``).
    """

    sessions: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    reports: list[dict[str, Any]]
    delivered: Later = field(factory=lambda: Later(list))
    trace: Later = field(factory=lambda: Later(list))


class RunningTarget(Protocol):
    """A target that is up for one case."""

    def address(self, host: str, endpoint: str = "mx") -> tuple[str, int]:
        """Where that host of the world connects to; any host that is not of the world may ask, too."""

    def journal(self) -> JournalView:
        """What the server has seen so far."""

    def wait_quiet(self, seconds: float, still_open: int = 0) -> None:
        """Return when all sessions but ``still_open`` have ended. Raises DeadlineExceeded if they do not."""

    def wait_until(self, holds: Callable[[int, int], bool], seconds: float) -> tuple[int, int]:
        """Sleep until ``holds(sessions ended, messages)`` or the time is over; the two counts then."""

    def admin(self, arguments: Mapping[str, Any]) -> None:
        """Change the tenant or clear the journal. Raises fakeeop's ConfigError for a change that is not allowed."""

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""

    def wait_returned(self, seconds: float) -> None:
        """Return when no delivery report is on its way back to a relay, or the time is over."""

    def explain(self) -> str:
        """The trace of the last refused recipient as text; empty if nothing was refused."""

    def close(self) -> None:
        """End it. Harmless when ended."""


class Target(Protocol):
    """A kind of target, shared by all cases of a process."""

    name: str
    capabilities: frozenset[str]

    def open(self, world: World) -> RunningTarget:
        """Bring up a fresh world. Raises TargetError, or fakeeop's ConfigError for a wrong tenant."""

    def close(self) -> None:
        """End what the cases shared."""
