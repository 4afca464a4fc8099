from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli import main
from harness.scenario.assumptions import assumptions_text, write_assumptions
from harness.scenario.lint import lint
from harness.scenario.loader import find_scenarios, load_scenario
from harness.scenario.roots import root_of

GOOD = (Path(__file__).parent / "good" / "wrong-ip-denied.yaml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "scenarios"
    (root / "ip").mkdir(parents=True)
    (root / "ip" / "one.yaml").write_text(GOOD)
    write_assumptions(root, ())
    return root


def _messages(*paths: Path) -> list[str]:
    return [problem.message for problem in lint(paths) if problem.severity == "error"]


def test_a_good_folder_has_no_problem(folder):
    assert _messages(folder) == []
    assert _messages(folder / "ip" / "one.yaml") == []


def test_titles_are_unique(folder):
    (folder / "ip" / "two.yaml").write_text(GOOD)
    problem = next(one for one in lint([folder]) if "'relay'" not in one.message)
    assert problem.message == "the title is also that of ip/one"
    assert (problem.path, problem.line) == (str(folder / "ip" / "two.yaml"), 3)


def test_a_must_on_assumptions_is_listed(folder):
    text = GOOD.replace("kind: doc, ref:", "kind: assumption, note:").replace(
        "kind: transcript, ref:", "kind: assumption, note:"
    )
    (folder / "ip" / "one.yaml").write_text(text)
    listed = "a must scenario that rests on assumptions alone is not listed in ASSUMPTIONS.md"
    assert sorted(_messages(folder)) == ["ASSUMPTIONS.md is not in step with the scenarios", listed]
    assert _messages(folder / "ip" / "one.yaml") == [listed]
    scenarios = [load_scenario(path, folder) for path in find_scenarios(folder)]
    assert write_assumptions(folder, scenarios)
    assert not write_assumptions(folder, scenarios)
    assert _messages(folder) == []
    assert "| `ip/one` | Without a matching connector" in (folder / "ASSUMPTIONS.md").read_text("utf-8")


def test_the_command_writes_the_list(folder, capsys):
    (folder / "ASSUMPTIONS.md").unlink()
    (folder / "ip" / "broken.yaml").write_text("schema: fakeeop.scenario/1\n")
    assert main(["lint", str(folder), "--write-assumptions"]) == 4
    out = capsys.readouterr()
    assert "the key 'title' is missing" in out.out
    assert f"wrote {folder / 'ASSUMPTIONS.md'}" in out.err
    (folder / "ip" / "broken.yaml").unlink()
    assert main(["lint", str(folder)]) == 0


def test_required_capabilities_are_known(folder):
    text = GOOD.replace("clients:", "requires: [starttls, client-exim, startls]\nclients:")
    (folder / "ip" / "one.yaml").write_text(text)
    assert _messages(folder) == []
    found = [one.message for one in lint([folder], capabilities={"starttls"}) if one.severity == "error"]
    assert found == ["no capability is called 'startls'; known: starttls, client-NAME"]


def test_a_should_needs_no_listing():
    assert "There are none." in assumptions_text(())


def test_a_file_that_is_no_scenario_is_told(tmp_path):
    (tmp_path / "other.yaml").write_text("name: x\n")
    assert _messages(tmp_path / "other.yaml") == ["not a scenario: there is no key schema: fakeeop.scenario/1"]
    assert "cannot be read" in _messages(tmp_path / "none.yaml")[0]


def test_the_root_is_the_nearest_scenarios_folder(tmp_path):
    deep = tmp_path / "scenarios" / "a" / "b"
    deep.mkdir(parents=True)
    assert root_of(deep / "x.yaml") == tmp_path / "scenarios"
    assert root_of(tmp_path / "x.yaml") == tmp_path


def test_an_unused_certificate_is_a_warning(folder):
    (folder / "ip" / "one.yaml").write_text(GOOD.replace("  hosts:", "  pki: {own: {self-signed: true}}\n  hosts:"))
    problem = next(one for one in lint([folder]) if "'relay'" not in one.message)
    assert (problem.severity, problem.message) == ("warning", "nobody uses 'own'")
