"""What the guards of one emulator share: the limits and faults in force, and what they have counted so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fakeeop.decision.directory import Directory
from fakeeop.guard.faults.engine import FaultEngine
from fakeeop.guard.limits.engine import LimitEngine
from fakeeop.model import Behaviour, Forest, Tenant
from fakeeop.model.addresses import IpAddress
from fakeeop.model.fault import Fault
from fakeeop.model.limits import DEFAULTS, Limits
from fakeeop.model.ports import Clock

__all__ = ["Protection"]

_NOTHING = Limits()


class Protection:
    """Limits follow the forest. Faults follow it too, as long as it says others than before; ``set_faults`` overrides.

    ``reverse_name`` looks an address up in the lab's zone. ``active``: sessions need a guard. Faults may be set from
    any thread; they begin to count anew.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.reverse_name: Callable[[IpAddress], str | None] = _no_name
        self.magic = False
        self.faults: FaultEngine | None = None
        self.limits = LimitEngine(DEFAULTS)
        self.at_recipients = False  # something of a limit is to be looked at for each recipient
        self.active = False
        self.directory: Directory | None = None
        self.behaviour = Behaviour()
        self._own: dict[int, Limits] = {}
        self._declared: tuple[tuple[Fault, ...], int] = ((), 0)

    def renew(self, forest: Forest, directory: Directory) -> None:
        """Another forest is in force."""
        general = (forest.limits or _NOTHING).over(DEFAULTS)
        if general != self.limits.limits:
            self.limits = self.limits.under(general)
        self._own = {id(each): each.limits.over(general) for each in forest.tenants if each.limits is not None}
        self.directory = directory
        self.behaviour = forest.behaviour
        self.magic = forest.magic_recipients
        regions = any(each.region for each in forest.tenants)
        self.at_recipients = bool(self._own) or regions or _matters(general)
        if (forest.faults, forest.fault_seed) != self._declared:
            self._declared = forest.faults, forest.fault_seed
            self.set_faults(*self._declared)
        self._weigh()

    def set_faults(self, faults: Sequence[Fault], seed: int = 0) -> None:
        """Only these from now on; none: nothing goes wrong."""
        if faults:
            self.faults = FaultEngine(faults, seed, self.clock.monotonic())
        else:
            self.faults = None
        self._weigh()

    def restart_faults(self) -> None:
        """The same faults, as if nothing had happened yet."""
        engine = self.faults
        if engine is not None:
            self.set_faults(engine.faults, engine.seed)

    def restart_counters(self) -> None:
        """Rates and quotas of addresses begin anew, and the faults with them; what is open stays known."""
        self.limits = self.limits.under(self.limits.limits)
        self.restart_faults()

    def limits_of(self, tenant: Tenant | None) -> Limits:
        """Those of a recipient's tenant; the general ones without a tenant."""
        general = self.limits.limits
        return general if tenant is None else self._own.get(id(tenant), general)

    def tenant_of(self, domain: str) -> Tenant | None:
        """The tenant that accepts a domain."""
        found = self.directory.acceptances(domain) if self.directory is not None else ()
        return found[0].tenant.tenant if found else None

    def _weigh(self) -> None:
        counted = bool(self.limits.limits.connections_per_address)
        self.active = self.faults is not None or self.magic or self.at_recipients or counted


def _no_name(_ip: IpAddress) -> str | None:
    return None


def _matters(limits: Limits) -> bool:
    """True if a limit is looked at for each recipient or message that the session does not look at itself."""
    return bool(
        limits.recipients_per_minute
        or limits.blocked
        or limits.ipv6_reverse_name
        or limits.ipv6_authentication
        or limits.accept_ipv6 is False
    )
