"""One connector that the narration looks at, with its conditions in three groups."""

from __future__ import annotations

from attrs import define, evolve

from fakeeop.decision.verdict import AttributedBy, Candidate, Condition
from fakeeop.model import Behaviour, InboundConnector, Tenant

__all__ = ["Look", "most_exact", "one_tenant"]


@define(eq=False)
class Look:
    """``identity`` is what the connection decides, ``message`` the scope, ``domain`` what ties it to the tenant."""

    order: int  # of the tenant, in the file
    tenant: Tenant
    connector: InboundConnector
    by: AttributedBy
    identity: tuple[Condition, ...] = ()
    message: tuple[Condition, ...] = ()
    domain: tuple[Condition, ...] = ()
    lost: tuple[Condition, ...] = ()  # all held, yet another one won
    rank: int = -1  # how exact
    selected: bool = False

    @property
    def label(self) -> str:
        """``connector 'SMTP Relay' of contoso``."""
        return f"connector {self.connector.name!r} of {self.tenant.name}"

    @property
    def identified(self) -> bool:
        """True if the connection is this connector's, whatever the message says."""
        return all(condition.holds for condition in self.identity)

    @property
    def holds(self) -> bool:
        """True if every condition holds."""
        return all(condition.holds for condition in self.conditions)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions that decide, in order."""
        return (*self.identity, *self.message, *self.domain)

    @property
    def failed(self) -> tuple[Condition, ...]:
        """What kept it from winning."""
        return tuple(condition for condition in (*self.conditions, *self.lost) if not condition.holds)

    def with_domain(self, condition: Condition) -> Look:
        """The same look under another domain test."""
        return evolve(self, domain=(condition,), lost=(), selected=False)

    def candidate(self) -> Candidate:
        """The look as it goes into a trace."""
        return Candidate(self.tenant.name, self.connector.name, (*self.conditions, *self.lost), self.selected)


def most_exact(looks: list[Look]) -> list[Look]:
    """The looks of the highest rank, in file order; the others are marked as lost (§2.1 A2)."""
    best = max((look.rank for look in looks), default=0)
    for look in looks:
        if look.rank < best:
            winner = next(other.connector.name for other in looks if other.rank == best)
            look.lost = (
                Condition("MostExactName", f"as exact as {winner!r}", "less exact", holds=False, source="§2.1 A2"),
            )
    return [look for look in looks if look.rank == best]


def one_tenant(looks: list[Look], behaviour: Behaviour) -> Look | None:
    """The first look if all are of one tenant; several tenants are a tie (2.3-10, knob ``TenantTie``)."""
    if not looks:
        return None
    tenants = list(dict.fromkeys(look.tenant.name for look in looks))
    if len({look.order for look in looks}) > 1:
        if behaviour.tenant_tie == "none":
            for look in looks:
                look.lost = (Condition("UniqueTenant", "one tenant", ", ".join(tenants), holds=False, source="2.3-10"),)
            return None
        first = min(look.order for look in looks)
        looks = [look for look in looks if look.order == first]
    return looks[0]
