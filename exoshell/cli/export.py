"""``fakeeop export``: the PowerShell that makes a tenant."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from exoshell.twin.comparing import load_side
from exoshell.twin.exporting import export_tenant
from fakeeop.cli import exits
from fakeeop.cli.style import Style
from fakeeop.config.editor.tenant_file import replace_file

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
Writes the PowerShell that makes a tenant: New-InboundConnector and the others, every text quoted. 'fakeeop exo' runs
it; with --service the lab's own cmdlets become comments, so that Exchange Online runs it too."""
EXAMPLES = """\
  fakeeop export tenant.yaml                          the script of the one tenant in it
  fakeeop export tenant.yaml --organization contoso   of this tenant
  fakeeop export http://127.0.0.1:8025 --service      of a running server, for the real service
"""


def add_arguments(parser: ArgumentParser) -> None:
    """What, and for whom."""
    parser.add_argument("source", metavar="TENANTFILE|URL", help="a tenant file, an export, or a server's admin API")
    parser.add_argument("--organization", metavar="NAME", help="the tenant, where there are several")
    parser.add_argument("--service", action="store_true", help="for Exchange Online: no cmdlet of the lab")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="write it here (stdout)")
    parser.add_argument("--force", action="store_true", help="write over a file that is there")


def run(args: Namespace) -> int:
    """Print it; 1 if it is of an export that breaks a rule of the tenant file. Raises FakeEopError, UsageError."""
    if args.output is not None and args.output.exists() and not args.force:
        raise exits.UsageError(f"{args.output} is there already: --force writes over it")
    side = load_side(args.source, args.organization)
    for problem in side.problems:
        print(Style(sys.stderr).red(str(problem)), file=sys.stderr)
    text = export_tenant(side.tenant, side.behaviour, service=args.service)
    if args.output is None:
        print(text, end="")
    else:
        replace_file(args.output, text.encode())
        print(f"{args.output}: {len(text.splitlines())} lines", file=sys.stderr)
    return exits.NO if side.problems else exits.FINE
