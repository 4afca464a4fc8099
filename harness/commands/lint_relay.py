"""``harness lint-relay``."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from fakeeop.config.marked import load_marked, read_text
from fakeeop.emulator import Emulator
from fakeeop.pki.roots import read_roots
from harness.commands.common import print_json
from harness.errors import WrongUsage
from harness.mtas.lint import ERROR, NOTE, WARNING, ConfigurationError, Expected, Route
from harness.mtas.registry import MTAS
from harness.relay_lint.purpose import purpose_of
from harness.relay_lint.reading import lint_relay

HELP = """\
Read the configuration of a relay and find the settings behind the refusals that people meet, with file and line.
Nothing is started and nothing is sent. The files are main.cf (or its folder), exim4.conf, smtpd.conf, sendmail.mc or
sendmail.cf; the certificates that they name are read too."""
EXAMPLES = """\
  harness lint-relay /etc/postfix
  harness lint-relay main.cf --tenant tenant.yaml         with the names and domains of your connectors
  harness lint-relay exim4.conf --name mail.contoso.com   the name that TlsSenderCertificateName has
  harness lint-relay copy/etc/postfix --root copy         a configuration copied from another machine
  harness lint-relay main.cf --json

An error is found: exit code 1 (with --strict also for warnings)."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, what the connectors ask for, how to print."""
    parser.add_argument("paths", metavar="FILE", nargs="+", type=Path, help="a configuration file, or Postfix's folder")
    mtas = tuple(name for name, folder in MTAS.items() if folder.lint is not None)
    parser.add_argument("--mta", choices=mtas, help="which MTA (default: by name and content)")
    parser.add_argument("--tenant", type=Path, metavar="FILE", help="tenant file with the connectors that must fit")
    parser.add_argument(
        "--name", action="append", default=[], metavar="NAME", help="a TlsSenderCertificateName; repeatable"
    )
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="FILE|system",
        help="authorities that count as public, PEM; repeatable (default: system)",
    )
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder that stands for / in the paths of the files")
    parser.add_argument("--days", type=int, default=30, metavar="N", help="warn of certificates that end sooner (30)")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--json", action="store_true", help="for machines")


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; 1 if there is an error, 4 if a file cannot be read as what it should be."""

    expected = _expected(arguments)
    results = []
    for path in arguments.paths:
        try:
            results.append((path, *lint_relay(path, expected, arguments.mta)))
        except ConfigurationError as why:
            raise WrongUsage(str(why)) from why
    found = [each for _, _, findings in results for each in findings]
    if arguments.json:
        trees = [
            {
                "path": str(path),
                "mta": route.mta,
                "purpose": str(purpose_of(route, expected)),
                "findings": [each.tree() for each in findings],
            }
            for path, route, findings in results
        ]
        print_json({"schema": "fakeeop.lint-relay/1", "configurations": trees})
    else:
        for path, route, findings in results:
            print(f"{path}: {_summary(route)}\n  for: {purpose_of(route, expected)}")
            for each in findings:
                print(f"  {each}".replace("\n", "\n  "))
        counts = [f"{sum(each.severity == kind for each in found)} {kind}s" for kind in (ERROR, WARNING, NOTE)]
        print(", ".join(counts), file=sys.stderr)
    bad = (ERROR, WARNING) if arguments.strict else (ERROR,)
    return 1 if any(each.severity in bad for each in found) else 0


def _summary(route: Route) -> str:
    if route.host is None:
        return f"{route.mta}, {'no smart host' if route.hidden is None else 'smart host not known'}"
    certificate = route.certificate.value or "none"
    return f"{route.mta}, {route.host.value}:{route.port}, TLS {route.tls}, certificate {certificate}"


def _expected(arguments: argparse.Namespace) -> Expected:

    names, domains = list(arguments.name), []
    by_address = by_certificate = None
    tls_required = False
    if arguments.tenant is not None:
        where = str(arguments.tenant)
        try:
            text = read_text(arguments.tenant.read_bytes(), where)
        except OSError as why:
            raise WrongUsage(f"{where}: cannot be read: {why.strerror}") from why
        forest = Emulator.from_tree(load_marked(text, where), where).forest
        connectors = [
            each
            for tenant in forest.tenants
            for each in tenant.inbound_connectors
            if each.enabled and not each.is_partner
        ]
        patterns = [each.tls_sender_certificate_name for each in connectors if each.tls_sender_certificate_name]
        names += [f"*.{each.domain}" if each.subdomains else each.domain for each in patterns]
        tls_required = any(each.require_tls for each in connectors)
        by_address = any(each.sender_ip_addresses for each in connectors)
        by_certificate = any(each.tls_sender_certificate_name for each in connectors)
        for tenant in forest.tenants:
            for domain in tenant.accepted_domains:
                domains += [domain.domain_name, *([f"*.{domain.domain_name}"] if domain.match_sub_domains else [])]
    elif names:
        by_certificate = True
    return Expected(
        now=datetime.now(UTC),
        names=tuple(names),
        by_address=by_address,
        by_certificate=by_certificate,
        domains=tuple(domains),
        roots=read_roots(arguments.trust or ["system"]),
        root=arguments.root,
        days=arguments.days,
        tls_required=tls_required,
    )
