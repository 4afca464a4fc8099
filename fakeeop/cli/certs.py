"""``fakeeop certs``: client certificates of every kind, with the lines to paste; and a look at any certificate file."""

from __future__ import annotations

import difflib
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from fakeeop.cli import exits
from fakeeop.cli.certs_text import made_text, shown_text
from fakeeop.cli.style import Style
from fakeeop.errors import StoreError
from fakeeop.model.addresses import canonical_domain
from fakeeop.model.session import UNKNOWN_TIME
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import issued_paths, read_certificate_file, write_issued
from fakeeop.pki.judge import ChainJudge, certificate_facts
from fakeeop.pki.roots import read_roots
from fakeeop.pki.state import PKI_FOLDER, default_state_folder, open_state, revoke
from fakeeop.pki.variants import VARIANTS, make_variant

if TYPE_CHECKING:
    from fakeeop.model import CertificateFacts
    from fakeeop.pki.files import IssuedFiles
    from fakeeop.pki.variants import Variant

HELP = """\
The certificate lab. 'make' writes client certificates of a private CA, good ones and every kind of bad one, as PEM
and PFX, with the lines to paste into a relay. 'show' tells what a certificate file holds and what the service would
say of its chain. 'list' names the variants. Unofficial, not affiliated with Microsoft."""

