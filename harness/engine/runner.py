"""``run_case``: the only engine. Both doors, the command line and pytest, come here for every case."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from attrs import evolve

from fakeeop.config.marked import line_of
from fakeeop.errors import FakeEopError, SessionCrashed
from harness.clients.registry import driver
from harness.engine.agreement import disagreeing
from harness.engine.artefacts import write_artefacts
from harness.engine.capabilities import unmet
from harness.engine.lab import CaseLab, Lab
from harness.engine.relays import way_back
from harness.engine.verbs import Stage, perform
from harness.errors import HarnessError
from harness.match.explain import failure_text
from harness.match.final import match_final
from harness.match.step import match_step
from harness.scenario.model import Case, Step
from harness.scenario.result import CaseResult, Grade, Matched, Mismatch, Observation, grade
from harness.scenario.substitute import substitute
from harness.targets.base import JournalView, Running, World

__all__ = ["run_case"]

_TOP = {
    "profile": "AsOf",
    "behaviour": "Behaviour",
    "limits": "Limits",
    "faults": "Faults",
    "zone": "Zone",
    "internet": "Internet",
    "fault-seed": "FaultSeed",
    "magic-recipients": "MagicRecipients",
}  # of the world → of the tenant file
_BREAKING = (Grade.FAIL, Grade.ERROR, Grade.DEVIATION)


def run_case(case: Case, lab: Lab) -> CaseResult:
    """Run one case and grade it. Never raises for what a scenario, a client or the target does; see ``Grade``."""
    started, began = datetime.now(UTC), monotonic()
    result = _blank(case, started)
    missing = unmet(case, lab)
    if missing:
        return evolve(result, grade=Grade.UNSUPPORTED, reason="; ".join(missing))
    case_lab = lab.case(case)
    run = _Run(case, case_lab)
    try:
        result = run.whole(result)
    except (HarnessError, FakeEopError) as why:
        result = evolve(result, grade=Grade.ERROR, reason=str(why))
    except Exception as why:
        text = "".join(traceback.format_exception(why)[-6:])
        result = evolve(result, grade=Grade.ERROR, reason=f"{type(why).__name__}: {why}", text=text)
    crash = run.close()
    if crash:
        result = evolve(result, grade=Grade.ERROR, reason="a session of the server broke", text=crash)
    result = evolve(result, transcript=run.transcript(), duration=round(monotonic() - began, 6))
    return _with_files(result, run)


def _blank(case: Case, started: datetime) -> CaseResult:
    scenario = case.scenario
    evidence = tuple(f"{each.kind}: {each.ref or each.note}" for each in scenario.evidence)
    return CaseResult(
        case_id=case.id,
        scenario_path=str(scenario.path),
        line=1,
        variant=case.variant,
        client=case.client,
        level=scenario.level,
        tags=scenario.tags,
        grade=Grade.PASS,
        started=started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        evidence=evidence,
        title=scenario.title,
        requirement=scenario.requirement.strip(),
        assumptions=all(each.kind == "assumption" for each in scenario.evidence),
    )


def _with_files(result: CaseResult, run: _Run) -> CaseResult:
    """The folder of a case that did not go well, or of every case with ``keep``; the failure text that points to it."""
    settings = run.lab.lab.settings
    keep = settings.keep or (settings.out is not None and result.grade in _BREAKING)
    folder = write_artefacts(run.lab, result, run.view) if keep and settings.out is not None else None
    run.lab.close(keep=folder is not None)
    if result.mismatches:
        wire = _shown(folder / "transcript.txt") if folder is not None else ""
        result = evolve(result, text=failure_text(run.case, result.mismatches, wire=wire, relative_to=Path.cwd()))
    return evolve(result, artefacts=str(folder) if folder is not None else "")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


class _Run:
    """One case while it runs."""

    def __init__(self, case: Case, lab: CaseLab) -> None:
        self.case = case
        self.lab = lab
        self.stage: Stage | None = None
        self.view: JournalView | None = None
        self._ways = ExitStack()

    def whole(self, result: CaseResult) -> CaseResult:
        """World, steps, quiet, expectations, grade."""
        client = driver(self.case.client)
        if client is None:  # unmet() has looked
            raise HarnessError(f"client {self.case.client} has no driver yet")
        running = self.lab.lab.target.open(self._world())
        self.stage = stage = Stage(self.lab, running, client)
        self.lab.address = running.address("")
        matched = self._steps(stage)
        for name in list(stage.sessions):
            stage.retire(name)
        running.wait_returned(self.lab.left)
        stage.transcript += stage.relays.stop_all()
        running.wait_quiet(self.lab.left)
        self.view = running.journal()
        if matched.holds:
            matched += self._final(self.view)
        matched += self._agreement(stage, self.view, matched)
        return self._graded(result, matched, running)

    def close(self) -> str:
        """End what is still up; the traceback of what broke in the server, empty if nothing did."""
        with self._ways:
            return self._close(self.stage) if self.stage is not None else ""

    def _close(self, stage: Stage) -> str:
        for name in list(stage.sessions):
            stage.retire(name)
        stage.transcript += stage.relays.stop_all()
        try:
            stage.running.close()
        except SessionCrashed as why:
            return "".join(traceback.format_exception(why))
        return ""

    def _way_back(self, world: Mapping[str, Any]) -> tuple[str, int] | None:
        """Where delivery reports go: a way to the MTA that ``return-reports`` names, which comes up later."""
        name = world.get("return-reports")
        if name is None:
            return None
        way = way_back(str(name), lambda: self.stage.relays if self.stage is not None else None)
        return "127.0.0.1", self._ways.enter_context(way).port

    def transcript(self) -> tuple[str, ...]:
        """What every client said and heard."""
        return tuple(self.stage.transcript) if self.stage is not None else ()

    def _world(self) -> World:
        world = substitute(self.case.world, self.lab.lookup)
        tenants = world["tenants"] if "tenants" in world else [world["tenant"]] if "tenant" in world else []
        tree = tenant_tree(world, tenants)
        certificates = lambda: self.lab.pki.declared.server_certificates()  # noqa: E731  made when it is asked for
        submission = any(
            isinstance(step.arguments, Mapping) and step.arguments.get("endpoint") == "submission"
            for step in self.case.steps
        )
        path = str(self.case.scenario.path)
        listener = world.get("listener") or {}
        virtual = world.get("clock") == "virtual"
        way = self._way_back(world)
        return World(tree, path, self.lab.hosts, self.lab.sources, certificates, submission, listener, virtual, way)

    def _steps(self, stage: Stage) -> Matched:
        """One after the other; the first that does not hold ends them, with everything that is wrong with it."""
        found = Matched()
        for number, step in enumerate(self.case.steps, 1):
            ready = self._filled(step)
            seen, seconds = perform(ready, number, stage)
            found += seen if isinstance(seen, Matched) else self._matched(ready, number, seen, seconds, stage)
            if not found.holds:
                break
        return found

    def _filled(self, step: Step) -> Step:
        arguments = substitute(step.arguments, self.lab.lookup)
        return evolve(step, arguments=arguments, expect=substitute(step.expect, self.lab.lookup))

    def _matched(self, step: Step, number: int, seen: Observation, seconds: float, stage: Stage) -> Matched:
        if step.expect is None:
            return Matched()
        seen = stage.relays.eventually(step, seen, lambda now: self._judged(step, number, now, seconds, stage).holds)
        found = self._judged(step, number, seen, seconds, stage)
        if found.holds and not found.unobservable:
            return found
        session = stage.session_tree(stage.current, stage.running.journal().sessions)
        return self._judged(step, number, seen, seconds, stage, session)

    def _judged(
        self,
        step: Step,
        number: int,
        seen: Observation,
        seconds: float,
        stage: Stage,
        session: Mapping[str, Any] | None = None,
    ) -> Matched:
        tree: dict[str, Any] = seen.tree() | {"duration": seconds / self.lab.lab.settings.timeout_factor}
        if step.verb == "admin":
            tree["error"] = seen.reply if seen.outcome == "rejected" else None
        if step.verb != "submit":
            tree = {name: value for name, value in tree.items() if name != "recipients"}
        path = f"steps[{number}].expect"
        observes = stage.driver.observes if step.verb == "submit" else None
        return match_step(step.verb, step.expect, tree, path=path, line=step.line, journal=session, observes=observes)

    def _final(self, view: JournalView) -> Matched:
        expect = substitute(self.case.expect, self.lab.lookup)
        if not self._has_journal():
            return Matched(unobservable=tuple(f"expect.{name}" for name in expect or {}))
        line = line_of(self.case.expect)
        asked = expect if isinstance(expect, Mapping) else {}
        delivered = view.delivered() if "delivered" in asked else ()
        trace = view.trace() if "trace" in asked else ()
        return match_final(
            expect, view.sessions, view.messages, view.reports, delivered=delivered, trace=trace, line=line
        )

    def _has_journal(self) -> bool:
        return "journal" in self.lab.lab.target.capabilities

    def _agreement(self, stage: Stage, view: JournalView, matched: Matched) -> Matched:
        """Both views against each other; what an expectation has shown already is not said twice."""
        if not self._has_journal():
            return Matched()
        said = {mismatch.path.replace(".expect", "") for mismatch in matched.mismatches}
        found: list[Mismatch] = []
        for number, seen in stage.seen:
            for mismatch in disagreeing(seen, stage.session_tree(number, view.sessions), view.messages):
                if mismatch.path not in said:
                    found.append(mismatch)
        found += stage.relays.disagreeing(view.sessions, view.messages).mismatches
        return Matched(tuple(found))

    def _graded(self, result: CaseResult, matched: Matched, running: Running) -> CaseResult:
        case = self.case
        graded = grade(case.scenario.level, matched, known_gap=case.known_gap)
        if any(mismatch.seen_by == "both-disagree" and "agree" in mismatch.note for mismatch in matched.mismatches):
            graded = Grade.KNOWN_GAP if case.known_gap else Grade.FAIL  # whatever the level: one of the two is wrong
        wanted = self.lab.lab.settings.explain or graded in _BREAKING
        return evolve(
            result,
            grade=graded,
            mismatches=matched.mismatches or matched.deviations,
            reason=self._reason(graded, matched),
            explanation=running.explain() if wanted else "",
            versions={case.client: _version(case.client), "target": self.lab.lab.target.name},
        )

    def _reason(self, graded: Grade, matched: Matched) -> str:
        gap = self.case.scenario.known_gap
        if self.case.known_gap and gap is not None:
            if graded is Grade.KNOWN_GAP:
                return f"known-gap: {gap.issue}"
            return f"the known gap {gap.issue} is closed: remove known-gap from the scenario"
        if matched.unobservable:
            return "unobservable: " + ", ".join(matched.unobservable)
        if graded is Grade.DEVIATION and matched.deviations:
            return matched.deviations[0].note or "a deviating branch of first-of holds"
        return ""


def tenant_tree(world: Mapping[str, Any], tenants: Any) -> dict[str, Any]:
    """The tree of a tenant file, from a world."""
    tree: dict[str, Any] = {"Tenants": list(tenants)}
    for name, key in _TOP.items():
        if world.get(name):
            tree[key] = world[name]
    return tree


def _version(client: str) -> str:
    from harness.clients.base import Available  # noqa: PLC0415  cheap, and only for the record
    from harness.clients.registry import status  # noqa: PLC0415  as above

    found = status(client)
    return found.version if isinstance(found, Available) else ""
