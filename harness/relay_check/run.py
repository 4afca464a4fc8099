"""A case of the suite on the engine: tenant, messages, watching, judging. The questions are in the suite."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from fakeeop.pki.authority import LabAuthority, write_private
from fakeeop.pki.state import SERVER_NAMES, ServerCertificates
from harness.clients.base import Credential
from harness.engine.lab import CaseLab, Lab
from harness.engine.runner import CaseRun, run_case
from harness.errors import CannotRun, DeadlineExceeded, HarnessError
from harness.model.result import Assertion, CaseResult, Grade, Matched, asserted
from harness.mtas.form import Configuration, Form, Refused, Relay, RelayRequest, Submitted
from harness.relay_check.advice import advice
from harness.relay_check.site import Site, mails, tenant_tree
from harness.relay_check.values import RelayCase, RelayObservation
from harness.targets.base import JournalView, RunningTarget, World

__all__ = ["Certificates", "OwnSessions", "RelayCheck", "RelayRun", "names_shown"]

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
_LOOP: Final = 60  # sessions beside ten for each recipient: no relay that means well makes so many
_SHOWN: Final = 400  # lines of a dialogue that a report has
_FIRST_DAYS: Final = 100  # that a certificate is valid; the renewed one is valid for longer
_RENEWED_DAYS: Final = 200


class Certificates:
    """What the emulator shows and trusts, made once a run, when first asked for. ``roots`` count as public."""

    def __init__(self, roots: bytes) -> None:
        self._roots = roots

    @cached_property
    def _authority(self) -> LabAuthority:
        return LabAuthority.create("fakeeop check-relay CA")

    @cached_property
    def server(self) -> ServerCertificates:
        """Of the emulator."""
        authority = self._authority
        made = authority.server_certificate(SERVER_NAMES)
        return ServerCertificates(
            made.chain_pem,
            made.key_pem,
            authority.certificate_pem,
            public_roots_pem=self._roots,
            authority=lambda: authority,
        )

    def write(self, name: str, folder: Path, days: int) -> Credential:
        """A client certificate of this name that the emulator trusts, for so many days, in place of an older one."""
        names = (name.replace("*.", "relay.", 1) if name.startswith("*.") else name,)
        until = datetime.now(UTC) + timedelta(days=days)
        issued = self._authority.issue(common_name=names[0], dns_names=names, not_after=until)
        credential = Credential(folder / "renewed.pem", folder / "renewed.key")
        write_private(credential.certificate, issued.chain_pem)
        write_private(credential.key, issued.key_pem)
        folder.chmod(0o711)
        return credential


@frozen
class RelayCheck:
    """What the suite is run against. ``seconds``: for each case; ``by``: what the relay is known by, ``address``,
    ``certificate``.
    """

    form: Form
    site: Site
    certificates: Certificates
    seconds: float
    by: frozenset[str] = frozenset({"address"})
    configuration: Configuration | None = None

    def connector(self, case: RelayCase) -> str:
        """A relay that is known by its certificate only comes in by it everywhere."""
        return "certificate" if case.connector == "ip" and "address" not in self.by else case.connector

    @property
    def private(self) -> bool:
        """Is mail in clear text a failure, not only less than it should be?"""
        demanded = self.configuration is not None and bool(self.configuration.demands_tls)
        return "certificate" in self.by or self.site.requires_tls or demanded

    def lacks(self, case: RelayCase) -> list[str]:
        """What the case needs and this form cannot, as sentences."""
        can = self.form.can | ({"by-address"} if "address" in self.by else set())
        can |= {"certificate"} if "certificate" in self.by else set()
        if "swap" in case.needs and self.configuration is not None and not self.configuration.certificate:
            return ["no certificate file is configured"]
        return [_CANNOT.get(need, f"it cannot: {need}") for need in sorted(case.needs - can)]


@frozen
class OwnSessions:
    """The server while a case runs, and of what it saw only what belongs to the case: its addresses have ``tag``."""

    server: RunningTarget
    tag: str

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.server.address("")

    def view(self) -> JournalView:
        """What another case's message did is left out."""
        view = self.server.journal()
        sessions = [each for each in view.sessions if self._ours(each)]
        messages = [each for each in view.messages if any(self._tagged(one) for one in each["rcpt-to"])]
        return evolve(view, sessions=sessions, messages=messages)

    def connected(self) -> bool:
        """Has anybody connected at all?"""
        return bool(self.server.journal().sessions)

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again after every message and every end of a session."""
        latest = [False]

        def again(_ended: int, _messages: int) -> bool:
            latest[0] = holds()
            return latest[0]

        self.server.wait_until(again, seconds)
        return latest[0]

    def quiet(self, seconds: float) -> bool:
        """Until no session is open; False when the time is over."""
        try:
            self.server.wait_quiet(seconds)
        except DeadlineExceeded:
            return False
        return True

    def storm(self, recipients: int) -> int:
        """The number of sessions, if it is beyond what any relay needs for so many recipients; else 0."""
        sessions = len(self.server.journal().sessions)
        return sessions if sessions > _LOOP + 10 * recipients else 0

    def explain(self) -> str:
        """The trace of the last recipient that was refused; empty if none was."""
        sessions = self.view().sessions
        refused = any(not each["reply"].startswith("2") for one in sessions for each in one["recipients"])
        return self.server.explain() if refused else ""

    def transcript(self) -> list[str]:
        """All dialogues of the case, cut where they are long."""
        lines = [
            line
            for each in self.view().sessions
            for line in (f"--- {each['id']} from {each['peer']}", *each["transcript"])
        ]
        return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"… {len(lines) - _SHOWN} more lines"]

    def _ours(self, session: Mapping[str, Any]) -> bool:
        recipients = session["recipients"]
        return not recipients or any(self._tagged(each["rcpt-to"]) for each in recipients)

    def _tagged(self, address: str) -> bool:
        return f".{self.tag}@" in address.lower()


class RelayRun(CaseRun[RelayCase]):
    """One case of the suite while it runs."""

    def __init__(self, case: RelayCase, check: RelayCheck) -> None:
        super().__init__(evolve(case, connector=check.connector(case), seconds=check.seconds))
        self._check = check
        self._seen: RelayObservation | None = None
        self._own: OwnSessions | None = None

    def blank(self) -> CaseResult:
        """From the suite."""
        case = self.case
        return CaseResult(
            case_id=case.id,
            scenario_path=case.path,
            line=0,
            variant=None,
            client=self._check.form.name,
            level=case.level,
            tags=(case.family,),
            grade=Grade.PASS,
            evidence=(case.source,),
            title=case.title,
            requirement=case.requirement,
            needs=tuple(sorted(case.needs)),
        )

    def unmet(self, lab: Lab) -> list[str]:  # noqa: ARG002  it depends on the relay, not on the machine
        """By what the form can do."""
        return self._check.lacks(self.case)

    def perform(self, lab: CaseLab[RelayCase]) -> Matched:
        """One relay, its messages, and their results. A case without messages looks at the configuration."""
        if not self.case.messages:
            self._seen = RelayObservation(self._check.form.sees, configuration=self._check.configuration, final=True)
            return asserted(self.case.judge(self._seen))
        try:
            return asserted(self._with_relay(lab))
        except Refused as why:
            error = CannotRun if self.case.refusable else HarnessError
            raise error(f"the relay itself does not take such mail: {why}") from why
        except OSError as why:
            raise HarnessError(str(why)) from why

    def told(self, result: CaseResult, matched: Matched) -> CaseResult:
        """With what to change in the relay, and its log."""
        seen, case = self._seen, self.case
        if seen is None or not matched.assertions:
            log = tuple(seen.log) if seen is not None else ()
            return evolve(result, grade=Grade.ERROR, reason="nothing was seen that could be judged", log=log)
        grade, reason = result.grade, ""
        if grade is Grade.PASS and case.faults and not any(each["faults"] for each in seen.sessions):
            grade = Grade.UNSUPPORTED
            reason = "what should have gone wrong did not come to it: it does not use that (TLS?)"
        elif grade is Grade.UNSUPPORTED:
            reason = f"not seen in time ({seen.waited:.0f} s): wait longer with --patience"
        texts = tuple(text for cause in result.causes for text in advice(cause, self._check.form.mta))
        return evolve(result, grade=grade, reason=reason, advice=texts, log=tuple(seen.log))

    def explanation(self, lab: CaseLab[RelayCase]) -> str:  # noqa: ARG002  of the case's own sessions only
        """The trace of the last recipient that was refused; empty if none was."""
        return self._own.explain() if self._own is not None else ""

    def command(self) -> str:
        """The suite's name of it."""
        return f"harness check-relay --only '{self.case.id}'"

    def _with_relay(self, lab: CaseLab[RelayCase]) -> list[Assertion]:
        case, check = self.case, self._check
        tag = f"c{lab.number + 1}p{os.getpid():x}"
        certificates = check.certificates
        world = World(
            tenant_tree(case, check.site, tag),
            check.site.path,
            certificates=lambda: certificates.server,
            listener={"peer": check.site.public},
        )
        own = self._own = OwnSessions(lab.open(world), tag)
        credential = certificates.write(check.site.certificate_name, lab.folder, _FIRST_DAYS) if case.swap else None
        ca = certificates.server.trusted_ca_pem
        began = time.monotonic()
        relay = check.form.open(RelayRequest(own, lab.folder, case.seconds, ca, credential, case.retries))
        try:
            submitted = self._submit(own, relay, lab.folder)

            def see(*, final: bool = False) -> RelayObservation:
                given, left, log = relay.now(submitted)
                view = own.view()
                wanted = check.site.certificate_name if case.connector == "certificate" else ""
                return RelayObservation(
                    check.form.sees, given, view.sessions, view.messages, left, log, final,
                    time.monotonic() - began, check.site.domain, wanted, check.configuration, case.retries,
                    runaway=relay.runaway() or own.storm(sum(len(each.to) for each in case.messages)),
                    private=check.private, connector=check.site.connector if check.site.tree is not None else None,
                )  # fmt: skip

            def settled() -> bool:
                seen = see()
                return bool(seen.runaway) or all(each.holds for each in case.judge(seen))

            final = relay.settle(settled)
            seen = self._seen = see(final=final)
        finally:
            relay.stop()
        refused = [each for each in seen.submitted if not each.taken]
        if case.refusable and refused and not seen.judgements():
            raise Refused(refused[0].said)
        self.view = own.view()
        self.transcript += own.transcript()
        return [*case.judge(seen), *_loops(seen)]

    def _submit(self, own: OwnSessions, relay: Relay, folder: Path) -> list[Submitted]:
        site = self._check.site
        submitted = []
        for number, mail in enumerate(mails(self.case, site, own.tag)):
            if number and self.case.swap:
                self._check.certificates.write(site.certificate_name, folder, _RENEWED_DAYS)
                relay.renewed()
            submitted.append(relay.submit(mail))
        return submitted


