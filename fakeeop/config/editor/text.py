"""Changes one place in the text of a tenant file and leaves every other character as it is: comments, order, quotes.

The YAML nodes say where things stand; only the text of what changes is written anew. JSON is YAML in flow style, and is
written with JSON's quotes.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fakeeop.config.editor.changes import listed
from fakeeop.config.marked import load_marked

__all__ = ["Editor", "Way", "block", "flow"]

Way = tuple[str | int, ...]
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_PLAIN = re.compile(r"[A-Za-z0-9_./](?:[A-Za-z0-9_./@+()' -]*[A-Za-z0-9_./@+()'-])?\Z", re.ASCII)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\Z", re.ASCII)
_NUMBER = re.compile(r"[-+.0-9][-+._0-9a-fA-FxXoOeE:]*\Z", re.ASCII)
_WORDS = frozenset(["true", "false", "yes", "no", "on", "off", "null", "y", "n"])
_DASH = re.compile(r"[ \t]*-[ \t]+\Z")
_SPECIAL = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")  # not printable in YAML
_BLANK = " \t\r\n"


def _scalar(value: Any, *, quoted: bool) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    plain = _PLAIN.match(text) and text.lower() not in _WORDS and (_ADDRESS.match(text) or not _NUMBER.match(text))
    return text if plain and not quoted else _SPECIAL.sub(_escape, json.dumps(text, ensure_ascii=False))


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def flow(value: Any, *, quoted: bool = False) -> str:
    """In one line; ``quoted``: as JSON."""
    if isinstance(value, Mapping):
        items = (f"{_scalar(key, quoted=quoted)}: {flow(held, quoted=quoted)}" for key, held in value.items())
        return "{" + ", ".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(each, quoted=quoted) for each in value) + "]"
    return _scalar(value, quoted=quoted)


def block(value: Any, indent: int) -> str:
    """A list of mappings, or a mapping, in lines; ``indent`` is its column. It begins with its own first character."""
    pad = " " * indent
    if isinstance(value, Mapping):
        return f"\n{pad}".join(f"{_scalar(key, quoted=False)}:{_held(held, indent)}" for key, held in value.items())
    return f"\n{pad}".join(
        f"- {block(each, indent + 2) if isinstance(each, Mapping) and each else flow(each)}" for each in value
    )


def _held(value: Any, indent: int) -> str:
    deep = isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
    if deep or (isinstance(value, Mapping) and value):
        return f"\n{' ' * (indent + 2)}{block(value, indent + 2)}"
    return f" {flow(value)}"


class Editor:
    """One document; every method changes ``text``. A way names a node by keys (in any case) and indexes from the top.

    KeyError and IndexError: there is no such node.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._json = text.lstrip("\ufeff" + _BLANK)[:1] in ("{", "[")
        self._end = "\r\n" if "\r\n" in text else "\n"

    # ---- what there is

    def node(self, way: Way) -> Node:
        """The node there."""
        found: Node | None = yaml.compose(self.text, Loader=_LOADER)
        for step in way:
            found = _child(found, step)
        if found is None:
            raise KeyError("the document is empty")
        return found

    def element_lines(self, way: Way) -> tuple[int, list[tuple[int, int]]] | None:
        """Of a list in lines: the column of the dashes, and where the lines of each element begin and end.

        None for any other list, an empty one too.
        """
        sequence = self.node(way)
        if not isinstance(sequence, SequenceNode) or not sequence.value or _in_brackets(sequence):
            return None
        column = self._dash_column(sequence)
        if column is None:
            return None
        return column, [
            (self._line_start(each.start_mark.index), self._next_line(self._end_of(each))) for each in sequence.value
        ]

    # ---- what changes

    def set(self, way: Way, key: str, value: Any) -> None:
        """Set one key of the mapping at ``way``."""
        mapping = self.node(way)
        pair = _pair(mapping, key)
        if pair is None:
            self._add_key(mapping, key, value)
        elif isinstance(value, list) and isinstance(pair[1], SequenceNode) and pair[1].value and _flat(pair[1], value):
            self._set_list((*way, key), [str(each) for each in value])
        else:
            self._replace_value(pair, value)

    def unset(self, way: Way, key: str) -> None:
        """Take one key out of the mapping at ``way``; nothing happens if it is not there."""
        mapping = self.node(way)
        pair = _pair(mapping, key)
        if pair is None:
            return
        pairs = mapping.value
        at = next(index for index, each in enumerate(pairs) if each is pair)
        if len(pairs) == 1:
            self._put(mapping.start_mark.index, self._end_of(mapping), "{}")
        elif _in_brackets(mapping):
            self._cut_flow([(first.start_mark.index, self._end_of_pair((first, held))) for first, held in pairs], at)
        else:
            start, end = pair[0].start_mark.index, self._end_of_pair(pair)
            following = pairs[at + 1][0].start_mark.index if at + 1 < len(pairs) else None
            self._cut_lines(start, end, following)

    def append(self, way: Way, key: str, element: Any) -> None:
        """One more element in the list under ``key`` of the mapping at ``way``; a list is made where there is none."""
        pair = _pair(self.node(way), key)
        if pair is None or not isinstance(pair[1], SequenceNode) or not pair[1].value:
            old = [] if pair is None else self._plain((*way, key))
            self._make_list(way, key, [*old, element])
            return
        sequence = pair[1]
        last = sequence.value[-1]
        end = self._end_of(last)
        column = self._dash_column(sequence)
        if _in_brackets(sequence):
            self._put(end, end, f"{self._comma(sequence)}{flow(element, quoted=self._json)}")
        elif column is None:
            self._replace_value(pair, [*self._plain((*way, key)), element])
        else:
            self._insert_lines(end, f"{' ' * column}{block([element], column)}")

    def replace(self, way: Way, value: Any) -> None:
        """Other text for the scalar at ``way``."""
        node = self.node(way)
        self._put(node.start_mark.index, self._end_of(node), flow(value, quoted=self._json))

    def remove(self, way: Way, index: int) -> None:
        """One element less of the list at ``way``."""
        sequence = self.node(way)
        item = sequence.value[index]
        pair = _pair(self.node(way[:-1]), str(way[-1]))
        if len(sequence.value) == 1 and pair is not None:
            if _in_brackets(sequence) or self._dash_column(sequence) is None:
                self._replace_value(pair, [])
            else:  # comments above and below it stay
                self._cut_lines(self._line_start(item.start_mark.index), self._end_of(item), None)
                colon = self._colon(pair[0])
                self._put(colon, colon, " []")
            return
        if _in_brackets(sequence):
            self._cut_flow([(each.start_mark.index, self._end_of(each)) for each in sequence.value], index)
            return
        if self._dash_column(sequence) is None:
            rest = [each for at, each in enumerate(self._plain(way)) if at != index]
            self._replace_value(_pair(self.node(way[:-1]), str(way[-1])), rest)
            return
        self._cut_lines(self._line_start(item.start_mark.index), self._end_of(item), None)

    # ---- pieces

    def _plain(self, way: Way) -> list[Any]:
        """The elements that stand there, as the loader reads them: for the rare forms of a list."""
        found = load_marked(self.text, "<text>")
        for step in way:
            key = (
                next((key for key in found if key.casefold() == step.casefold()), step)
                if isinstance(step, str)
                else step
            )
            found = found[key]
        return listed(found)

    def _put(self, start: int, end: int, new: str) -> None:
        new = new if self._end == "\n" else new.replace("\n", self._end)
        self.text = self.text[:start] + new + self.text[end:]

    def _add_key(self, mapping: Node, key: str, value: Any) -> None:
        if not mapping.value:
            self._put(mapping.start_mark.index, self._end_of(mapping), flow({key: value}, quoted=self._json))
            return
        last = mapping.value[-1]
        if _in_brackets(mapping):
            end = self._end_of_pair(last)
            pair = f"{_scalar(key, quoted=self._json)}: {flow(value, quoted=self._json)}"
            self._put(end, end, f"{self._comma(mapping)}{pair}")
            return
        column = mapping.value[0][0].start_mark.column
        self._insert_lines(self._end_of_pair(last), f"{' ' * column}{block({key: value}, column)}")

    def _comma(self, collection: Node) -> str:
        """What stands between two elements of a flow collection: a comma, and a line of its own where others have."""
        first = collection.value[0][0] if isinstance(collection, MappingNode) else collection.value[0]
        start = first.start_mark.index
        head = self.text[self._line_start(start) : start]
        return f",\n{head}" if not head.strip() else ", "

    def _make_list(self, way: Way, key: str, elements: list[Any]) -> None:
        mapping = self.node(way)
        pair = _pair(mapping, key)
        if pair is None:
            self._add_key(mapping, key, elements)
        elif _in_brackets(mapping) or not any(isinstance(each, Mapping) for each in elements):
            self._replace_value(pair, elements)
        else:
            column = pair[0].start_mark.column + 2
            start = self._colon(pair[0])
            self._put(start, max(start, self._end_of_pair(pair)), f"\n{' ' * column}{block(elements, column)}")

    def _replace_value(self, pair: tuple[Node, Node] | None, value: Any) -> None:
        if pair is None:
            raise KeyError(value)
        start = self._colon(pair[0])
        held = pair[1]
        text = flow(value, quoted=self._json)
        if (isinstance(held, ScalarNode) and self._end_of(held) > held.start_mark.index) or _in_brackets(held):
            self._put(held.start_mark.index, self._end_of(held), text)
        else:
            self._put(start, max(start, self._end_of_pair(pair)), f" {text}")

    def _set_list(self, way: Way, wanted: list[str]) -> None:
        """Items that stay keep their text; others go, new ones come at the end."""
        values = [each.value for each in self.node(way).value]
        counted = Counter(wanted)
        kept: list[int] = []
        gone: list[int] = []
        for index, value in enumerate(values):
            (kept if counted[value] > 0 else gone).append(index)
            counted[value] -= 1
        if [values[index] for index in kept] != wanted[: len(kept)]:  # another order
            self._replace_value(_pair(self.node(way[:-1]), str(way[-1])), wanted)
            return
        new = wanted[len(kept) :]
        if not kept and new:  # one has to stay, for the others to stand where it stood
            self.replace((*way, gone.pop()), new.pop(0))
        for index in reversed(gone):
            self.remove(way, index)
        for each in new:
            self.append(way[:-1], str(way[-1]), each)

    def _colon(self, key: Node) -> int:
        return self.text.index(":", self._end_of(key)) + 1

    def _end_of_pair(self, pair: tuple[Node, Node]) -> int:
        return max(self._end_of(pair[1]), self._colon(pair[0]))

    def _end_of(self, node: Node) -> int:
        """Where its text ends; a block collection's own mark lies behind the comments that follow."""
        if isinstance(node, ScalarNode) or _in_brackets(node) or not node.value:
            start, end = node.start_mark.index, node.end_mark.index
            return start + len(self.text[start:end].rstrip(_BLANK))
        last = node.value[-1]
        return self._end_of_pair(last) if isinstance(last, tuple) else self._end_of(last)

    def _line_start(self, index: int) -> int:
        return self.text.rfind("\n", 0, index) + 1

    def _next_line(self, index: int) -> int:
        found = self.text.find("\n", index)
        return len(self.text) if found < 0 else found + 1

    def _insert_lines(self, after: int, lines: str) -> None:
        at = self._next_line(after)
        ended = at > 0 and self.text[at - 1] == "\n"
        self._put(at, at, f"{lines}\n" if ended else f"\n{lines}")

    def _cut_lines(self, start: int, end: int, following: int | None) -> None:
        line = self._line_start(start)
        if self.text[line:start].strip() and following is not None:  # the first key behind a dash: the next takes over
            self._put(start, following, "")
        else:
            self._put(line, self._next_line(end), "")

    def _cut_flow(self, spans: list[tuple[int, int]], at: int) -> None:
        if at + 1 < len(spans):
            self._put(spans[at][0], spans[at + 1][0], "")
        else:
            self._put(spans[at - 1][1], spans[at][1], "")

    def _dash_column(self, sequence: Node) -> int | None:
        """The column of the dashes; None where an element does not stand on the line of its dash."""
        for item in sequence.value:
            start = item.start_mark.index
            if not _DASH.match(self.text[self._line_start(start) : start]):
                return None
        first = sequence.value[0].start_mark.index
        head = self.text[self._line_start(first) : first]
        return len(head) - len(head.lstrip())


def _in_brackets(node: Node) -> bool:
    """Is it a collection in brackets?"""
    return isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)


def _flat(sequence: SequenceNode, value: list[Any]) -> bool:
    return all(isinstance(each, ScalarNode) for each in sequence.value) and all(isinstance(each, str) for each in value)


def _child(node: Node | None, step: str | int) -> Node:
    if isinstance(step, int):
        if not isinstance(node, SequenceNode):
            raise IndexError(step)
        found: Node = node.value[step]
        return found
    pair = _pair(node, step)
    if pair is None:
        raise KeyError(step)
    return pair[1]


def _pair(node: Node | None, key: str) -> tuple[Node, Node] | None:
    if not isinstance(node, MappingNode):
        return None
    for pair in node.value:
        if isinstance(pair[0], ScalarNode) and pair[0].value.casefold() == key.casefold():
            found: tuple[Node, Node] = pair
            return found
    return None
