"""The pytest plugin for projects that send mail: the fixtures ``eop``, ``eop_session``, ``eop_server``, ``make_eop``.

The emulator is loaded by the first test that asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakeeop import testing

if TYPE_CHECKING:
    from fakeeop.testing.emulator import EmulatorForTests

__all__ = ["eop", "eop_server", "eop_session", "make_eop"]

_IN_USE = pytest.StashKey[list["EmulatorForTests"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Each option has its ini value."""
    parser.addini("fakeeop_tenant", "tenant file that the fixtures serve (default: the empty tenant contoso)")
    parser.addini("fakeeop_timeout", "seconds that eop.wait_for waits (default: 5)")
    parser.addini("fakeeop_report", "add what the emulator saw to failed tests (default: true)", "bool", True)
    group = parser.getgroup("fakeeop")
    group.addoption("--fakeeop-tenant", metavar="FILE", help="tenant file that the fixtures eop… serve")
    group.addoption("--fakeeop-timeout", type=float, metavar="SECONDS", help="how long eop.wait_for waits (5)")
    group.addoption("--fakeeop-no-report", action="store_true", help="do not add what the emulator saw to failed tests")


@pytest.fixture
def make_eop(request: pytest.FixtureRequest) -> Iterator[Callable[..., EmulatorForTests]]:
    """``make_eop(**settings)``: an emulator that runs until the test is over; as many as you like.

    ``make_eop(tenant=FILE)`` serves that file; other settings are those of ``fakeeop.Emulator``.
    """
    with ExitStack() as stack:

        def make(tenant: str | Path | None = None, **settings: Any) -> EmulatorForTests:
            return _watched(request, stack.enter_context(_new(request.config, tenant, settings)))

        yield make


@pytest.fixture
def eop(request: pytest.FixtureRequest) -> Iterator[EmulatorForTests]:
    """A running emulator of this test's own, on a free port: the tenant contoso, nothing remembered."""
    with _new(request.config, None, {}) as emulator:
        yield _watched(request, emulator)


@pytest.fixture(scope="session")
def eop_server(request: pytest.FixtureRequest) -> Iterator[EmulatorForTests]:
    """One emulator for the whole run (for each worker of xdist): for an application that is started once.

    What is set here stays for all tests; the tests themselves use ``eop_session``.
    """
    with _new(request.config, None, {}) as emulator:
        yield emulator


@pytest.fixture
def eop_session(request: pytest.FixtureRequest, eop_server: EmulatorForTests) -> Iterator[EmulatorForTests]:
    """``eop_server``, cleared for this test; what the test sets is undone at its end."""
    before = eop_server.snapshot()
    eop_server.clear()
    yield _watched(request, eop_server)
    eop_server.restore(before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what its emulators saw, unless its own message does already."""
    report = yield
    emulators = item.stash.get(_IN_USE, None)
    if emulators and report.failed and call.when == "call" and _wants_report(item.config) and not _told(call):
        for number, emulator in enumerate(emulators, 1):
            title = "fakeeop" if len(emulators) == 1 else f"fakeeop, number {number} ({emulator.port})"
            report.sections.append((title, emulator.report()))
    return report


def _told(call: pytest.CallInfo[None]) -> bool:
    return call.excinfo is not None and call.excinfo.errisinstance(testing.EopAssertionError)


def _wants_report(config: pytest.Config) -> bool:
    return bool(config.getini("fakeeop_report")) and not config.getoption("--fakeeop-no-report")


def _watched(request: pytest.FixtureRequest, emulator: EmulatorForTests) -> EmulatorForTests:
    """The same; remembered for the report."""
    request.node.stash.setdefault(_IN_USE, []).append(emulator)
    return emulator


def _new(config: pytest.Config, tenant: str | Path | None, settings: dict[str, Any]) -> EmulatorForTests:
    path = tenant if tenant is not None else _tenant(config)
    own = any(name in settings for name in ("forest", "tree"))
    emulator = testing.Emulator(**settings) if path is None or own else testing.Emulator.from_file(path, **settings)
    emulator.timeout = _timeout(config)
    return emulator


def _tenant(config: pytest.Config) -> Path | None:
    """The option, relative to where pytest was called; else the ini value, relative to its file."""
    option = config.getoption("--fakeeop-tenant")
    if option:
        return Path(config.invocation_params.dir, option)
    value = config.getini("fakeeop_tenant")
    if not value:
        return None
    return Path(config.inipath.parent if config.inipath else config.rootpath, value)


def _timeout(config: pytest.Config) -> float:
    option = config.getoption("--fakeeop-timeout")
    if option is not None:
        return float(option)
    text = config.getini("fakeeop_timeout") or "5"
    try:
        return float(text)
    except ValueError:
        raise pytest.UsageError(f"fakeeop_timeout = {text}: write a number of seconds") from None
