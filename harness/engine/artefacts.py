"""The files of one case, for whoever has to find out what went wrong."""

from __future__ import annotations

import json
from pathlib import Path

from harness.engine.lab import CaseLab
from harness.scenario.result import CaseResult
from harness.targets.base import JournalView

__all__ = ["write_artefacts"]


def write_artefacts(lab: CaseLab, result: CaseResult, view: JournalView | None) -> Path:
    """``transcript.txt``, ``journal.json``, ``message-N.eml``, ``explanation.txt``, ``command.sh``; the folder.

    ``delivered-N.eml`` too, if the case looked at what was delivered, and ``trace.json``, if at the trace.
    """
    folder = lab.folder
    _write(folder / "transcript.txt", "\n".join(result.transcript) + "\n")
    _write(folder / "command.sh", f"#!/bin/sh\nexec harness run '{lab.case.id}'\n")
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
    return folder


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
