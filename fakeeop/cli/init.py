"""``fakeeop init``: a first tenant file with comments, and the commands that try it."""

from __future__ import annotations

import re
import shlex
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from fakeeop.cli import exits
from fakeeop.errors import StoreError
from fakeeop.model.addresses import canonical_domain

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = """\
Write a first tenant file, with comments, and say how to try it. --by chooses how the service is to recognize who sends:
  address      your relay, by its public IP address: mail from the organization to anybody
  certificate  your relay, by the name in its TLS client certificate
  partner      another organization, that sends to yours over TLS and from its own addresses"""
EXAMPLES = """\
  fakeeop init                                         tenant.yaml: a relay at a public address
  fakeeop init --by certificate --domain example.org   a relay with a certificate of *.example.org
  fakeeop init --by partner partner.yaml               a connector for a partner organization
"""

_ADDRESS = "203.0.113.25"
_PARTNER = "fabrikam.example"

_HEAD = """\
# A tenant as Exchange Online has it; the keys are Exchange's own (docs/tenant-file.md lists them all).
# Check it with: fakeeop check {file}
Tenants:
  - Name: {organization}
    AcceptedDomains:               # the domains that the organization owns
      - {{DomainName: {domain}, Default: true}}
    Recipients:                    # who exists; mail to others of an accepted domain is refused
      - ann@{domain}
      - postmaster@{domain}
    InboundConnectors:             # Get-InboundConnector | ConvertTo-Json can be pasted here
"""
_CONNECTORS = {
    "address": """\
      - Name: Relay by address
        ConnectorType: OnPremises  # your own server or device: its mail counts as the organization's
        SenderDomains: ["*"]
        SenderIPAddresses:         # the public addresses that it comes from
          - {address}
""",
    "certificate": """\
      - Name: Relay by certificate
        ConnectorType: OnPremises  # your own server or device: its mail counts as the organization's
        SenderDomains: ["*"]
        RequireTls: true
        TlsSenderCertificateName: "*.{domain}"  # a name that its client certificate has
""",
    "partner": """\
      - Name: Partner {partner}
        ConnectorType: Partner     # another organization; this connector only restricts what it sends
        SenderDomains: [{partner}]
        RequireTls: true
        RestrictDomainsToIPAddresses: true  # its domain is refused from any other address
        SenderIPAddresses:
          - {address}
""",
}


def add_arguments(parser: ArgumentParser) -> None:
    """What to write, and where."""
    parser.add_argument("file", nargs="?", type=Path, default=Path("tenant.yaml"), metavar="FILE",
                        help="the file to write (tenant.yaml); an existing one is left alone")  # fmt: skip
    parser.add_argument("--by", choices=tuple(_CONNECTORS), default="address", help="how senders are recognized")
    parser.add_argument("--organization", type=_name, metavar="NAME", help="the tenant's name (of the domain)")
    parser.add_argument(
        "--domain", type=_domain, default="contoso.com", metavar="DOMAIN", help="its domain (contoso.com)"
    )
    parser.add_argument("--force", action="store_true", help="write over an existing file")


def run(args: Namespace) -> int:
    """Write it and print what to do next. Raises StoreError, UsageError."""
    organization = args.organization or args.domain.partition(".")[0]
    values = {"file": args.file, "organization": organization, "domain": args.domain}
    text = (_HEAD + _CONNECTORS[args.by]).format(**values, address=_ADDRESS, partner=_PARTNER)
    try:
        with args.file.open("w" if args.force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as why:
        raise exits.UsageError(f"{args.file} is there already: name another file, or add --force") from why
    except OSError as why:
        raise StoreError(f"{args.file}: cannot be written: {why.strerror}") from why
    print(f"written: {args.file}\n")
    for about, command in _next(args):
        print(f"{about}:\n  {shlex.join(command)}")
    return exits.FINE


def _next(args: Namespace) -> list[tuple[str, list[str]]]:
    file, domain = str(args.file), args.domain
    swaks = ["swaks", "--server", "127.0.0.1:2525"]
    serve = ["fakeeop", "serve", file]
    steps = [("Check it", ["fakeeop", "check", "--strict", file])]
    if args.by == "certificate":
        name = f"mail.{domain}"
        make = ["fakeeop", "certs", "make", "--variant", "match", "--name", name]
        steps.append(("Make a client certificate of the lab", make))
        swaks += ["--tls", "--tls-cert", "certs/match.pem", "--tls-key", "certs/match.key"]
    else:
        serve += ["--listen", f"127.0.0.1:2525,peer={_ADDRESS}"]
    if args.by == "partner":
        swaks += ["--tls", "--from", f"bob@{_PARTNER}", "--to", f"ann@{domain}"]
    else:
        swaks += ["--from", f"printer@{domain}", "--to", "someone@fabrikam.example"]
    steps.append((f"Start it; clients count as {_ADDRESS}" if "--listen" in serve else "Start it", serve))
    return [*steps, ("Send a message from another terminal; the answer is 250", swaks)]


def _domain(text: str) -> str:
    try:
        name = canonical_domain(text)
    except ValueError as why:
        raise ArgumentTypeError(f"{text!r}: {why}") from why
    if "." not in name:
        raise ArgumentTypeError(f"{text!r}: write a domain such as contoso.com")
    return name


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9 _-]*[A-Za-z0-9])?", text):
        raise ArgumentTypeError(f"{text!r}: write letters, digits, '-' and '_'")
    return text
