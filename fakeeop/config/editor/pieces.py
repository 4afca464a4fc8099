"""One list of a tenant file in pieces, so that a change of one element costs the same in a long list as in a short one.

An element in lines of its own can be read and edited by itself: the text around it means the same before and after.
Whatever cannot be done so is done by ``fakeeop.config.editor.tenant_file.edited``, with the whole text.
"""

from __future__ import annotations

from typing import Any

from attrs import evolve, frozen

from fakeeop.config.editor.changes import (
    Add,
    Change,
    NoSuchElement,
    Remove,
    Tree,
    Update,
    applied,
    find,
    listed,
    within,
)
from fakeeop.config.editor.text import Editor, Way, block
from fakeeop.config.editor.tree import TABLES, respelled
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError

__all__ = ["Pieces", "changed_whole"]

_KINDS = ("InboundConnectors", "OutboundConnectors")


@frozen
class Pieces:
    """``head``, ``elements`` and ``tail`` are the whole text; an element has the comments behind it, up to the next.

    ``column`` is that of the dashes.
    """

    head: str
    elements: tuple[str, ...]
    tail: str
    column: int

    @classmethod
    def of(cls, text: str, way: Way) -> Pieces | None:
        """None: there is no such list, or it is not in lines that begin with a dash."""
        try:
            found = Editor(text).element_lines(way)
        except (KeyError, IndexError):
            return None
        if found is None:
            return None
        column, spans = found
        starts = [start for start, _ in spans]
        ends = [*starts[1:], spans[-1][1]]
        elements = tuple(text[start:end] for start, end in zip(starts, ends, strict=True))
        return cls(text[: starts[0]], elements, text[ends[-1] :], column)

    def __str__(self) -> str:
        return "".join((self.head, *self.elements, self.tail))

    def added(self, element: Tree) -> Pieces:
        """With one more at the end, before the comments that came to stand behind the last."""
        own, comments = _split(self.elements[-1])
        if comments:
            return evolve(self, elements=(*self.elements[:-1], own), tail=comments + self.tail).added(element)
        last = self.elements[-1]
        end = "\r\n" if "\r\n" in last else "\n"
        text = f"{' ' * self.column}{block([element], self.column)}".replace("\n", end)
        if last.endswith("\n"):
            return evolve(self, elements=(*self.elements, text + end))
        return evolve(self, elements=(*self.elements[:-1], last + end, text))

    def updated(self, at: int, patch: Tree) -> Pieces:
        """With other keys in one; None takes a key out."""
        editor = Editor(self.elements[at])
        for key, value in patch.items():
            if value is None:
                editor.unset((0,), key)
            else:
                editor.set((0,), key, value)
        return evolve(self, elements=(*self.elements[:at], editor.text, *self.elements[at + 1 :]))

    def removed(self, at: int) -> Pieces:
        """Without one of several; the comments behind it stay."""
        comments = _split(self.elements[at])[1]
        left = (*self.elements[:at], *self.elements[at + 1 :])
        if at == 0:
            return evolve(self, head=self.head + comments, elements=left)
        return evolve(self, elements=(*left[: at - 1], left[at - 1] + comments, *left[at:]))


def _split(element: str) -> tuple[str, str]:
    """Its own lines, and what stands behind them."""
    found = Editor(element).element_lines(())
    end = found[1][-1][1] if found is not None else len(element)
    return element[:end], element[end:]


def changed_whole(
    whole: dict[str, Any], organization: str, pieces: Pieces, change: Change
) -> tuple[dict[str, Any], Pieces] | None:
    """The file's content and its pieces after a change; None: it takes the whole text to do it, or to say why not.

    The rules over a connector look at nothing but it, its tenant's accepted domains and the names of the others.
    """
    if not isinstance(change, Add | Update | Remove) or change.kind not in _KINDS:
        return None
    tenant = within(whole, organization)
    elements = listed(tenant.get(change.kind))
    if len(elements) != len(pieces.elements) or not all(isinstance(each, dict) for each in elements):
        return None
    try:
        new = applied(tenant, change)
        at, changed = _changed(organization, tenant, elements, pieces, change)
    except (NoSuchElement, KeyError, IndexError, _Whole):
        return None
    if at is not None:
        element = new[change.kind][at]
        if _read(changed.elements[at], changed.column, change.kind) != element or not _is_right(whole, new, change, at):
            return None
    return {**whole, "Tenants": [new if each is tenant else each for each in whole["Tenants"]]}, changed


class _Whole(Exception):
    """It cannot be done here: the way out to the whole text."""


def _changed(
    organization: str, tenant: Tree, elements: list[Any], pieces: Pieces, change: Add | Update | Remove
) -> tuple[int | None, Pieces]:
    """Which element is another now (None: one is gone), and the pieces. Raises _Whole."""
    if isinstance(change, Add):
        label = _label(change.element)
        if any(_label(each) == label for each in elements):
            raise _Whole
        return len(elements), pieces.added(change.element)
    at = find(organization, change.kind, elements, change.name)
    if at is None or (isinstance(change, Update) and "Name" in change.patch):
        raise _Whole
    if isinstance(change, Update):
        return at, pieces.updated(at, change.patch)
    if len(elements) == 1 or "BlockedConnectors" in tenant:
        raise _Whole
    return None, pieces.removed(at)


def _label(element: Tree) -> str:
    """As the rule E14 compares it."""
    name = element.get("Name")
    if not isinstance(name, str):
        raise _Whole
    return name.strip().lower()


def _read(text: str, column: int, kind: str) -> Tree | None:
    """What the text of one element says; None if it is not one element at its column."""
    try:
        read = load_marked(text, "<element>")
    except ConfigError:
        return None
    ahead = text[: len(text) - len(text.lstrip(" "))]
    if not isinstance(read, list) or len(read) != 1 or not isinstance(read[0], dict) or len(ahead) != column:
        return None
    return respelled(read[0], TABLES[kind])


def _is_right(whole: dict[str, Any], tenant: Tree, change: Add | Update | Remove, at: int) -> bool:
    """Does the element keep the rules? Looked at alone, with what its rules look at."""
    kept = {key: whole[key] for key in ("Behaviour", "AsOf") if key in whole}
    alone = {key: tenant[key] for key in ("Name", "AcceptedDomains") if key in tenant}
    try:
        forest_from_tree({**kept, "Tenants": [{**alone, change.kind: [tenant[change.kind][at]]}]})
    except ConfigError:
        return False
    return True
