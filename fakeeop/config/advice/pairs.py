"""Advice on two connectors that get in each other's way, in one tenant or in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from fakeeop.config.connectors import BuiltConnector
from fakeeop.config.place import say
from fakeeop.config.tenants import BuiltTenant
from fakeeop.decision.rules import pattern_specificity
from fakeeop.model.addresses import DomainPattern, IpRange
from fakeeop.model.connector import InboundConnector

__all__ = ["advise_pairs"]

_Owned = tuple[BuiltTenant, BuiltConnector]


def advise_pairs(tenants: Sequence[BuiltTenant]) -> None:
    """Look at enabled connectors two by two; the later one in the file gets the advice."""
    everything: list[_Owned] = [
        (tenant, built) for tenant in tenants for built in tenant.connectors if built.connector.enabled
    ]
    _overlaps(everything)
    _certificates(everything)
    for tenant in tenants:
        partners = [built for built in tenant.connectors if built.connector.enabled and built.connector.is_partner]
        for one, two in combinations(partners, 2):
            _partners(one, two)


def _overlaps(everything: Sequence[_Owned]) -> None:
    """Overlapping networks by sweeping over them in address order, so that large files stay quick."""
    entries = sorted(
        (
            (int(entry.network.network_address), int(entry.network.broadcast_address), number, entry)
            for number, (_, built) in enumerate(everything)
            for entry in built.connector.sender_ip_addresses
        ),
        key=lambda row: row[:3],
    )
    open_: list[tuple[int, int, int, IpRange]] = []
    told: set[tuple[int, int]] = set()
    for row in entries:
        open_ = [other for other in open_ if other[1] >= row[0]]
        for other in open_:
            (first, first_entry), (second, second_entry) = sorted(((other[2], other[3]), (row[2], row[3])), key=_number)
            if first != second and (first, second) not in told:
                told.add((first, second))
                _overlap(everything[first], everything[second], first_entry, second_entry)
        open_.append(row)


def _number(pair: tuple[int, IpRange]) -> int:
    return pair[0]


def _overlap(earlier: _Owned, later: _Owned, first: IpRange, second: IpRange) -> None:
    one, two = earlier[1].connector, later[1].connector
    line = later[1].fields.line_of_item("SenderIPAddresses", second.text)
    shared = f"{second} overlaps {first} of connector {say(one.name)}"
    if earlier[0] is later[0]:
        # An OnPremises and a Partner connector for the same source coexist (facts connectors P9).
        if one.connector_type is two.connector_type:
            fix = "list each address in one connector only: which one is taken is not documented"
            later[1].fields.warn("SenderIPAddresses", "W-overlapping-ip", shared, fix, line)
    elif not one.is_partner and not two.is_partner:
        message = f"{shared} of tenant {earlier[0].tenant.name}: then only the sender's domain tells the tenants apart"
        fix = "give every tenant addresses of its own"
        later[1].fields.warn("SenderIPAddresses", "W-overlapping-ip-tenants", message, fix, line)


def _certificates(everything: Sequence[_Owned]) -> None:
    """One name in two tenants; a wildcard over another connector's name. By look-up, so that large files stay quick."""
    wide: dict[str, list[_Owned]] = {}
    exact: dict[DomainPattern, _Owned] = {}
    for owned in everything:
        name = owned[1].connector.tls_sender_certificate_name
        if name is None or owned[1].connector.is_partner:
            continue
        if name.subdomains:
            wide.setdefault(name.domain, []).append(owned)
        earlier = exact.setdefault(name, owned)
        if earlier[0] is not owned[0]:
            _same_certificate(earlier, owned, name)
    for other in everything if wide else ():
        name = other[1].connector.tls_sender_certificate_name
        labels = name.domain.split(".") if name else []
        for depth in range(len(labels)):
            for owned in wide.get(".".join(labels[depth:]), ()):
                _swallowed(owned, other)


def _same_certificate(earlier: _Owned, later: _Owned, name: DomainPattern) -> None:
    other = f"connector {say(earlier[1].connector.name)} of tenant {earlier[0].tenant.name}"
    message = f"{name} is also the certificate name of {other}"
    fix = "use a name of its own for every tenant, such as customer1.provider.example"
    later[1].fields.warn("TlsSenderCertificateName", "W-certificate-in-two-tenants", message, fix)


