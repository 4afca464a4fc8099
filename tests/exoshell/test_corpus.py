"""Scripts as administrators write them. The header of each says what must come of it.

``# out: TEXT``       a line of the output, in order; ``…`` stands for anything, alone for any lines
``# warning: TEXT``   a warning, in order
``# then: WHERE = JSON``  the tenant afterwards: ``InboundConnectors[Name].Property``, as the Get- cmdlets show it
``# file: NAME``      a file of the folder data that the script reads
``# error: LINE:COLUMN CODE TEXT``  a wrong script: where, the error id, a part of its message

A wrong script leaves the tenant file as it was, to the octet.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from exoshell.backends.opening import open_backend
from exoshell.cmdlets import register
from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import PsError
from exoshell.powershell.formatting import shown_lines
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.host import ShellHost
from exoshell.powershell.streams import Recorder

CORPUS = Path(__file__).with_name("corpus")
GOOD = sorted((CORPUS / "good").glob("*.ps1"))
BAD = sorted((CORPUS / "bad").glob("*.ps1"))
GETTERS = {
    "InboundConnectors": "Get-InboundConnector",
    "OutboundConnectors": "Get-OutboundConnector",
    "AcceptedDomains": "Get-AcceptedDomain",
    "OrganizationConfig": "Get-OrganizationConfig",
    "TransportConfig": "Get-TransportConfig",
}


class Ran:
    """One script on a tenant of its own, in a folder of its own. ``error`` is what ended it, if anything did."""

    def __init__(self, script: Path, tenant_file: Path) -> None:
        self.text = script.read_text(encoding="utf-8")
        for name in self.said("file"):
            shutil.copy(CORPUS / "data" / name, tenant_file.parent)
        self.backend = open_backend(str(tenant_file))
        self.streams = Recorder()
        registry = Registry()
        add_general_commands(registry, ShellHost(width=lambda: 120))
        register(registry, self.backend)
        self.session = Interpreter(registry, self.streams)
        self.error: PsError | None = None
        output: list[Any] = []
        try:
            self.session.run(self.text, script.name, emit=output.extend)
        except PsError as why:
            self.error = why
        hosted = [text.rstrip("\n") for kind, text in self.streams.said if kind == "host"]
        self.lines = [*hosted, *shown_lines(output, 120)]

    def said(self, key: str) -> list[str]:
        """The lines of the header with this key."""
        return re.findall(rf"^# {key}: ?(.*)$", self.text, re.MULTILINE)

    @property
    def warnings(self) -> list[str]:
        """In their order, those of connecting left out."""
        found = [text for kind, text in self.streams.said if kind == "warning"]
        return [text for text in found if not text.startswith("nothing to connect to")]

    def now(self, where: str) -> Any:
        """A property of the tenant."""
        kind, _, rest = where.partition("[")
        name, _, path = rest.partition("]")
        if kind.partition(".")[0] in ("OrganizationConfig", "TransportConfig"):
            kind, _, path = where.partition(".")
        elif not rest:
            return self.backend.tenant().get(where)
        for shown in self.session.call(GETTERS[kind]):
            if not name or shown.properties["Name"] == name:
                return shown.properties[path.lstrip(".")]
        raise AssertionError(f"there is no {where}")


def fits(expected: list[str], actual: list[str]) -> bool:
    lines = [re.escape(line.rstrip()).replace("…", ".*") + "\n" for line in expected]
    pattern = "".join("(?:.*\n)*" if line == ".*\n" else line for line in lines)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in actual)) is not None


@pytest.mark.parametrize("script", GOOD, ids=lambda path: path.stem)
def test_a_script_does_what_its_header_says(script: Path, tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tenant_file.parent)
    ran = Ran(script, tenant_file)
    assert (ran.error, ran.streams.errors) == (None, [])
    assert fits(ran.said("out"), ran.lines), "\n".join(ran.lines)
    assert fits(ran.said("warning"), ran.warnings), ran.warnings
    for line in ran.said("then"):
        where, _, value = line.partition(" = ")
        assert ran.now(where) == json.loads(value), where


@pytest.mark.parametrize("script", BAD, ids=lambda path: path.stem)
def test_a_wrong_script_fails_where_and_as_its_header_says(
    script: Path, tenant_file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tenant_file.parent)
    before = tenant_file.read_bytes()
    ran = Ran(script, tenant_file)
    errors = [*ran.streams.errors, *([ran.error] if ran.error is not None else [])]
    found = [f"{_at(each)} {each.error_id} {each.message}" for each in errors]
    expected = ran.said("error")
    assert len(found) == len(expected) > 0, found
    for line, actual in zip(expected, found, strict=True):
        place, code, text = line.split(" ", 2)
        assert actual.startswith(f"{place} {code}"), actual
        assert text in actual, actual
    assert tenant_file.read_bytes() == before


def _at(error: PsError) -> str:
    return f"{error.position.line}:{error.position.column}" if error.position is not None else "?"


def test_there_are_enough():
    assert len(GOOD) >= 55
    assert len(BAD) >= 55
