"""Cmdlets called as the interpreter calls them, on a tenant file or a running server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from exoshell.backends.base import Backend
from exoshell.backends.opening import open_backend
from exoshell.cmdlets import register
from exoshell.powershell.commands import Invocation, Registry
from exoshell.powershell.values import Position, PsObject
from fakeeop.admin import AdminSettings
from fakeeop.config.loader import load_tree
from fakeeop.emulator import Emulator
from tests.fakeeop.config.editor.conftest import TENANT


@define
class Recorder:
    """The streams of one command."""

    answer: bool = True
    warnings: list[str] = field(factory=list)
    said: list[str] = field(factory=list)
    errors: list[Any] = field(factory=list)
    questions: list[str] = field(factory=list)

    def warning(self, text: str) -> None:
        self.warnings.append(text)

    def verbose(self, text: str) -> None:
        self.said.append(text)

    def host(self, text: str, *, newline: bool = True) -> None:
        self.said.append(text + "\n" * newline)

    def error(self, error: Exception) -> None:
        self.errors.append(error)

    def confirm(self, question: str, what: str) -> bool:
        self.questions.append(f"{what}: {question}")
        return self.answer


@define
class Shell:
    """``shell("Get-InboundConnector", Identity="x")`` gives objects as dicts; what was said stands in ``heard``."""

    backend: Backend
    heard: Recorder = field(factory=Recorder)
    registry: Registry = field(factory=Registry)

    def __attrs_post_init__(self) -> None:
        register(self.registry, self.backend)

    def objects(self, name: str, *, pipe: list[Any] | None = None, answer: bool = True, **given: Any) -> list[PsObject]:
        command = self.registry.command(name)
        assert command is not None, name
        common = {key: given.pop(key) for key in ("what_if", "confirm") if key in given}
        for key in given:
            assert command.parameter(key), f"{name} has no -{key}"
        self.heard = Recorder(answer)
        position = Position(1, 1)
        invocation = Invocation(command, given, self.heard, position, pipe or [], pipe is not None, **common)
        return list(command.run(invocation) or ())

    def __call__(self, name: str, **given: Any) -> list[dict[str, Any]]:
        return [dict(each.properties.items()) for each in self.objects(name, **given)]

    @property
    def error_ids(self) -> list[str]:
        return [each.error_id for each in self.heard.errors]


@pytest.fixture
def tenant_file(tmp_path: Path) -> Path:
    path = tmp_path / "tenant.yaml"
    path.write_text(TENANT, encoding="utf-8")
    return path


@pytest.fixture
def shell(tenant_file: Path) -> Shell:
    """On a file."""
    return Shell(open_backend(str(tenant_file)))


@pytest.fixture
def new_server() -> Iterator[Callable[..., tuple[Emulator, str]]]:
    """Starts emulators with an admin API; gives each with its URL."""
    started: list[Emulator] = []

    def make(path: Path, **settings: Any) -> tuple[Emulator, str]:
        emulator = Emulator.from_tree(load_tree(path), str(path), admin=AdminSettings(**settings))
        emulator.start()
        started.append(emulator)
        assert emulator.admin_address is not None
        host, port = emulator.admin_address
        return emulator, f"http://{host}:{port}"

    yield make
    for each in started:
        each.stop()


@pytest.fixture(params=["file", "server"])
def both(request: pytest.FixtureRequest, tenant_file: Path, new_server: Any) -> Shell:
    """The same tenant by either backend."""
    where = str(tenant_file) if request.param == "file" else new_server(tenant_file)[1]
    return Shell(open_backend(where))
