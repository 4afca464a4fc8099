"""Enhanced filtering for connectors: whom to look at behind a gateway (facts connectors §1.1, §2.6; tag EXO-ef)."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from fakeeop.message.fields import Head
from fakeeop.message.passage import SendingHost
from fakeeop.message.received import trail
from fakeeop.model import InboundConnector
from fakeeop.model.addresses import IpAddress, parse_ip

__all__ = ["applies", "bounds", "skipped_to"]

_PRIVATE = tuple(ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))  # RFC 1918


def applies(connector: InboundConnector, recipients: Iterable[str]) -> bool:
    """Only if it is on, and every recipient of the message is in EFUsers, where that is set (C178)."""
    if not connector.ef_skip_last_ip and not connector.ef_skip_ips:
        return False
    users = {user.lower() for user in connector.ef_users}
    return not users or all(each.lower() in users for each in recipients)


def skipped_to(connector: InboundConnector, client: SendingHost, head: Head) -> SendingHost | None:
    """Who sent to the gateways that are skipped, by the Received fields from the newest on; None if nobody is left.

    EFSkipLastIP skips the client alone and makes EFSkipIPs of no account; private addresses (RFC 1918) are skipped in
    any case. Where the first listed address is not the client, there is nothing to skip.
    """
    if not connector.ef_skip_last_ip and not _listed(parse_ip(client.ip), connector.ef_skip_ips):
        return None
    for hop in reversed(trail(head)):
        try:
            address = parse_ip(hop.address)
        except ValueError:
            continue
        if _private(address) or (not connector.ef_skip_last_ip and _listed(address, connector.ef_skip_ips)):
            continue
        return SendingHost(str(address), hop.host)
    return None


def _private(address: IpAddress) -> bool:
    return any(address.version == block.version and address in block for block in _PRIVATE)


def _listed(address: IpAddress, entries: Iterable[str]) -> bool:
    return _private(address) or any(_covers(entry, address) for entry in entries)


def _covers(entry: str, address: IpAddress) -> bool:
    low, high = bounds(entry)
    return low.version == address.version and int(low) <= int(address) <= int(high)


def bounds(entry: str) -> tuple[IpAddress, IpAddress]:
    """First and last address of an entry of EFSkipIPs: one address, a range ``a-b``, CIDR. Raises ValueError."""
    first, dash, last = entry.partition("-")
    if not dash:
        network = ip_network(entry.strip(), strict=False)
        return network[0], network[-1]
    low, high = ip_address(first.strip()), ip_address(last.strip())
    if low.version != high.version or int(low) > int(high):
        raise ValueError(f"{entry!r} is not a range: the lower address stands first")
    return low, high
