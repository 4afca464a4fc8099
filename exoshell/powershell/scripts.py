"""Scripts that a script runs: ``.\\other.ps1 -Name x``, ``& $path``, and ``. .\\functions.ps1`` in its own scope."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exoshell.powershell.automatic import automatic
from exoshell.powershell.binding import Argument
from exoshell.powershell.blocks import Exit, Return, ScriptBlock, block_of
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.functions import Functions
from exoshell.powershell.syntax import parse
from exoshell.powershell.values import Position

__all__ = ["Scripts"]


class Scripts(Functions):
    """Mixed into the interpreter."""

    def script(
        self, name: str, arguments: list[Argument], position: Position, items: list[Any] | None, *, dot: bool
    ) -> list[Any]:
        """Run a file; ``dot``: in the scope of who asks. Raises PsError."""
        path = Path(name.replace("\\", "/"))
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, ValueError) as why:
            raise PsError(
                f"The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable"
                f" program: {getattr(why, 'strerror', None) or why}.",
                error_id="CommandNotFoundException",
                category="ObjectNotFound",
                target=name,
                position=position,
            ) from why
        block = block_of(parse(text, str(path)))
        if dot:
            return self._sourced(block, str(path), arguments, position)
        try:
            return self.function(path.name, block, arguments, position, items, automatic(str(path)))
        except Exit as why:
            self.scopes.put("global:LASTEXITCODE", why.code)
            return []

    def _sourced(self, block: ScriptBlock, path: str, arguments: list[Argument], position: Position) -> list[Any]:
        if arguments or block.parameters:
            raise Unsupported("parameters of a script that is dot-sourced", position)
        new = automatic(path)
        before = {name: self.scopes.get(name) for name in new}
        for name, value in new.items():
            self.scopes.put(name, value)
        self._descend(position)
        try:
            return self._each(block.body.parts) if block.body is not None else []
        except Return as why:
            return why.values
        finally:
            self.depth -= 1
            for name, value in before.items():
                self.scopes.put(name, value)
