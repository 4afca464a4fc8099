"""What an expression is worth."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from fakeeop.exchange.powershell import members, statics
from fakeeop.exchange.powershell.assigning import Assigning
from fakeeop.exchange.powershell.blocks import ScriptBlock
from fakeeop.exchange.powershell.conversions import cast, items_of, number_of, text_of, truth
from fakeeop.exchange.powershell.declared import block_of
from fakeeop.exchange.powershell.errors import PsError, Unsupported
from fakeeop.exchange.powershell.guarding import guarded
from fakeeop.exchange.powershell.operators import binary
from fakeeop.exchange.powershell.scopes import SCOPES, Scopes
from fakeeop.exchange.powershell.syntax import Node
from fakeeop.exchange.powershell.values import HashTable, Position

__all__ = ["Expressions", "one_of"]

_BINARY: Final = (
    *("logical_expression", "bitwise_expression", "comparison_expression", "additive_expression"),
    *("multiplicative_expression", "format_expression"),
)
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_LONGEST: Final = 1_000_000
_STRICT_MEMBERS: Final = 2.0  # Set-StrictMode -Version: from here on properties must be there, too
_SIZES: Final = {"kb": 2**10, "mb": 2**20, "gb": 2**30, "tb": 2**40}


def one_of(values: list[Any]) -> Any:
    """A pipeline's output as a value: nothing, the one, or a list."""
    return None if not values else values[0] if len(values) == 1 else list(values)


