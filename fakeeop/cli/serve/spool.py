"""Where ``fakeeop serve`` puts large messages, and how much of them it keeps."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

__all__ = ["add_arguments", "octets", "settings"]

_UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def octets(text: str) -> int:
    """``500M``: a number of octets, with K, M or G behind it for powers of 1024."""
    number, unit = (text[:-1], text[-1:].upper()) if text[-1:].upper() in ("K", "M", "G") else (text, "")
    if not (number.isascii() and number.isdecimal()):
        raise ArgumentTypeError(f"{text!r} is no size: write octets, or K, M, G behind a number, as in 500M")
    return int(number) * _UNITS[unit]


def add_arguments(parser: ArgumentParser) -> None:
    """The part of the command line that is about the spool."""
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


def settings(args: Namespace) -> dict[str, Any]:
    """What the emulator is to know."""
    return {"spool": args.spool}
