"""A tenant file → its errors and the advice (W codes) on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fakeeop.config.advice.tenant import advise
from fakeeop.config.loader import build_forest
from fakeeop.config.marked import load_tree
from fakeeop.config.place import Place, in_line_order
from fakeeop.errors import ConfigError, Problem
from fakeeop.model.tenant import Forest

__all__ = ["check_forest", "check_tree"]


def check_forest(path: Path | str) -> tuple[Forest | None, tuple[Problem, ...]]:
    """Errors and advice of a tenant file, in line order; the forest is None if there is an error. Raises nothing.

    A file that cannot be read is one problem with the code ``unreadable``.
    """
    try:
        tree = load_tree(path)
    except ConfigError as why:
        return None, why.problems
    return check_tree(tree, str(path))


def check_tree(tree: Any, path: str = "<input>") -> tuple[Forest | None, tuple[Problem, ...]]:
    """As ``check_forest``, for data that is already read."""
    place = Place(path)
    built = build_forest(tree, place)
    broken = any(problem.severity == "error" for problem in place.problems)
    if not broken:
        advise(built.forest, built.tenants, built.fields)
    return None if broken else built.forest, in_line_order(place.problems, path)