class Expressions(Assigning):
    """Mixed into the interpreter; each kind of node has a method of its own. ``live`` shows what a statement puts out
    when nobody catches it; ``strict`` is the version of Set-StrictMode, 0: off.
    """

    scopes: Scopes
    now: Callable[[], datetime]
    live: Callable[[list[Any]], None] | None
    strict: float

    def outputs(self, node: Node) -> list[Any]:
        """What a statement puts out."""
        raise NotImplementedError

    def result(self, node: Node) -> Any:
        """What a pipeline is worth where its value is asked for."""
        raise NotImplementedError

    def called_with_blocks(self, value: Any, name: str, arguments: list[Any], position: Position) -> list[Any] | None:
        """Methods that run script blocks; None for any other."""
        raise NotImplementedError

    def new_object(self, name: str, arguments: list[Any], node: Node) -> Any:
        """``[Type]::new(…)``."""
        raise NotImplementedError

    def value(self, node: Node) -> Any:
        """The value of an expression. Raises PsError, Unsupported."""
        if self.live is None:
            return self._value(node)
        show, self.live = self.live, None  # what is put out in it is a value, and not for the screen
        try:
            return self._value(node)
        finally:
            self.live = show

    def _value(self, node: Node) -> Any:
        if node.kind in _BINARY:
            return self._binary(node)
        method = getattr(self, f"_{node.kind}", None)
        if method is None:
            raise Unsupported(f"'{node.word.splitlines()[0][:40] if node.word else node.kind}'", node.position)
        return method(node)

    # ---- literals

    def _integer_literal(self, node: Node) -> int:
        word = node.word.lower()
        size = next((factor for unit, factor in _SIZES.items() if word.endswith(unit)), 1)
        word = word[:-2] if size > 1 else word.rstrip("l")
        return int(word, 16 if word.startswith("0x") else 10) * size

    def _real_literal(self, node: Node) -> float:
        return float(node.word.lower().rstrip("d"))

    def _string_literal(self, node: Node) -> str:
        inner = node.children[0] if node.children else node
        word = node.word
        if word.startswith("@"):
            body = re.sub(r"\A@['\"][ \t]*\r?\n", "", word)
            body = re.sub(r"\r?\n['\"]@\Z", "", body)
            return body if word[1] == "'" else self._expanded(inner, word.index(body) if body else 0, body)
        if word.startswith(("'", "\u2018")):
            return word[1:-1].replace("''", "'")
        return self._expanded(inner, 1, word[1:-1])

    def _expanded(self, node: Node, offset: int, body: str) -> str:
        """Variables and ``$()`` replaced; by the grammar's own finds, so that positions are right."""
        octets = body.encode()
        start = node.start + len(node.word[:offset].encode())
        made: list[str] = []
        at = 0
        for child in node.children:
            if child.kind not in ("variable", "sub_expression"):
                continue
            first = child.start - start
            made.append(_unescaped(octets[at:first].decode("utf-8", "replace")))
            made.append(text_of(self.value(child)))
            at = child.end - start
        made.append(_unescaped(octets[at:].decode("utf-8", "replace")))
        return "".join(made)

    # ---- names

    def _variable(self, node: Node) -> Any:
        name = node.word.lstrip("$@").strip("{}")
        drive = name.partition(":")[0].lower() if ":" in name else "local"
        if drive not in SCOPES:
            raise Unsupported(f"${drive}:", node.position)
        if self.strict and not self.scopes.known(name):
            raise PsError(
                f"The variable '${name}' cannot be retrieved because it has not been set.",
                error_id="VariableIsUndefined",
                category="InvalidOperation",
                target=name,
                position=node.position,
            )
        return self.scopes.get(name)

    def _type_literal(self, node: Node) -> Any:
        raise Unsupported(f"the type {node.word} as a value", node.position)

    def _script_block_expression(self, node: Node) -> ScriptBlock:
        return block_of(node)

    # ---- groups

    def _parenthesized_expression(self, node: Node) -> Any:
        inner = node.parts
        return self.result(inner[0]) if inner else None

    def _sub_expression(self, node: Node) -> Any:
        return one_of([one for each in node.parts for one in self.outputs(each)])

    def _array_expression(self, node: Node) -> list[Any]:
        return [one for each in node.parts for one in self.outputs(each)]

    def _array_literal_expression(self, node: Node) -> Any:
        if not any(not each.named and each.word == "," for each in node.children):
            return self.value(node.parts[0])
        return [self.value(each) for each in node.parts]

    def _argument_expression_list(self, node: Node) -> list[Any]:
        return [self.value(each) for each in node.parts]

    def _hash_literal_expression(self, node: Node) -> HashTable:
        made = HashTable()
        body = node.first("hash_literal_body")
        for entry in body.of("hash_entry") if body is not None else ():
            key, *rest = entry.parts
            name = key.word if key.kind in ("simple_name", "key_expression") else self.value(key)
            if name in made:
                raise PsError(
                    f"Duplicate keys '{text_of(name)}' are not allowed in hash literals.",
                    error_id="DuplicateKeyInHashLiteral",
                    category="ParserError",
                    position=key.position,
                )
            made[name] = self.result(rest[0]) if rest else None
        return made

    def _range_expression(self, node: Node) -> list[int]:
        first, last = (cast(self.value(each), "int", each.position) for each in node.parts)
        if abs(last - first) >= _LONGEST:
            raise PsError(
                f"A range of {abs(last - first) + 1} numbers is too long; here it has {_LONGEST} at most.",
                error_id="OutOfMemoryException",
                category="LimitsExceeded",
                position=node.position,
            )
        return list(range(first, last + 1)) if first <= last else list(range(first, last - 1, -1))

    # ---- operators

    def _binary(self, node: Node) -> Any:
        left = self.value(node.children[0])
        for operator, right in zip(node.children[1::2], node.children[2::2], strict=False):
            word = operator.word.lower()
            if word == "-and" and not truth(left):
                left = False
            elif word == "-or" and truth(left):
                left = True
            elif word in ("-is", "-isnot", "-as") and right.kind == "type_literal":
                left = binary(word, left, right.word.strip("[]"), operator.position, self._matched)
            else:
                left = binary(word, left, self.value(right), operator.position, self._matched)
        return left

    def _matched(self, found: dict[Any, str]) -> None:
        self.scopes.put("matches", HashTable(found))

    def _expression_with_unary_operator(self, node: Node) -> Any:
        if len(node.children) == 1:
            return self.value(node.children[0])
        operator, operand = node.children[0], node.children[-1]
        word = operator.word.lower()
        if word in ("!", "-not"):
            return not truth(self.value(operand))
        if word in ("-", "+"):
            number = number_of(self.value(operand), operand.position)
            return -number if word == "-" else number
        if word == ",":
            return [self.value(operand)]
        if word == "-bnot":
            return ~int(number_of(self.value(operand), operand.position))
        if word in ("-join", "-split"):
            items = [text_of(each) for each in items_of(self.value(operand))]
            return "".join(items) if word == "-join" else [part for each in items for part in each.split()]
        if word in ("++", "--"):
            by = 1 if word == "++" else -1
            return self._stepped(operand, by) + by
        raise Unsupported(f"the operator {operator.word}", operator.position)

    def _pre_increment_expression(self, node: Node) -> Any:
        return self._stepped(node.parts[-1], 1) + 1

    def _pre_decrement_expression(self, node: Node) -> Any:
        return self._stepped(node.parts[-1], -1) - 1

    def _post_increment_expression(self, node: Node) -> Any:
        return self._stepped(node.parts[0], 1)

    def _post_decrement_expression(self, node: Node) -> Any:
        return self._stepped(node.parts[0], -1)

    def _stepped(self, node: Node, by: int) -> int | float:
        """What it was before."""
        before = number_of(self.value(node), node.position)
        self.assign(node, before + by)
        return before

    def _cast_expression(self, node: Node) -> Any:
        kind, operand = node.parts
        name = kind.word.strip("[]") + ("[]" if kind.word.endswith("[]]") else "")
        return cast(self.value(operand), name, kind.position)

    # ---- members

    def _member_access(self, node: Node) -> Any:
        target, name = node.parts[0], self._member(node.parts[1])
        if any(not each.named and each.word == "::" for each in node.children):
            return statics.static(target.word.strip("[]"), name, None, node.position, self.now())
        value = self.value(target)
        if self.strict >= _STRICT_MEMBERS and not members.has(value, name):
            raise PsError(
                f"The property '{name}' cannot be found on this object. Verify that the property exists.",
                error_id="PropertyNotFoundStrict",
                category="NotSpecified",
                position=node.position,
            )
        return members.get(value, name, node.position)

    def _invokation_expression(self, node: Node) -> Any:
        target, name = node.parts[0], self._member(node.parts[1])
        given = node.first("argument_list")
        arguments = self._arguments(given)
        if any(not each.named and each.word == "::" for each in node.children):
            kind = target.word.strip("[]")
            if name.lower() == "new":
                return self.new_object(kind, arguments, node)
            return guarded(
                name,
                len(arguments),
                node.position,
                lambda: statics.static(kind, name, arguments, node.position, self.now()),
            )
        try:
            value = self.value(target)
            found = self.called_with_blocks(value, name, arguments, node.position)
            if found is not None:
                return found
            return guarded(
                name, len(arguments), node.position, lambda: members.call(value, name, arguments, node.position)
            )
        except PsError as why:
            why.position = why.position or node.position
            if getattr(why, "types", ()):  # an exception of .NET
                why.message = f'Exception calling "{name}" with "{len(arguments)}" argument(s): "{why.message}"'
            raise

    def _arguments(self, given: Node | None) -> list[Any]:
        found = given.parts if given is not None else ()
        if not found:
            return []
        listed = found[0]
        if listed.kind == "argument_expression_list":
            return [self.value(each) for each in listed.parts]
        return [self.value(each) for each in found]

    def _member(self, node: Node) -> str:
        if node.kind == "member_name" and node.children and node.children[0].kind != "simple_name":
            return text_of(self.value(node.children[0]))
        return "ForEach" if node.word == "f0reach" else node.word  # as syntax.py mends it

    def _element_access(self, node: Node) -> Any:
        target, at = node.parts
        return members.index(self.value(target), self.value(at), node.position)


def _unescaped(text: str) -> str:
    return re.sub(r'`(.)|""', lambda match: _ESCAPES.get(match[1], match[1]) if match[1] else '"', text, flags=re.S)
