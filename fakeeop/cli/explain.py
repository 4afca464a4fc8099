"""``fakeeop explain``: the verdict on some facts, with every condition; or what a reply of the service means."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Container
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fakeeop.cli import exits
from fakeeop.cli.apply_fix import apply_fix
from fakeeop.cli.explain_code import explain_code
from fakeeop.cli.style import Style
from fakeeop.config.loader import load_forest
from fakeeop.decision.directory import Directory
from fakeeop.errors import CertificateFileError
from fakeeop.model import PeerFacts, TlsFacts
from fakeeop.model.addresses import Mailbox, canonical_domain, parse_ip
from fakeeop.pki.files import read_certificate_file
from fakeeop.pki.judge import certificate_facts
from fakeeop.pki.roots import read_roots
from fakeeop.pki.state import PKI_FOLDER, default_state_folder, open_state
from fakeeop.why.facts import answer_tree, answers, read_path
from fakeeop.why.render import attribution_text, trace_text

if TYPE_CHECKING:
    from fakeeop.model import CertificateFacts, Forest
    from fakeeop.why.facts import ExpectedReply

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = "what would the service say to this mail, and why? or: what does this code mean?"
EXAMPLES = """\
  fakeeop explain --tenant contoso.yaml --ip 198.51.100.9 --from app@contoso.com --to a@example.net
  fakeeop explain --tenant contoso.yaml --ip 198.51.100.9 --cert relay.pfx --cert-password secret \\
      --trust lab-ca.pem --from '<>' --to a@example.net
  fakeeop explain --tenant contoso.yaml --ip 198.51.100.9 --from app@contoso.com --to a@example.net --apply 3 --yes
  fakeeop explain 5.7.64
  fakeeop explain "550 5.7.64 TenantAttribution; Relay Access Denied [SN1PEPF000252A1.namprd05.prod.outlook.com]"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of this command."""
    parser.add_argument("code", nargs="*", metavar="CODE", help="a code, or a whole reply as your relay logged it")
    facts = parser.add_argument_group("the facts")
    facts.add_argument("--tenant", metavar="FILE", help="the tenant file, YAML or JSON")
    facts.add_argument("--ip", metavar="ADDRESS", help="the address that the relay connects from")
    facts.add_argument("--from", dest="mail_from", metavar="ADDRESS", help="MAIL FROM; '<>' is the null reverse-path")
    facts.add_argument("--to", dest="rcpt_to", action="append", metavar="ADDRESS", help="RCPT TO; may be repeated")
    facts.add_argument("--helo", metavar="NAME", help="the HELO name; it decides nothing")
    facts.add_argument(
        "--header-from", action="append", metavar="DOMAIN", default=[], help="for PartnerSenderScope: p2"
    )
    tls = parser.add_argument_group("TLS")
    tls.add_argument(
        "--tls", action=argparse.BooleanOptionalAction, help="does the relay use STARTTLS? implied by --cert"
    )
    tls.add_argument("--cert", metavar="FILE", help="the client certificate with its chain, PEM or PFX")
    tls.add_argument("--cert-password", metavar="PASSWORD", help="the password of the PFX or of the key")
    tls.add_argument(
        "--trust",
        metavar="FILE|system",
        action="append",
        default=[],
        help="roots that count as trusted: a PEM file, or what this machine trusts; may be repeated",
    )
    tls.add_argument("--state", metavar="DIR", help="the state folder of 'fakeeop serve': its lab CA is trusted, too")
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="print JSON")
    apply = parser.add_argument_group("fixes")
    apply.add_argument(
        "--apply", type=int, metavar="N", help="write fix N to the tenant file, after showing what it changes"
    )
    apply.add_argument("--yes", action="store_true", help="with --apply: do not ask")
    output.add_argument("--all", action="store_true", help="tell every tenant and connector, however far off")


def run(args: argparse.Namespace) -> int:
    """Judge or look up; 1 if a recipient is refused or the code is unknown."""
    if args.code:
        return explain_code(" ".join(args.code), as_json=args.json)
    missing = [
        option
        for option, value in (
            ("--tenant", args.tenant),
            ("--ip", args.ip),
            ("--from", args.mail_from),
            ("--to", args.rcpt_to),
        )
        if not value and value != ""
    ]
    if missing:
        raise exits.UsageError(f"give a CODE, or the facts; missing: {', '.join(missing)}")
    return _judge(args)


def _judge(args: argparse.Namespace) -> int:
    reverse_path = _mailbox("--from", args.mail_from, null=True)
    recipients = tuple(_mailbox("--to", text, null=False) for text in args.rcpt_to)
    try:
        peer = PeerFacts(parse_ip(args.ip))
    except ValueError as why:
        raise exits.UsageError(f"--ip: {why}") from why
    header_from = tuple(_domain("--header-from", text) for text in args.header_from)
    forest = load_forest(Path(args.tenant))
    tls = _tls(args)

    def judged(forest: Forest) -> tuple[ExpectedReply, ...]:
        judge = Directory(forest).connection(peer, tls)
        every: bool = args.all
        return tuple(answers(judge, forest.behaviour, _now, reverse_path, recipients, header_from, every=every))

    found = judged(forest)
    if args.apply is not None:
        return apply_fix(args.tenant, args.apply, found, judged, yes=args.yes)
    _print(found, args)
    return exits.NO if any(not each.verdict.accepted for each in found) else exits.FINE


def _now() -> datetime:
    return datetime.now(UTC)


def _print(found: tuple[ExpectedReply, ...], args: argparse.Namespace) -> None:
    """The whole report, as text or JSON."""
    if args.json:
        print(json.dumps({"recipients": [answer_tree(each) for each in found]}, indent=2, ensure_ascii=False))
        return
    if args.helo:
        print(f"HELO {args.helo}: not looked at, neither is the MX name that the relay connects to\n")
    style = Style(sys.stdout)
    print("\n".join(_block(each, style, every=args.all) for each in found), end="")


def _block(answer: ExpectedReply, style: Style, *, every: bool) -> str:
    paint = style.green if answer.verdict.accepted else style.red
    head = f"{answer.stage}: {paint(answer.reply)}"
    if answer.trace is not None:
        return f"{head}\n\n{trace_text(answer.trace, every=every)}"
    tied = attribution_text(answer.verdict.attribution)
    return f"{head}\n\nverdict: {answer.verdict.reason.value}\nattributed to: {tied}\n"


def _mailbox(option: str, text: str, *, null: bool) -> Mailbox:
    try:
        return read_path(text, null=null)
    except ValueError as why:
        raise exits.UsageError(f"{option}: {why}") from why


def _domain(option: str, text: str) -> str:
    try:
        return canonical_domain(text)
    except ValueError as why:
        raise exits.UsageError(f"{option}: {why}") from why


def _tls(args: argparse.Namespace) -> TlsFacts | None:
    if args.cert is None:
        if args.cert_password is not None:
            raise exits.UsageError("--cert-password needs --cert")
        return _tls_facts(None) if args.tls else None
    if args.tls is False:
        raise exits.UsageError("--cert needs TLS: leave out --no-tls")
    return _tls_facts(_certificate(args))


def _tls_facts(certificate: CertificateFacts | None) -> TlsFacts:
    return TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", certificate)


def _certificate(args: argparse.Namespace) -> CertificateFacts:
    found = read_certificate_file(args.cert, args.cert_password)
    lab, public, revoked = _trusted(args)
    try:
        return certificate_facts(found.chain_der, lab, _now(), revoked=revoked, public_roots_pem=public)
    except ValueError as why:
        raise CertificateFileError(" ".join(args.trust) or args.cert, str(why)) from why


def _trusted(args: argparse.Namespace) -> tuple[bytes, bytes, Container[str]]:
    """The lab's root, the other trusted roots, and the serial numbers that the lab revoked."""
    public = read_roots(args.trust)
    if public and args.state is None:
        return b"", public, frozenset()

    folder = Path(args.state) if args.state is not None else default_state_folder()
    if not (folder / PKI_FOLDER).is_dir():
        raise exits.UsageError(
            f"--cert needs to know which CA is trusted: give --trust FILE ({folder} holds no lab CA)"
        )
    state = open_state(folder)
    return state.trusted_ca_pem, public, state.revoked
