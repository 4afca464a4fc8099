"""Run the suite against a form: world, messages, watching, judging, grading. One case after the other."""

from __future__ import annotations

import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from fakeeop.errors import FakeEopError
from harness.clients.base import Credential
from harness.clients.process import folder_closed, folder_opened
from harness.errors import HarnessError
from harness.mtas.form import Configuration, Form, Refused, Relay, RelayRequest, Submitted
from harness.relay_check.advice import advice
from harness.relay_check.server import Running, Server, renewed
from harness.relay_check.site import Site, mails
from harness.relay_check.values import Case, CheckResult, Finding, Seen, World
from harness.scenario.result import Grade

__all__ = ["Run", "check", "grade_of", "meet"]

_CANNOT: Final = {  # a need → the sentence of a case that cannot be run
    "configuration": "its configuration is not seen in this form",
    "certificate": "it is not known by a certificate (--by certificate)",
    "by-address": "it is not known by its address (--by address)",
    "swap": "its certificate file is not in our hands in this form",
    "many": "a message to several recipients needs {recipients} in the command",
    "null": "the null sender needs {sender} in the command",
    "sender": "another sender needs {sender} in the command",
    "content": "the content needs {message} in the command",
}


@frozen
class Run:
    """How the suite is to be run. ``seconds``: for each case; ``by``: what the relay is known by, ``address``,
    ``certificate``; ``settle``: how long to watch for a second copy where the queue is not seen.
    """

    form: Form
    server: Server
    seconds: float
    by: frozenset[str] = frozenset({"address"})
    configuration: Configuration | None = None
    folder: Path = field(factory=Path)
    keep_log: bool = True

    @property
    def site(self) -> Site:
        """The tenant and its addresses."""
        return self.server.site


def check(run: Run, cases: Iterable[Case], told: Callable[[Case], None] = lambda _: None) -> Iterator[CheckResult]:
    """Each case, graded. Never raises for what a relay or a program does."""
    for case in cases:
        told(case)
        began = time.monotonic()
        result = _one(run, case)
        yield evolve(result, duration=time.monotonic() - began)


def grade_of(case: Case, findings: Sequence[Finding]) -> Grade:
    """What does not hold decides; what may still come is not seen in time, and never passes."""
    bad = [each for each in findings if not each.holds]
    settled = [each.level or case.level for each in bad if not each.pending]
    if "must" in settled:
        return Grade.FAIL
    if any(each.pending for each in bad):
        return Grade.UNSUPPORTED
    return Grade.DEVIATION if settled else Grade.PASS


def _one(run: Run, case: Case) -> CheckResult:
    missing = _missing(run, case)
    if missing:
        return CheckResult(case, Grade.UNSUPPORTED, reason=missing)
    if not case.letters:
        seen = Seen(run.form.sees, configuration=run.configuration, final=True)
        return _graded(run, case, seen, case.judge(seen))
    try:
        return _with_server(run, case)
    except Refused as why:
        grade = Grade.UNSUPPORTED if case.refusable else Grade.ERROR
        return CheckResult(case, grade, reason=f"the relay itself does not take such mail: {why}")
    except (HarnessError, FakeEopError, OSError) as why:
        return CheckResult(case, Grade.ERROR, reason=str(why))
    except Exception as why:
        text = "".join(traceback.format_exception(why)[-6:])
        return CheckResult(case, Grade.ERROR, reason=f"{type(why).__name__}: {why}", explanation=text)


def _missing(run: Run, case: Case) -> str:
    can = run.form.can | ({"by-address"} if "address" in run.by else set())
    can |= {"certificate"} if "certificate" in run.by else set()
    if "swap" in case.needs and run.configuration is not None and not run.configuration.certificate:
        return "no certificate file is configured"
    return "; ".join(_CANNOT.get(need, f"it cannot: {need}") for need in sorted(case.needs - can))


