"""What the service allows, as values: ``Limits:`` of the tenant file, at the top or of one tenant.

None is "not said": the next wider place decides, in the end ``DEFAULTS``. 0 is "no limit".
"""

from __future__ import annotations

import ipaddress

from attrs import fields, frozen

__all__ = ["BLOCK_KINDS", "DEFAULTS", "Block", "IpNetwork", "Limits"]

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

BLOCK_KINDS = ("Banned", "Spamhaus", "CustomerBlockList", "BannedSender")


@frozen
class Block:
    """One entry of ``BlockedAddresses``; ``kind`` is one of ``BLOCK_KINDS`` and chooses the reply (wire §3.4)."""

    kind: str
    network: IpNetwork


@frozen
class Limits:
    """Sizes in octets, times in seconds. Each field says what is known of its value; ``DEFAULTS`` holds the numbers."""

    message_size: int | None = None  # wire §1.4 [O]
    recipients_per_message: int | None = None  # wire §2.4: 200 of one domain or 1000, uncertain
    line_length: int | None = None  # assumption: RFC 5321's 512 and what the extensions add
    errors_per_session: int | None = None  # assumption
    idle_timeout: float | None = None  # wire §2.4: the on-premises default
    command_timeout: float | None = None  # assumption: off
    session_lifetime: float | None = None  # haraka/Haraka#2321: an MX ended a session after 20 minutes (2018)
    connections_per_address: int | None = None  # assumption: off
    recipients_per_minute: int | None = None  # token bucket for each address; assumption: off
    recipient_burst: int | None = None  # size of the bucket; the rate if not said
    blocked: tuple[Block, ...] | None = None
    ipv6_reverse_name: bool | None = None  # 4.7.25; assumption: off, a lab has no reverse names
    ipv6_authentication: bool | None = None  # 4.7.26; assumption: off
    ipv6_spf_passes: tuple[IpNetwork, ...] | None = None  # stands for SPF records that pass
    accept_ipv6: bool | None = None  # 5.7.510 if false

    def over(self, wider: Limits) -> Limits:
        """These, and what ``wider`` says where these say nothing."""
        if wider == _NOTHING:
            return self
        names = [each.name for each in fields(Limits)]
        own = [getattr(self, name) for name in names]
        return Limits(
            *(getattr(wider, name) if value is None else value for name, value in zip(names, own, strict=True))
        )


_NOTHING = Limits()
DEFAULTS = Limits(
    message_size=157_286_400,
    recipients_per_message=1_000,
    line_length=2_048,
    errors_per_session=20,
    idle_timeout=300.0,
    command_timeout=0.0,
    session_lifetime=1_200.0,
    connections_per_address=0,
    recipients_per_minute=0,
    recipient_burst=0,
    blocked=(),
    ipv6_reverse_name=False,
    ipv6_authentication=False,
    ipv6_spf_passes=(),
    accept_ipv6=True,
)
