"""``fakeeop explain``: the verdict on some facts, with every condition; or what a reply of the service means."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fakeeop.addresses import Mailbox, canonical_domain, parse_ip
from fakeeop.cli import exits
from fakeeop.cli.style import Style

if TYPE_CHECKING:
    from fakeeop.decision.judge import ConnectionJudge
    from fakeeop.decision.verdict import Verdict
    from fakeeop.model import Behaviour, CertificateFacts, TlsFacts

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = "what would the service say to this mail, and why? or: what does this code mean?"
EXAMPLES = """\
  fakeeop explain --tenant contoso.yaml --ip 198.51.100.9 --from app@contoso.com --to a@example.net
  fakeeop explain --tenant contoso.yaml --ip 198.51.100.9 --cert relay.pfx --cert-password secret \\
      --trust lab-ca.pem --from '<>' --to a@example.net
  fakeeop explain 5.7.64
  fakeeop explain "550 5.7.64 TenantAttribution; Relay Access Denied [SN1PEPF000252A1.namprd05.prod.outlook.com]"
"""

_SESSION_ID = "08DD3FA5DBC8F401"  # an example: no server answers here


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
    tls.add_argument("--trust", metavar="FILE", help="the CA certificates that count as trusted, PEM")
    tls.add_argument("--state", metavar="DIR", help="the state folder of 'fakeeop serve': its lab CA is trusted")
    output = parser.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="print JSON")
    output.add_argument("--all", action="store_true", help="tell every tenant and connector, however far off")


def run(args: argparse.Namespace) -> int:
    """Judge or look up; 1 if a recipient is refused or the code is unknown."""
    if args.code:
        from fakeeop.cli.explain_code import explain_code  # noqa: PLC0415  the other half of the command

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
    from fakeeop.config.loader import load_forest  # noqa: PLC0415  not needed to look up a code
    from fakeeop.decision.directory import Directory  # noqa: PLC0415  likewise
    from fakeeop.model import PeerFacts  # noqa: PLC0415  likewise

    reverse_path = _mailbox("--from", args.mail_from, null=True)
    recipients = tuple(_mailbox("--to", text, null=False) for text in args.rcpt_to)
    try:
        peer = PeerFacts(parse_ip(args.ip))
    except ValueError as why:
        raise exits.UsageError(f"--ip: {why}") from why
    header_from = tuple(_domain("--header-from", text) for text in args.header_from)
    forest = load_forest(Path(args.tenant))
    judge = Directory(forest).connection(peer, _tls(args))
    report = _Report(judge, forest.behaviour, args)
    refusal = judge.judge_mail(reverse_path)
    if refusal is not None:
        report.stage("MAIL FROM", refusal)
    else:
        accepted = report.recipients(reverse_path, recipients)
        late = judge.judge_message(reverse_path, accepted, header_from) if accepted else None
        if late is not None:
            report.stage("end of data", late)
    report.print()
    return exits.NO if report.refused else exits.FINE


class _Report:
    """Gathers what is said at each stage, and prints it as text or JSON."""

    def __init__(self, judge: ConnectionJudge, behaviour: Behaviour, args: argparse.Namespace) -> None:
        self.judge, self.behaviour, self.args = judge, behaviour, args
        self.refused = False
        self.trees: list[dict[str, Any]] = []
        self.blocks: list[str] = []
        self.style = Style(sys.stdout)

    def recipients(self, reverse_path: Mailbox, recipients: tuple[Mailbox, ...]) -> tuple[Mailbox, ...]:
        """Judge each in order; returns those that RCPT accepts."""
        from fakeeop.decision.render import trace_text, trace_tree  # noqa: PLC0415  not needed to look up a code
        from fakeeop.decision.verdict import Stage  # noqa: PLC0415  likewise

        accepted: list[Mailbox] = []
        for recipient in recipients:
            verdict = self.judge.judge_recipient(reverse_path, recipient, tuple(accepted))
            trace = self.judge.explain(reverse_path, recipient, tuple(accepted))
            late = not verdict.accepted and verdict.stage is Stage.DATA
            at = "end of data" if late else "RCPT TO"
            reply = self._reply(verdict)
            if verdict.accepted or late:
                accepted.append(recipient)
            self.refused = self.refused or not verdict.accepted
            self.trees.append({"rcpt-to": str(recipient), "stage": at, "reply": reply, **trace_tree(trace)})
            self.blocks.append(f"{self._head(at, reply, verdict)}\n\n{trace_text(trace, every=self.args.all)}")
        return tuple(accepted)

    def stage(self, at: str, verdict: Verdict) -> None:
        """A refusal of the whole transaction."""
        from fakeeop.decision.render import attribution_text, attribution_tree  # noqa: PLC0415  see above

        reply = self._reply(verdict)
        self.refused = True
        tree = {"verdict": verdict.reason.value, "attributed-to": attribution_tree(verdict.attribution)}
        self.trees.append({"rcpt-to": None, "stage": at, "reply": reply, "accepted": False, **tree})
        tied = attribution_text(verdict.attribution)
        self.blocks.append(
            f"{self._head(at, reply, verdict)}\n\nverdict: {verdict.reason.value}\nattributed to: {tied}\n"
        )

    def print(self) -> None:
        """The whole report."""
        if self.args.json:
            print(json.dumps({"recipients": self.trees}, indent=2, ensure_ascii=False))
            return
        if self.args.helo:
            print(f"HELO {self.args.helo}: not looked at, neither is the MX name that the relay connects to\n")
        print("\n".join(self.blocks), end="")

    def _head(self, at: str, reply: str, verdict: Verdict) -> str:
        paint = self.style.green if verdict.accepted else self.style.red
        return f"{at}: {paint(reply)}"

    def _reply(self, verdict: Verdict) -> str:
        from fakeeop.smtp.names import Face, Signature  # noqa: PLC0415  not needed to look up a code
        from fakeeop.smtp.replies import ROW, render, row_for  # noqa: PLC0415  likewise

        row = ROW["rcpt"] if verdict.accepted else row_for(verdict.reason, self.behaviour)
        suffix = Signature(Face(), lambda: datetime.now(UTC), _SESSION_ID).suffix(row.suffix)
        return render(row, suffix).decode().rstrip("\r\n")


def _mailbox(option: str, text: str, *, null: bool) -> Mailbox:
    body = text.strip()
    if body.startswith("<") and body.endswith(">"):
        body = body[1:-1]
    if not body and null:
        return Mailbox("", "")
    local, at, domain = body.rpartition("@")
    if not (local and at):
        example = "'<>' or someone@example.net" if null else "someone@example.net"
        raise exits.UsageError(f"{option}: {text!r} is no address, such as {example}")
    return Mailbox(local, _domain(option, domain))


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
    from fakeeop.model import TlsFacts  # noqa: PLC0415  not needed to look up a code

    return TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", certificate)


def _certificate(args: argparse.Namespace) -> CertificateFacts:
    from fakeeop.errors import CertificateFileError  # noqa: PLC0415  likewise
    from fakeeop.pki.facts import certificate_facts  # noqa: PLC0415  imports cryptography
    from fakeeop.pki.files import read_certificate_file  # noqa: PLC0415  likewise

    found = read_certificate_file(args.cert, args.cert_password)
    trusted, revoked = _trusted(args)
    try:
        return certificate_facts(found.chain_der, trusted, datetime.now(UTC), revoked=revoked)
    except ValueError as why:
        raise CertificateFileError(args.trust or args.cert, str(why)) from why


def _trusted(args: argparse.Namespace) -> tuple[bytes, Any]:
    """The trusted roots, and the serial numbers that are revoked."""
    if args.trust is not None and args.state is not None:
        raise exits.UsageError("--trust and --state exclude each other")
    if args.trust is not None:
        from fakeeop.errors import CertificateFileError  # noqa: PLC0415  not needed to look up a code

        try:
            return Path(args.trust).read_bytes(), frozenset[str]()
        except OSError as why:
            raise CertificateFileError(args.trust, f"cannot be read: {why.strerror}") from why
    from fakeeop.pki.state import PKI_FOLDER, default_state_folder, open_state  # noqa: PLC0415  imports cryptography

    folder = Path(args.state) if args.state is not None else default_state_folder()
    if not (folder / PKI_FOLDER).is_dir():
        raise exits.UsageError(
            f"--cert needs to know which CA is trusted: give --trust FILE ({folder} holds no lab CA)"
        )
    state = open_state(folder)
    return state.trusted_ca_pem, state.revoked
