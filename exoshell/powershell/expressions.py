"""What an expression is worth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from exoshell.powershell import methods, properties, statics
from exoshell.powershell.blocks import ScriptBlock, block_of
from exoshell.powershell.conversions import cast, is_known, items_of, number_of, one_of, text_of, truth
from exoshell.powershell.errors import NetError, PsError, Unsupported, guarded
from exoshell.powershell.literals import Literals
from exoshell.powershell.operators import binary
from exoshell.powershell.scanning import FOREACH
from exoshell.powershell.scopes import SCOPES, Scopes
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING, HashTable, Position, PsObject

__all__ = ["Expressions"]

_BINARY: Final = (
    *("logical_expression", "bitwise_expression", "comparison_expression", "additive_expression"),
    *("multiplicative_expression", "format_expression"),
)
_SILENT: Final = ("invokation_expression", "cast_expression")  # ``$null`` of these is no object
_STRICT_MEMBERS: Final = 2.0  # Set-StrictMode -Version: from here on properties must be there, too


class Expressions(Literals):
    """Mixed into the interpreter; each kind of node has a method of its own. ``strict`` is the version of
    Set-StrictMode, 0: off.
    """

    scopes: Scopes
    now: Callable[[], datetime]
    strict: float

    def held_result(self, node: Node) -> Any:
        """What a pipeline is worth, NOTHING where it put out nothing."""
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

    def held(self, node: Node) -> Any:
        """The value, NOTHING where there is no object at all: a variable that holds it, a command without output, a
        method that gives nothing.
        """
        show, self.live = self.live, None
        try:
            return self._held(node)
        finally:
            self.live = show

    def _held(self, node: Node) -> Any:
        if node.kind == "variable":
            value = self.value(node)
            return self.scopes.held(_name_of(node)) if value is None else value
        if node.kind == "parenthesized_expression":
            return self.held_result(node.parts[0]) if node.parts else NOTHING
        if node.kind == "sub_expression":
            return one_of([one for each in node.parts for one in self.outputs(each)])
        if node.kind == "member_access":
            return self._accessed(node)
        value = self.value(node)
        return NOTHING if value is None and node.kind in _SILENT else value

    def flow(self, node: Node) -> list[Any]:
        """What flows from an expression: the elements of a list, ``$null`` too, or nothing."""
        return self.flow_of(self.held(node))

    @staticmethod
    def flow_of(value: Any) -> list[Any]:
        """As above, of its value."""
        return [] if value is NOTHING else [None] if value is None else items_of(value)

    # ---- names

    def _variable(self, node: Node) -> Any:
        name = _name_of(node)
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
        return _plain(self.held(node))

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
                left = binary(word, left, _type_name(right), operator.position, self._matched)
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
        value, name = self.value(operand), _type_name(kind)
        made = self.registry.type(name)
        if made is None or is_known(name):
            return cast(value, name, kind.position)
        return value if value is None or isinstance(value, PsObject) else made([value])

    # ---- members

    def _member_access(self, node: Node) -> Any:
        return _plain(self._accessed(node))

    def _accessed(self, node: Node) -> Any:
        target, name = node.parts[0], self._member(node.parts[1])
        if any(not each.named and each.word == "::" for each in node.children):
            kind = _type_name(target)
            own = self.registry.static(kind, name)
            return own.get() if own is not None else statics.static(kind, name, None, node.position, self.now())
        value = self.value(target)
        if self.strict >= _STRICT_MEMBERS and not properties.has(value, name):
            raise PsError(
                f"The property '{name}' cannot be found on this object. Verify that the property exists.",
                error_id="PropertyNotFoundStrict",
                category="NotSpecified",
                position=node.position,
            )
        return properties.looked_up(value, name)

    def _invokation_expression(self, node: Node) -> Any:
        target, name = node.parts[0], self._member(node.parts[1])
        arguments = self._arguments(node.first("argument_list"))
        try:
            if any(not each.named and each.word == "::" for each in node.children):
                return self._static_call(_type_name(target), name, arguments, node)
            value = self.value(target)
            found = self.called_with_blocks(value, name, arguments, node.position)
            return methods.call(value, name, arguments, node.position) if found is None else found
        except PsError as why:
            why.position = why.position or node.position
            if isinstance(why, NetError):  # an exception of .NET
                why.message = f'Exception calling "{name}" with "{len(arguments)}" argument(s): "{why.message}"'
            raise

    def _static_call(self, kind: str, name: str, arguments: list[Any], node: Node) -> Any:
        if name.lower() == "new" and kind.lower().removeprefix("system.") != "string":
            return self.new_object(kind, arguments, node)
        place = node.position
        return guarded(name, len(arguments), place, lambda: statics.static(kind, name, arguments, place, self.now()))

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
        return "ForEach" if node.word == FOREACH.decode() else node.word

    def _element_access(self, node: Node) -> Any:
        target, at = node.parts
        return properties.index(self.value(target), self.value(at), node.position)


def _plain(value: Any) -> Any:
    return None if value is NOTHING else value


def _name_of(variable: Node) -> str:
    return variable.word.lstrip("$@").strip("{}")


def _type_name(literal: Node) -> str:
    """``int[]`` of ``[int[]]``."""
    return literal.word[1:-1].strip() if literal.word.startswith("[") else literal.word
