"""A trace as text for one screen, and as a tree for JSON. Keys of the tree are kebab-case and stable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakeeop.decision.verdict import Attribution
from fakeeop.why.repair.render import fix_lines, fix_tree
from fakeeop.why.trace import Candidate, Condition, NearestMiss, Step, Trace

__all__ = ["attribution_text", "attribution_tree", "trace_text", "trace_tree"]

_SHOWN = 4  # candidates of one step that are told in full
_SETTINGS = {"Enabled", "CertificateDomain"}  # conditions that hold or fail whatever mail comes
_Near = set[tuple[str, str | None]]


def trace_text(trace: Trace, *, every: bool = False) -> str:
    """The trace as plain text; ✓ and ✗ stand before each condition.

    A step tells the candidates that won or came close; of the others it says how many there are. ``every`` tells all.
    """
    lines = [f"{name:<19}{value}" for name, value in trace.inputs]
    lines += ["", f"verdict: {trace.reason.value}", f"attributed to: {attribution_text(trace.attribution)}", ""]
    near: _Near = {(miss.tenant, miss.connector) for miss in trace.nearest}
    for number, step in enumerate(trace.steps, 1):
        lines += _step_lines(number, step, step.candidates if every else _worth_telling(step.candidates, near))
    if trace.nearest:
        lines += ["", "nearest miss:" if len(trace.nearest) == 1 else "nearest misses, the best first:"]
        lines += [line for miss in trace.nearest for line in _miss_lines(miss)]
    if trace.left_out:
        lines.append(f"   and {trace.left_out:,} connectors of other tenants that do not concern you")
    if trace.fixes:
        lines += ["", "fixes, each tried and then accepted, the best first:", *fix_lines(trace.fixes)]
    elif not trace.reason.accepted:
        lines += ["", "fixes: nothing that was tried leads to acceptance"]
    if trace.advice:
        lines += ["", "advice:", *(f"  - {sentence}" for sentence in trace.advice)]
    return "\n".join(lines) + "\n"


def attribution_text(attribution: Attribution) -> str:
    """``contoso, connector 'SMTP Relay', by ip-address (Originating)``, or ``none``."""
    if attribution.tenant is None:
        return "none"
    words = attribution.tenant.name
    words += ", no connector" if attribution.connector is None else f", connector {attribution.connector.name!r}"
    if attribution.by is not None:
        words += f", by {attribution.by.value}"
    return words if attribution.direction is None else f"{words} ({attribution.direction.value})"


def attribution_tree(attribution: Attribution) -> str | dict[str, Any]:
    """``none``, or tenant, connector, by, direction."""
    if attribution.tenant is None:
        return "none"
    return {
        "tenant": attribution.tenant.name,
        "connector": None if attribution.connector is None else attribution.connector.name,
        "by": None if attribution.by is None else attribution.by.value,
        "direction": None if attribution.direction is None else attribution.direction.value,
    }


def trace_tree(trace: Trace) -> dict[str, Any]:
    """The whole trace, JSON-ready."""
    return {
        "inputs": {name.lower().replace(" ", "-"): value for name, value in trace.inputs},
        "verdict": trace.reason.value,
        "accepted": trace.reason.accepted,
        "attributed-to": attribution_tree(trace.attribution),
        "steps": [_step_tree(step) for step in trace.steps],
        "nearest": [
            {
                "tenant": miss.tenant,
                "connector": miss.connector,
                "failed": [_condition_tree(condition) for condition in miss.failed],
                "fix": miss.fix,
            }
            for miss in trace.nearest
        ],
        "fixes": [fix_tree(fix) for fix in trace.fixes],
        "advice": list(trace.advice),
        "left-out": trace.left_out,
    }


def _step_lines(number: int, step: Step, told: tuple[Candidate, ...]) -> Iterator[str]:
    yield f"{number}. {step.name}: {step.conclusion}  [{step.rule}]"
    for candidate in told:
        name = candidate.tenant if candidate.connector is None else f"{candidate.tenant} / {candidate.connector}"
        yield f"   {'→' if candidate.selected else '·'} {name}"
        for condition in candidate.conditions:
            yield f"       {_condition_text(condition)}"
    left = len(step.candidates) - len(told)
    if left:
        yield f"   · {left} {'more ' if told else ''}where nothing fits"


def _worth_telling(candidates: tuple[Candidate, ...], near: _Near) -> tuple[Candidate, ...]:
    """All of a few; of many the selected, the nearest, and those that something of this mail fits."""
    if len(candidates) <= _SHOWN:
        return candidates

    def distance(candidate: Candidate) -> tuple[bool, bool, int]:
        failed = sum(not condition.holds for condition in candidate.conditions)
        return not candidate.selected, _key(candidate) not in near, failed

    telling = [each for each in candidates if each.selected or _key(each) in near or _something_fits(each)]
    chosen = {id(candidate) for candidate in sorted(telling, key=distance)[:_SHOWN]}
    return tuple(candidate for candidate in candidates if id(candidate) in chosen)


def _key(candidate: Candidate) -> tuple[str, str | None]:
    return candidate.tenant, candidate.connector


def _something_fits(candidate: Candidate) -> bool:
    """True if more speaks for it than its own settings."""
    return any(condition.holds and condition.name not in _SETTINGS for condition in candidate.conditions)


def _condition_text(condition: Condition) -> str:
    mark = "✓ yes" if condition.holds else "✗ no "
    source = f"  [{condition.source}]" if condition.source else ""
    wanted = "" if condition.expected == condition.actual else f" | wanted: {condition.expected}"
    return f"{mark}  {condition.name}: {condition.actual}{wanted}{source}"


def _miss_lines(miss: NearestMiss) -> Iterator[str]:
    names = ", ".join(condition.name for condition in miss.failed)
    yield f"  - {miss.tenant} / {miss.connector}: failed {names}"
    yield f"    {miss.fix}"


def _step_tree(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "rule": step.rule,
        "conclusion": step.conclusion,
        "candidates": [
            {
                "tenant": candidate.tenant,
                "connector": candidate.connector,
                "selected": candidate.selected,
                "conditions": [_condition_tree(condition) for condition in candidate.conditions],
            }
            for candidate in step.candidates
        ],
    }


def _condition_tree(condition: Condition) -> dict[str, Any]:
    return {
        "name": condition.name,
        "expected": condition.expected,
        "actual": condition.actual,
        "holds": condition.holds,
        "source": condition.source,
    }
