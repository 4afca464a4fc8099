"""What one front end remembers of its peers' addresses, and which limit a peer or a recipient meets.

Answers are row keys of ``fakeeop.smtp.replies.rows`` (``server-busy``, ``address-banned``…), or None.
"""

from __future__ import annotations

from collections.abc import Hashable

from attrs import frozen

from fakeeop.guard.limits.bucket import Buckets
from fakeeop.model.addresses import IpAddress
from fakeeop.model.limits import Limits

__all__ = ["BLOCK_KEYS", "LimitEngine", "RecipientCheck", "block_of", "region_refusal", "unauthenticated_ipv6"]

BLOCK_KEYS = {
    "Banned": "address-banned",
    "Spamhaus": "address-listed",
    "CustomerBlockList": "address-blocked-by-customer",
    "BannedSender": "address-banned-sender",
}


@frozen
class RecipientCheck:
    """One recipient about to be judged. ``own`` are the limits of its tenant over those of the front end.

    ``by_connector``: an inbound connector was matched by address or certificate. ``reverse_name`` None: there is none.
    """

    ip: IpAddress
    own: Limits
    by_connector: bool = False
    reverse_name: str | None = None
    accepted_of_tenant: int = 0


class LimitEngine:
    """The counters of one front end under ``limits`` (complete: ``DEFAULTS`` below). Not for several threads."""

    __slots__ = ("_buckets", "_open", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._open: dict[Hashable, int] = {}
        self._buckets: Buckets | None = None
        rate = limits.recipients_per_minute or 0
        if rate:
            self._buckets = Buckets(rate / 60.0, float(limits.recipient_burst or rate))

    def under(self, limits: Limits) -> LimitEngine:
        """Another engine under other limits, which knows what is open; buckets are full again."""
        other = LimitEngine(limits)
        other._open = self._open
        return other

    def connected(self, ip: IpAddress) -> str | None:
        """A connection was opened; the key of the refusal if it is one too many. Say ``left`` in both cases."""
        count = self._open[ip] = self._open.get(ip, 0) + 1
        most = self.limits.connections_per_address or 0
        return "too-many-connections" if most and count > most else None

    def left(self, ip: IpAddress) -> None:
        """A connection is gone."""
        count = self._open.get(ip, 0) - 1
        if count > 0:
            self._open[ip] = count
        else:
            self._open.pop(ip, None)

    def recipient(self, asked: RecipientCheck, now: float) -> str | None:
        """The key of the refusal that a recipient meets before anybody judges it, or None.

        Blocks come first, whatever the connector says (assumption). The token bucket is not for mail of a connector
        (connectors §2.7); a refused recipient takes no token.
        """
        blocked = block_of(asked.ip, asked.own)
        if blocked is not None:
            return blocked
        if asked.ip.version == 6 and not asked.by_connector:
            refusal = _ipv6(asked)
            if refusal is not None:
                return refusal
        most = asked.own.recipients_per_message or 0
        if most and asked.accepted_of_tenant >= most:
            return "too-many-recipients"
        if self._buckets is not None and not asked.by_connector and not self._buckets.take(asked.ip, now):
            return "server-busy"
        return None


def block_of(ip: IpAddress, limits: Limits) -> str | None:
    """The key of the first block that covers an address."""
    for block in limits.blocked or ():
        if block.network.version == ip.version and ip in block.network:
            return BLOCK_KEYS[block.kind]
    return None


def _ipv6(asked: RecipientCheck) -> str | None:
    if asked.own.accept_ipv6 is False:
        return "ipv6-not-accepted"
    if asked.own.ipv6_reverse_name and asked.reverse_name is None:
        return "ipv6-no-reverse-name"
    return None


def unauthenticated_ipv6(ip: IpAddress, limits: Limits, *, signed: bool) -> bool:
    """True if a message must be refused with 4.7.26: over IPv6, neither SPF nor DKIM (an unverified signature counts).

    SPF is not looked up: ``ipv6_spf_passes`` lists the addresses for which it passes.
    """
    if ip.version != 6 or not limits.ipv6_authentication or signed:
        return False
    return not any(net.version == 6 and ip in net for net in limits.ipv6_spf_passes or ())


def region_refusal(here: str | None, regions: tuple[str | None, ...], new: str | None) -> str | None:
    """The key of the refusal for a recipient whose tenant lies in the region ``new``, after those of ``regions``.

    ``here`` is the region of the listener. What has no region fits everywhere.
    """
    if new is None:
        return None
    if here is not None and here.lower() != new.lower():
        return "wrong-region"
    if any(known is not None and known.lower() != new.lower() for known in regions):
        return "several-regions"
    return None
