"""The final ``expect`` of a scenario against the journal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from harness.match.core import match
from harness.match.kinds import FINAL
from harness.match.step import nearest_text
from harness.model.result import Matched, Mismatch

__all__ = ["match_final"]

_SESSION = re.compile(r"\.sessions(?:\.items)?\[(\d+)\]")


def match_final(
    expect: Any,
    sessions: Sequence[Mapping[str, Any]],
    messages: Sequence[Mapping[str, Any]],
    reports: Sequence[Mapping[str, Any]] = (),
    *,
    delivered: Sequence[Mapping[str, Any]] = (),
    trace: Sequence[Mapping[str, Any]] = (),
    admin: Mapping[str, Any] | None = None,
    path: str = "expect",
    line: int | None = None,
) -> Matched:
    """Match the journal trees. Lists must match completely and sessions in order; an absent key is not checked."""
    if expect is None:
        return Matched()
    actual = {
        "sessions": sessions,
        "messages": messages,
        "reports": reports,
        "delivered": delivered,
        "trace": trace,
        "admin": admin,
    }
    matched = match(FINAL, expect, actual, path, line)
    return Matched(
        tuple(_seen_by_journal(mismatch, sessions) for mismatch in matched.mismatches),
        tuple(_seen_by_journal(mismatch, sessions) for mismatch in matched.deviations),
    )


def _seen_by_journal(mismatch: Mismatch, sessions: Sequence[Mapping[str, Any]]) -> Mismatch:
    found = _SESSION.search(mismatch.path)
    index = int(found[1]) - 1 if found else -1
    nearest = nearest_text(sessions[index]) if 0 <= index < len(sessions) else ""
    return evolve(mismatch, seen_by="journal", actual_journal=mismatch.actual, nearest=nearest)
