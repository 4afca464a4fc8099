"""A scenario's case on the engine: its world, its steps, its expectations, and both views against each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from fakeeop.config.marked import line_of
from harness.clients.base import Available
from harness.clients.registry import driver, status
from harness.engine.lab import CaseLab, Lab
from harness.engine.runner import CaseRun, run_case
from harness.errors import HarnessError
from harness.match.final import match_final
from harness.match.step import match_step
from harness.model.result import CaseResult, Grade, Matched, Mismatch, Observation
from harness.model.scenario import ScenarioCase, ScenarioStep
from harness.scenario.roots import command_again
from harness.scenario.templates import substitute
from harness.scenario.tenant import tenant_tree
from harness.steps.agreement import disagreeing
from harness.steps.capabilities import unmet
from harness.steps.failure_text import failure_text
from harness.steps.relays import way_back
from harness.steps.verbs import StepContext, perform
from harness.targets.base import JournalView, World

__all__ = ["ScenarioRun", "run_scenario"]


def run_scenario(case: ScenarioCase, lab: Lab) -> CaseResult:
    """Run one case of a scenario and grade it."""
    return run_case(ScenarioRun(case), lab)


class ScenarioRun(CaseRun[ScenarioCase]):
    """One case of a scenario while it runs."""

    def __init__(self, case: ScenarioCase) -> None:
        super().__init__(case)
        self._context: StepContext | None = None

    def blank(self) -> CaseResult:
        """From the scenario."""
        case, scenario = self.case, self.case.scenario
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
            evidence=evidence,
            title=scenario.title,
            requirement=scenario.requirement.strip(),
            assumptions=all(each.kind == "assumption" for each in scenario.evidence),
        )

    def unmet(self, lab: Lab) -> list[str]:
        """By what it requires, and by what its steps use."""
        return unmet(self.case, lab)

    def perform(self, lab: CaseLab[ScenarioCase]) -> Matched:
        """World, steps, quiet, expectations, agreement."""
        client = driver(self.case.client)
        if client is None:  # unmet() has looked
            raise HarnessError(f"client {self.case.client} has no driver yet")
        server = lab.open(self._world(lab))
        self._context = context = StepContext(lab, server, client, transcript=self.transcript)
        matched = self._steps(lab, context)
        context.retire_all()
        server.wait_returned(lab.left)
        context.end_relays()
        server.wait_quiet(lab.left)
        self.view = server.journal()
        if matched.holds:
            matched += self._final(lab, self.view)
        return matched + self._agreement(lab, context, self.view, matched)

    def told(self, result: CaseResult, matched: Matched) -> CaseResult:
        """With the reason of the grade, and what it was run with."""
        client = self.case.client
        found = status(client)
        target = self._context.lab.lab.target.name if self._context is not None else ""
        versions = {client: found.version if isinstance(found, Available) else "", "target": target}
        return evolve(result, reason=self._reason(result.grade, matched), versions=versions)

    def failure_text(self, result: CaseResult, wire: str) -> str:
        """Each mismatch with the line of the scenario."""
        return failure_text(self.case, result.mismatches, wire=wire, relative_to=Path.cwd())

    def command(self) -> str:
        """With the root of the scenario, if that is not the usual one."""
        return command_again("run", self.case.id, self.case.path)

    def close(self) -> None:
        """What is still up."""
        if self._context is not None:
            self._context.retire_all()
            self._context.end_relays()

    def _world(self, lab: CaseLab[ScenarioCase]) -> World:
        world = substitute(self.case.world, lab.lookup)
        submission = any(
            isinstance(step.arguments, Mapping) and step.arguments.get("endpoint") == "submission"
            for step in self.case.steps
        )
        return World(
            tenant_tree(world),
            self.case.path,
            lab.hosts,
            lab.sources,
            certificates=lambda: lab.pki.declared.server_certificates(),
            submission=submission,
            listener=world.get("listener") or {},
            virtual=world.get("clock") == "virtual",
            return_reports=self._way_back(lab, world),
        )

    def _way_back(self, lab: CaseLab[ScenarioCase], world: Mapping[str, Any]) -> tuple[str, int] | None:
        """Where delivery reports go: a way to the MTA that ``return-reports`` names, which comes up later."""
        name = world.get("return-reports")
        if name is None:
            return None
        way = way_back(str(name), lambda: self._context.relays if self._context is not None else None)
        return "127.0.0.1", lab.enter(way).port

    def _steps(self, lab: CaseLab[ScenarioCase], context: StepContext) -> Matched:
        """One after the other; the first that does not hold ends them, with everything that is wrong with it."""
        found = Matched()
        for number, step in enumerate(self.case.steps, 1):
            arguments = substitute(step.arguments, lab.lookup)
            ready = evolve(step, arguments=arguments, expect=substitute(step.expect, lab.lookup))
            seen, seconds = perform(ready, number, context)
            found += seen if isinstance(seen, Matched) else _matched(ready, number, seen, seconds, context)
            if not found.holds:
                break
        return found

    def _final(self, lab: CaseLab[ScenarioCase], view: JournalView) -> Matched:
        expect = substitute(self.case.expect, lab.lookup)
        if not _has_journal(lab):
            return Matched(unobservable=tuple(f"expect.{name}" for name in expect or {}))
        line = line_of(self.case.expect)
        asked = expect if isinstance(expect, Mapping) else {}
        delivered = view.delivered() if "delivered" in asked else ()
        trace = view.trace() if "trace" in asked else ()
        return match_final(
            expect, view.sessions, view.messages, view.reports, delivered=delivered, trace=trace, line=line
        )

    def _agreement(
        self, lab: CaseLab[ScenarioCase], context: StepContext, view: JournalView, matched: Matched
    ) -> Matched:
        """Both views against each other; what an expectation has shown already is not said twice."""
        if not _has_journal(lab):
            return Matched()
        said = {mismatch.path.replace(".expect", "") for mismatch in matched.mismatches}
        found: list[Mismatch] = []
        for number, seen in context.seen:
            for mismatch in disagreeing(seen, context.session_tree(number, view.sessions), view.messages):
                if mismatch.path not in said:
                    found.append(mismatch)
        found += context.relays.disagreeing(view.sessions, view.messages).mismatches
        return Matched(tuple(found))

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


def _has_journal(lab: CaseLab[ScenarioCase]) -> bool:
    return "journal" in lab.lab.target.capabilities


def _matched(step: ScenarioStep, number: int, seen: Observation, seconds: float, context: StepContext) -> Matched:
    if step.expect is None:
        return Matched()
    seen = context.relays.eventually(step, seen, lambda now: _judged(step, number, now, seconds, context).holds)
    found = _judged(step, number, seen, seconds, context)
    if found.holds and not found.unobservable:
        return found
    session = context.session_tree(context.current, context.running.journal().sessions)
    return _judged(step, number, seen, seconds, context, session)


def _judged(
    step: ScenarioStep,
    number: int,
    seen: Observation,
    seconds: float,
    context: StepContext,
    session: Mapping[str, Any] | None = None,
) -> Matched:
    tree: dict[str, Any] = seen.tree() | {"duration": seconds / context.lab.lab.settings.timeout_factor}
    if step.verb == "admin":
        tree["error"] = seen.reply if seen.outcome == "rejected" else None
    if step.verb != "submit":
        tree = {name: value for name, value in tree.items() if name != "recipients"}
    path = f"steps[{number}].expect"
    observes = context.driver.observes if step.verb == "submit" else None
    return match_step(step.verb, step.expect, tree, path=path, line=step.line, journal=session, observes=observes)
