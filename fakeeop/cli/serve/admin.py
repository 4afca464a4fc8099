"""The options of ``fakeeop serve`` for the admin API → what the emulator is given."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from fakeeop.admin.settings import AdminSettings
from fakeeop.cli import exits
from fakeeop.cli.serve import options as serve_options
from fakeeop.errors import StoreError
from fakeeop.system.clock import VirtualClock

__all__ = ["add_arguments", "clock", "settings"]


def add_arguments(parser: ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "--admin",
        type=serve_options.place,
        metavar="HOST:PORT",
        help="the admin API over HTTP: tenants, journal, explain, metrics; port 0 takes any free one",
    )
    parser.add_argument("--admin-token-file", type=Path, metavar="F", help="requests to it must carry the token in F")
    parser.add_argument(
        "--admin-name",
        action="append",
        default=[],
        metavar="NAME",
        help="a host name that clients may use for it, besides localhost and addresses; may be repeated",
    )
    parser.add_argument(
        "--virtual-clock",
        action="store_true",
        help="time stands still until POST /clock/advance of the admin API lets it pass",
    )


def settings(args: Namespace) -> Any:
    """The settings of the admin API, or None. Raises UsageError, StoreError."""
    if args.admin is None:
        for given, option in (
            (args.admin_token_file, "--admin-token-file"),
            (args.admin_name, "--admin-name"),
            (args.virtual_clock, "--virtual-clock"),
        ):
            if given:
                raise exits.UsageError(f"{option} needs --admin HOST:PORT")
        return None
    token = None if args.admin_token_file is None else _token(args.admin_token_file)
    host, port = args.admin
    return AdminSettings(host, port, token, tuple(args.admin_name))


def clock(args: Namespace) -> dict[str, Any]:
    """The emulator's clock, if it is not the machine's."""
    if not args.virtual_clock:
        return {}
    return {"clock": VirtualClock()}


def _token(path: Path) -> str:
    try:
        token = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as why:
        reason = getattr(why, "strerror", None) or "it holds more than ASCII"
        raise StoreError(f"{path}: the token cannot be read: {reason}") from why
    if not token or any(letter.isspace() for letter in token):
        raise StoreError(f"{path}: it has no token. Fix: write one word to it, such as the output of uuidgen")
    return token
