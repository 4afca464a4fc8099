"""The pytest plugin: scenario files become tests, one item a case.

It looks at nothing but YAML files below the folders of the ini value ``fakeeop_scenarios`` (default ``scenarios``), and
loads the rest of the harness only when it finds a scenario there.
"""

from __future__ import annotations

import os
import random
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from harness.pytest.items import ScenarioFile

_ROOTS = pytest.StashKey[tuple[Path, ...]]()
_SUFFIXES = (".yaml", ".yml")


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
    config.stash[_ROOTS] = roots
    if not roots:
        return
    from harness.scenario.tags import TAGS  # noqa: PLC0415  only where there are scenarios

    for tag, sentence in TAGS.items():
        config.addinivalue_line("markers", f"{tag}: {sentence}")
    if not hasattr(config, "workerinput"):
        from harness.pytest.results import ResultSink  # noqa: PLC0415  as above

        config.pluginmanager.register(ResultSink(config), "fakeeop-results")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """A scenario file becomes a collector; every other file is left to others."""
    if file_path.suffix not in _SUFFIXES:
        return None
    full = file_path.resolve()
    root = next((each for each in parent.config.stash[_ROOTS] if full.is_relative_to(each)), None)
    if root is None:
        return None
    from harness.pytest.items import scenario_file  # noqa: PLC0415  only where there are scenarios

    return scenario_file(file_path, root, parent)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The filters and the order."""
    if not config.stash[_ROOTS]:
        return
    from harness.pytest.items import ScenarioItem, run_options  # noqa: PLC0415  only where there are scenarios

    selection = run_options(config).selection
    left_out = [item for item in items if isinstance(item, ScenarioItem) and not selection.wants(item.case)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        gone = set(map(id, left_out))
        items[:] = [item for item in items if id(item) not in gone]
    seed = config.getoption("--fakeeop-shuffle")
    if seed:
        random.Random(seed).shuffle(items)  # noqa: S311  an order, not a secret


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The result travels on the report, also from an xdist worker. An error of ours is told without a traceback."""
    report = yield
    if report.failed and report.when == "setup" and call.excinfo is not None and hasattr(item, "result_tree"):
        report.longrepr = item.repr_failure(call.excinfo)  # pytest asks an item only about its call
    if report.skipped and isinstance(report.longrepr, tuple) and hasattr(item, "result_tree"):
        report.longrepr = (str(item.path), 1, report.longrepr[2])  # not the line of ours that skips
    tree = getattr(item, "result_tree", None)
    if report.when == "teardown" and tree is not None:
        report.__dict__["fakeeop_result"] = tree()  # reports carry extra attributes, xdist sends them along
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End the lab of this process. What was left behind fails the run, from a worker of xdist as well."""
    from_items: Any = session.config.stash.get(_ROOTS, ())
    if from_items:
        from harness.pytest.items import close_lab  # noqa: PLC0415  only where there are scenarios

        left = close_lab(session.config)
        sink = session.config.pluginmanager.get_plugin("fakeeop-results")
        if sink is not None:
            sink.note_leftovers(left)
        elif left:
            session.config.workeroutput["fakeeop-leftovers"] = left  # type: ignore[attr-defined]  # xdist's


def pytest_report_header(config: pytest.Config) -> Iterable[str]:
    """One line where there are scenarios."""
    roots = config.stash[_ROOTS]
    return [f"scenarios: {', '.join(map(str, roots))}"] if roots else []
