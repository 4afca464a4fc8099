"""The emulator in this process: one for each case, all of them hosted by one thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from fakeeop.emulator import Emulator, Listener, VirtualClock
from fakeeop.errors import FakeEopError
from harness.errors import DeadlineExceeded, TargetError
from harness.targets.base import JournalView, Later, World
from harness.targets.changes import changed_tree

if TYPE_CHECKING:
    from fakeeop.journal.memory import Journal
    from fakeeop.model import Forest

__all__ = ["EmbeddedTarget"]

_HOST = "127.0.0.1"
_READ: dict[str, Forest] = {}
_READ_MAX = 64


class EmbeddedTarget:
    """Opening costs one trip to the hosting thread and back; the thread starts with the first case.

    ``fixed`` is HOST, PORT of one listener that all cases share, for relays that cannot be pointed elsewhere: it stays
    up until the target is closed, and becomes the world of each case.
    """

    name = "embedded"
    capabilities = frozenset(
        {"admin", "explain", "faults", "journal", "own-listener", "return-reports", "tenant", "virtual-clock"}
    )

    def __init__(self, fixed: tuple[str, int] | None = None) -> None:
        self._fixed = fixed
        self._standing: Emulator | None = None

    def open(self, world: World) -> RunningEmulator:
        """A fresh emulator on a port that the kernel chose.

        One listener tells the hosts by their source addresses; hosts that share one have a listener each, with their
        public address for its fixed peer.
        """
        if self._fixed is not None:
            return self._shared(world, self._fixed)
        forest = _forest(world.tree, world.path)
        apart = len(set(world.sources.values())) == len(world.sources)
        plain = _listener(world.listener)
        fixed = [] if apart else [evolve(plain, peer=public) for public in world.hosts.values()]
        listeners = fixed or [plain]
        if world.submission:
            listeners += [evolve(listener, submission=True) for listener in listeners]
        timing: dict[str, Any] = {"clock": VirtualClock()} if world.virtual else {}
        emulator = Emulator(
            forest,
            listeners=listeners,
            peers={world.sources[name]: public for name, public in world.hosts.items()} if apart else {},
            certificates=world.certificates() if world.certificates is not None else None,
            return_reports=world.return_reports,
            **timing,
        )
        _start(emulator)
        return RunningEmulator(emulator, world)

    def _shared(self, world: World, fixed: tuple[str, int]) -> RunningEmulator:
        forest = _forest(world.tree, world.path)
        if self._standing is None:
            certificates = world.certificates() if world.certificates is not None else None
            listeners = [evolve(_listener(world.listener), host=fixed[0], port=fixed[1])]
            emulator = Emulator(forest, listeners=listeners, certificates=certificates)
            _start(emulator)
            self._standing = emulator
        else:
            self._standing.replace_forest(forest)
        self._standing.set_faults(world.tree.get("Faults") or ())
        self._standing.journal.clear()
        return RunningEmulator(self._standing, world, shared=True)

    def close(self) -> None:
        """End what the cases shared; the hosting thread ends with the process."""
        if self._standing is not None:
            self._standing.stop()
            self._standing = None


def _start(emulator: Emulator) -> None:
    try:
        emulator.start()
    except FakeEopError as why:
        raise TargetError(f"the emulator does not start: {why}") from why


class RunningEmulator:
    """One emulator, up; a ``shared`` one stays up when the case is over."""

    def __init__(self, emulator: Emulator, world: World, *, shared: bool = False) -> None:
        self._emulator = emulator
        self._shared = shared
        self._world = world
        self._tree = world.tree

    def address(self, host: str, endpoint: str = "mx") -> tuple[str, int]:
        """The one listener of the endpoint, or the host's own."""
        addresses = self._emulator.addresses
        if self._world.submission:
            half = len(addresses) // 2
            addresses = addresses[half:] if endpoint == "submission" else addresses[:half]
        own = dict(zip(self._world.hosts, addresses, strict=True)) if len(addresses) > 1 else {}
        return own.get(host, addresses[0])

    def journal(self) -> JournalView:
        """Made now."""
        journal = self._emulator.journal
        delivered, trace = Later(journal.delivered), Later(self._emulator.traced)
        return JournalView(journal.sessions(), journal.messages(), journal.reports(), delivered, trace)

    def wait_quiet(self, seconds: float, still_open: int = 0) -> None:
        """By the journal's own event."""
        journal = self._emulator.journal
        if journal.wait(lambda seen: seen.sessions_ended >= seen.sessions_started - still_open, seconds):
            return
        sessions = [each for each in journal.sessions() if each["ended"] is None]
        lines = [line for each in sessions[:1] for line in each["transcript"][-1:]]
        raise DeadlineExceeded(f"{len(sessions)} sessions to end", seconds, lines[0] if lines else "nothing said")

    def wait_until(self, holds: Callable[[int, int], bool], seconds: float) -> tuple[int, int]:
        """Sleep until ``holds(sessions ended, messages)`` or the time is over; the two counts then."""
        journal = self._emulator.journal
        journal.wait(lambda seen: holds(*_counts(seen)), seconds)
        return _counts(journal)

    def admin(self, arguments: Mapping[str, Any]) -> None:
        """Change the tree, read it again by every rule, serve it from the next transaction on."""
        if arguments.get("clear-journal"):
            self._emulator.journal.clear()
            return
        if "set-flag" in arguments:
            self._emulator.set_flag(str(arguments["set-flag"]))
            return
        if "set-faults" in arguments or "clear-faults" in arguments:
            self._emulator.set_faults(arguments.get("set-faults") or ())
            return
        tree = changed_tree(self._tree, arguments)
        self._emulator.replace_forest(_forest(tree, self._world.path))
        self._tree = tree

    def advance(self, seconds: float) -> None:
        """Time-outs and delays on the way have happened when this returns."""
        forward = getattr(self._emulator.clock, "advance", None)
        if forward is None:
            raise TargetError("only virtual time can be advanced: write clock: virtual in the world")
        forward(seconds)

    def wait_returned(self, seconds: float) -> None:
        """A report is in the journal when it has been given back."""
        self._emulator.journal.wait(lambda _: not self._emulator.returning, seconds)

    def explain(self) -> str:
        """The trace of the last refused recipient as text."""
        journal = self._emulator.journal
        if not any(not each.verdict.accepted for record in journal.session_records() for each in record.judgements):
            return ""
        return self._emulator.explain_text()

    def close(self) -> None:
        """Stop it; open sessions are cut."""
        if not self._shared:
            self._emulator.stop()


def _listener(options: Mapping[str, Any]) -> Listener:
    trusted = ("127.0.0.0/8",)
    return Listener(
        _HOST,
        0,
        proxy_from=trusted if options.get("proxy") else (),
        xclient_from=trusted if options.get("xclient") else (),
        hide=frozenset(options.get("hide") or ()),
        region=options.get("region"),
        peer=options.get("peer"),
    )


def _counts(journal: Journal) -> tuple[int, int]:
    ended = sum(record.ended is not None for record in journal.session_records())
    return ended, len(journal.message_records())


def _forest(tree: Any, path: str) -> Forest:
    """Equal trees are read once: the clients of a scenario share their forest, which nobody changes."""
    key = repr(tree)
    forest = _READ.get(key)
    if forest is None:
        forest = Emulator.from_tree(tree, path).forest
        if len(_READ) >= _READ_MAX:
            _READ.clear()
        _READ[key] = forest
    return forest
