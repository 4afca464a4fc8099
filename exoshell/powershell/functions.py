"""Functions and script blocks: arguments bound as a command's are, their parts run, what they see of themselves."""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from exoshell.powershell import properties
from exoshell.powershell.binding import Argument, bind
from exoshell.powershell.blocks import Declared, Return, ScriptBlock, WayOut, checked
from exoshell.powershell.conversions import cast, items_of, text_of, truth
from exoshell.powershell.errors import ParameterError, PsError, Unsupported
from exoshell.powershell.expressions import Expressions
from exoshell.powershell.host import Command, Invocation, Parameter, Registry
from exoshell.powershell.streams import Speaking
from exoshell.powershell.syntax import Node
from exoshell.powershell.values import HashTable, Position, PsObject

__all__ = ["Functions", "preferences"]

DEPTH: Final = 400  # calls in calls; each takes some twenty frames of Python's stack
_CONFIRM: Final = {"none": False, "low": True}
_EMPTY: Final = {"switch": False, "bool": False, "boolean": False, "int": 0, "int32": 0, "string": ""}


class Functions(Expressions):
    """Mixed into the interpreter. ``depth``: how many calls are open."""

    registry: Registry
    speaking: Speaking
    depth: int

    def _each(self, nodes: tuple[Node, ...]) -> list[Any]:
        raise NotImplementedError

    # ---- calls

    def function(
        self,
        name: str,
        block: ScriptBlock,
        arguments: list[Argument],
        position: Position,
        items: list[Any] | None,
        more: dict[str, Any] | None = None,
    ) -> list[Any]:
        """Call it with what a script says; ``more`` are other variables that it sees. Raises ParameterError."""
        own = tuple(evolve(each.parameter, nullable=True) for each in block.parameters)  # checked below
        rest = () if block.advanced else (Parameter("args", "objects", position=len(own), remaining=True, whole=True),)
        command = Command(name, lambda _: (), (*own, *rest), supports_what_if=block.what_if)
        # What comes down the pipeline is bound item by item, below.
        bound = bind(command, arguments, position, None if items is None else [])
        given = {
            each.name: self._converted(each, bound.values[each.name], position)
            for each in block.parameters
            if each.name in bound.values
        }
        variables: dict[str, Any] = {"args": bound.values.get("args", []), "PSBoundParameters": HashTable(given)}
        variables |= preferences(bound.common)
        variables["PSCmdlet"] = self._cmdlet_of(command, block, bound.common, position)
        variables["MyInvocation"] = PsObject.of({"MyCommand": PsObject.of({"Name": name}), "BoundParameters": given})
        self._descend(position)
        try:
            self.scopes.open({**variables, **(more or {})})
            try:
                for each in block.parameters:
                    self.scopes.put(each.name, given[each.name] if each.name in given else self._default(each))
                return self._run(name, block, given, items, position)
            finally:
                self.scopes.close()
        finally:
            self.depth -= 1

    def call_block(self, block: ScriptBlock, arguments: dict[str, Any], items: list[Any] | None = None) -> list[Any]:
        """Run a block in a scope of its own: ``arguments`` are its variables, ``items`` what comes down a pipeline."""
        self._descend(None)
        self.scopes.open(arguments)
        show, self.live = self.live, None
        try:
            return self._run("", block, {}, items, Position(0, 0))
        finally:
            self.live = show
            self.scopes.close()
            self.depth -= 1

    def call_with(self, block: ScriptBlock, item: Any) -> list[Any]:
        """Run a block for one object, in the scope of who asks, as ForEach-Object and Where-Object do."""
        before = self.scopes.get("_")
        self._descend(None)
        self.scopes.put("_", item)
        self.scopes.put("PSItem", item)
        show, self.live = self.live, None
        try:
            return self._each(block.body.parts) if block.body is not None else []
        except Return as why:
            return why.values
        finally:
            self.live = show
            self.depth -= 1
            self.scopes.put("_", before)
            self.scopes.put("PSItem", before)

    def here(self, block: ScriptBlock) -> list[Any]:
        """Run a block in the scope of who asks."""
        try:
            return self._each(block.body.parts) if block.body is not None else []
        except Return as why:
            return why.values

    def called_with_blocks(self, value: Any, name: str, arguments: list[Any], position: Position) -> list[Any] | None:
        """``$block.Invoke(…)``, ``$list.Where({…})``, ``$list.ForEach({…})``; None for any other method."""
        lower = name.lower()
        if isinstance(value, ScriptBlock) and lower in ("invoke", "invokereturnasis"):
            return self.function("", value, [Argument("", each, position) for each in arguments], position, None)
        if lower not in ("where", "foreach") or not arguments or not isinstance(arguments[0], ScriptBlock):
            return None
        if len(arguments) > 1:
            raise Unsupported(f".{name}() with more than a script block", position)
        if lower == "foreach":
            return [one for each in items_of(value) for one in self.call_with(arguments[0], each)]
        return [each for each in items_of(value) if truth(self.call_with(arguments[0], each))]

    def _descend(self, position: Position | None) -> None:
        if self.depth >= DEPTH:
            raise PsError(
                "The script failed due to call depth overflow.",
                error_id="CallDepthOverflow",
                category="InvalidOperation",
                position=position,
                ends=True,
            )
        self.depth += 1

    # ---- inside

    def _run(
        self, name: str, block: ScriptBlock, given: dict[str, Any], items: list[Any] | None, position: Position
    ) -> list[Any]:
        found: list[Any] = []
        self.scopes.put("input", list(items or []))
        try:
            if block.begin is not None:
                found += self._part(block.begin)
            for each in items if items is not None else [None]:
                if items is not None and not self._came_down(name, block, given, each, position):
                    continue
                if block.process is not None:
                    self.scopes.put("_", each)
                    self.scopes.put("PSItem", each)
                    found += self._process(block.process)
            if block.end is not None:
                found += self._part(block.end)
            return [*found, *(self._each(block.body.parts) if block.body is not None else [])]
        except Return as why:
            return [*found, *why.values]
        except WayOut as why:
            why.values = [*found, *why.values]
            raise

    def _process(self, node: Node) -> list[Any]:
        """``return`` in it goes on with the next object."""
        try:
            return self._part(node)
        except Return as why:
            return why.values

    def _part(self, node: Node) -> list[Any]:
        return self._each(node.parts[1:] if node.kind == "named_block" else node.parts)

    def _came_down(self, name: str, block: ScriptBlock, given: dict[str, Any], item: Any, position: Position) -> bool:
        """Its parameters that take pipeline input; False, and an error is told, if one must have it and cannot."""
        for each in block.parameters:
            if each.name in given or not (each.parameter.from_pipeline or each.by_property):
                continue
            value = properties.get(item, each.name) if each.by_property else None
            for alias in each.parameter.aliases:
                value = properties.get(item, alias) if value is None and each.by_property else value
            if value is None and each.parameter.from_pipeline == "value":
                value = item
            if value is not None:
                self.scopes.put(each.name, self._converted(each, value, position))
            elif each.parameter.mandatory:
                error = ParameterError(
                    "The input object cannot be bound to any parameters for the command either because the command"
                    " does not take pipeline input or the input and its properties do not match any of the parameters"
                    " that take pipeline input.",
                    error_id=f"InputObjectNotBound,{name}",
                    category="InvalidArgument",
                    target=item,
                    position=position,
                )
                self.speaking.tell(error)
                return False
        return True

    def confirms(self) -> bool | None:
        """What ``$ConfirmPreference`` says for every command; None: it depends on the command."""
        return _CONFIRM.get(text_of(self.scopes.get("ConfirmPreference")).lower())

    def _default(self, declared: Declared) -> Any:
        if declared.default is not None:
            return self._typed(self.value(declared.default), declared.type_name, declared.default.position)
        return _EMPTY.get(declared.type_name.lower())

    def _converted(self, declared: Declared, value: Any, position: Position) -> Any:
        """To its type, and checked. Raises ParameterError."""
        try:
            made = self._typed(value, declared.type_name, position)
        except Unsupported:
            raise
        except PsError as why:
            raise ParameterError(
                f"Cannot process argument transformation on parameter '{declared.name}'. {why.message}",
                error_id="ParameterArgumentTransformationError",
                category="InvalidData",
                position=position,
            ) from why
        checked(declared, made, position, self.call_block)
        return made

    def _typed(self, value: Any, kind: str, position: Position) -> Any:
        plain = kind.lower()
        if not kind or plain == "switch" or plain.endswith("switchparameter"):
            return value
        if isinstance(value, PsObject) and self.registry.type(kind) is not None:
            return value  # an object of .NET as it is
        if value is None and plain not in _EMPTY:
            return None
        return cast(value, kind, position)

    def _cmdlet_of(self, command: Command, block: ScriptBlock, common: dict[str, Any], position: Position) -> PsObject:
        """``$PSCmdlet``."""
        asking = Invocation(
            *(command, {}, self.speaking.of("continue", "", position), position),
            what_if=bool(common.get("WhatIf", self.scopes.get("WhatIfPreference"))),
            confirm=common.get("Confirm", self.confirms()),
        )

        def should_process(*given: Any) -> bool:
            target = text_of(given[0]) if given else ""
            action = text_of(given[1]) if len(given) > 1 else command.name
            return asking.should_process(target, action, high_impact=block.high_impact)

        def throw(record: Any) -> None:
            inner = getattr(record, "inner", None)
            raise inner if isinstance(inner, PsError) else PsError(text_of(record), position=position)

        made = PsObject.of({"ParameterSetName": "__AllParameterSets"}, "System.Management.Automation.PSScriptCmdlet")
        made.methods |= {"ShouldProcess": should_process, "ThrowTerminatingError": throw}
        return made


def preferences(common: dict[str, Any]) -> dict[str, Any]:
    """What the common parameters of a function mean to the commands in it."""
    found: dict[str, Any] = {}
    for name, variable in (
        ("ErrorAction", "ErrorActionPreference"),
        ("WarningAction", "WarningPreference"),
        ("InformationAction", "InformationPreference"),
    ):
        if common.get(name):
            found[variable] = common[name]
    if "Verbose" in common:
        found["VerbosePreference"] = "Continue" if common["Verbose"] else "SilentlyContinue"
    if "Debug" in common:
        found["DebugPreference"] = "Continue" if common["Debug"] else "SilentlyContinue"
    if "WhatIf" in common:
        found["WhatIfPreference"] = common["WhatIf"]
    if "Confirm" in common:
        found["ConfirmPreference"] = "Low" if common["Confirm"] else "None"
    return found
