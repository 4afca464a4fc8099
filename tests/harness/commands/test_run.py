"""``harness run`` and ``lint`` as a newcomer meets them: folders of any name, files with mistakes, printed commands."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys

import pytest


@pytest.fixture
def mine(tmp_path, write_scenarios, every_grade):
    """A folder of scenarios that is not called scenarios."""
    write_scenarios({name: every_grade[name] for name in ("x/pass", "x/fail")}, tmp_path / "mine")
    return tmp_path / "mine"


def harness(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "harness", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize("named", ["scheam: fakeeop.scenario/1\n{}", "title: First\n{}", '"schema": none\n{}'])
@pytest.mark.parametrize("suffix", ["yaml", "yml"])
def test_a_scenario_with_another_first_line_is_not_skipped(mine, every_grade, named, suffix):
    rest = every_grade["x/pass"].partition("\n")[2]
    (mine / f"x/odd.{suffix}").write_text(named.format(rest))
    assert harness("run", "mine", cwd=mine.parent).returncode == 4
    assert harness("lint", "mine", cwd=mine.parent).returncode == 4


def test_schema_may_stand_anywhere(mine, every_grade):
    first, _, rest = every_grade["x/pass"].partition("\n")
    (mine / "x/pass.yaml").write_text(rest + first + "\n")
    done = harness("run", "mine", "--client", "raw", "--json", cwd=mine.parent)
    assert {case["case_id"]: case["grade"] for case in json.loads(done.stdout)["cases"]}["x/pass::raw"] == "pass"


@pytest.mark.parametrize("processes", ["0", "2"])
def test_what_is_not_a_scenario_is_named(mine, processes):
    (mine / "tenant.yaml").write_text("Tenants: []\n")
    (mine / "build").mkdir()
    (mine / "build/other.yml").write_text("services: {}\n")
    line = "build/other.yml, tenant.yaml are not scenarios: no key schema: fakeeop.scenario/1"
    assert f"  ! {line}\n" in harness("run", "mine", "-n", processes, cwd=mine.parent).stdout
    assert json.loads(harness("run", "mine", "--json", cwd=mine.parent).stdout)["left-out"] == [line]
    assert line in harness("list", "--root", "mine", cwd=mine.parent).stderr
    linted = harness("lint", "mine", cwd=mine.parent)
    assert "mine/tenant.yaml: not a scenario" in linted.stderr
    assert json.loads(harness("lint", "mine", "--json", cwd=mine.parent).stdout)["not-scenarios"] == [
        "mine/build/other.yml", "mine/tenant.yaml",
    ]  # fmt: skip
    done = harness("run", "mine/tenant.yaml", cwd=mine.parent)
    assert done.returncode == 5
    assert "tenant.yaml is not a scenario" in done.stderr


def test_lint_reads_the_tenant_and_tells_everything_at_once(mine, every_grade):
    text = every_grade["x/pass"].replace("SenderIPAddresses", "SenderIPAdresses")
    text = text.replace("tags: [ip, relay]", "tags: [ip, nonsense]").replace("timeout", "")
    text = text.replace("from-host: relay,", "from-host: relai, mail-fom: x,") + "  - submit: {from-host: nobody}\n"
    text += "  - submit: {from-host: nowhere, mail-from: a@contoso.com, rcpt-to: [x@real.com]}\n"
    (mine / "x/pass.yaml").write_text(text)
    done = harness("lint", "mine/x/pass.yaml", cwd=mine.parent)
    tenant, tag, key = "there is no SenderIPAdresses", "'nonsense'", "unknown key mail-fom"
    missing, host, domain = (
        "the key 'rcpt-to' is missing",
        "steps[3].submit: unknown host nowhere",
        "real.com is neither",
    )
    for message in (tenant, tag, key, missing, host, domain):
        assert message in done.stdout, message
    assert len(re.findall(r"^mine/x/pass.yaml:\d+: error", done.stdout, re.MULTILINE)) >= 6
    assert done.returncode == 4


def test_ids_do_not_change_with_the_way_of_naming(mine):
    ids = set()
    for cwd, named in (
        (mine.parent, "mine"), (mine.parent, "./mine/"), (mine.parent, "mine/x"), (mine.parent, "mine/x/pass.yaml"),
        (mine.parent, "mine/x/pass.yaml::raw"), (mine.parent, str(mine / "x")),
    ):  # fmt: skip
        listed = json.loads(harness("list", named, "--client", "raw", "--json", cwd=cwd).stdout)
        ids |= {case["id"] for case in listed}
    assert ids == {"x/pass::raw", "x/fail::raw"}


def test_two_roots_are_not_mixed(mine, write_scenarios, every_grade):
    write_scenarios({"x/pass": every_grade["x/pass"]}, mine.parent / "yours")
    done = harness("run", "mine", "yours", cwd=mine.parent)
    assert (done.returncode, done.stdout) == (4, "")
    assert "these are scenarios of several roots, mine and yours" in done.stderr


@pytest.mark.parametrize("root", ["mine", "scenarios", "my scenarios/deep"])
def test_printed_commands_work_as_printed(tmp_path, write_scenarios, every_grade, root):
    write_scenarios({"x/fail": every_grade["x/fail"]}, tmp_path / root)
    done = harness("run", "--root", root, "--out", "out", cwd=tmp_path)
    assert done.returncode == 1
    seen = re.findall(r"(?:rerun|why): (harness .*)", done.stdout)
    seen += re.findall(
        r"<dt>again</dt><dd>(.*?)</dd>", (tmp_path / "out/report.html").read_text().replace("&#x27;", "'")
    )
    seen += re.findall(r"rerun: (harness [^<\n]*)", (tmp_path / "out/junit.xml").read_text())
    seen += re.findall(r"rerun: (harness .*)", (tmp_path / "out/summary.md").read_text())
    assert len(seen) == 5
    for command in set(seen):
        again = harness(*shlex.split(command)[1:], cwd=tmp_path)
        assert again.returncode == 1, command
        assert "x/fail::raw" in again.stdout


def test_stopping_at_a_failure_is_not_an_interruption(mine):
    done = harness("run", "mine", "-n", "2", "-x", "--repeat", "3", cwd=mine.parent)
    assert done.returncode == 1
    assert done.stderr == ""


def test_ctrl_c_says_how_far_it_came(mine):
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "harness", "run", "mine", "-v", "--repeat", "2000", "--client", "raw"],
        cwd=mine.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("pass"):
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(r"harness: interrupted: \d+ of \d+ cases have run\n", err)
