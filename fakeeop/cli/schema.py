"""``fakeeop schema``: the JSON Schema of tenant files, the OpenAPI document of the admin API."""

from __future__ import annotations

import argparse
import json
import sys
from importlib import resources
from typing import Any

from fakeeop.admin import AdminSettings
from fakeeop.admin.server import load_app
from fakeeop.emulator import Emulator
from fakeeop.errors import MissingExtra
from fakeeop.model import Forest

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = "print the JSON Schema of the tenant file, or the OpenAPI document of the admin API"
EXAMPLES = """\
  fakeeop schema tenant > tenant.schema.json
  then, as the first line of a tenant file:  # yaml-language-server: $schema=tenant.schema.json
  fakeeop schema admin > openapi.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument(
        "schema", choices=("tenant", "admin"), help="tenant: that of the tenant file; admin: OpenAPI of the admin API"
    )


def run(args: argparse.Namespace) -> int:
    """Print the schema as it is shipped, or the document as ``serve --admin`` serves it."""
    if args.schema == "admin":
        print(json.dumps(_document(), indent=1, ensure_ascii=False))
        return 0
    sys.stdout.write(resources.files("fakeeop.config").joinpath("schema.json").read_text("utf-8"))
    return 0


def _document() -> dict[str, Any]:
    try:
        app = load_app()
    except ImportError as why:
        raise MissingExtra("the admin API", str(why.name), "admin") from why
    return app(Emulator(Forest()), AdminSettings()).document()