def _swallowed(owned: _Owned, other: _Owned) -> None:
    """A wildcard OnPremises connector takes the mail of any host whose certificate lies under the name.

    Only Partner connectors lose by it, of whichever tenant: among OnPremises ones the most exact name wins (facts A2).
    """
    wide = owned[1].connector.tls_sender_certificate_name
    name = other[1].connector.tls_sender_certificate_name
    if wide is None or name is None or wide == name or not other[1].connector.is_partner:
        return
    of = "" if owned[0] is other[0] else f" of tenant {other[0].tenant.name}"
    message = (
        f"{wide} takes certificates for {name} too: connector {say(other[1].connector.name)}{of} misses their mail"
    )
    fix = "name the one relay exactly instead of with a wildcard"
    owned[1].fields.warn("TlsSenderCertificateName", "W-wildcard-swallows", message, fix)


def _kind(connector: InboundConnector) -> str:
    if connector.tls_sender_certificate_name is not None:
        return "certificate"
    return "address" if connector.sender_ip_addresses else "domain"


def _shared(one: InboundConnector, two: InboundConnector) -> Iterator[tuple[DomainPattern, DomainPattern]]:
    for first in one.sender_domains:
        for second in two.sender_domains:
            if first.covers(second.domain) or second.covers(first.domain):
                yield first, second


def _partners(earlier: BuiltConnector, later: BuiltConnector) -> None:
    one, two = earlier.connector, later.connector
    shared = next(_shared(one, two), None)
    if shared is None:
        return
    for allow, restrict in ((earlier, later), (later, earlier)):
        if _kind(allow.connector) == "domain" and restrict.connector.is_restricting:
            message = f"connector {say(restrict.connector.name)} restricts these senders, and a restriction comes first"
            fix = f"give this connector the sender's addresses or certificate, or narrow {say(restrict.connector.name)}"
            allow.fields.warn("SenderDomains", "W-allow-and-restrict", message, fix)
            return
    _forced_tls(earlier, later)
    _forced_tls(later, earlier)
    same = next((first for first, second in _shared(one, two) if first == second), None)
    if same is not None and one.require_tls is not two.require_tls and _alike(one, two):
        message = f"connector {say(one.name)} fits the same mail of {same}, and stands first: so its RequireTls decides"
        fix = "give both the same RequireTls, or name different senders: which one the service takes is an assumption"
        later.fields.warn("RequireTls", "W-partner-order", message, fix)
    if same is not None and not same.is_any and _kind(one) == _kind(two):
        message = f"connector {say(one.name)} is for {same} too, and by {_kind(one)} too"
        later.fields.warn("SenderDomains", "W-duplicate-partner", message, "keep one connector for one partner")


def _alike(one: InboundConnector, two: InboundConnector) -> bool:
    """Can one mail match both in the same way, by certificate, by address, or by the sender's domain alone?"""
    if (
        one.tls_sender_certificate_name is not None
        and one.tls_sender_certificate_name == two.tls_sender_certificate_name
    ):
        return True
    overlapping = any(
        first.network.overlaps(second.network)
        for first in one.sender_ip_addresses
        for second in two.sender_ip_addresses
    )
    return overlapping or (_kind(one) == _kind(two) == "domain")


def _forced_tls(strict: BuiltConnector, loose: BuiltConnector) -> None:
    """A partner's domain is held to TLS, and another connector without it takes mail of that domain first."""
    forced, open_ = strict.connector, loose.connector
    if not forced.require_tls or open_.require_tls or _kind(forced) != "domain":
        return
    for first, second in _shared(forced, open_):
        narrower = pattern_specificity(second) > pattern_specificity(first)
        if not first.is_any and (_kind(open_) == "address" or narrower):
            message = f"mail of {second if narrower else first} that it matches need not use TLS, although connector "
            message += f"{say(forced.name)} requires it: this connector is taken first"
            loose.fields.warn("RequireTls", "W-forced-tls-bypassed", message, "set RequireTls: true here, too")
            return
