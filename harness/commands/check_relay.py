"""``harness check-relay``."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from harness.commands.common import UsageError, console, nothing, print_json

if TYPE_CHECKING:
    from harness.mtas.form import Form
    from harness.relay_check.engine import Run
    from harness.relay_check.values import Case, CheckResult

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
    from harness.relay_check.forms.registry import FORMS  # noqa: PLC0415  start-up time

    for offer in FORMS:
        parser.add_argument(offer.option, metavar=offer.metavar, help=offer.about)
    add = parser.add_argument
    add("--mta", choices=_mtas(), default="generic", help="whose settings to name in advice, where it is not seen")
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
    add("--list", action="store_true", help="print the cases and stop")
    add("--strict", action="store_true", help="exit code 1 for deviations too, and for what was not seen in time")
    add("--json", action="store_true", help="for machines, nothing else on standard output")
    add("--html", type=Path, metavar="FILE", help="write the report as one HTML file")
    add("-v", "--verbose", action="store_true", help="with the trace of the emulator, the dialogue and the relay's log")


def _mtas() -> tuple[str, ...]:
    from harness.relay_check.advice import MAIL_SERVERS_KNOWN  # noqa: PLC0415  start-up time

    return MAIL_SERVERS_KNOWN


def run(arguments: argparse.Namespace) -> int:
    """Check it."""
    from harness.clients.process import end_leftovers  # noqa: PLC0415  start-up time of --help
    from harness.relay_check.suite import suite  # noqa: PLC0415  as above

    cases = selected(suite(), arguments.only, arguments.skip)
    if arguments.list:
        return _list(cases, as_json=arguments.json)
    if not cases:
        return nothing(arguments.only)
    form, about = _form(arguments)
    with _ended_in_order():
        try:
            code = _check(arguments, form, about, cases)
        finally:
            form.close()
            left = end_leftovers()
    for each in left:
        print(f"harness check-relay: {each}", file=sys.stderr)
    return 3 if left else code


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does: what was started is stopped, what was made is removed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupted(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def selected(cases: Sequence[Case], only: Sequence[str], skip: Sequence[str]) -> list[Case]:
    """By name, family or glob. Raises UsageError for a word that fits nothing."""

    def fits(case: Case, word: str) -> bool:
        return fnmatchcase(case.name, word) or fnmatchcase(case.family, word)

    for word in (*only, *skip):
        if not any(fits(case, word) for case in cases):
            raise UsageError(f"no case {word!r}: --list shows them")
    wanted = [case for case in cases if not only or any(fits(case, word) for word in only)]
    return [case for case in wanted if not any(fits(case, word) for word in skip)]


def _form(arguments: argparse.Namespace) -> tuple[Form, str]:
    from harness.relay_check.forms.registry import FORMS, form_of  # noqa: PLC0415  start-up time of --help

    if arguments.patience <= 0:
        raise UsageError("--patience is a number of seconds above 0")
    form = form_of(arguments)
    if form is None:
        raise UsageError(f"give one of {', '.join(offer.option for offer in FORMS)}")
    about = next(f"{offer.option} {getattr(arguments, offer.key)}" for offer in FORMS if getattr(arguments, offer.key))
    return form, about


def _list(cases: Sequence[Case], *, as_json: bool) -> int:
    if as_json:
        print_json([case.tree() for case in cases])
        return 0
    family = ""
    for case in cases:
        if case.family != family:
            family = case.family
            print(family)
        print(f"  {case.name:<27}{case.level:<8}{case.title}")
    return 0


def _check(arguments: argparse.Namespace, form: Form, about: str, cases: Sequence[Case]) -> int:
    import time  # noqa: PLC0415  start-up time of --help

    from harness.relay_check.engine import check  # noqa: PLC0415  as above
    from harness.relay_check.report import Report, exit_code, print_head, print_report, print_result  # noqa: PLC0415  as above
    from harness.relay_check.setup import Wish, facts_of, make_run  # noqa: PLC0415  as above

    wish = Wish(
        arguments.patience, arguments.domain or "", arguments.certificate_name or "", frozenset(arguments.by),
        arguments.tenant, arguments.connector, tuple(arguments.trust),
    )  # fmt: skip
    screen = None if arguments.json else console()
    began = time.monotonic()
    if form.fixed is not None:
        _say(
            screen,
            f"the smart host of the relay must be {form.fixed[0]} port {form.fixed[1]}: the emulator listens there",
        )
    checked = make_run(form, wish)
    notes = (*form.notes, *wish.notes)
    results: list[CheckResult] = []
    try:
        facts = facts_of(checked, form, about)
        if screen is not None:
            print_head(screen, facts, notes)
        for result in check(checked, cases, _progress(screen, arguments, checked)):
            results.append(result)
            if screen is not None:
                print_result(screen, result)
    finally:
        checked.server.end()
    report = Report(facts, form.replaced(), notes, tuple(results), time.monotonic() - began, form.mta != "generic")
    code = exit_code(results, strict=arguments.strict)
    if screen is None:
        print_json(report.tree(code))
    else:
        print_report(screen, report, verbose=arguments.verbose)
    if arguments.html is not None:
        _write(arguments.html, report)
    return code


def _progress(screen: Any, arguments: argparse.Namespace, checked: Run) -> Any:
    """A line for each case that may take long, on a terminal or not: nobody shall wonder what is going on."""

    def told(case: Case) -> None:
        if screen is not None and checked.form.fixed is not None:
            screen.print(f"… {case.name} (up to {arguments.patience:g} s)", style="dim", markup=False)

    return told


def _say(screen: Any, text: str) -> None:
    if screen is not None:
        screen.print(text, markup=False, soft_wrap=True)


def _write(path: Path, report: Any) -> None:
    from harness.errors import HarnessError  # noqa: PLC0415  start-up time of --help
    from harness.relay_check.report_html import html_report  # noqa: PLC0415  as above

    try:
        path.write_text(html_report(report), "utf-8")
    except OSError as why:
        raise HarnessError(f"--html {path}: {why.strerror or why}") from why
