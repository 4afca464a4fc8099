"""The words of ``fakeeop serve``'s command line → values. Each raises ArgumentTypeError with what to write instead."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from attrs import evolve

from fakeeop.model.addresses import parse_ip
from fakeeop.server.listener import LOOPBACK, Listener
from fakeeop.smtp.extensions import known_extensions

if TYPE_CHECKING:
    from fakeeop.model.limits import Limits

__all__ = ["add_dns", "ip", "listener", "network", "peer", "place", "port", "seconds", "trusting"]

_BOX = re.compile(r"[A-Za-z0-9]{1,63}\Z")  # one label: box names have no dash (wire §1.1)


def add_dns(parser: ArgumentParser) -> None:
    """The options of the name server."""
    parser.add_argument("--dns", type=place, metavar="HOST:PORT", help="a name server for the lab, over UDP and TCP")
    parser.add_argument(
        "--mx-address", type=ip, metavar="IP", help="what it says our address is (the first listener's)"
    )


def port(text: str) -> int:
    """A port number; 0 lets the system choose."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds, not negative."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e6:
        raise ArgumentTypeError(f"{text!r} is no number of seconds")
    return found


def listener(text: str) -> Listener:
    """``HOST:PORT`` and options behind commas."""
    where, *options = text.split(",")
    host, number = place(where)
    found = Listener(host, number)
    for option in options:
        key, _, value = option.partition("=")
        if key == "peer":
            found = evolve(found, peer=ip(value))
        elif key == "starttls" and value in ("on", "off"):
            found = evolve(found, starttls=value == "on")
        elif key == "box" and _BOX.match(value):
            found = evolve(found, box=value)
        elif option == "proxy":
            found = evolve(found, proxy_from=LOOPBACK)
        elif option == "submission":
            found = evolve(found, submission=True)
        elif key == "hide" and value:
            found = evolve(found, hide=_extensions(text, value))
        elif key == "region" and value:
            found = evolve(found, region=value)
        elif key == "limits" and value:
            found = evolve(found, limits=_limits(value))
        elif option == "xclient":
            found = evolve(found, xclient_from=LOOPBACK)
        else:
            there_is = (
                "peer=IP, box=NAME, hide=EXTENSION+..., region=NAME, limits=FILE, proxy, xclient, submission "
                "and starttls=off"
            )
            raise ArgumentTypeError(f"{text!r}: unknown option {option!r}; there is {there_is}")
    return found


def _limits(path: str) -> Limits:
    """Raises ConfigError, which says more than a wrong argument could."""
    from fakeeop.config.limits import load_limits  # noqa: PLC0415  few need it: start-up time

    return load_limits(path)


def _extensions(text: str, value: str) -> frozenset[str]:
    try:
        return known_extensions(value.split("+"))
    except ValueError as why:
        raise ArgumentTypeError(f"{text!r}: {why}") from why


def trusting(given: Listener, proxy_from: Sequence[str], xclient_from: Sequence[str]) -> Listener:
    """The listener with other trusted sources than loopback, if any are given, for what it takes."""
    return evolve(
        given,
        proxy_from=tuple(proxy_from or LOOPBACK) if given.proxy_from else (),
        xclient_from=tuple(xclient_from or LOOPBACK) if given.xclient_from else (),
    )


def place(text: str) -> tuple[str, int]:
    """``HOST:PORT``; an IPv6 address stands in brackets."""
    host, colon, number = text.rpartition(":")
    if not colon or not host:
        raise ArgumentTypeError(f"{text!r}: write HOST:PORT, as in 127.0.0.1:2525 or [::1]:2525")
    return host.strip("[]"), port(number)


def network(text: str) -> str:
    """An address or a CIDR."""
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError as why:
        raise ArgumentTypeError(f"{text!r} is no network: write an address or a CIDR, as in 127.0.0.0/8") from why


def peer(text: str) -> tuple[str, str]:
    """``LOOPBACK=PUBLIC``."""
    loopback, equals, public = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r}: write LOOPBACK=PUBLIC, as in 127.0.0.25=203.0.113.25")
    source = ip(loopback)
    if not ip_address(source).is_loopback:
        raise ArgumentTypeError(f"{text!r}: {source} is no loopback address; only these may stand for another")
    return source, ip(public)


def ip(text: str) -> str:
    """An IP address."""
    try:
        return str(parse_ip(text))
    except ValueError as why:
        raise ArgumentTypeError(f"{text!r} is no IP address") from why
