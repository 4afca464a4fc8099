"""What is the relay for? Found from the smart host, the certificate, and the connectors if they are known."""

from __future__ import annotations

import ipaddress
from typing import Final

from harness.mtas.lint import Expected, Purpose, Route

__all__ = ["AT_MX", "SIGNS_IN", "address_of", "is_former", "is_mx", "purpose_of"]

_MX: Final = (
    *(".mail.protection.outlook.com", ".mx.microsoft", ".mail.protection.office365.us"),
    ".mail.protection.partner.outlook.cn",
)
_FORMER: Final = (".mail.eo.outlook.com", ".messaging.microsoft.com", ".bigfish.com", ".frontbridge.com")
_SUBMISSION: Final = (
    *("smtp.office365.com", "outlook.office365.com", "smtp-mail.outlook.com"),
    *("smtp.office365.us", "smtp.partner.outlook.cn"),
)
_HIGH_VOLUME: Final = ("smtp.hve.mx.microsoft", "smtp-hve.office365.com")
_LEGACY: Final = ("smtp-legacy.office365.com", "smtp-legacy.partner.outlook.cn")
_NETWORKS: Final = tuple(  # of the MX: "Microsoft 365 URLs and IP address ranges", Microsoft Learn
    ipaddress.ip_network(each) for each in ("40.92.0.0/15", "40.107.0.0/16", "52.100.0.0/14", "104.47.0.0/17")
)
_SUBMISSION_NETWORKS: Final = tuple(
    ipaddress.ip_network(each)
    for each in ("40.96.0.0/13", "40.104.0.0/15", "52.96.0.0/14", "131.253.33.215/32", "132.245.0.0/16")
)

AT_MX: Final = frozenset({Purpose.ADDRESS, Purpose.CERTIFICATE, Purpose.CONNECTOR, Purpose.DIRECT_SEND})
SIGNS_IN: Final = frozenset({Purpose.SUBMISSION, Purpose.HIGH_VOLUME, Purpose.LEGACY})


def is_mx(host: str) -> bool:
    """True for the name of a tenant's MX."""
    return host.lower().rstrip(".").endswith(_MX) and host.lower() not in _HIGH_VOLUME


def is_former(host: str) -> bool:
    """True for a name of the service of years ago."""
    return host.lower().rstrip(".").endswith(_FORMER)


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is written as."""
    try:
        return ipaddress.ip_address(host.removeprefix("IPv6:").removeprefix("ipv6:"))
    except ValueError:
        return None


def purpose_of(route: Route, expected: Expected) -> Purpose:
    """For a relay that does not go to the service by name, what the user says of connectors decides."""
    if route.host is None:
        return Purpose.UNKNOWN if route.hidden is not None else Purpose.NONE
    name = route.host.value.lower().rstrip(".")
    known = {**dict.fromkeys(_SUBMISSION, Purpose.SUBMISSION), **dict.fromkeys(_HIGH_VOLUME, Purpose.HIGH_VOLUME)}
    known |= dict.fromkeys(_LEGACY, Purpose.LEGACY)
    if name in known:
        return known[name]
    address = address_of(name)
    if address is not None and any(address in each for each in _SUBMISSION_NETWORKS):
        return Purpose.SUBMISSION
    service = any(address in each for each in _NETWORKS) if address is not None else is_mx(name) or is_former(name)
    told = expected.by_address is not None or expected.by_certificate is not None
    return _at_mx(route, expected) if service or told else Purpose.ELSEWHERE


def _at_mx(route: Route, expected: Expected) -> Purpose:
    address, certificate = expected.by_address, expected.by_certificate
    shown = bool(route.certificate.value)
    if address is False and certificate is False:
        return Purpose.DIRECT_SEND
    if certificate is False:
        return Purpose.ADDRESS
    if certificate and not address:
        return Purpose.CERTIFICATE
    if shown:
        return Purpose.CERTIFICATE
    if address and certificate is None:
        return Purpose.ADDRESS
    return Purpose.DIRECT_SEND if route.own_domains_only and certificate is None else Purpose.CONNECTOR
