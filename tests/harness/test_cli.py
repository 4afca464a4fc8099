from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harness.cli import COMMANDS, main


@pytest.fixture
def here(tmp_path, monkeypatch, write_scenarios, every_grade):
    """A folder with one scenario for every grade, as the current one."""
    monkeypatch.chdir(tmp_path)
    write_scenarios(every_grade)
    return tmp_path


def harness(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "harness", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


# ---- run


def test_run_prints_table_failures_counts_warnings_and_files(here):
    done = harness("run", cwd=here)
    assert done.returncode == 3
    assert done.stderr == ""
    text = done.stdout
    assert text.startswith("7 cases of 6 scenarios in scenarios\n")
    assert "FAIL  Fails <b>&\nscenarios/x/fail.yaml:20  x/fail::raw\n" in text
    assert "2 pass, 1 deviation, 1 fail, 1 known-gap, 1 unsupported, 1 error  in " in text
    assert "  ! 1 case unsupported: client javamail has no driver yet\n" in text
    assert "{results.jsonl, junit.xml, report.html, summary.md}" in text
    (folder,) = (here / ".harness/runs").iterdir()
    assert {each.name for each in folder.iterdir()} == {
        "cases", "results.jsonl", "junit.xml", "report.html", "summary.md",
    }  # fmt: skip
    assert (here / ".harness/.gitignore").read_text() == "*\n"


def test_run_one_good_scenario(here):
    done = harness("run", "x/pass", "-v", cwd=here)
    assert done.returncode == 0
    assert "pass        x/pass::raw  " in done.stdout
    assert "2 pass  in " in done.stdout


def test_run_in_two_processes_for_machines(here):
    options = ("-n", "2", "--json", "--strict", "--client", "raw", "--out", "out")
    done = harness("run", *options, "x/pass", "x/dev*", cwd=here)
    tree = json.loads(done.stdout)
    assert (done.returncode, tree["exit-code"]) == (1, 1)
    assert {case["case_id"]: case["grade"] for case in tree["cases"]} == {
        "x/deviation::raw": "deviation",
        "x/pass::raw": "pass",
    }
    assert (here / "out/results.jsonl").exists()
    assert harness("report", "out", "--html", "m.html", "--md", "m.md", cwd=here).returncode == 0
    assert "x/deviation" in (here / "m.html").read_text()


def test_run_shows_the_wire_and_stops_at_the_first(here):
    done = harness("run", "-x", "--show-wire", "x/fail", "--shuffle=7", cwd=here)
    assert done.returncode == 1
    assert "order: --shuffle=7" in done.stdout
    assert "       C: MAIL FROM:<app@contoso.com>" in done.stdout


def test_a_flag_wins_over_its_variable(here, monkeypatch):
    monkeypatch.setenv("HARNESS_CLIENT", "smtplib")
    for arguments, clients in (((), ["smtplib"]), (("--client", "raw"), ["raw"])):
        done = harness("run", "x/pass", "--json", *arguments, cwd=here)
        assert [case["client"] for case in json.loads(done.stdout)["cases"]] == clients
    monkeypatch.setenv("HARNESS_REPEAT", "often")
    done = harness("run", "x/pass", cwd=here)
    assert (done.returncode, done.stderr) == (4, "harness run: HARNESS_REPEAT=often: not a number\n")


def test_settings_of_the_project_have_no_say(here):
    (here / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    assert harness("run", "x/pass", cwd=here).returncode == 0


@pytest.mark.parametrize("more", [(), ("-n", "2")])
def test_a_wrong_scenario_is_named_and_nothing_runs(here, more):
    (here / "scenarios/x/broken.yaml").write_text("schema: fakeeop.scenario/1\ntitel: x\n")
    done = harness("run", *more, cwd=here)
    assert done.returncode == 4
    assert "broken.yaml:2: error unknown-key: unknown key titel" in done.stderr
    assert "pass" not in done.stdout
    assert list((here / ".harness/runs").glob("*/results.jsonl")) == []


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "nothing/*"], 5, "nothing selected by nothing/*"),
        (["run", "--client", "swax"], 4, "unknown client 'swax': did you mean 'swaks'?"),
        (["run", "--tag", "nix"], 4, "unknown tag 'nix'"),
        (["run", "--target", "smtp://192.0.2.1:25"], 3, "smtp://192.0.2.1:25 is not on this machine"),
        (["run", "--repeat", "0"], 4, "--repeat 0: at least 1"),
        (["run", "--timeout-factor", "-1"], 4, "more than 0"),
        (["run", "-n", "many"], 4, "-n many: a number, or auto"),
        (["run", "--root", "/nowhere"], 4, "--root /nowhere: no such folder"),
        (["run", "@/nowhere"], 4, "@/nowhere: No such file"),
        (["run", "--wrong"], 4, "unrecognized arguments: --wrong"),
        (["report"], 4, "no run here yet"),
        (["report", "none.jsonl"], 3, "none.jsonl: No such file"),
        (["list", "nothing"], 5, "nothing selected by nothing"),
        (["show", "nothing"], 5, "nothing selected by nothing"),
        (["explain", "x/unsupported"], 4, "unsupported: client javamail has no driver yet"),
        (["lint", "nowhere"], 4, "nowhere: no such file or folder"),
        (["rum"], 4, "unknown command 'rum'; did you mean 'run'?"),
    ],
)
def test_bad_input_is_one_clear_message(here, capsys, arguments, code, message):
    try:
        found: object = main(arguments)
    except SystemExit as why:
        found = why.code
    assert found == code
    output = capsys.readouterr()
    assert message in output.err
    assert output.err.count("\n") == 1
    assert here.exists()


