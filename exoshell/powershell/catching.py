"""Errors in a script: ``throw``, ``try``, ``catch`` and ``finally``."""

from __future__ import annotations

from typing import Any

from exoshell.powershell.blocks import WayOut
from exoshell.powershell.conversions import text_of
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.loops import Loops
from exoshell.powershell.streams import type_names
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import PsObject

__all__ = ["Catching"]


class Catching(Loops):
    """Mixed into the interpreter. ``trying`` counts the try blocks that are open."""

    trying: int

    def _throw(self, what: Any, node: Node) -> None:
        thrown = self.scopes.get("_") if what is None else what
        if isinstance(thrown, PsObject) and isinstance(thrown.inner, PsError):
            thrown.inner.ends = True
            thrown.inner.position = thrown.inner.position or node.position
            raise thrown.inner
        message = text_of(what) if what is not None else "ScriptHalted"
        raise PsError(
            message, error_id=message, category="OperationStopped", target=what, position=node.position, ends=True
        )

    def _do_try_statement(self, node: Node) -> list[Any]:
        block, clauses, last = node.first("statement_block"), node.first("catch_clauses"), node.first("finally_clause")
        listed = list(clauses.of("catch_clause")) if clauses is not None else []
        try:
            found = self._tried(block, listed)
        except WayOut as why:
            why.values = self._shown_or(why.values)
            why.values = [*why.values, *self._at_last(last)]
            raise
        except PsError as why:
            why.put_out = self._shown_or(why.put_out)
            why.put_out = [*why.put_out, *self._at_last(last)]
            raise
        return [*self._shown_or(found), *self._at_last(last)]

    def _shown_or(self, values: list[Any]) -> list[Any]:
        """Shown before ``finally`` shows anything; or as they are, where somebody catches them."""
        if self.live is None:
            return values
        self.live(values)
        return []

    def _at_last(self, clause: Node | None) -> list[Any]:
        return self.outputs(clause.parts[-1]) if clause is not None else []

    def _tried(self, block: Node | None, clauses: list[Node]) -> list[Any]:
        self.trying += bool(clauses)
        try:
            return self.outputs(block) if block is not None else []
        except Unsupported:
            raise
        except PsError as why:
            clause = next((each for each in clauses if self._catches(each, why)), None)
            if clause is None:
                raise
            caught, before_it = why, why.put_out
            why.put_out = []
        finally:
            self.trying -= bool(clauses)
        return [*before_it, *self._caught(clause, caught, before_it)]

    def _caught(self, clause: Node, error: PsError, put_out: list[Any]) -> list[Any]:
        self.speaking.note(error)
        before = self.scopes.get("_"), self.scopes.get("PSItem")
        record = self.speaking.record(error)
        self.scopes.put("_", record)
        self.scopes.put("PSItem", record)
        try:
            return self.outputs(clause.parts[-1])
        except WayOut as why:
            why.values = [*put_out, *why.values]
            raise
        except PsError as why:
            why.put_out = [*put_out, *why.put_out]
            raise
        finally:
            self.scopes.put("_", before[0])
            self.scopes.put("PSItem", before[1])

    @staticmethod
    def _catches(clause: Node, error: PsError) -> bool:
        """By the last word of a type's name; ``[Exception]`` and none catch everything."""
        listed = clause.first("catch_type_list")
        if listed is None:
            return True
        names = [each.word.strip("[]").rpartition(".")[2].lower() for each in listed.parts]
        mine = {"systemexception", *(each.rpartition(".")[2].lower() for each in type_names(error))}
        return any(name in mine for name in names)
