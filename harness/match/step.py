"""What a step expects against what its client saw; the journal's view of the same session is added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from harness.match.core import match
from harness.match.kinds import STEP
from harness.match.values import parse_reply, show
from harness.model.result import Matched, Mismatch

__all__ = ["disagreements", "match_step", "nearest_text"]


def match_step(
    verb: str,
    expect: Any,
    observation: Mapping[str, Any],
    *,
    path: str,
    line: int | None = None,
    journal: Mapping[str, Any] | None = None,
    observes: frozenset[str] | None = None,
) -> Matched:
    """Match the ``expect`` of one step.

    ``observation`` is ``Observation.tree()``, with ``duration`` in seconds added for ``within``. ``path`` is where the
    expectation stands (``steps[1].expect``), ``line`` the line of ``expect``. ``journal`` is the journal's tree of this
    session. A field that is not in ``observes`` (None = everything is) is taken from the journal, or is unobservable.
    """
    if expect is None:
        return Matched()
    view = _journal_view(journal)
    wanted, seen, unobservable = expect, dict(observation), []
    if observes is not None:
        for name in [name for name in expect if name not in observes and name in _CLIENT_FIELDS]:
            if view.get(name) is None:
                wanted = _without(wanted, name)
                unobservable.append(f"{path}.{name}")
            else:
                seen[name] = view[name]
    matched = match(STEP[verb], wanted, seen, path, line)
    beside = _paths(view, path)
    nearest = nearest_text(journal)
    return Matched(
        tuple(_with_journal(mismatch, beside, nearest) for mismatch in matched.mismatches),
        tuple(_with_journal(mismatch, beside, nearest) for mismatch in matched.deviations),
        tuple(unobservable),
    )


_CLIENT_FIELDS = (frozenset(STEP["submit"].fields) | {"tls"}) - {"eventually", "within"}  # times are ours


def _without(expect: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The expectation less one field, line marks kept."""
    if not hasattr(expect, "lines"):
        return {key: value for key, value in expect.items() if key != name}
    less = type(expect)(expect.line)  # type: ignore[call-arg, attr-defined]  # a MarkedDict: it has lines
    less.update((key, value) for key, value in expect.items() if key != name)  # type: ignore[attr-defined]  # as above
    less.lines = expect.lines  # type: ignore[attr-defined]  # as above
    return less


def _journal_view(journal: Mapping[str, Any] | None) -> dict[str, Any]:
    """The journal's session under the names of an observation."""
    if journal is None:
        return {}
    recipients = {entry["rcpt-to"]: {"reply": entry["reply"]} for entry in journal.get("recipients") or ()}
    refusals = [entry["reply"] for entry in journal.get("refusals") or ()]
    replies = refusals or [entry["reply"] for entry in recipients.values()]
    view: dict[str, Any] = {"recipients": recipients or None, "closed-by": journal.get("closed-by")}
    view["reply"] = replies[-1] if replies else None
    tls = journal.get("tls")
    view["tls"] = {"version": tls.get("version"), "cipher": tls.get("cipher")} if tls else None
    return view


def _paths(view: Mapping[str, Any], path: str) -> dict[str, Any]:
    beside: dict[str, Any] = {f"{path}.{name}": value for name, value in view.items() if value is not None}
    for address, entry in (view.get("recipients") or {}).items():
        beside[f"{path}.recipients.{address}"] = entry
        beside[f"{path}.recipients.{address}.reply"] = entry["reply"]
    for name, value in (view.get("tls") or {}).items():
        beside[f"{path}.tls.{name}"] = value
    return beside


def _with_journal(mismatch: Mismatch, beside: Mapping[str, Any], nearest: str) -> Mismatch:
    if mismatch.path not in beside:
        return evolve(mismatch, nearest=nearest)
    held = show(beside[mismatch.path])
    agree = _same_reply(mismatch.actual, held)
    seen_by = "client" if agree else "both-disagree"
    return evolve(mismatch, nearest=nearest, actual_journal=held, seen_by=seen_by)


def _same_reply(left: str, right: str) -> bool:
    return left == right or (parse_reply(left).code, parse_reply(left).whole) == (
        parse_reply(right).code,
        parse_reply(right).whole,
    )


def nearest_text(session: Mapping[str, Any] | None) -> str:
    """``"Office relay", failed on SenderIPAddresses`` for the first connector that came near; empty if none did."""
    for entry in (session or {}).get("nearest") or ():
        failed = entry.get("failed")
        names = ", ".join(failed) if isinstance(failed, (list, tuple)) else str(failed)
        detail = f" ({entry['detail']})" if entry.get("detail") else ""
        fix = f"; {entry['fix']}" if entry.get("fix") else ""
        return f'"{entry.get("connector")}", failed on {names}{detail}{fix}'
    return ""


def disagreements(
    observation: Mapping[str, Any], session: Mapping[str, Any], *, path: str, line: int | None = None
) -> tuple[Mismatch, ...]:
    """The recipients whose reply the client saw otherwise than the journal has it (both must agree)."""
    held = {entry["rcpt-to"]: entry["reply"] for entry in session.get("recipients") or ()}
    found = []
    for address, entry in (observation.get("recipients") or {}).items():
        seen = entry.get("reply")
        if seen is None or address not in held or _same_reply(seen, held[address]):
            continue
        note = "client and journal to agree on the reply"
        where = f"{path}.recipients.{address}.reply"
        level = "must"  # whatever the level of the case: one of the two views is wrong
        found.append(Mismatch(where, line, held[address], seen, note, "both-disagree", "", held[address], level=level))
    return tuple(found)
