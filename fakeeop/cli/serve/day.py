"""``fakeeop serve --as-of``: the service of another day."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from fakeeop.config.dated import dated_tree
from fakeeop.decision.eras import parse_day

__all__ = ["add_arguments", "dated"]


def add_arguments(parser: ArgumentParser) -> None:
    """Add the flag."""
    parser.add_argument(
        "--as-of",
        type=_day,
        metavar="DATE",
        help="the service of another day, as 2019-06-01, whatever AsOf of TENANT says ('fakeeop eras' tells)",
    )


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
