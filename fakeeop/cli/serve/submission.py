"""``fakeeop serve``: whether and where the submission endpoint (smtp.office365.com:587) is open."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from fakeeop.cli.serve import options as serve_options
from fakeeop.server.listener import Listener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fakeeop.model import Forest

__all__ = ["DEFAULT_PORT", "add_arguments", "told_apart", "with_submission"]

DEFAULT_PORT = 5587


def add_arguments(parser: ArgumentParser) -> None:
    """``--submission-port`` and ``--no-submission``."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--submission-port",
        type=serve_options.port,
        metavar="PORT",
        help=f"open the submission endpoint there; 0 takes any free port ({DEFAULT_PORT} if TENANT has Mailboxes)",
    )
    group.add_argument("--no-submission", action="store_true", help="no submission endpoint, whatever TENANT has")


def with_submission(args: Namespace, forest: Forest, listeners: Sequence[Listener]) -> tuple[Listener, ...]:
    """The listeners, and the submission endpoint behind them, on the host of the first.

    It is open if a port is given, or if a tenant has mailboxes; then at ``DEFAULT_PORT``, or at any free port where the
    other listeners take any, so that servers that run side by side stay out of each other's way.
    """
    if args.no_submission or any(listener.submission for listener in listeners):
        return tuple(listeners)
    port = args.submission_port
    if port is None:
        if not any(tenant.mailboxes for tenant in forest.tenants):
            return tuple(listeners)
        port = 0 if all(listener.port == 0 for listener in listeners) else DEFAULT_PORT
    return (*listeners, Listener(listeners[0].host, port, peer=listeners[0].peer, submission=True))


def told_apart(listeners: Sequence[Listener], addresses: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The addresses of the MX, and ``submission`` with the others if there are any."""
    submission = [address for listener, address in zip(listeners, addresses, strict=True) if listener.submission]
    mx = [address for listener, address in zip(listeners, addresses, strict=True) if not listener.submission]
    return mx, {"submission": ", ".join(submission)} if submission else {}
