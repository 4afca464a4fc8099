"""The JSON Schema of scenario files (draft 2020-12): for editors, and for the linter as a second opinion."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from harness.match.values import show

__all__ = ["scenario_schema", "schema_problems"]


@cache
def scenario_schema() -> dict[str, Any]:
    """The schema as a tree; the same object each time, not to be changed."""
    text = (files("harness.scenario") / "schema" / "scenario-1.json").read_text("utf-8")
    return json.loads(text)  # type: ignore[no-any-return]  # our own file: an object


@cache
def _validator() -> Any:
    import jsonschema  # noqa: PLC0415  only the linter needs it: 60 ms

    return jsonschema.Draft202012Validator(scenario_schema())


def schema_problems(tree: Any) -> list[tuple[str, str]]:
    """(path, message) for each place where the tree does not fit, elements counted from 1."""
    from jsonschema.exceptions import best_match  # noqa: PLC0415  as above

    validator = _validator()
    if validator.is_valid(tree):
        return []
    found = []
    for error in validator.iter_errors(tree):
        best = best_match([error])
        path = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in best.absolute_path)
        found.append((path.lstrip("."), show(best.message)))
    return found
