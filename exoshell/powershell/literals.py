"""Literals: numbers, texts with what stands in them, lists, ranges, hash tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from exoshell.powershell.context import Context
from exoshell.powershell.conversions import INT_MAX, cast, text_of
from exoshell.powershell.errors import PsError
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import HashTable

__all__ = ["LITERALS", "unescaped"]

_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_LONGEST: Final = 1_000_000
_SIZES: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40, "pb": 2**50}


def _integer_literal(_context: Context, node: Node) -> int:
    word = node.word.lower()
    size = next((factor for unit, factor in _SIZES.items() if word.endswith(unit)), 1)
    word = (word[:-2] if size > 1 else word).rstrip("l")
    if not word.startswith("0x"):
        return int(word) * size
    number = int(word, 16)
    if INT_MAX < number < 2**32 and len(word) == 10 and not node.word.lower().endswith("l"):
        number -= 2**32  # 0xFFFFFFFF is -1
    return number * size


def _real_literal(_context: Context, node: Node) -> float:
    word = node.word.lower().rstrip("d")
    size = next((factor for unit, factor in _SIZES.items() if word.endswith(unit)), 1)
    return float(word[:-2] if size > 1 else word) * size


def _string_literal(context: Context, node: Node) -> str:
    inner = node.children[0] if node.children else node
    word = node.word
    if word.startswith("@"):
        body = re.sub(r"\A@['\"][ \t]*\r?\n", "", word)
        body = re.sub(r"\r?\n['\"]@\Z", "", body)
        return body if word[1] == "'" else _expanded(context, inner, word.index(body) if body else 0, body)
    if word.startswith(("'", "\u2018")):
        return word[1:-1].replace("''", "'")
    return _expanded(context, inner, 1, word[1:-1])


def _expanded(context: Context, node: Node, offset: int, body: str) -> str:
    """Variables and ``$()`` replaced; by the grammar's own finds, so that positions are right."""
    octets = body.encode()
    start = node.raw + len(node.word[:offset].encode())
    made: list[str] = []
    at = 0
    for child in node.children:
        if child.kind not in ("variable", "sub_expression"):
            continue
        first = child.raw - start
        before = octets[at:first]
        if (len(before) - len(before.rstrip(b"`"))) % 2:  # a backtick: no variable, which here-strings miss
            continue
        made.append(unescaped(octets[at:first].decode("utf-8", "replace")))
        made.append(text_of(context.value(child)))
        at = first + len(child.word.encode())
    made.append(unescaped(octets[at:].decode("utf-8", "replace")))
    return "".join(made)


def _array_expression(context: Context, node: Node) -> list[Any]:
    return [one for each in node.parts for one in context.outputs(each)]


def _array_literal_expression(context: Context, node: Node) -> Any:
    if not any(not each.named and each.word == "," for each in node.children):
        return context.value(node.parts[0])
    return [context.value(each) for each in node.parts]


def _argument_expression_list(context: Context, node: Node) -> list[Any]:
    return [context.value(each) for each in node.parts]


def _hash_literal_expression(context: Context, node: Node) -> HashTable:
    made = HashTable()
    body = node.first("hash_literal_body")
    for entry in body.of("hash_entry") if body is not None else ():
        key, *rest = entry.parts
        name = key.word if key.kind in ("simple_name", "key_expression") else context.value(key)
        if name in made:
            raise PsError(
                f"Duplicate keys '{text_of(name)}' are not allowed in hash literals.",
                error_id="DuplicateKeyInHashLiteral",
                category="ParserError",
                position=key.position,
            )
        if name is None:
            raise PsError(
                "A null key is not allowed in a hash literal.", error_id="InvalidNullKey",
                category="InvalidOperation", position=key.position,
            )  # fmt: skip
        made[name] = context.result(rest[0]) if rest else None
    return made


def _range_expression(context: Context, node: Node) -> list[int]:
    first, last = (cast(context.value(each), "int", each.position) for each in node.parts)
    if abs(last - first) >= _LONGEST:
        raise PsError(
            f"A range of {abs(last - first) + 1} numbers is too long; here it has {_LONGEST} at most.",
            error_id="OutOfMemoryException",
            category="LimitsExceeded",
            position=node.position,
        )
    return list(range(first, last + 1)) if first <= last else list(range(first, last - 1, -1))


def unescaped(text: str) -> str:
    """Backticks and doubled quotes as what they mean."""
    return re.sub(r'`(.)|""', lambda match: _ESCAPES.get(match[1], match[1]) if match[1] else '"', text, flags=re.S)


LITERALS: Final[dict[str, Callable[[Context, Node], Any]]] = {
    "argument_expression_list": _argument_expression_list,
    "array_expression": _array_expression,
    "array_literal_expression": _array_literal_expression,
    "hash_literal_expression": _hash_literal_expression,
    "integer_literal": _integer_literal,
    "range_expression": _range_expression,
    "real_literal": _real_literal,
    "string_literal": _string_literal,
}
