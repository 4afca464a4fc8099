"""Options of ``fakeeop serve``, and their words → values: each raises ArgumentTypeError with what to write instead."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from fakeeop.config.dated import dated_tree
from fakeeop.config.limits import load_limits
from fakeeop.decision.eras import parse_day
from fakeeop.model.addresses import parse_ip
from fakeeop.server.listener import LOOPBACK, Listener
from fakeeop.smtp.extensions import known_extensions

if TYPE_CHECKING:
    from fakeeop.model import Forest
    from fakeeop.model.limits import Limits

__all__ = [
    "SUBMISSION_PORT",
    "add_day",
    "add_dns",
    "add_reports",
    "add_spool",
    "add_submission",
    "dated",
    "ip",
    "listener",
    "network",
    "octets",
    "peer",
    "place",
    "port",
    "relay",
    "seconds",
    "told_apart",
    "trusting",
    "with_submission",
]

SUBMISSION_PORT = 5587
_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}
_BOX = re.compile(r"[A-Za-z0-9]{1,63}\Z")  # one label: box names have no dash (wire §1.1)


def add_dns(parser: ArgumentParser) -> None:
    """The options of the name server."""
    parser.add_argument("--dns", type=place, metavar="HOST:PORT", help="a name server for the lab, over UDP and TCP")
    parser.add_argument(
        "--mx-address", type=ip, metavar="IP", help="what it says our address is (the first listener's)"
    )


def add_submission(parser: ArgumentParser) -> None:
    """``--submission-port`` and ``--no-submission``: the submission endpoint (smtp.office365.com:587)."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--submission-port",
        type=port,
        metavar="PORT",
        help=f"open the submission endpoint there; 0 takes any free port ({SUBMISSION_PORT} if TENANT has Mailboxes)",
    )
    group.add_argument("--no-submission", action="store_true", help="no submission endpoint, whatever TENANT has")


def with_submission(args: Namespace, forest: Forest, listeners: Sequence[Listener]) -> tuple[Listener, ...]:
    """The listeners, and the submission endpoint behind them, on the host of the first.

    It is open if a port is given, or if a tenant has mailboxes; then at ``SUBMISSION_PORT``, or at any free port where
    the other listeners take any, so that servers that run side by side stay out of each other's way.
    """
    if args.no_submission or any(each.submission for each in listeners):
        return tuple(listeners)
    number = args.submission_port
    if number is None:
        if not any(tenant.mailboxes for tenant in forest.tenants):
            return tuple(listeners)
        number = 0 if all(each.port == 0 for each in listeners) else SUBMISSION_PORT
    return (*listeners, Listener(listeners[0].host, number, peer=listeners[0].peer, submission=True))


def told_apart(listeners: Sequence[Listener], addresses: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The addresses of the MX, and ``submission`` with the others if there are any."""
    submission = [address for each, address in zip(listeners, addresses, strict=True) if each.submission]
    mx = [address for each, address in zip(listeners, addresses, strict=True) if not each.submission]
    return mx, {"submission": ", ".join(submission)} if submission else {}


def add_spool(parser: ArgumentParser) -> None:
    """Where large messages lie, and how much of them is kept."""
    parser.add_argument(
        "--spool",
        type=Path,
        metavar="DIR",
        help="where messages of more than 1 MiB lie, as files without names (the system's folder for temporary files)",
    )
    parser.add_argument(
        "--spool-limit",
        type=octets,
        default=octets("1G"),
        metavar="SIZE",
        help="with --journal memory: how much of them is remembered; the oldest are forgotten first (1G)",
    )


def add_reports(parser: ArgumentParser) -> None:
    """``--return-reports``: where delivery reports are given back to."""
    parser.add_argument(
        "--return-reports",
        type=relay,
        metavar="HOST:PORT",
        help="give delivery reports (NDRs) to this relay by SMTP, from <>; on loopback or in a private network only",
    )


def add_day(parser: ArgumentParser) -> None:
    """``--as-of``: the service of another day."""
    parser.add_argument(
        "--as-of",
        type=_day,
        metavar="DATE",
        help="the service of another day, as 2019-06-01, whatever AsOf of TENANT says ('fakeeop eras' tells)",
    )


# ---- what they become


def port(text: str) -> int:
    """A port number; 0 lets the system choose."""
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds, not negative."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found < 1e6:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds")
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
        raise ArgumentTypeError(f"{text!r} is not a network: write an address or a CIDR, as in 127.0.0.0/8") from why


def peer(text: str) -> tuple[str, str]:
    """``LOOPBACK=PUBLIC``."""
    loopback, equals, public = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r}: write LOOPBACK=PUBLIC, as in 127.0.0.25=203.0.113.25")
    source = ip(loopback)
    if not ip_address(source).is_loopback:
        raise ArgumentTypeError(f"{text!r}: {source} is not a loopback address; only these may stand for another")
    return source, ip(public)


def ip(text: str) -> str:
    """An IP address."""
    try:
        return str(parse_ip(text))
    except ValueError as why:
        raise ArgumentTypeError(f"{text!r} is not an IP address") from why


def octets(text: str) -> int:
    """``500M``: a number of octets, with K, M or G behind it for powers of 1024."""
    number, unit = (text[:-1], text[-1:].upper()) if text[-1:].upper() in ("K", "M", "G") else (text, "")
    if not (number.isascii() and number.isdecimal()):
        raise ArgumentTypeError(f"{text!r} is not a size: write octets, or K, M, G after a number, as in 500M")
    return int(number) * _UNITS[unit]


def relay(text: str) -> tuple[str, int]:
    """``HOST:PORT``; a name is looked up when there is something to send, and looked at then."""
    host, number = place(text)
    if number == 0:
        raise ArgumentTypeError(f"{text!r}: no relay has port 0")
    try:
        address = ip_address(host)
    except ValueError:
        return host, number
    if not (address.is_loopback or address.is_private):
        raise ArgumentTypeError(f"{text!r}: {host} is neither loopback nor in a private network; nothing is sent there")
    return host, number


def dated(tree: Any, as_of: str | None) -> Any:
    """What was read from a tenant file, with that day."""
    if as_of is None:
        return tree
    return dated_tree(tree, as_of)


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError as why:
        raise ArgumentTypeError(str(why)) from why
