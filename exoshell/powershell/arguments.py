"""The words behind a command: names, values, lists of bare words, what is splatted."""

from __future__ import annotations

import re
from typing import Any, Final

from exoshell.powershell.binding import Argument
from exoshell.powershell.conversions import items_of, text_of
from exoshell.powershell.errors import Unsupported
from exoshell.powershell.literals import unescaped
from exoshell.powershell.scripts import Scripts
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import HashTable

_EXPANDS: Final = re.compile(r"(?<!`)\$[\w({]")
_QUOTED: Final = re.compile(r"'([^']*)'")

__all__ = ["Arguments", "elements_of"]


class Arguments(Scripts):
    """Mixed into the interpreter."""

    def _arguments_of(self, elements: list[Node]) -> list[Argument]:
        """The arguments, with splatted ones taken apart."""
        found: list[Argument] = []
        for number, node in enumerate(elements):
            if node.kind == "command_parameter":
                found.append(self._name(node, elements, number))
            elif node.kind == "variable" and node.word.startswith("@"):
                found += self._splatted(node)
            else:
                found.append(self._positional(node, elements, number))
        return [each for each in found if each.name != "\0"]

    def _name(self, node: Node, elements: list[Node], number: int) -> Argument:
        """``-Name`` alone; ``-Name:value`` has its value beside it."""
        name = node.word.lstrip("-\u2013\u2014").rstrip(":")
        following = elements[number + 1] if number + 1 < len(elements) else None
        text = node.source.text.encode()
        colon = node.word.endswith(":") or text[node.end : node.end + 1] == b":"
        if colon and following is not None and following.start - node.end <= 2:
            return Argument(name, self._word(following), node.position, text=_number(following))
        return Argument(name, None, node.position, given=False)

    def _positional(self, node: Node, elements: list[Node], number: int) -> Argument:
        before = elements[number - 1] if number else None
        if before is not None and before.kind == "command_parameter":
            text = node.source.text.encode()
            if before.word.endswith(":") or text[before.end : before.end + 1] == b":":
                return Argument("\0", None, node.position)  # the value of the name before it
        return Argument("", self._word(node), node.position, text=_number(node))

    def _word(self, node: Node) -> Any:
        """A bare word is text; ``a,b`` is a list of such."""
        if node.kind == "words":
            return [one for each in node.children for one in items_of(self._word(each))]
        if node.kind == "generic_token":
            return _bare(node)
        if node.kind == "argument_list":
            return self._arguments(node)
        return self.value(node)

    def _splatted(self, node: Node) -> list[Argument]:
        held = self.scopes.get(node.word.lstrip("@"))
        if isinstance(held, HashTable):
            return [Argument(text_of(name), value, node.position) for name, value in held.items()]
        return [Argument("", each, node.position) for each in items_of(held)]


def elements_of(given: Node) -> list[Node]:
    """The arguments; those that stand side by side with a comma between them are one (``Name,Enabled``)."""
    found: list[Node] = []
    for each in given.parts:
        last = found[-1] if found else None
        joined = last is not None and last.end == each.start and (each.word.startswith(",") or last.word.endswith(","))
        if joined and last is not None and last.kind != "command_parameter":
            words = last.children if last.kind == "words" else _split(last)
            found[-1] = Node("words", last.word + each.word, last.start, each.end, last.source, (*words, *_split(each)))
        else:
            found += [each] if "," not in each.word or each.kind != "generic_token" else [_words(each)]
    return found


def _words(node: Node) -> Node:
    return Node("words", node.word, node.start, node.end, node.source, tuple(_split(node)))


def _split(node: Node) -> list[Node]:
    """A bare word with commas in it, in parts."""
    if node.kind != "generic_token" or "," not in node.word:
        return [node]
    found = []
    at = node.start
    for part in node.word.split(","):
        if part:
            found.append(Node("generic_token", part, at, at + len(part.encode()), node.source))
        at += len(part.encode()) + 1
    return found


def _number(node: Node) -> str:
    return node.word if node.kind in ("integer_literal", "real_literal") else ""


def _bare(node: Node) -> str:
    """A word without its quotes and backticks. Raises Unsupported where something in it would have to be expanded."""
    word = node.word
    if word[:1] in "'\"":
        return word.strip("'\"")
    if '"' in word or ("'" in word and ("$" in word or "`" in word)) or _EXPANDS.search(word):
        raise Unsupported(f"the word {word}; write it in double quotes", node.position)
    return unescaped(_QUOTED.sub(r"\1", word))
