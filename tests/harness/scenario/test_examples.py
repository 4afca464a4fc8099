"""The example files: good ones are fine for loader, schema and linter; each bad one gives the messages it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.scenario.expand import expand
from harness.scenario.lint import lint
from harness.scenario.loader import load_scenario

HERE = Path(__file__).parent
GOOD = sorted((HERE / "good").glob("*.yaml"))
BAD = sorted((HERE / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good(path):
    problems = [str(problem) for problem in lint([path], root=path.parent) if problem.severity == "error"]
    assert problems == []
    assert expand(load_scenario(path, path.parent))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad(path):
    wanted = [line[10:] for line in path.read_text("utf-8").splitlines() if line.startswith("# expect: ")]
    assert wanted, f"{path.name} names no message"
    found = "\n".join(str(problem).removeprefix(str(path) + ":") for problem in lint([path], root=path.parent))
    for message in wanted:
        assert message in found


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_bad_for_one_reason(path):
    """The named messages are all of them: an example does not pass by accident of another mistake."""
    wanted = [line[10:] for line in path.read_text("utf-8").splitlines() if line.startswith("# expect: ")]
    for problem in lint([path], root=path.parent):
        assert any(message in str(problem) or str(problem.fix) in message for message in wanted), str(problem)
