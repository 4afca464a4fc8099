"""Collector and item of the pytest plugin. Only loaded where there are scenarios."""

from __future__ import annotations

import os
from collections.abc import Iterator
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
from harness.reporters.jsonl import to_tree
from harness.scenario.expand import expand
from harness.scenario.loader import is_scenario, load_scenario
from harness.scenario.selection import LEVELS, Selection, SelectionError, expand_files
from harness.scenario.tags import TAGS
from harness.steps.run import run_scenario

__all__ = ["CaseError", "ScenarioFailed", "ScenarioFile", "ScenarioItem", "close_lab", "run_options", "scenario_file"]


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
        """What is wrong, and no traceback of ours."""
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
