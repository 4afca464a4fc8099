"""``fakeeop doctor``: walk a server up to its recipients and say what each answer means; no message is ever sent."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fakeeop.cli import exits
from fakeeop.cli.serve.options import ip, seconds
from fakeeop.cli.style import Style
from fakeeop.doctor.findings import Order, Outcome
from fakeeop.doctor.troubles import is_loopback
from fakeeop.doctor.walk import walk
from fakeeop.errors import CertificateFileError
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import read_pair
from fakeeop.pki.judge import certificate_facts
from fakeeop.pki.roots import SYSTEM, read_roots
from fakeeop.pki.state import PKI_FOLDER, default_state_folder, open_state

if TYPE_CHECKING:
    from fakeeop.doctor.certificates import Judge
    from fakeeop.doctor.findings import Findings, WalkStep

__all__ = ["EXAMPLES", "HELP", "add_arguments", "run"]

HELP = "what does this server say to my relay, and what does it mean? stops before DATA: no mail is sent"
EXAMPLES = """\
  fakeeop doctor 127.0.0.1:2525 --from app@contoso.com --to-internal ann@contoso.com --to-external bob@example.net
  fakeeop doctor 127.0.0.1:2525 --cert certs/match.pem --key certs/match.key --from app@contoso.com \\
      --to-external bob@example.net
  fakeeop doctor contoso-com.mail.protection.outlook.com --allow-remote --cert relay.pfx --cert-password secret
"""
DEFAULT_PORT = 25
_MARKS = {"good": "✓", "noted": "!", "refused": "✗", "failed": "✗", "skipped": "-"}
_ENDS = {
    "fine": "nothing that was asked for was refused",
    "refused": "the server said no",
    "unreachable": "no answer: the walk ended here",
    "tls-failed": "TLS did not work out: the walk ended here",
    "no-tls": "a certificate was to be shown, and there is no TLS",
    "not-smtp": "this is not an SMTP server in clear text",
    "broken-off": "the server broke the walk off",
}


def add_arguments(parser: ArgumentParser) -> None:
    """The command line of ``fakeeop doctor``."""
    parser.add_argument("server", metavar="HOST[:PORT]", help=f"where to go; the port is {DEFAULT_PORT} if not given")
    parser.add_argument("--allow-remote", action="store_true", help="go to another machine than this one")
    parser.add_argument("--source", type=ip, metavar="IP", help="the local address to come from")
    parser.add_argument("--helo", default="localhost", metavar="NAME", help="the name to say in EHLO (localhost)")
    parser.add_argument(
        "--timeout", type=seconds, default=20.0, metavar="SECONDS", help="how long each answer may take (20)"
    )
    mail = parser.add_argument_group("the envelope")
    mail.add_argument("--from", dest="mail_from", metavar="ADDRESS", help="MAIL FROM; '<>' is the null reverse-path")
    mail.add_argument("--to-internal", metavar="ADDRESS", help="a recipient of the tenant")
    mail.add_argument("--to-external", metavar="ADDRESS", help="a recipient elsewhere: is relay granted?")
    tls = parser.add_argument_group("TLS")
    tls.add_argument("--no-tls", action="store_true", help="stay in clear text")
    tls.add_argument("--cert", metavar="FILE", help="the client certificate with its chain, PEM or PFX")
    tls.add_argument("--key", metavar="FILE", help="its key, if FILE does not hold it")
    tls.add_argument("--cert-password", metavar="PASSWORD", help="the password of the PFX or of the key")
    tls.add_argument(
        "--trust",
        metavar="FILE|system",
        action="append",
        default=[],
        help="roots to judge certificates by (what this machine trusts, and the lab CA of --state); may be repeated",
    )
    tls.add_argument("--state", type=Path, metavar="DIR", help="the state folder of 'fakeeop serve'")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Walk; 0 if nothing was refused, 1 if something was, 4 if the walk could not be done."""
    order = _order(args)
    style = Style(sys.stdout)
    try:
        if args.json:
            found = walk(order, _judge(args))
            print(json.dumps(found.tree(), indent=2, ensure_ascii=False))
        else:
            print(style.bold(f"fakeeop doctor: {order.host}, port {order.port}; no message is sent"), flush=True)
            found = walk(order, _judge(args), lambda step: _tell(step, style))
            print(_end(found, style))
    except ValueError as why:
        raise exits.UsageError(f"--cert: {why}") from why
    if found.outcome is Outcome.FINE:
        return exits.FINE
    return exits.NO if found.outcome in (Outcome.REFUSED, Outcome.NO_TLS) else exits.ENVIRONMENT