EXAMPLES = """\
  fakeeop certs make --name mail.contoso.com                   all variants, into ./certs
  fakeeop certs make --variant match expired --out lab         only these two
  fakeeop certs make --variant match --key rsa --password pw   an RSA key; the PFX opens with pw
  fakeeop certs show certs/expired.pem                         what is in it, and is it good?
  fakeeop certs show relay.pfx --password secret
  fakeeop certs list
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The command line of ``fakeeop certs``."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="make|show|list")
    make = actions.add_parser("make", help="write certificates", allow_abbrev=False)
    make.add_argument("--out", type=Path, default=Path("certs"), metavar="DIR", help="where to write (./certs)")
    make.add_argument(
        "--variant", nargs="+", action="extend", metavar="NAME", help="which variants ('all', the default, for all)"
    )
    make.add_argument(
        "--name", type=_host_name, default="mail.contoso.com", help="the host name in the certificate (%(default)s)"
    )
    make.add_argument("--key", choices=["ec", "rsa"], default="ec", help="the kind of key (ec)")
    make.add_argument("--password", default="fakeeop", help="the password of the PFX files (%(default)s)")
    make.add_argument("--force", action="store_true", help="overwrite files that exist")
    show = actions.add_parser("show", help="look at a certificate file: PEM, DER or PFX", allow_abbrev=False)
    show.add_argument("file", type=Path, metavar="FILE")
    show.add_argument("--password", help="of a PFX or an encrypted key")
    show.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="FILE|system",
        help="roots to trust besides the lab CA: a PEM file, or what this machine trusts; may be repeated",
    )
    listing = actions.add_parser("list", help="the variants", allow_abbrev=False)
    for each in (make, show):
        each.add_argument(
            "--state", type=Path, metavar="DIR", help=f"where the lab CA lives ({default_state_folder()})"
        )
    for each in (make, show, listing):
        each.add_argument("--json", action="store_true", help="print JSON")


def run(args: Namespace) -> int:
    """Make, show or list. Raises CertificateFileError, StoreError, UsageError."""
    return {"make": _make, "show": _show, "list": _list}[args.action](args)


def _make(args: Namespace) -> int:
    chosen = _chosen(args.variant)
    state = args.state or default_state_folder()
    trusted = open_state(state)
    authority = LabAuthority.load(state / PKI_FOLDER)
    judge = ChainJudge(trusted.trusted_ca_pem, trusted.revoked)
    now = datetime.now(UTC)
    if not args.force:
        _refuse_to_overwrite([path for variant in chosen for path in issued_paths(args.out, variant.name).all])
    made: list[Made] = []
    try:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "lab-ca.pem").write_bytes(authority.certificate_pem)
        for variant in chosen:
            issued = make_variant(variant.name, authority, name=args.name, key=args.key, now=now)
            if variant.revoked:
                revoke(state, issued.serial)
            paths = write_issued(args.out, variant.name, issued, args.password)
            made.append(Made(variant, judge.facts(issued.chain_der, now), paths))
    except OSError as why:
        raise StoreError(f"{why.filename or args.out}: cannot be written: {why.strerror}") from why
    if args.json:
        _print_json({"lab-ca": str(args.out / "lab-ca.pem"), "certificates": [_made_tree(each) for each in made]})
    else:
        print(made_text(made, args.out, args.password, Style(sys.stdout)), end="")
    return exits.FINE


@frozen
class Made:
    """One certificate that was made: why, what it is, where it is."""

    variant: Variant
    facts: CertificateFacts
    paths: IssuedFiles


def _chosen(names: list[str] | None) -> list[Variant]:
    known = {variant.name: variant for variant in VARIANTS}
    if not names or "all" in names:
        return list(known.values())
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(known)}"
            raise exits.UsageError(f"no variant {name!r}: {hint}")
    return [known[name] for name in dict.fromkeys(names)]


def _refuse_to_overwrite(targets: list[Path]) -> None:
    there = [path for path in targets if path.exists()]
    if there:
        more = f" (and {len(there) - 1} more files)" if len(there) > 1 else ""
        raise StoreError(f"{there[0]}: exists{more}. Fix: choose another folder with --out, or overwrite with --force")


def _show(args: Namespace) -> int:
    found = read_certificate_file(args.file, args.password)
    trusted = open_state(args.state or default_state_folder())
    facts = certificate_facts(
        found.chain_der,
        trusted.trusted_ca_pem,
        datetime.now(UTC),
        revoked=trusted.revoked,
        public_roots_pem=read_roots(args.trust),
    )
    if args.json:
        _print_json({"file": str(args.file), "has-key": found.key_pem is not None, **_facts_tree(facts)})
    else:
        print(shown_text(facts, has_key=found.key_pem is not None, style=Style(sys.stdout)), end="")
    return exits.NO if facts.problems else exits.FINE


def _list(args: Namespace) -> int:
    variants = _chosen(None)
    if args.json:
        _print_json([_variant_tree(variant) for variant in variants])
        return exits.FINE
    width = max(len(variant.name) for variant in variants)
    for variant in variants:
        print(f"{variant.name:<{width}}  {variant.about}")
    return exits.FINE


def _variant_tree(variant: Variant) -> dict[str, Any]:
    problem = variant.problem.value if variant.problem else None
    return {"name": variant.name, "about": variant.about, "problem": problem, "note": variant.note or None}


def _made_tree(made: Made) -> dict[str, Any]:
    files = {
        "certificate": str(made.paths.certificate),
        "key": str(made.paths.key),
        "both": str(made.paths.both),
        "pfx": str(made.paths.pfx),
        "legacy-pfx": str(made.paths.legacy_pfx),
    }
    return {"variant": made.variant.name, "about": made.variant.about, "files": files, **_facts_tree(made.facts)}


def _facts_tree(facts: CertificateFacts) -> dict[str, Any]:
    usages = facts.extended_key_usages
    return {
        "names": list(facts.names),
        "subject": facts.subject,
        "issuer": facts.issuer,
        "serial": facts.serial,
        "key": facts.key,
        "not-before": None if facts.not_before == UNKNOWN_TIME else facts.not_before.isoformat(),
        "not-after": None if facts.not_after == UNKNOWN_TIME else facts.not_after.isoformat(),
        "extended-key-usages": None if usages is None else list(usages),
        "presented": list(facts.chain),
        "chain": facts.problems[0].value if facts.problems else "valid",
        "problems": [problem.value for problem in facts.problems],
        "detail": list(facts.detail),
        "sha256": facts.sha256,
    }


def _print_json(tree: Any) -> None:
    print(json.dumps(tree, indent=2, ensure_ascii=False))


def _host_name(text: str) -> str:
    try:
        name = canonical_domain(text)
    except ValueError as why:
        raise ArgumentTypeError(str(why)) from why
    if "." not in name or name.startswith("["):
        raise ArgumentTypeError(f"{text!r} is not a full host name, such as mail.contoso.com")
    return name
