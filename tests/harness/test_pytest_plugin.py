"""The plugin, run in pytest. What it needs is imported here: a test run inside must not import OpenSSL anew."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import xml.etree.ElementTree as ET

import pytest

import fakeeop.pki.declared
import harness.pytest.plugin
import harness.targets.embedded

_LOADED = (fakeeop.pki.declared, harness.targets.embedded)  # with the rest of them: stays loaded
INI = "[pytest]\naddopts = --strict-markers --import-mode=importlib\nxfail_strict = true\n"


@pytest.fixture
def project(pytester, write_scenarios):
    """``project({"x/name": text})``: a project with these scenarios."""

    def make(files):
        pytester.makefile(".ini", pytest=INI)
        write_scenarios(files, pytester.path / "scenarios")
        return pytester

    return make


def run(project, *arguments):
    return project.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", *arguments)


def test_one_item_a_case_with_ids_and_markers(project, every_grade):
    result = run(project(every_grade), "scenarios", "--collect-only", "-q", "-m", "relay", "-k", "smtplib or javamail")
    result.stdout.fnmatch_lines(["scenarios/x/pass.yaml::smtplib", "scenarios/x/unsupported.yaml::javamail"])
    result.stdout.fnmatch_lines(["2/7 tests collected (5 deselected)*"])


def test_every_grade_becomes_what_pytest_has_for_it(project, every_grade):
    result = run(project(every_grade), "scenarios", "-rA", "--fakeeop-out", "out")
    result.assert_outcomes(passed=3, failed=1, xfailed=1, skipped=1, errors=1)
    assert result.ret == 3  # an error of the harness is more than a failed case
    output = result.stdout.str()
    assert "unsupported: client javamail has no driver yet" in output
    assert "expected the enhanced status to be 5.7.1, at steps[1].expect.reply" in output
    assert "nothing.eml: No such file or directory" in output
    assert "Traceback" not in output
    assert "plugin.py" not in output


def test_without_an_error_a_failed_case_is_one(project, every_grade):
    project = project(every_grade)
    assert run(project, "scenarios", "-q", "-k", "fail").ret == 1
    assert run(project, "scenarios", "-q", "-k", "pass").ret == 0
    assert run(project, "scenarios", "-q", "-k", "nothing").ret == 5


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_what_a_case_leaves_behind_fails_the_run(project, every_grade, workers):
    # the driver of a client that runs a daemon, and does not say so
    leaky = """
        import subprocess, sys
        import harness.clients.raw as raw
        from harness.clients.process import start_program
        run = raw.RawDriver.run
        def leaky(self, plan):
            start_program([sys.executable, "-c", "import signal; signal.pause()"], folder=plan.folder)
            return run(self, plan)
        raw.RawDriver.run = leaky
    """
    project = project({"x/pass": every_grade["x/pass"]})
    project.makeconftest(textwrap.dedent(leaky))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "scenarios", *workers]
    done = subprocess.run(command, cwd=project.path, capture_output=True, text=True, timeout=120, check=False)
    assert "2 passed" in done.stdout
    assert "harness: left over: process " in done.stderr
    assert "signal.pause()" in done.stderr
    assert done.returncode == 3


def test_results_are_written_one_a_line(project, every_grade):
    project = project(every_grade)
    run(project, "scenarios", "-q", "--fakeeop-out", "out")
    lines = (project.path / "out/results.jsonl").read_text().splitlines()
    found = {(tree["case_id"], tree["grade"]) for tree in map(json.loads, lines)}
    assert found == {
        ("x/pass::raw", "pass"),
        ("x/pass::smtplib", "pass"),
        ("x/fail::raw", "fail"),
        ("x/deviation::raw", "deviation"),
        ("x/known-gap::raw", "known-gap"),
        ("x/unsupported::javamail", "unsupported"),
        ("x/error::raw", "error"),
    }
    kept = {
        str(path.parent.relative_to(project.path / "out")) for path in project.path.glob("out/cases/**/transcript.txt")
    }
    assert kept == {"cases/x/fail/raw", "cases/x/deviation/raw", "cases/x/error/raw"}


def test_without_a_folder_nothing_is_written(project, every_grade):
    project = project(every_grade)
    before = sorted(project.path.rglob("*"))
    run(project, "scenarios", "-q")
    assert sorted(project.path.rglob("*")) == before


def test_junit_tells_failures_from_errors_and_has_the_properties(project, every_grade):
    project = project(every_grade)
    run(project, "scenarios", "-q", "--junitxml=junit.xml")
    cases = {
        (case.get("classname"), case.get("name")): case
        for case in ET.parse(project.path / "junit.xml").iter("testcase")  # noqa: S314  our own file
    }
    failed = cases["scenarios.x.fail.yaml", "raw"]
    assert [child.tag for child in failed] == ["properties", "failure"]
    properties = {each.get("name"): each.get("value") for each in failed.iter("property")}
    assert properties == {
        "client": "raw",
        "client-version": "built in",
        "level": "must",
        "grade": "fail",
        "evidence": "rfc: RFC 5321",
    }
    assert [child.tag for child in cases["scenarios.x.error.yaml", "raw"]] == ["properties", "error"]
    skipped = cases["scenarios.x.unsupported.yaml", "javamail"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "unsupported: client javamail has no driver yet"
    known = cases["scenarios.x.known-gap.yaml", "raw"].find("skipped")
    assert known is not None
    assert known.get("message") == "known-gap: #12"


def test_a_closed_known_gap_breaks_the_run(project, scenario_maker):
    text, relayed, _ = scenario_maker
    body = f"steps:\n  - submit: {relayed}\n    expect: {{outcome: accepted}}\n"
    result = run(project({"x/gap": text(body, top="known-gap: {issue: '#12'}\n")}), "scenarios")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*XPASS(strict)*known-gap: #12*"])
    assert result.ret == 1


@pytest.mark.parametrize(
    ("option", "name"), [("--fakeeop-strict", "deviation"), ("--fakeeop-no-unsupported", "unsupported")]
)
def test_what_else_can_break_a_run(project, every_grade, option, name):
    project = project(every_grade)
    assert run(project, "scenarios", "-q", "-k", name).ret == 0
    assert run(project, "scenarios", "-q", "-k", name, option).ret == 1


def test_a_required_capability_may_not_be_missing(project, every_grade):
    project = project(every_grade)
    assert run(project, "scenarios", "-q", "-k", "unsupported", "--fakeeop-require=dsn-parameters").ret == 0
    assert run(project, "scenarios", "-q", "-k", "unsupported", "--fakeeop-require=client-javamail").ret == 1


def test_variables_are_options_too(project, every_grade, monkeypatch):
    monkeypatch.setenv("HARNESS_STRICT", "1")
    monkeypatch.setenv("HARNESS_CLIENT", "raw,javamail")
    monkeypatch.setenv("HARNESS_TAG", "relay")
    result = run(project(every_grade), "scenarios", "-k", "deviation or pass")
    result.assert_outcomes(passed=1, failed=1, deselected=5)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--fakeeop-client=swax", "unknown client 'swax': did you mean 'swaks'?"),
        ("--fakeeop-tag=nix", "unknown tag 'nix': known are "),
        ("--fakeeop-level=shall", "unknown level 'shall': known are must, should, info"),
        ("--fakeeop-select=@/nowhere", "@/nowhere: No such file or directory"),
    ],
)
def test_wrong_options_are_one_message(project, every_grade, option, message):
    result = run(project(every_grade), "scenarios", option)
    assert result.ret == 4
    assert message in result.stdout.str() + result.stderr.str()
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


def test_a_broken_file_is_a_collect_error_with_its_line(project, every_grade, scenario_maker):
    text, relayed, _ = scenario_maker
    broken = text(f"steps:\n  - submit: {relayed}\n    expect: {{outcom: accepted}}\n")
    project = project({"x/pass": every_grade["x/pass"], "x/broken": broken})
    result = run(project, "scenarios")
    result.stdout.fnmatch_lines(["*broken.yaml:18: error unknown-key: *unknown key outcom*did you mean 'outcome'?"])
    assert "Traceback" not in result.stdout.str()
    assert result.ret == 4


def test_repeat_and_shuffle(project, every_grade):
    project = project(every_grade)
    result = run(project, "scenarios", "-k", "pass", "--fakeeop-repeat=3", "-v")
    result.assert_outcomes(passed=6, deselected=15)
    orders = []
    for seed in ("1", "1", "2"):
        listing = run(project, "scenarios", "--collect-only", "-q", f"--fakeeop-shuffle={seed}").outlines
        orders.append([line for line in listing if "::" in line])
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(orders[2])


def test_serial_and_xdist_give_the_same(project, every_grade, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    project = project(every_grade)
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "harness.pytest_plugin", "scenarios"]
    results = {}
    for name, arguments in (("serial", []), ("xdist", ["-p", "xdist.plugin", "-n", "2"])):
        command = [*pytest_here, *arguments, f"--fakeeop-out={name}"]
        done = subprocess.run(command, cwd=project.path, capture_output=True, check=False)
        trees = map(json.loads, (project.path / name / "results.jsonl").read_text().splitlines())
        grades = {tree["case_id"]: (tree["grade"], len(tree["mismatches"])) for tree in trees}
        results[name] = (done.returncode, grades)
    assert results["serial"] == results["xdist"]
    assert results["serial"][0] == 3


def test_other_projects_are_left_alone(pytester, monkeypatch):
    """No marker, no header, nothing loaded, and a YAML file with another first key is nobody's business."""
    pytester.makeini("[pytest]\n")
    pytester.makefile(".yaml", **{"some": "schema: fakeeop.scenario/1\n"})
    pytester.makepyfile(
        "import sys\n"
        "def test_nothing_of_the_harness_is_loaded():\n"
        "    assert not [name for name in sys.modules if name.startswith(('fakeeop', 'harness.')) "
        "and name != 'harness.pytest_plugin']\n"
    )
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "harness.pytest_plugin", "-p", "no:cacheprovider")
    result.assert_outcomes(passed=1)
    assert "scenarios:" not in result.stdout.str()
    markers = pytester.runpytest_subprocess("-p", "harness.pytest_plugin", "--markers").stdout.str()
    assert "@pytest.mark.relay" not in markers


def test_a_folder_called_scenarios_with_other_yaml(pytester):
    pytester.makeini("[pytest]\n")
    folder = pytester.mkdir("scenarios")
    (folder / "other.yaml").write_text("name: mine\n")
    (folder / "test_mine.py").write_text("def test_mine():\n    pass\n")
    result = run(pytester, "scenarios")
    result.assert_outcomes(passed=1)


def test_the_folders_can_be_named(pytester, write_scenarios, every_grade):
    pytester.makeini("[pytest]\nfakeeop_scenarios = mail\n")
    write_scenarios({"x/pass": every_grade["x/pass"]}, pytester.path / "mail")
    run(pytester, "mail").assert_outcomes(passed=2)
