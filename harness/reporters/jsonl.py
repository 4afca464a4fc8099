"""``results.jsonl``: one case a line, from which every other report is made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, fields

from harness.errors import HarnessError
from harness.model.result import Assertion, CaseResult, Grade, Mismatch, RunResult

__all__ = ["SCHEMA", "from_tree", "read_results", "to_line", "to_tree"]

SCHEMA = "fakeeop.result/1"
_TUPLES = ("tags", "evidence", "transcript", "needs", "advice", "log")
_UNLESS_EMPTY = ("needs", "assertions", "advice", "log")  # left out where there is nothing to say


def to_tree(result: CaseResult) -> dict[str, Any]:
    """One result, JSON-ready."""
    tree = asdict(result, recurse=False)
    tree["grade"] = result.grade.value
    tree["mismatches"] = [_mismatch_tree(mismatch) for mismatch in result.mismatches]
    tree["assertions"] = [asdict(assertion) for assertion in result.assertions]
    for name in _TUPLES:
        tree[name] = list(tree[name])
    return {"schema": SCHEMA} | {name: value for name, value in tree.items() if value or name not in _UNLESS_EMPTY}


def _mismatch_tree(mismatch: Mismatch) -> dict[str, Any]:
    tree = asdict(mismatch)
    if mismatch.level is None:
        del tree["level"]
    return tree


def from_tree(tree: Mapping[str, Any]) -> CaseResult:
    """The result again. Raises KeyError, TypeError or ValueError for any other tree."""
    if not isinstance(tree, Mapping):
        raise TypeError("not a record")
    if tree.get("schema") != SCHEMA:
        raise ValueError(f"schema {tree.get('schema')!r} is not {SCHEMA}")
    values = {field.name: tree[field.name] for field in fields(CaseResult) if field.name in tree}
    values["grade"] = Grade(values["grade"])
    values["mismatches"] = tuple(Mismatch(**mismatch) for mismatch in values.get("mismatches", ()))
    values["assertions"] = tuple(Assertion(**assertion) for assertion in values.get("assertions", ()))
    for name in _TUPLES:
        values[name] = tuple(values.get(name, ()))
    return CaseResult(**values)


def to_line(tree: Mapping[str, Any]) -> bytes:
    """One line of the file, with its end."""
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read_results(path: Path) -> RunResult:
    """A run from its file, or from the folder that holds it. Raises HarnessError naming the line that is wrong."""
    file = path / "results.jsonl" if path.is_dir() else path
    try:
        lines = file.read_bytes().splitlines()
    except OSError as why:
        raise HarnessError(f"{file}: {why.strerror}") from why
    return RunResult(tuple(_cases(lines, file)), out=str(file.parent))


def _cases(lines: Iterable[bytes], file: Path) -> Iterable[CaseResult]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield from_tree(json.loads(line))
        except (KeyError, TypeError, ValueError) as why:
            raise HarnessError(f"{file}:{number}: not a result of the harness: {why}") from why
