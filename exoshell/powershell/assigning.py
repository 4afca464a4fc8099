"""Assignments: to variables, properties, elements, several at once."""

from __future__ import annotations

from typing import Any

from exoshell.powershell import properties
from exoshell.powershell.conversions import cast, items_of
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.formats import limit_enumeration
from exoshell.powershell.host import Registry
from exoshell.powershell.scopes import Scopes
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import NOTHING

__all__ = ["Assigning"]


class Assigning:
    """Mixed into the interpreter."""

    scopes: Scopes
    registry: Registry

    def value(self, node: Node) -> Any:
        """The value of an expression."""
        raise NotImplementedError

    def _member(self, node: Node) -> str:
        raise NotImplementedError

    def assign(self, target: Node, value: Any) -> None:
        """``$x``, ``$x.Name``, ``$x[…]``, ``[type]$x``, ``$x, $y``; a variable may keep NOTHING. Raises PsError,
        Unsupported.
        """
        if value is NOTHING and target.kind != "variable":
            value = None
        if target.kind == "variable":
            name = target.word.lstrip("$").strip("{}")
            kept = self.scopes.kind(name)
            value = cast(None if value is NOTHING else value, kept, target.position) if kept else value
            if name.lower() != "null" and not self.scopes.put(name, value):
                raise PsError(
                    f"Cannot overwrite variable {name} because it is read-only or constant.",
                    error_id="VariableNotWritable",
                    category="WriteError",
                    position=target.position,
                )
            if name.lower() == "formatenumerationlimit":
                limit_enumeration(int(cast(value, "int", target.position)))
        elif target.kind == "member_access" and any(each.word == "::" for each in target.children):
            self._put_static(target, value)
        elif target.kind == "member_access":
            properties.put(self.value(target.parts[0]), self._member(target.parts[1]), value, target.position)
        elif target.kind == "element_access":
            held, at = self.value(target.parts[0]), self.value(target.parts[1])
            properties.put_element(held, at, value, target.position)
        elif target.kind in ("cast_expression", "expression_with_unary_operator") and target.parts:
            inner = target if target.kind == "cast_expression" else target.parts[-1]
            if inner.kind != "cast_expression":
                raise PsError(
                    "The assignment expression is not valid. The input to an assignment operator must be an object that"
                    " is able to accept assignments, such as a variable or a property.",
                    error_id="InvalidLeftHandSide",
                    category="ParserError",
                    position=target.position,
                    ends=True,
                )
            kind, variable = inner.parts
            cast_name = kind.word.strip("[]") + ("[]" if kind.word.endswith("[]]") else "")
            self.assign(variable, cast(value, cast_name, kind.position))
            if variable.kind == "variable" and cast_name.lower() != "void":
                self.scopes.constrain(variable.word.lstrip("$").strip("{}"), cast_name)
        elif target.kind == "array_literal_expression":
            items = items_of(value)
            for number, each in enumerate(target.parts):
                last = number == len(target.parts) - 1
                rest = items[number:] if last and len(items) > len(target.parts) else None
                self.assign(each, rest if rest is not None else items[number] if number < len(items) else None)
        else:
            raise Unsupported(f"an assignment to '{target.word[:40]}'", target.position)

    def _put_static(self, target: Node, value: Any) -> None:
        kind, name = target.parts[0].word.strip("[]"), self._member(target.parts[1])
        held = self.registry.static(kind, name)
        if held is None:
            raise Unsupported(f"an assignment to [{kind}]::{name}", target.position)
        held.put(value)
