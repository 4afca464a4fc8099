"""``harness check-relay``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from rich.console import Console

from harness.clients.process import end_leftovers
from harness.commands.common import console, nothing, print_json
from harness.engine.lab import Lab, ended_in_order
from harness.engine.runner import CaseRun, run_cases
from harness.errors import HarnessError, WrongUsage
from harness.model.result import CaseResult
from harness.mtas.form import Form
from harness.relay_check.advice import GENERIC, MAIL_SERVERS_KNOWN, error_advice
from harness.relay_check.forms.registry import FORMS, form_of
from harness.relay_check.report import (
    RelayReport,
    counts_text,
    exit_code,
    is_for_all,
    print_about,
    print_head,
    print_notes,
    print_report,
    print_result,
)
from harness.relay_check.report_html import html_report
from harness.relay_check.run import RelayCheck, RelayRun
from harness.relay_check.setup import CheckOptions, facts_of, make_check
from harness.relay_check.suite import suite
from harness.relay_check.values import RelayCase
from harness.targets.embedded import EmbeddedTarget

HELP = """Your own relay under test: does it get through Exchange Online as it is, and what does it do if not?

Nothing is delivered anywhere: the emulator plays the service. Give one of --postfix, --exim,
--opensmtpd, --sendmail, --relay and --command."""
EXAMPLES = """\
  harness check-relay --postfix /etc/postfix --domain contoso.com
  harness check-relay --postfix ./postfix --by certificate --trust our-ca.pem --html report.html
  harness check-relay --relay 192.0.2.10:25 --listen 0.0.0.0:2525 --mta exchange --patience 900
  harness check-relay --command './notify.py --server {host}:{port} --from {sender} {recipient}'
  harness check-relay --list"""
_PATIENCE = 60.0
_WORLD_LISTEN = "127.0.0.1:2525"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The forms, the tenant, the choice of cases, the reports."""
    for offer in FORMS:
        parser.add_argument(offer.option, metavar=offer.metavar, help=offer.about)
    add = parser.add_argument
    add(
        "--mta",
        choices=MAIL_SERVERS_KNOWN,
        default=GENERIC,
        help="whose settings to name in advice, where it is not seen",
    )
    add("--listen", metavar="HOST:PORT", default=_WORLD_LISTEN,
        help="for --relay: where its smart host has to point to (default: %(default)s)")  # fmt: skip
    text = "how long to wait for each case (default: %(default)g); a relay of its own retries when it likes"
    add("--patience", metavar="SECONDS", type=float, default=_PATIENCE, help=text)
    add(
        "--domain", metavar="NAME", help="the accepted domain that it sends for (default: what it says, or contoso.com)"
    )
    add("--by", action="append", default=[], choices=("address", "certificate"),
        help="what the tenant knows it by; repeatable (default: address, and certificate if it has one)")  # fmt: skip
    add("--certificate-name", metavar="NAME", help="TlsSenderCertificateName of the connector")
    text = "roots that count as public authorities: a PEM file, or 'system' (default: system); repeatable"
    add("--trust", action="append", default=[], metavar="FILE", help=text)
    add("--tenant", type=Path, metavar="FILE", help="your own tenant file instead of the sample tenant")
    add(
        "--connector", metavar="NAME", default="", help="with --tenant: the connector whose first address the relay has"
    )
    add("--only", action="append", default=[], metavar="CASE", help="these cases or families; globs; repeatable")
    add("--skip", action="append", default=[], metavar="CASE", help="not these; repeatable")
    add("--repeat", type=int, default=1, metavar="N", help="every case N times, one after the other")
    add("--list", action="store_true", help="print the cases and stop")
    add("--strict", action="store_true", help="exit code 1 for deviations too, and for what was not seen in time")
    add("--json", action="store_true", help="for machines, nothing else on standard output")
    add("--html", type=Path, metavar="FILE", help="write the report as one HTML file")
    add("-v", "--verbose", action="store_true", help="with the trace of the emulator, the dialogue and the relay's log")


def run(arguments: argparse.Namespace) -> int:
    """Check it."""
    cases = selected(suite(), arguments.only, arguments.skip)
    if arguments.list:
        return _list(cases, as_json=arguments.json)
    if not cases:
        return nothing(arguments.only)
    form, about = _form(arguments)
    with ended_in_order():
        try:
            code = _check(arguments, form, about, cases)
        finally:
            form.close()
            left = end_leftovers()
    for each in left:
        print(f"harness check-relay: {each}", file=sys.stderr)
    return 3 if left else code