def _loops(seen: RelayObservation) -> list[Assertion]:
    """A relay that went on without an end fails, whatever the case asks."""
    if not seen.runaway:
        return []
    text = f"a mail loop: {seen.runaway} messages or sessions of its own making within {seen.waited:.0f} s"
    return [Assertion(holds=False, text=f"{text}; it was stopped", cause="mail-loop", level="must")]


_MEETING: Final = RelayCase(id="meeting", family="", title="", requirement="", judge=lambda seen: _shown(seen))


def names_shown(check: RelayCheck, lab: Lab) -> tuple[str, ...]:
    """Send one message and look: the names of the certificate that the relay shows; empty if it shows none."""
    result = run_case(RelayRun(_MEETING, check), lab)
    if result.grade is Grade.ERROR:
        raise HarnessError(result.reason)
    return tuple(name for each in result.assertions if each.holds for name in each.cause.split())


def _shown(seen: RelayObservation) -> list[Assertion]:
    """The names travel as the cause of an assertion."""
    for session in seen.sessions:
        facts = (session["tls"] or {}).get("peer-certificate")
        if facts is not None:
            return [Assertion(holds=True, text="a certificate was shown", cause=" ".join(facts["names"]))]
    arrived = any(seen.copies(recipient) for one in seen.submitted for recipient in one.recipients)
    return [Assertion(holds=arrived, text="no certificate was shown")]
