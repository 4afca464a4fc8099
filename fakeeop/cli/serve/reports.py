"""Where ``fakeeop serve`` gives delivery reports back to."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from ipaddress import ip_address
from typing import Any

from fakeeop.cli.serve.options import place

__all__ = ["add_arguments", "relay", "settings"]


def add_arguments(parser: ArgumentParser) -> None:
    """The part of the command line that is about delivery reports."""
    parser.add_argument(
        "--return-reports",
        type=relay,
        metavar="HOST:PORT",
        help="give delivery reports (NDRs) to this relay by SMTP, from <>; on loopback or in a private network only",
    )


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


def settings(args: Namespace) -> dict[str, Any]:
    """What the emulator is to know."""
    return {"return_reports": args.return_reports}