def _with_server(run: Run, case: Case) -> CheckResult:
    case = evolve(case, world=evolve(case.world, connector=_connector(run, case)))
    running = run.server.open(case)
    folder = Path(tempfile.mkdtemp(prefix="harness-check-"))
    folder_opened(folder, f"check-relay {case.name}")
    try:
        return _with_relay(run, case, running, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        folder_closed(folder)
        run.server.close(running)


def _connector(run: Run, case: Case) -> str:
    """A relay that is known by its certificate only comes in by it everywhere."""
    if case.world.connector == "ip" and "address" not in run.by:
        return "certificate"
    return case.world.connector


def _with_relay(run: Run, case: Case, running: Running, folder: Path) -> CheckResult:
    credential = _write_pair(run, folder, 100) if case.swap else None
    ca = run.server.certificates.server.trusted_ca_pem
    request = RelayRequest(running, folder, run.seconds, ca, credential, case.retries)
    began = time.monotonic()
    relay = run.form.open(request)
    try:
        submitted = _submit(run, case, running, relay, folder)

        def see(*, final: bool = False) -> Seen:
            given, left, log = relay.now(submitted)
            wanted = run.site.certificate_name if case.world.connector == "certificate" else ""
            return Seen(
                run.form.sees, given, running.sessions(), running.messages(), left, log, final,
                time.monotonic() - began, run.site.domain, wanted, run.configuration, case.retries,
                run.site.connector if run.site.tree is not None else None,
            )  # fmt: skip

        final = relay.settle(lambda: all(each.holds for each in case.judge(see())))
        seen = see(final=final)
    finally:
        relay.stop()
    refused = [each for each in seen.submitted if not each.taken]
    if case.refusable and refused and not seen.judgements():
        raise Refused(refused[0].said)
    return _graded(run, case, seen, case.judge(seen), running)


def _submit(run: Run, case: Case, running: Running, relay: Relay, folder: Path) -> list[Submitted]:
    submitted = []
    for number, mail in enumerate(mails(case, run.site, running.tag)):
        if number and case.swap:
            _write_pair(run, folder, 200)
            relay.renewed()
        submitted.append(relay.submit(mail))
    return submitted


def _write_pair(run: Run, folder: Path, days: int) -> Credential:
    """A certificate of the relay's names in place of its own."""
    from fakeeop.pki.authority import write_private  # noqa: PLC0415  only for one case

    name = run.site.certificate_name
    issued = renewed((name.replace("*.", "relay.", 1) if name.startswith("*.") else name,), run.server, days)
    pair = Credential(folder / "renewed.pem", folder / "renewed.key")
    write_private(pair.certificate, issued.chain_pem)
    write_private(pair.key, issued.key_pem)
    folder.chmod(0o711)
    return pair


def _graded(run: Run, case: Case, seen: Seen, findings: list[Finding], running: Running | None = None) -> CheckResult:
    if not findings:
        return CheckResult(case, Grade.ERROR, reason="nothing was seen that could be judged", log=tuple(seen.log))
    grade = grade_of(case, findings)
    bad = [each for each in findings if not each.holds]
    causes = tuple(dict.fromkeys(each.cause for each in bad if each.cause))
    reason = ""
    if grade is Grade.PASS and case.world.faults and not any(each["faults"] for each in seen.sessions):
        grade, reason = Grade.UNSUPPORTED, "what should have gone wrong did not come to it: it does not use that (TLS?)"
    elif grade is Grade.UNSUPPORTED:
        reason = f"not seen in time ({seen.waited:.0f} s): wait longer with --patience"
    return CheckResult(
        case,
        grade,
        tuple(findings),
        reason=reason,
        why=tuple(dict.fromkeys(each.text for each in bad)),
        causes=causes,
        advice=tuple(text for cause in causes for text in advice(cause, run.form.mta)),
        explanation=running.explain() if running is not None and bad else "",
        transcript=tuple(running.transcript()) if running is not None else (),
        log=tuple(seen.log),
    )


_MEETING: Final = Case(
    name="meeting", family="", title="", requirement="", judge=lambda seen: _shown(seen), world=World(connector="ip")
)


def meet(run: Run) -> tuple[str, ...]:
    """Send one message and look: the names of the certificate that the relay shows; empty if it shows none."""
    result = _one(run, _MEETING)
    if result.grade is Grade.ERROR:
        raise HarnessError(result.reason)
    return tuple(name for each in result.findings if each.holds for name in each.cause.split() if name)


def _shown(seen: Seen) -> list[Finding]:
    """The names travel as the cause of a finding."""
    for session in seen.sessions:
        facts = (session["tls"] or {}).get("peer-certificate")
        if facts is not None:
            return [Finding(holds=True, text="a certificate was shown", cause=" ".join(facts["names"]))]
    arrived = any(seen.copies(recipient) for one in seen.submitted for recipient in one.recipients)
    return [Finding(holds=arrived, text="no certificate was shown")]