def selected(cases: Sequence[RelayCase], only: Sequence[str], skip: Sequence[str]) -> list[RelayCase]:
    """By name, family or glob. Raises WrongUsage for a word that fits nothing."""

    def fits(case: RelayCase, word: str) -> bool:
        return fnmatchcase(case.id, word) or fnmatchcase(case.family, word)

    for word in (*only, *skip):
        if not any(fits(case, word) for case in cases):
            raise WrongUsage(f"no case {word!r}: --list shows them")
    wanted = [case for case in cases if not only or any(fits(case, word) for word in only)]
    return [case for case in wanted if not any(fits(case, word) for word in skip)]


def _form(arguments: argparse.Namespace) -> tuple[Form, str]:
    if arguments.patience <= 0:
        raise WrongUsage("--patience is a number of seconds above 0")
    if arguments.repeat < 1:
        raise WrongUsage("--repeat is a number from 1")
    if arguments.html is not None:
        _writable(arguments.html)
    form = form_of(arguments)
    if form is None:
        raise WrongUsage(f"give one of {', '.join(offer.option for offer in FORMS)}")
    about = next(f"{offer.option} {getattr(arguments, offer.key)}" for offer in FORMS if getattr(arguments, offer.key))
    return form, about


def _list(cases: Sequence[RelayCase], *, as_json: bool) -> int:
    if as_json:
        print_json([case.tree() for case in cases])
        return 0
    family = ""
    for case in cases:
        if case.family != family:
            family = case.family
            print(family)
        print(f"  {case.id:<27}{case.level:<8}{case.title}")
    return 0


def _check(arguments: argparse.Namespace, form: Form, about: str, cases: Sequence[RelayCase]) -> int:
    options = CheckOptions(
        arguments.patience, arguments.domain or "", arguments.certificate_name or "", frozenset(arguments.by),
        arguments.tenant, arguments.connector, tuple(arguments.trust),
    )  # fmt: skip
    screen = None if arguments.json else console()
    began = time.monotonic()
    if screen is not None:
        print_about(screen, about)
    if form.fixed is not None and screen is not None:
        where = f"{form.fixed[0]} port {form.fixed[1]}"
        text = f"the smart host of the relay must be {where}: the emulator listens there"
        screen.print(text, markup=False, soft_wrap=True)
    results: list[CaseResult] = []
    planned = [case for case in cases for _ in range(arguments.repeat)]
    with Lab(target=EmbeddedTarget(form.fixed)) as lab:
        check = make_check(form, options, lab)
        notes = (*form.notes, *options.notes)
        facts = facts_of(check, about)
        if screen is not None:
            print_head(screen, facts[1:], notes)
        for result in _results(planned, check, lab, screen):
            results.append(result)
            if screen is not None:
                print_result(screen, result)
            if is_for_all(results):
                fix = "; ".join(error_advice(result.reason))
                notes = (*notes, f"stopped: every case ends with this error; {fix}")
                if screen is not None:
                    print_notes(screen, notes[-1:])
                break
    report = RelayReport(facts, form.replaced(), notes, tuple(results), time.monotonic() - began, form.mta != GENERIC)
    code = exit_code(results, strict=arguments.strict)
    if screen is None:
        print_json(report.tree(code))
    else:
        print_report(screen, report, verbose=arguments.verbose)
    if arguments.html is not None:
        _write(arguments.html, report)
    return code


def _results(planned: Sequence[RelayCase], check: RelayCheck, lab: Lab, screen: Console | None) -> Iterator[CaseResult]:
    """One by one. What is going on is shown: on a terminal each case while it runs, else those that may take long.

    Ctrl-C says how far it came.
    """
    done: list[CaseResult] = []
    status = screen.status("") if screen is not None and screen.is_terminal else None

    def told(run: CaseRun[Any]) -> None:
        text = f"{run.case.id} ({len(done) + 1} of {len(planned)}, up to {check.seconds:g} s)"
        if status is not None:
            status.update(text)
        elif screen is not None and check.form.fixed is not None:
            screen.print(f"… {text}", style="dim", markup=False)

    try:
        with status or nullcontext():
            for result in run_cases((RelayRun(case, check) for case in planned), lab, told):
                done.append(result)
                yield result
    except KeyboardInterrupt:
        print(f"stopped after {len(done)} of {len(planned)} cases: {counts_text(done)}", file=sys.stderr)
        raise


def _writable(path: Path) -> None:
    """Before the run, so that nothing is lost after it. Raises HarnessError."""
    there = path.exists()
    try:
        with path.open("ab"):
            pass
        if not there:
            path.unlink()
    except OSError as why:
        raise HarnessError(f"--html {path}: {why.strerror or why}") from why


def _write(path: Path, report: RelayReport) -> None:
    try:
        path.write_text(html_report(report), "utf-8")
    except OSError as why:
        raise HarnessError(f"--html {path}: {why.strerror or why}") from why
