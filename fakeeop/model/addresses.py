"""Addresses as Exchange writes them: mailboxes, domains, domain patterns and IP ranges. No I/O.

A domain is kept in one canonical form everywhere: lower case, no trailing dot, IDN labels as A-labels
(RFC 5891), so that comparison is string equality. Matching is by label, never by bare suffix.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from attrs import frozen

__all__ = [
    "DomainPattern",
    "IpAddress",
    "IpRange",
    "Mailbox",
    "canonical_domain",
    "parse_ip",
]

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@lru_cache(maxsize=65536)
def canonical_domain(text: str) -> str:
    """The canonical form of a domain: lower case, no trailing dot, A-labels. Raises ValueError if no domain.

    ``[203.0.113.1]`` (an address literal) is returned as it is, lower-cased: it is a valid domain part of a mailbox
    and belongs to no tenant.
    """
    domain = text.strip().rstrip(".").lower()
    if not domain or len(domain) > 253:
        raise ValueError(f"{text!r} is not a domain name")
    if domain.startswith("["):
        return domain
    if not domain.isascii():
        import idna  # noqa: PLC0415  the rare non-ASCII name only: start-up time

        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except idna.IDNAError as why:
            raise ValueError(f"{text!r} is not a domain name: {why}") from why
    for label in domain.split("."):
        bare = label.replace("-", "").replace("_", "")
        if not bare.isalnum() or len(label) > 63 or label.startswith("-") or label.endswith("-"):
            raise ValueError(f"{text!r} is not a domain name: bad label {label!r}")
    return domain


@frozen(cache_hash=True)  # a key of many look-ups
class Mailbox:
    """``local@domain``: the local part as sent, the domain canonical. ``Mailbox("", "")`` is the null path ``<>``."""

    local: str
    domain: str

    @property
    def is_null(self) -> bool:
        """True for the null reverse-path (RFC 5321 section 4.5.5)."""
        return not self.local and not self.domain

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}" if self.domain else self.local


@frozen
class DomainPattern:
    """``contoso.com``, ``*.contoso.com`` (the domain and all its sub-domains) or ``*``. facts connectors §1.1, §1.2.

    ``domain`` is the canonical domain without the ``*.``; it is empty for ``*``.
    """

    domain: str
    subdomains: bool

    @classmethod
    def parse(cls, text: str) -> DomainPattern:
        """Read one pattern; an embedded or partial wildcard raises ValueError (facts §1.3 E17)."""
        body = text.strip()
        if body == "*":
            return cls("", subdomains=True)
        subdomains = body.startswith("*.")
        if subdomains:
            body = body[2:]
        if "*" in body:
            raise ValueError(f"{text!r}: a wildcard may only stand first, as '*.'")
        return cls(canonical_domain(body), subdomains)

    @property
    def is_any(self) -> bool:
        """True for ``*``."""
        return not self.domain

    def covers(self, domain: str) -> bool:
        """True if the canonical ``domain`` falls under this pattern, label by label."""
        if not self.domain:
            return True
        if domain == self.domain:
            return True
        return self.subdomains and domain.endswith("." + self.domain)

    def __str__(self) -> str:
        if not self.domain:
            return "*"
        return f"*.{self.domain}" if self.subdomains else self.domain


def parse_ip(text: str) -> IpAddress:
    """An IPv4 or IPv6 address; an IPv4-mapped IPv6 address becomes IPv4. Raises ValueError."""
    address = ipaddress.ip_address(text.strip())
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


@frozen
class IpRange:
    """One entry of ``SenderIPAddresses``: IPv4 address or CIDR, /24 to /32. ``text`` stays as written (facts §1.2)."""

    text: str
    network: ipaddress.IPv4Network

    @classmethod
    def parse(cls, text: str) -> IpRange:
        """Read an address or CIDR, host bits allowed. Raises ValueError; the *limits* are config's rules, not here."""
        body = text.strip()
        return cls(body, ipaddress.IPv4Network(body, strict=False))

    def covers(self, address: IpAddress) -> bool:
        """True if the address lies in the network."""
        return address.version == 4 and address in self.network

    def __str__(self) -> str:
        return self.text
