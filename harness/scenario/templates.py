"""``{{name}}``: a closed set of names, no expressions. A value that is exactly one of them keeps its type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from fakeeop.config.marked import MarkedDict, MarkedList, line_of

__all__ = ["NAMES", "TEMPLATE", "is_known", "replace", "scan", "substitute", "variants_in"]

TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
NAMES = ("run.id", "target.host", "target.port", "variant.NAME", "host(NAME)", "pki(NAME)")
_KNOWN = re.compile(r"run\.id\Z|target\.(?:host|port)\Z|variant\.[\w-]+\Z|(?:host|pki)\((?:variant\.)?[\w-]+\)\Z")
_VARIANT = re.compile(r"variant\.([\w-]+)")


def is_known(name: str) -> bool:
    """True for a name of the closed set, as it stands between the braces without blanks."""
    return _KNOWN.match(name) is not None


def variants_in(name: str) -> list[str]:
    """The variant values that a name uses: ``x`` of ``variant.x`` and of ``pki(variant.x)``."""
    return _VARIANT.findall(name)


def scan(tree: Any, line: int | None = None) -> Iterator[tuple[str, int | None]]:
    """Every name between braces in a tree, keys too, with the line it stands on."""
    if isinstance(tree, str):
        if "{{" in tree:
            names = TEMPLATE.findall(tree)
            for name in names:
                yield name.strip(), line
            if TEMPLATE.sub("", tree).find("{{") >= 0:
                yield "", line
    elif isinstance(tree, dict):
        for key, value in tree.items():
            at = line_of(tree, key) or line
            if "{{" in key:
                yield from scan(key, at)
            if isinstance(value, (str, dict, list)):
                yield from scan(value, at)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            if isinstance(value, (str, dict, list)):
                yield from scan(value, line_of(tree, index) or line)


def replace(tree: Any, resolve: Callable[[str, bool], Any]) -> Any:
    """The tree with names replaced; what holds none is the same object, line marks stay.

    ``resolve(name, lone)`` gives the value; ``lone`` is True if the name is the whole value, else it must give text.
    """
    if isinstance(tree, str):
        return _replace_text(tree, resolve) if "{{" in tree else tree
    if isinstance(tree, dict):
        return _replace_mapping(tree, resolve)
    if isinstance(tree, list):
        items = [replace(item, resolve) for item in tree]
        if all(new is old for new, old in zip(items, tree, strict=True)):
            return tree
        made = MarkedList(line_of(tree) or 0)
        made.extend(items)
        made.lines = list(tree.lines) if isinstance(tree, MarkedList) else []
        return made
    return tree


def _replace_text(text: str, resolve: Callable[[str, bool], Any]) -> Any:
    whole = TEMPLATE.fullmatch(text)
    if whole and "{{" not in whole[1]:
        return resolve(whole[1].strip(), True)
    return TEMPLATE.sub(lambda found: str(resolve(found[1].strip(), False)), text)


def _replace_mapping(tree: dict[str, Any], resolve: Callable[[str, bool], Any]) -> dict[str, Any]:
    changed = False
    made = MarkedDict(line_of(tree) or 0)
    for key, value in tree.items():
        name = str(_replace_text(key, resolve)) if "{{" in key else key
        new = replace(value, resolve) if isinstance(value, (str, dict, list)) else value
        changed = changed or new is not value or name is not key
        made[name] = new
        line = line_of(tree, key)
        if line is not None:
            made.lines[name] = line
    return made if changed else tree


def substitute(tree: Any, lookup: Callable[[str, str | None], Any]) -> Any:
    """The tree with every ``{{…}}`` filled in that is known only when a case runs; line marks stay, the tree given is
    left alone.

    ``lookup`` is asked for ``("run", "id")``, ``("target", "host")``, ``("target", "port")``, ``("host", NAME)``,
    ``("pki", NAME)``. A value that is exactly one name keeps the type of the answer; inside text it becomes text.
    ``pki(null)`` and ``host(null)`` are the empty text and ask nothing.
    """

    def resolve(name: str, lone: bool) -> Any:
        head, _, argument = name.partition("(" if "(" in name else ".")
        argument = argument.rstrip(")")
        if argument == "null":
            return ""
        value = lookup(head, argument or None)
        return value if lone else _as_text(value)

    return replace(tree, resolve)


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
