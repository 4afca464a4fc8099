"""``fakeeop schema``: the JSON Schemas that are shipped, for editors."""

from __future__ import annotations

import argparse
import sys
from importlib import resources

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = "print the JSON Schema of the tenant file"
EXAMPLES = """\
  fakeeop schema tenant > tenant.schema.json
  then, as the first line of a tenant file:  # yaml-language-server: $schema=tenant.schema.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("schema", choices=("tenant",), help="which schema: that of the tenant file")


def run(_args: argparse.Namespace) -> int:
    """Print the schema as it is shipped."""
    sys.stdout.write(resources.files("fakeeop.config").joinpath("schema.json").read_text("utf-8"))
    return 0
