"""``fakeeop import``: a tenant file made of a real tenant's export."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from importlib.resources import files
from pathlib import Path
from typing import Final

from exoshell.twin.importing import import_tenant, tenant_text
from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.config.editor.tenant_file import replace_file

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
A tenant's twin: makes a tenant file of what a real tenant exported, by ConvertTo-Json, Export-Csv or Export-Clixml.
--script prints the PowerShell that collects it, which only reads. What does not get into the file is told on stderr."""
EXAMPLES = """\
  fakeeop import --script > collect.ps1                the script to run in Exchange Online PowerShell
  fakeeop import exchange-tenant.json -o tenant.yaml   what it collected
  fakeeop import exports/                              a folder: AcceptedDomains.json, InboundConnectors.csv, ...
  fakeeop import connectors.xml --name contoso         of Export-Clixml; the tenant's name
"""
_UNSAFE: Final = str.maketrans({chr(code): "?" for code in (*range(32), *range(127, 160))})


def add_arguments(parser: ArgumentParser) -> None:
    """Where from, where to."""
    parser.add_argument("source", nargs="?", metavar="DIR|FILE", help="the export")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write the tenant file here (stdout)")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")
    parser.add_argument("--name", help="the tenant's name (that of the organization, or of the first domain)")
    parser.add_argument("--script", action="store_true", help="print the PowerShell that collects an export")
    parser.add_argument("--json", action="store_true", help="print tenant and report as JSON")


def run(args: Namespace) -> int:
    """1 if the tenant breaks a rule of the tenant file; it is written nevertheless. Raises ConfigError, UsageError."""
    if args.script:
        print((files("exoshell.twin") / "collect.ps1").read_text("utf-8"), end="")
        return exits.FINE
    if args.source is None:
        raise exits.UsageError("name the export: a folder or a file (--script prints what collects it)")
    if args.output is not None and args.output.exists() and not args.force:
        raise exits.UsageError(f"{args.output} is there already: --force writes over it")
    twin = import_tenant(Path(args.source), args.name)
    text = tenant_text(twin, Path(args.source).name or args.source)
    if args.output is not None:
        replace_file(args.output, text.encode())
    if args.json:
        report = {
            "tenant": twin.tenant,
            "unknown": twin.unknown,
            "left-out": twin.left_out,
            "problems": [
                {"code": each.code, "where": list(each.where), "message": each.message, "fix": each.fix}
                for each in twin.problems
            ],
        }
        print(json.dumps(report, indent=2, ensure_ascii=False))
    elif args.output is None:
        print(text, end="")
    style = Style(sys.stderr)
    for line in twin.unknown:
        print(style.yellow(f"not known here: {line.translate(_UNSAFE)}"), file=sys.stderr)
    for line in twin.left_out:
        print(style.dim(f"left out: {line.translate(_UNSAFE)}"), file=sys.stderr)
    for problem in twin.problems:
        print(style.red(str(problem).translate(_UNSAFE)), file=sys.stderr)
    if args.output is not None:
        connectors = len(twin.tenant.get("InboundConnectors", ()))
        domains = len(twin.tenant.get("AcceptedDomains", ()))
        print(f"{args.output}: {domains} accepted domains, {connectors} inbound connectors", file=sys.stderr)
    return exits.NO if twin.problems else exits.FINE