def _order(args: Namespace) -> Order:
    host, port = _server(args.server)
    if not args.allow_remote and not is_loopback(host):
        raise exits.UsageError(
            f"{host} is another machine. The doctor asks it questions in your name, though it sends no mail. "
            "Fix: add --allow-remote if that is what you want"
        )
    if args.no_tls and args.cert:
        raise exits.UsageError("--cert needs TLS: leave out --no-tls")
    if args.cert is None and (args.key or args.cert_password):
        raise exits.UsageError("--key and --cert-password need --cert")
    if args.mail_from is None and (args.to_internal or args.to_external):
        raise exits.UsageError("--to-internal and --to-external need --from")
    chain, key = _pair(args)
    return Order(
        host=host,
        port=port,
        source=args.source or "",
        helo=_plain("--helo", args.helo),
        mail_from=_address("--from", args.mail_from),
        to_internal=_address("--to-internal", args.to_internal),
        to_external=_address("--to-external", args.to_external),
        tls=not args.no_tls,
        chain_pem=chain,
        key_pem=key,
        timeout=args.timeout,
    )


def _server(text: str) -> tuple[str, int]:
    """``HOST``, ``HOST:PORT``, ``[::1]:25``, ``::1``."""
    if text.count(":") > 1 and not text.startswith("["):
        return text, DEFAULT_PORT
    if text.startswith("[") and text.endswith("]"):
        return text[1:-1], DEFAULT_PORT
    if ":" not in text:
        return text, DEFAULT_PORT
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536 and host):
        raise exits.UsageError(f"{text!r} is not HOST or HOST:PORT")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _address(option: str, text: str | None) -> str | None:
    if text is None:
        return None
    body = _plain(option, text.strip().removeprefix("<").removesuffix(">"))
    if (body and "@" not in body) or (not body and option != "--from"):
        raise exits.UsageError(f"{option}: {text!r} is not an address, such as someone@example.net")
    return body


def _plain(option: str, text: str) -> str:
    """One word, or nothing: it goes into a command line of SMTP."""
    if any(letter.isspace() or letter in "<>" or not letter.isprintable() for letter in text):
        raise exits.UsageError(f"{option}: {text!r} has a blank, a bracket or a control character in it")
    return text


def _pair(args: Namespace) -> tuple[bytes, bytes]:
    """Chain and key as PEM; both empty without ``--cert``. Raises CertificateFileError."""
    if args.cert is None:
        return b"", b""
    import ssl  # noqa: PLC0415  only with a certificate

    found = read_pair(args.cert, args.key, args.cert_password)
    chain = "".join(ssl.DER_cert_to_PEM_cert(each) for each in found.chain_der)
    return chain.encode("ascii"), found.key_pem or b""


def _judge(args: Namespace) -> Judge:
    """By the roots that are named; else by those of this machine and of the lab."""
    folder = args.state or default_state_folder()
    lab = open_state(folder) if (folder / PKI_FOLDER).is_dir() else None
    try:
        public = read_roots(args.trust or [SYSTEM])
    except CertificateFileError:
        if args.trust:
            raise
        public = b""  # this machine has no list of its own
    own = lab.trusted_ca_pem if lab else b""
    if not own and not public:
        own = LabAuthority.create("nobody").certificate_pem  # the judge wants a root: one that signs nothing
    revoked = lab.revoked if lab else frozenset[str]()

    return lambda chain: certificate_facts(chain, own, datetime.now(UTC), revoked=revoked, public_roots_pem=public)


def _tell(step: WalkStep, style: Style) -> None:
    """Print a step as it is done; what was left out is told only if there is something to say about it."""
    if step.result.value != "skipped" or step.says:
        print("\n".join(_lines(step, style)), flush=True)


def _lines(step: WalkStep, style: Style) -> list[str]:
    result = step.result.value
    paint = {"good": style.green, "noted": style.yellow, "skipped": style.dim}.get(result, style.red)
    took = "" if result == "skipped" or not step.seconds else f"{step.seconds * 1000:.1f} ms"
    says = list(step.says)
    head = _short(step) if step.reply else says.pop(0) if says else ""
    first = f"{paint(_MARKS[result])} {step.name:<14}{took:>10}  {head}".rstrip()
    return [first, *(f"{' ' * 28}{sentence}" for sentence in says)]


def _short(step: WalkStep) -> str:
    """A reply on one line; of EHLO only the first."""
    lines = step.reply.split("\n")
    return lines[0] if step.name.startswith("ehlo") and len(lines) > 1 else " / ".join(lines)


def _end(found: Findings, style: Style) -> str:
    paint = style.green if found.outcome.value == "fine" else style.red
    lines = ["", f"{paint(found.outcome.value)}: {_ENDS[found.outcome.value]}"]
    return "\n".join([*lines, *([found.conclusion] if found.conclusion else [])])
