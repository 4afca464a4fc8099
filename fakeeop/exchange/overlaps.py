"""Which connectors came to list an address of another (facts §1.3 E15): the advice of ``fakeeop check`` on it, looked
for among those that a change can have brought about.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from attrs import define, field

from fakeeop.config.loader import check_tree
from fakeeop.errors import Problem
from fakeeop.exchange.backend import within
from fakeeop.exchange.changes import Tree, listed

__all__ = ["Overlaps"]

_CODE = "W-overlapping-ip"
_KIND = "InboundConnectors"
_BLOCK = 8  # bits: a network is /24 at most (E10), so it lies in one block of that size
_Ranges = tuple[tuple[int, int], ...] | None  # first and last address of each; None: of no form that is read here


@define
class Overlaps:
    """Remembers where the addresses of each connector lie."""

    _ranges: dict[int, tuple[Tree, _Ranges]] = field(factory=dict)

    def brought_about(self, before: Tree, after: Tree, organization: str) -> list[Problem]:
        """What is to be said of ``after``, and was not of ``before``; both are whole files."""
        old, new = _connectors(before, organization), _connectors(after, organization)
        held = {id(each) for each in old}
        changed = [each for each in new if id(each) not in held]
        near = self._near(changed, new)
        if len(near) < 2:
            return []
        stays, beside = {id(each) for each in new}, {id(each) for each in near}
        earlier = [each for each in old if id(each) not in stays or id(each) in beside]
        known = {(each.where, each.message) for each in _said(before, organization, earlier)}
        return [each for each in _said(after, organization, near) if (each.where, each.message) not in known]

    def _near(self, changed: list[Tree], connectors: list[Tree]) -> list[Tree]:
        """Those that may overlap one of ``changed``, and these."""
        if not changed:
            return []
        if len(self._ranges) > 2 * len(connectors) + 100:
            self._ranges.clear()  # of connectors that are gone
        wanted: dict[int, list[tuple[int, int]]] = {}
        for each in changed:
            ranges = self._of(each)
            if ranges is None:
                return connectors
            for one in ranges:
                wanted.setdefault(one[0] >> _BLOCK, []).append(one)
        own = {id(each) for each in changed}
        return [each for each in connectors if id(each) in own or _meets(self._of(each), wanted)]

    def _of(self, connector: Tree) -> _Ranges:
        held = self._ranges.get(id(connector))
        if held is None or held[0] is not connector:
            held = self._ranges[id(connector)] = connector, _read(connector.get("SenderIPAddresses"))
        return held[1]


def _meets(ranges: _Ranges, wanted: dict[int, list[tuple[int, int]]]) -> bool:
    if ranges is None:
        return True
    for first, last in ranges:
        for start, end in wanted.get(first >> _BLOCK, ()):
            if first <= end and start <= last:
                return True
    return False


def _connectors(whole: Tree, organization: str) -> list[Any]:
    return [each for each in listed(within(whole, organization).get(_KIND)) if isinstance(each, dict)]


def _read(addresses: Any) -> _Ranges:
    if addresses is None:
        return ()
    if not isinstance(addresses, list):
        return None
    try:
        networks = [ip_network(each.strip(), strict=False) for each in addresses]
    except (ValueError, AttributeError):
        return None
    return tuple((int(each.network_address), int(each.broadcast_address)) for each in networks)


def _said(whole: Tree, organization: str, connectors: Iterable[Tree]) -> list[Problem]:
    tenant = within(whole, organization)
    alone = {key: tenant[key] for key in ("Name", "AcceptedDomains") if key in tenant}
    kept = {key: whole[key] for key in ("Behaviour", "AsOf") if key in whole}
    _, problems = check_tree({**kept, "Tenants": [{**alone, _KIND: list(connectors)}]})
    return [each for each in problems if each.code == _CODE]
