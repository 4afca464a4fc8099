"""``AsOf:`` of a tenant file: the day whose service it is to be."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import date
from typing import Any

from fakeeop.config import values
from fakeeop.config.place import Fields
from fakeeop.decision.eras import parse_day

__all__ = ["dated_tree", "read_day"]


def read_day(fields: Fields) -> date | None:
    """The day of ``AsOf``; a problem if it is not one."""
    text = values.text(fields, "AsOf")
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError as why:
        fields.error("AsOf", "bad-value", str(why), "write a day such as 2019-06-01, or take it out for today")
        return None


def dated_tree(tree: Any, day: date | str | None) -> Any:
    """A tenant file's content with another ``AsOf``; the same without a day, and if it is not a mapping."""
    if day is None or not isinstance(tree, Mapping):
        return tree
    dated: Any = copy(tree)
    for key in [key for key in dated if isinstance(key, str) and key.lower() == "asof"]:
        del dated[key]
    dated["AsOf"] = str(day)
    return dated
