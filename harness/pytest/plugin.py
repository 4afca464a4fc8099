"""Collector, item and results of the pytest plugin. Only loaded where there are folders of scenarios."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from harness.clients.process import end_leftovers
from harness.clients.registry import unknown_client
from harness.engine.lab import Lab, RunSettings
from harness.errors import ScenarioError
from harness.model.result import CaseResult, Grade
from harness.model.scenario import ScenarioCase
from harness.reporters.jsonl import to_line, to_tree
from harness.scenario.expand import expand
from harness.scenario.loader import SCHEMA, is_scenario, load_scenario, not_scenarios
from harness.scenario.selection import LEVELS, Selection, SelectionError, expand_files
from harness.scenario.tags import TAGS
from harness.steps.run import run_scenario

__all__ = ["CaseError", "ResultSink", "ScenarioFailed", "ScenarioFile", "ScenarioItem", "ScenarioPlugin"]

EXIT_ERROR = 3  # the harness could not do its work
EXIT_USAGE = 4  # a scenario is wrong, as for a wrong option
_SUFFIXES = (".yaml", ".yml")


class ScenarioFailed(Exception):
    """The case did not hold; the text is what there is to say."""


class CaseError(Exception):
    """The harness could not do its work on this case."""


@frozen
class RunOptions:
    """The options of one pytest run, read once."""

    selection: Selection
    settings: RunSettings
    strict: bool
    no_unsupported: bool
    require: tuple[str, ...]
    show_wire: bool
    repeat: int


_OPTIONS = pytest.StashKey[RunOptions]()
_LAB = pytest.StashKey[Lab]()


def run_options(config: pytest.Config) -> RunOptions:
    """The options as values. Raises pytest.UsageError with one clear message."""
    if _OPTIONS not in config.stash:
        config.stash[_OPTIONS] = _read_options(config)
    return config.stash[_OPTIONS]


def _read_options(config: pytest.Config) -> RunOptions:
    level = config.getoption("--fakeeop-level")
    if level and level not in LEVELS:
        raise pytest.UsageError(f"unknown level {level!r}: known are {', '.join(LEVELS)}")
    clients = _several(config, "client")
    for message in filter(None, map(unknown_client, clients)):
        raise pytest.UsageError(message)
    tags = _several(config, "tag")
    for tag in tags:
        if tag not in TAGS:
            raise pytest.UsageError(f"unknown tag {tag!r}: known are {', '.join(sorted(TAGS))}")
    try:
        patterns = expand_files(_several(config, "select"))
    except SelectionError as why:
        raise pytest.UsageError(str(why)) from why
    out = config.getoption("--fakeeop-out")
    settings = RunSettings(
        out=Path(out).resolve() if out else None,
        keep=config.getoption("--fakeeop-keep"),
        timeout_factor=config.getoption("--fakeeop-timeout-factor"),
        target=config.getoption("--fakeeop-target"),
        allow_remote=config.getoption("--fakeeop-allow-remote"),
        explain=config.getoption("--fakeeop-explain"),
    )
    return RunOptions(
        Selection(patterns, clients, tags, level),
        settings,
        strict=config.getoption("--fakeeop-strict"),
        no_unsupported=config.getoption("--fakeeop-no-unsupported"),
        require=_several(config, "require"),
        show_wire=config.getoption("--fakeeop-show-wire"),
        repeat=config.getoption("--fakeeop-repeat"),
    )


def _several(config: pytest.Config, name: str) -> tuple[str, ...]:
    """The values given, else those of the variable, which separates them by commas."""
    given = config.getoption(f"--fakeeop-{name}")
    if given is None:
        given = [each for each in os.environ.get(f"HARNESS_{name.upper()}", "").split(",") if each]
    return tuple(given)


def the_lab(config: pytest.Config) -> Lab:
    """The lab of this process, made on first use."""
    if _LAB not in config.stash:
        config.stash[_LAB] = Lab(run_options(config).settings)
    return config.stash[_LAB]


def close_lab(config: pytest.Config) -> list[str]:
    """End it, if there is one. What its cases have left behind is ended, too, and told: one sentence each."""
    if _LAB not in config.stash:
        return []
    config.stash[_LAB].close()
    del config.stash[_LAB]
    return end_leftovers()


def scenario_file(path: Path, root: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """A collector for ``path`` if it is a scenario, and if one of its cases can be selected."""
    name = path.resolve().relative_to(root).with_suffix("").as_posix()
    if not run_options(parent.config).selection.wants_scenario(name) or not is_scenario(path):
        return None
    return ScenarioFile.from_parent(parent, path=path, root=root)


class ScenarioFile(pytest.File):
    """One scenario file."""

    root: Path

    @classmethod
    def from_parent(cls, parent: pytest.Collector, *, path: Path, root: Path, **kwargs: Any) -> ScenarioFile:  # type: ignore[override]  # as pytest documents it
        """As pytest wants nodes to be made."""
        made: ScenarioFile = super().from_parent(parent, path=path, **kwargs)
        made.root = root
        return made

    def collect(self) -> Iterator[ScenarioItem]:
        """Every case. Raises CollectError with file, line and message of everything that is wrong."""
        try:
            cases = expand(load_scenario(self.path, self.root))
        except ScenarioError as why:
            raise self.CollectError(str(why)) from why
        repeat = run_options(self.config).repeat
        for case in cases:
            name = case.id.partition("::")[2]
            for number in range(1, repeat + 1):
                label = name if repeat == 1 else f"{name}#{number}"
                yield ScenarioItem.from_parent(self, name=label, case=case)


class ScenarioItem(pytest.Item):
    """One case. It runs in set-up, so that an error of the harness is an error for JUnit; the call only judges."""

    def __init__(self, *, case: ScenarioCase, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.case = case
        self.result: CaseResult | None = None
        for tag in case.scenario.tags:
            if tag in TAGS:
                self.add_marker(tag)
        gap = case.scenario.known_gap
        if case.known_gap and gap is not None:
            reason = f"known-gap: {gap.issue}"
            self.add_marker(pytest.mark.xfail(strict=True, raises=ScenarioFailed, reason=reason))

    def setup(self) -> None:
        """Run the case; skip what is not supported here."""
        options = run_options(self.config)
        result = self.result = run_scenario(self.case, the_lab(self.config))
        self.user_properties += [
            ("client", result.client),
            ("client-version", result.versions.get(result.client, "")),
            ("level", result.level),
            ("grade", result.grade.value),
            ("evidence", "; ".join(result.evidence)),
        ]
        if result.grade is Grade.ERROR:
            raise CaseError("\n".join(filter(None, (result.text, result.reason))))
        if result.grade is Grade.UNSUPPORTED and not self._must_run(options, result):
            pytest.skip(f"unsupported: {result.reason}")

    def runtest(self) -> None:
        """Judge. Raises ScenarioFailed."""
        result, options = self.result, run_options(self.config)
        if result is None:
            raise CaseError("the case did not run")
        if result.grade is Grade.UNSUPPORTED:
            raise ScenarioFailed(f"unsupported: {result.reason} (and --no-unsupported or --require asks for it)")
        broken = result.grade is Grade.KNOWN_GAP or (result.grade is Grade.FAIL and result.mismatches)
        if broken or (result.grade is Grade.DEVIATION and options.strict):
            raise ScenarioFailed(failure(result, show_wire=options.show_wire))

    def result_tree(self) -> dict[str, Any] | None:
        """For the report."""
        return None if self.result is None else to_tree(self.result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, without a traceback of the harness."""
        if isinstance(excinfo.value, (ScenarioFailed, CaseError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line (from 0), id."""
        return self.path, 0, self.case.id

    def _must_run(self, options: RunOptions, result: CaseResult) -> bool:
        return options.no_unsupported or any(
            f"lacks {each}" in result.reason or result.reason.startswith(f"client {each.removeprefix('client-')} ")
            for each in options.require
        )


def failure(result: CaseResult, *, show_wire: bool) -> str:
    """The text of a case that does not hold."""
    parts = [result.text or result.reason]
    if show_wire and result.transcript:
        parts += ["     wire:", *(f"       {line}" for line in result.transcript)]
    return "\n".join(parts)


class ResultSink:
    """One writer: results come here from every xdist worker on the reports."""

    def __init__(self, config: pytest.Config) -> None:
        out = config.getoption("--fakeeop-out")
        self._path = Path(out).resolve() / "results.jsonl" if out else None
        self._file: int | None = None
        self._errors = False
        self._broken_files = False
        self._left = False
        self.seen = False  # a case

    def note_leftovers(self, left: list[str]) -> None:
        """Processes and folders that cases left behind: an error of the harness, whatever the cases say."""
        self._left = self._left or bool(left)
        for each in left:
            print(f"harness: left over: {each}", file=sys.stderr)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of xdist has ended; it sends what it found."""
        self.note_leftovers(getattr(node, "workeroutput", {}).get("fakeeop-leftovers", []))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result from the last report of a case."""
        tree: dict[str, Any] | None = getattr(report, "fakeeop_result", None)
        if tree is None:
            return
        self.seen = True
        self._errors = self._errors or tree["grade"] == "error"
        if self._path is not None:
            os.write(self._opened(self._path), to_line(tree))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notice a scenario that cannot be read."""
        if report.failed and report.nodeid.endswith((".yaml", ".yml")):
            self._broken_files = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """3 and 4 tell an error of the harness and a wrong scenario from a failed case (1)."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._left:
            session.exitstatus = EXIT_ERROR
        elif exitstatus in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED):
            if self._broken_files:
                session.exitstatus = EXIT_USAGE
            elif self._errors and exitstatus == pytest.ExitCode.TESTS_FAILED:
                session.exitstatus = EXIT_ERROR

    def _opened(self, path: Path) -> int:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        return self._file


class ScenarioPlugin:
    """The hooks, where there are folders of scenarios."""

    def __init__(self, config: pytest.Config, roots: tuple[Path, ...]) -> None:
        self._config = config
        self._roots = roots
        for tag, sentence in TAGS.items():
            config.addinivalue_line("markers", f"{tag}: {sentence}")
        self._sink: ResultSink | None = None
        if not hasattr(config, "workerinput"):
            self._sink = ResultSink(config)
            config.pluginmanager.register(self._sink, "fakeeop-results")

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
        """A scenario file becomes a collector; every other file is left to others."""
        if file_path.suffix not in _SUFFIXES:
            return None
        full = file_path.resolve()
        root = next((each for each in self._roots if full.is_relative_to(each)), None)
        return None if root is None else scenario_file(file_path, root, parent)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The filters and the order."""
        selection = run_options(self._config).selection
        left_out = [item for item in items if isinstance(item, ScenarioItem) and not selection.wants(item.case)]
        if left_out:
            self._config.hook.pytest_deselected(items=left_out)
            gone = set(map(id, left_out))
            items[:] = [item for item in items if id(item) not in gone]
        seed = self._config.getoption("--fakeeop-shuffle")
        if seed:
            random.Random(seed).shuffle(items)  # noqa: S311  an order, not a secret

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The result travels on the report, also from an xdist worker. An error of ours is told without a traceback."""
        report = yield
        if not isinstance(item, ScenarioItem):
            return report
        if report.failed and report.when == "setup" and call.excinfo is not None:
            report.longrepr = item.repr_failure(call.excinfo)  # pytest asks an item only about its call
        if report.skipped and isinstance(report.longrepr, tuple):
            report.longrepr = (str(item.path), 1, report.longrepr[2])  # not the line of ours that skips
        if report.when == "teardown":
            report.__dict__["fakeeop_result"] = item.result_tree()  # reports carry extra attributes, xdist sends them
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the lab of this process. What was left behind fails the run, from a worker of xdist as well."""
        left = close_lab(session.config)
        if self._sink is not None:
            self._sink.note_leftovers(left)
        elif left:
            session.config.workeroutput["fakeeop-leftovers"] = left  # type: ignore[attr-defined]  # xdist's

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Name the YAML files below the folders that are not scenarios, once cases have run."""
        if self._sink is None or not self._sink.seen:
            return
        wanted = run_options(self._config).selection.wants_scenario
        for root in self._roots:
            for path in not_scenarios(root):
                if wanted(path.relative_to(root).with_suffix("").as_posix()):
                    terminalreporter.write_line(f"{path}: not a scenario: there is no key schema: {SCHEMA}")

    def pytest_report_header(self) -> list[str]:
        """Where the scenarios are."""
        return [f"scenarios: {', '.join(map(str, self._roots))}"]
