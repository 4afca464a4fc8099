"""``run_case``: the only engine. Whatever kind a case is of, and by whatever door it came, it is run here."""

from __future__ import annotations

import json
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Generic

from attrs import evolve

from fakeeop.errors import FakeEopError
from harness.engine.lab import AnyCase, CaseLab, Lab
from harness.errors import CannotRun, HarnessError
from harness.model.result import CaseResult, Grade, Matched, grade
from harness.targets.base import JournalView

__all__ = ["CaseRun", "run_case", "run_cases"]

_BREAKING = (Grade.FAIL, Grade.ERROR, Grade.DEVIATION)


class CaseRun(ABC, Generic[AnyCase]):
    """One case while it runs. A kind of case is a class made from this one, which says only what is its own.

    Addresses, deadlines, the folder and its files, the server and its crashes, errors and the grade are the engine's.
    ``transcript`` is filled by the way; ``view`` is what the server saw, None before it is known.
    """

    def __init__(self, case: AnyCase) -> None:
        self.case = case
        self.transcript: list[str] = []
        self.view: JournalView | None = None

    @abstractmethod
    def blank(self) -> CaseResult:
        """The result before anything has happened: what the case is."""

    @abstractmethod
    def unmet(self, lab: Lab) -> Sequence[str]:
        """Why it cannot be run here, as sentences; empty if it can."""

    @abstractmethod
    def perform(self, lab: CaseLab[AnyCase]) -> Matched:
        """Open the world, do what is to be done, judge. Raises CannotRun, a HarnessError, or fakeeop's errors."""

    def told(self, result: CaseResult, matched: Matched) -> CaseResult:  # noqa: ARG002  for those made from it
        """The graded result, with what only this kind has to say."""
        return result

    def explanation(self, lab: CaseLab[AnyCase]) -> str:
        """The trace of the last refusal; empty if nothing was refused."""
        return lab.server.explain() if lab.server is not None else ""

    def failure_text(self, result: CaseResult, wire: str) -> str:  # noqa: ARG002  for those made from it
        """The mismatches for a terminal; ``wire`` is the path of the transcript, empty where there is none."""
        return result.text

    def command(self) -> str:
        """What to type to run it again."""
        return f"harness run '{self.case.id}'"

    def close(self) -> None:
        """End what it started, before the server ends."""


def run_cases(
    runs: Iterable[CaseRun[Any]], lab: Lab, told: Callable[[CaseRun[Any]], None] = lambda _: None
) -> Iterator[CaseResult]:
    """One after the other; each is ``told`` before it begins."""
    for run in runs:
        told(run)
        yield run_case(run, lab)


def run_case(run: CaseRun[AnyCase], lab: Lab) -> CaseResult:
    """Run one case and grade it. Never raises for what a case, a client, a relay or the target does; see ``Grade``."""
    started, began = datetime.now(UTC), monotonic()
    result = evolve(run.blank(), started=started.isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    missing = run.unmet(lab)
    if missing:
        return evolve(result, grade=Grade.UNSUPPORTED, reason="; ".join(missing))
    with lab.case(run.case) as leased:
        try:
            result = _performed(run, leased, result)
        finally:
            run.close()
        crash = leased.end_server()
        if crash:
            result = evolve(result, grade=Grade.ERROR, reason="a session of the server broke", text=crash)
        result = evolve(result, transcript=tuple(run.transcript), duration=round(monotonic() - began, 6))
        return _with_files(result, run, leased)


def _performed(run: CaseRun[AnyCase], lab: CaseLab[AnyCase], result: CaseResult) -> CaseResult:
    try:
        matched = run.perform(lab)
        graded = grade(run.case.level, matched, known_gap=run.case.known_gap)
        wanted = lab.lab.settings.explain or graded in _BREAKING or matched.pending
        return run.told(
            evolve(
                result,
                grade=graded,
                mismatches=matched.mismatches or matched.deviations,
                assertions=matched.assertions,
                explanation=run.explanation(lab) if wanted else "",
            ),
            matched,
        )
    except CannotRun as why:
        return evolve(result, grade=Grade.UNSUPPORTED, reason=str(why))
    except (HarnessError, FakeEopError) as why:
        return evolve(result, grade=Grade.ERROR, reason=str(why))
    except Exception as why:
        text = "".join(traceback.format_exception(why)[-6:])
        return evolve(result, grade=Grade.ERROR, reason=f"{type(why).__name__}: {why}", text=text)


def _with_files(result: CaseResult, run: CaseRun[AnyCase], lab: CaseLab[AnyCase]) -> CaseResult:
    """The folder of a case that did not go well, or of every case with ``keep``; the failure text that points to it."""
    settings = lab.lab.settings
    keep = settings.out is not None and (settings.keep or result.grade in _BREAKING)
    if keep:
        write_artefacts(lab.folder, result, run.view, run.command())
    folder = lab.close(keep=keep)
    if result.mismatches:
        wire = _shown(folder / "transcript.txt") if folder is not None else ""
        result = evolve(result, text=run.failure_text(result, wire))
    return evolve(result, artefacts=str(folder) if folder is not None else "")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def write_artefacts(folder: Path, result: CaseResult, view: JournalView | None, command: str) -> None:
    """``transcript.txt``, ``journal.json``, ``message-N.eml``, ``explanation.txt``, ``command.sh``.

    ``delivered-N.eml`` too, if the case looked at what was delivered, and ``trace.json``, if at the message trace.
    """
    _write(folder / "transcript.txt", "\n".join(result.transcript) + "\n")
    _write(folder / "command.sh", f"#!/bin/sh\nexec {command}\n")
    if result.explanation:
        _write(folder / "explanation.txt", result.explanation.rstrip() + "\n")
    if view is not None:
        tree = {"sessions": view.sessions, "messages": view.messages, "reports": view.reports}
        _write(folder / "journal.json", json.dumps(tree, indent=1, ensure_ascii=False) + "\n")
        if view.trace.seen is not None:
            _write(folder / "trace.json", json.dumps(view.trace.seen, indent=1, ensure_ascii=False) + "\n")
        for number, message in enumerate(view.messages, 1):
            (folder / f"message-{number}.eml").write_bytes(message["raw"].encode("latin-1"))
        for number, copy in enumerate(view.delivered.seen or (), 1):
            if copy["where"] != "failed":
                (folder / f"delivered-{number}.eml").write_bytes(copy["raw"].encode("latin-1"))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
