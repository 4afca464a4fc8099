"""Which fault fires at an event: matching, counting, ending, chance. Pure; the time is part of the event."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import lru_cache

from attrs import frozen

from fakeeop.model.addresses import IpAddress
from fakeeop.model.fault import Fault

__all__ = ["Event", "FaultEngine", "Fired", "chance"]

_KEYS_KEPT = 65_536
_MASK = (1 << 64) - 1


@frozen
class Event:
    """Something that happens in a session. ``now`` is the monotonic clock, in seconds.

    ``recipients`` is one at ``rcpt``, all accepted ones from ``data`` on, and empty before; ``tenants`` are the names
    of their tenants.
    """

    stage: str
    ip: IpAddress
    session: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    tls: bool = False
    now: float = 0.0


@frozen
class Fired:
    """A fault that fires: ``count`` says that it is the 1st, 2nd, … match of its key."""

    fault: Fault
    count: int


class FaultEngine:
    """The faults of one front end and what they have counted so far.

    Faults are asked in order. The first that fires ends the search, so those behind it do not count the event: two in a
    row make a sequence. ``started`` is when they were set, for ``until`` with a duration. ``flags`` may be added to
    from any thread; the rest is for one.
    """

    __slots__ = ("_counts", "_fired", "_ordinals", "_stages", "faults", "flags", "seed", "started")

    def __init__(self, faults: Sequence[Fault], seed: int = 0, started: float = 0.0) -> None:
        self.faults = tuple(faults)
        self.seed = seed
        self.started = started
        self.flags: set[str] = set()
        self._stages: dict[str, list[tuple[int, Fault]]] = {}
        for index, fault in enumerate(self.faults):
            self._stages.setdefault(fault.at, []).append((index, fault))
        self._counts: dict[tuple[int, str], int] = {}
        self._fired = [0] * len(self.faults)
        self._ordinals: dict[str, int] = {}

    @property
    def stages(self) -> frozenset[str]:
        """The stages at which any fault may fire."""
        return frozenset(self._stages)

    def fired(self) -> tuple[int, ...]:
        """How often each fault has fired, in order."""
        return tuple(self._fired)

    def fire(self, event: Event) -> Fired | None:
        """The fault that fires at this event, or None. Counts."""
        for index, fault in self._stages.get(event.stage, ()):
            if not _matches(fault, event) or self._over(index, fault, event.now):
                continue
            key = _key(fault, event)
            count = self._count(index, key)
            if not _wanted(fault, count):
                continue
            if fault.probability is not None and self._chance(index, fault, key, count) >= fault.probability:
                continue
            self._fired[index] += 1
            return Fired(fault, count)
        return None

    def _over(self, index: int, fault: Fault, now: float) -> bool:
        if fault.until_flag is not None and fault.until_flag in self.flags:
            return True
        if fault.until_count is not None and self._fired[index] >= fault.until_count:
            return True
        return fault.until_seconds is not None and now - self.started >= fault.until_seconds

    def _count(self, index: int, key: str) -> int:
        at = (index, key)
        count = self._counts.pop(at, 0) + 1
        self._counts[at] = count
        if len(self._counts) > _KEYS_KEPT:
            del self._counts[next(iter(self._counts))]
        return count

    def _chance(self, index: int, fault: Fault, key: str, count: int) -> float:
        if fault.per == "session":  # ids differ from run to run: the order in which sessions appear does not
            key = str(self._ordinals.setdefault(key, len(self._ordinals)))
        return chance(f"{self.seed}\0{index}\0{key}\0{count}")


def chance(text: str) -> float:
    """A number from 0 up to 1 that looks random and is the same for the same text (FNV-1a, then a mix)."""
    number = 0xCBF29CE484222325
    for octet in text.encode("utf-8", "surrogatepass"):
        number = (number ^ octet) * 0x100000001B3 & _MASK
    for factor, shift in ((0xBF58476D1CE4E5B9, 30), (0x94D049BB133111EB, 27)):
        number = (number ^ number >> shift) * factor & _MASK
    return (number ^ number >> 31) / (1 << 64)


def _matches(fault: Fault, event: Event) -> bool:
    if fault.addresses and not any(net.version == event.ip.version and event.ip in net for net in fault.addresses):
        return False
    if fault.tls is not None and fault.tls is not event.tls:
        return False
    if fault.sender is not None and not _pattern(fault.sender)(event.sender.lower()):
        return False
    if fault.tenant is not None and fault.tenant.lower() not in map(str.lower, event.tenants):
        return False
    return fault.recipient is None or any(map(_pattern(fault.recipient), map(str.lower, event.recipients)))


@lru_cache(maxsize=1024)
def _pattern(glob: str) -> Callable[[str], object]:
    return re.compile(translate(glob.lower())).match


def _key(fault: Fault, event: Event) -> str:
    if fault.per == "address":
        return str(event.ip)
    if fault.per == "recipient":
        return ",".join(sorted(map(str.lower, event.recipients)))
    return event.session if fault.per == "session" else ""


def _wanted(fault: Fault, count: int) -> bool:
    if fault.nth and count not in fault.nth:
        return False
    if fault.first is not None and count > fault.first:
        return False
    return fault.every is None or count % fault.every == 0
