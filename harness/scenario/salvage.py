"""What can still be checked of a file in which something is wrong: the linter tells all problems of a file at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from fakeeop.config.marked import MarkedDict, MarkedList, line_of
from fakeeop.errors import Problem
from harness.scenario.shape import PathSet

__all__ = ["broken_parts", "sound_tree"]

_CASE = ("world", "steps", "expect", "variants")
_EMPTY = {
    "title": "",
    "requirement": "",
    "level": "info",
    "evidence": [],
    "clients": ["raw"],
    "world": {},
    "steps": [],
}  # what stands for a part that is missing or wrong
_NOTHING_DONE = {"advance": "0s"}  # stands for a wrong step, so that the others keep their numbers
_STEP = re.compile(r"steps\[(\d+)\]")


def broken_parts(tree: Any, problems: Iterable[Problem]) -> PathSet:
    """The paths of everything that is wrong, as in ``world.hosts`` and ``steps[2]``."""
    found = {key for key in _EMPTY if key not in tree}
    for problem in problems:
        where = problem.where[0] if problem.where else ""
        if where.partition(".")[0] == "variants" or (not where and problem.code in ("unknown-name", "variant")):
            found.update(_CASE)  # what a variant makes of them is not known
        elif where:
            found.add(where)
    return PathSet(found)


def sound_tree(tree: dict[str, Any], broken: PathSet) -> MarkedDict:
    """The tree without its wrong parts: a wrong step, a wrong key of the world, else the whole part."""
    made = _without(tree, lambda key: broken.within(key) and key not in ("world", "steps"))
    world, steps = tree.get("world"), tree.get("steps")
    if "world" not in broken and isinstance(world, dict):
        made["world"] = _without(world, lambda key: broken.within(f"world.{key}"))
    else:
        made.pop("world", None)
    if "steps" not in broken and isinstance(steps, list):
        made["steps"] = _sound_steps(steps, broken)
    else:
        made.pop("steps", None)
    for key, value in _EMPTY.items():
        made.setdefault(key, value)
    return made


def _without(tree: dict[str, Any], wrong: Any) -> MarkedDict:
    made = MarkedDict(line_of(tree) or 0)
    for key, value in tree.items():
        if not wrong(key):
            made[key] = value
            line = line_of(tree, key)
            if line is not None:
                made.lines[key] = line
    return made


def _sound_steps(steps: list[Any], broken: PathSet) -> MarkedList:
    wrong = {int(found[1]) for path in broken if (found := _STEP.match(path))}
    made = MarkedList(line_of(steps) or 0)
    made.extend(_NOTHING_DONE if number in wrong else step for number, step in enumerate(steps, 1))
    made.lines = [line_of(steps, index) or 0 for index in range(len(steps))]
    return made
