"""The pytest plugin: scenario files become tests, one item a case.

It looks at nothing but YAML files below the folders of the ini value ``fakeeop_scenarios`` (default ``scenarios``), and
loads the rest of the harness only where there is such a folder.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

import pytest

_LOADED = "harness.pytest.plugin"


def _from_environment(name: str) -> str:
    return os.environ.get(f"HARNESS_{name}", "")


def _flag_default(name: str) -> bool:
    return _from_environment(name).lower() in ("1", "yes", "true", "on")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of ``harness run``, under ``--fakeeop-…``; each has its HARNESS_… variable."""
    parser.addini("fakeeop_scenarios", "folders with scenario files (default: scenarios)", type="paths", default=[])
    group = parser.getgroup("fakeeop", "mail relay scenarios (fakeeop)")
    for name, text in (
        ("select", "only cases that one of these selects: id, glob, case id, @file"),
        ("client", "only cases of this client"),
        ("tag", "only scenarios with this tag"),
        ("require", "fail, do not skip, where this capability is missing"),
    ):
        group.addoption(f"--fakeeop-{name}", action="append", default=None, help=text)
    for name, text in (
        ("strict", "a deviation fails"),
        ("no-unsupported", "fail, do not skip, what cannot run here"),
        ("keep", "keep the folder of every case"),
        ("allow-remote", "the target smtp://HOST:PORT may be on another machine"),
        ("show-wire", "show the dialogue of failed cases"),
        ("explain", "add the trace of the last refusal to every result"),
    ):
        on = _flag_default(name.upper().replace("-", "_"))
        group.addoption(f"--fakeeop-{name}", action="store_true", default=on, help=text)
    for name, default, text in (
        ("level", "", "only scenarios of this level or stricter: must, should, info"),
        ("target", "embedded", "the server: embedded, spawn, smtp://HOST:PORT, or the URL of a running server"),
        ("out", "", "folder for results.jsonl and the folders of failed cases"),
        ("shuffle", "", "run in an order made from this seed"),
    ):
        value = _from_environment(name.upper()) or default
        group.addoption(f"--fakeeop-{name}", default=value, metavar=name.upper(), help=text)
    # text for a default is read by argparse as a given value is: a wrong one is its message
    repeat, factor = _from_environment("REPEAT") or "1", _from_environment("TIMEOUT_FACTOR") or "1"
    group.addoption("--fakeeop-repeat", type=int, default=repeat, metavar="N", help="run every case N times")
    group.addoption("--fakeeop-timeout-factor", type=float, default=factor, metavar="F", help="stretch every deadline")


def pytest_configure(config: pytest.Config) -> None:
    """Find the folders; where there are none, this plugin does nothing more."""
    named = config.getini("fakeeop_scenarios") or [config.rootpath / "scenarios"]
    roots = tuple(Path(each).resolve() for each in named if Path(each).is_dir())
    if roots:
        config.pluginmanager.register(import_module(_LOADED).ScenarioPlugin(config, roots), "fakeeop-scenarios")
