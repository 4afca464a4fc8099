"""Which connectors came to list an address of another (facts §1.3 E15): the advice of ``fakeeop check`` on it, looked
for among those that a change can have brought about.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

from attrs import define, field

from fakeeop.config.check import check_tree
from fakeeop.config.editor.changes import Tree, listed, within
from fakeeop.errors import Problem

__all__ = ["Overlaps"]

_CODE = "W-overlapping-ip"
_KIND = "InboundConnectors"
_TOLD = 20
_BLOCK = 8  # bits: a network is /24 at most (E10), so it lies in one block of that size
_Ranges = tuple[tuple[int, int], ...] | None  # first and last address of each; None: of no form that is read here


@define
class Overlaps:
    """Remembers where the addresses of each connector lie."""

    _ranges: dict[int, tuple[Tree, _Ranges]] = field(factory=dict)

    def brought_about(self, before: Tree, after: Tree, organization: str) -> list[Problem]:
        """What is to be said of ``after``, and was not of ``before``; both are whole files.

        Of more than a few overlaps with one connector the first ones are told, and how many more there are.
        """
        old, new = _connectors(before, organization), _connectors(after, organization)
        held = {_key(each): each for each in old}
        changed = [each for each in new if (one := held.get(_key(each))) is not each and one != each]
        near = self._near(changed, new)
        if len(near) < 2:
            return []
        own = {_key(each) for each in changed}
        others = [each for each in near if _key(each) not in own]
        if len(changed) == 1 and len(others) > _TOLD:
            left = {_key(each) for each in others[_TOLD:]}
            near = [each for each in near if _key(each) not in left]
        found = self._new_ones(before, after, organization, old, near)
        more = len(others) - _TOLD
        if found and len(changed) == 1 and more > 0:
            where = found[-1].where
            found.append(
                Problem(_CODE, f"and so do addresses of {more} connectors more", "", where, severity="warning")
            )
        return found

    @staticmethod
    def _new_ones(before: Tree, after: Tree, organization: str, old: list[Tree], near: list[Tree]) -> list[Problem]:
        beside = {_key(each) for each in near}
        there = {_key(each) for each in _connectors(after, organization)}
        earlier = [each for each in old if _key(each) in beside or _key(each) not in there]
        known = {(each.where, each.message) for each in _said(before, organization, earlier)}
        return [each for each in _said(after, organization, near) if (each.where, each.message) not in known]

    def _near(self, changed: list[Tree], connectors: list[Tree]) -> list[Tree]:
        """Those that overlap one of ``changed``, as far as is seen here, and these."""
        if not changed:
            return []
        if len(self._ranges) > 2 * len(connectors) + 100:
            self._ranges.clear()  # of connectors that are gone
        wanted: dict[int, list[tuple[int, int]]] = {}
        kinds = {_kind(each) for each in changed}
        for each in changed:
            ranges = self._of(each)
            if ranges is None:
                return connectors
            for one in ranges:
                wanted.setdefault(one[0] >> _BLOCK, []).append(one)
        own = {id(each) for each in changed}
        return [
            each for each in connectors if id(each) in own or (_kind(each) in kinds and _meets(self._of(each), wanted))
        ]

    def _of(self, connector: Tree) -> _Ranges:
        held = self._ranges.get(id(connector))
        if held is None or held[0] is not connector:
            held = self._ranges[id(connector)] = connector, _read(connector.get("SenderIPAddresses"))
        return held[1]


def _key(connector: Tree) -> str:
    return str(connector.get("Name")).strip().lower()


def _kind(connector: Tree) -> tuple[str, bool]:
    """Only connectors of one type, and such as are on, get in each other's way."""
    kind = str(connector.get("ConnectorType") or "OnPremises").strip().lower()
    return kind, str(connector.get("Enabled")).strip().lower().lstrip("$") == "false"


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