# ---- the others


def test_list(here, capsys):
    assert main(["list", "x/pass", "x/unsupported", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [(entry["id"], entry["available"], entry["missing"]) for entry in entries] == [
        ("x/pass::raw", True, []),
        ("x/pass::smtplib", True, []),
        ("x/unsupported::javamail", False, ["client javamail has no driver yet"]),
    ]
    assert main(["list"]) == 0
    assert "7 cases of 6 scenarios" in capsys.readouterr().out
    assert here.exists()


def test_clients(capsys):
    assert main(["clients", "--json"]) == 0
    clients = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert "dsn-parameters" in clients["smtplib"]["capabilities"]
    assert (clients["javamail"]["available"], clients["javamail"]["missing"]) == (False, "has no driver yet")
    assert main(["clients"]) == 0
    assert "has no driver yet" in capsys.readouterr().out


def test_show_fills_in_variants(here, capsys, scenario_maker):
    text, _, _ = scenario_maker
    submit = "{from-host: '{{variant.host}}', mail-from: a@contoso.com, rcpt-to: [b@x.example]}"
    top = "variants: {one: {host: relay}, two: {host: stranger}}\n"
    (here / "scenarios/x/two.yaml").write_text(text(f"steps:\n  - submit: {submit}\n", top=top))
    assert main(["show", "x/two", "--json"]) == 0
    trees = json.loads(capsys.readouterr().out)
    assert [tree["steps"][0]["submit"]["from-host"] for tree in trees] == ["relay", "stranger"]
    assert main(["show", "x/two::two-raw"]) == 0
    assert "from-host: stranger\n" in capsys.readouterr().out


def test_explain(here, capsys):
    assert main(["explain", "x/fail", "--wire"]) == 1
    text = capsys.readouterr().out
    assert text.startswith("x/fail::raw: fail\n")
    assert "verdict: relay-access-denied" in text
    assert "C: DATA" not in text
    assert "S: 550 5.7.64" in text
    assert here.exists()


def test_lint(here, capsys):
    assert main(["lint", "scenarios/x/pass.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scenarios"] == 1
    (here / "scenarios/x/broken.yaml").write_text("schema: fakeeop.scenario/1\ntitel: x\n")
    assert main(["lint"]) == 4
    assert "unknown key titel" in capsys.readouterr().out


def test_schema(capsys):
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_and_exit_codes(command, capsys):
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert f"harness {command}" in text
    assert "examples:" in text
    assert "exit codes:" in text


def test_help_lists_every_command(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n  {command:<10} " in text for command in COMMANDS)
    assert main([]) == 4
    assert main(["--version"]) == 0
