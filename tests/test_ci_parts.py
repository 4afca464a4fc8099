"""The parts for other people's CI under ci/: what can be run here is run, the rest is read.

`tox -e parts` lints them with hadolint and against the schemas of GitHub and GitLab.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
CI = ROOT / "ci"
SCENARIO = "ip/wrong-ip-denied"


def environment(folder: Path, **more: str) -> dict[str, str]:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    return {**os.environ, "PATH": path, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), **more}


def bash(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = environment(folder, **more)
    return subprocess.run(
        command,
        cwd=folder,
        env=done,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Numbers of processes that the end of the test ends."""
    numbers: list[int] = []
    yield numbers
    for number in numbers:
        os.kill(number, signal.SIGKILL)


# the container -------------------------------------------------------------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = (CI / "container" / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def final_stage() -> dict[str, str]:
    """The instructions of the last stage; of several of one kind, the last."""
    found: dict[str, str] = {}
    for word, rest in instructions():
        found = {} if word == "FROM" else {**found, word: rest}
    return found


def test_the_image_runs_without_root_and_says_how_it_is():
    stage = final_stage()
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", stage["USER"])
    assert stage["EXPOSE"].split() == ["2525", "5587"]
    assert stage["VOLUME"] == "/var/lib/fakeeop"
    assert json.loads(stage["HEALTHCHECK"].partition(" CMD ")[2]) == ["fakeeop", "ready", "127.0.0.1:2525"]
    assert [rest for word, rest in instructions() if word == "FROM" and "-slim" not in rest] == []


def test_the_entry_point_is_a_command_line_that_serve_takes(tmp_path):
    command = " ".join(json.loads(final_stage()["ENTRYPOINT"]))
    done = bash(f"{command} examples/none.yaml --port 0", tmp_path)
    assert done.returncode == 3, done.stderr
    assert "examples/none.yaml" in done.stderr


def test_what_is_copied_into_the_image_is_enough_for_the_wheel(tmp_path):
    allowed = (CI / "container" / "Containerfile.dockerignore").read_text("utf-8").split("\n!")[1:]
    context = tmp_path / "src"
    context.mkdir()
    for word, rest in instructions():
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            for source in sources:
                assert source in {name.split("\n")[0] for name in allowed}, f"{source} is left out by the ignore file"
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, context / target, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(ROOT / source, context)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    done = subprocess.run(command, cwd=context, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# GitHub --------------------------------------------------------------------------------------------------------------


def steps() -> dict[str, str]:
    """id of a step of the action → its script."""
    action = yaml.safe_load((CI / "github" / "action.yml").read_text("utf-8"))
    assert action["runs"]["using"] == "composite"
    return {step["id"]: step["run"] for step in action["runs"]["steps"] if "id" in step}


def runner(folder: Path) -> dict[str, str]:
    files = {name: folder / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    for path in files.values():
        path.touch()
    return {"RUNNER_TEMP": str(folder), **{name: str(path) for name, path in files.items()}}


def outputs(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "github_output").read_text().splitlines())


def test_the_action_starts_a_server_and_says_where(tmp_path, started):
    done = bash(steps()["serve"], tmp_path, ARGUMENTS="--peer 127.0.0.25=203.0.113.25", **runner(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    told = outputs(tmp_path)
    started.append(int(told["pid"]))
    assert told["address"] == f"127.0.0.1:{told['port']}"
    assert bash(f"fakeeop ready {told['address']}", tmp_path).returncode == 0
    assert "ready on" in Path(told["log"]).read_text()


def test_the_action_shows_the_log_of_a_server_that_does_not_start(tmp_path):
    script = steps()["serve"].replace("--wait 30", "--wait 3")
    done = bash(script, tmp_path, ARGUMENTS="missing.yaml", **runner(tmp_path))
    assert done.returncode == 1
    assert "missing.yaml" in done.stdout


@pytest.mark.parametrize(("arguments", "code"), [(SCENARIO, 0), ("no/such-scenario", 5)])
def test_the_action_runs_scenarios_and_writes_the_summary(tmp_path, arguments, code):
    done = bash(steps()["scenarios"], tmp_path, ARGUMENTS=f"{arguments} --root {ROOT / 'scenarios'} --client raw",
                **runner(tmp_path))  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert (SCENARIO in (tmp_path / "github_step_summary").read_text()) is (code == 0)
    assert outputs(tmp_path)["results"] == str(tmp_path / "fakeeop-results")


def test_no_script_of_the_action_has_an_expression_in_it():
    """Inputs come in as variables: an expression would be pasted into the script as it is."""
    assert [name for name, script in steps().items() if "${{" in script] == []


# GitLab --------------------------------------------------------------------------------------------------------------


def gitlab(job: str, part: str) -> tuple[dict[str, Any], list[str]]:
    """A job, and the lines of its script behind those that install."""
    found = yaml.safe_load((CI / "gitlab" / "fakeeop.gitlab-ci.yml").read_text("utf-8"))[job]
    make, install, *rest = found[part]
    assert (make, install) == ("python3 -m venv .fakeeop", '.fakeeop/bin/pip install --quiet "$FAKEEOP_PACKAGE"')
    return found, rest


def installed(folder: Path) -> None:
    (folder / ".fakeeop").mkdir()
    (folder / ".fakeeop" / "bin").symlink_to(sysconfig.get_path("scripts"))


def test_the_job_of_gitlab_starts_a_server(tmp_path, started):
    installed(tmp_path)
    job, lines = gitlab(".fakeeop", "before_script")
    script = "\n".join([*lines, 'echo "$! $FAKEEOP_ADDRESS $FAKEEOP_PORT"', "fakeeop ready $FAKEEOP_ADDRESS"])
    done = bash(script, tmp_path, **job["variables"])
    assert done.returncode == 0, done.stdout + done.stderr
    number, address, port = done.stdout.splitlines()[0].split()
    started.append(int(number))
    assert address == f"127.0.0.1:{port}"


def test_the_job_of_gitlab_runs_scenarios(tmp_path):
    installed(tmp_path)
    job, lines = gitlab(".fakeeop-scenarios", "script")
    variables = {**job["variables"], "FAKEEOP_RUN": f"{SCENARIO} --root {ROOT / 'scenarios'} --client raw"}
    done = bash("\n".join(lines), tmp_path, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / job["artifacts"]["reports"]["junit"]).exists()


# systemd -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with the program that is here."""
    text = (CI / "systemd" / "fakeeop.service").read_text("utf-8")
    path = tmp_path / "fakeeop.service"
    path.write_text(text.replace("/opt/fakeeop/bin", sysconfig.get_path("scripts")).replace("man:fakeeop(1)", "man:sh"))
    return path


def commands_of(unit: Path) -> list[list[str]]:
    found = re.findall(r"^ExecStart(?:Post)?=(.*)$", unit.read_text(), flags=re.MULTILINE)
    return [line.split() for line in found]


def test_the_commands_of_the_unit_are_ours(unit, tmp_path):
    serve, ready = commands_of(unit)
    assert serve[1:2] + ready[1:2] == ["serve", "ready"]
    done = bash(" ".join([*serve, "--port", "0"]), tmp_path, STATE_DIRECTORY="state", CACHE_DIRECTORY="cache")
    assert done.returncode == 3, done.stderr
    assert "/etc/fakeeop/tenant.yaml" in done.stderr


def test_the_unit_is_hardened(unit):
    lines = unit.read_text().splitlines()
    for line in ("DynamicUser=yes", "StateDirectory=fakeeop", "ProtectSystem=strict", "CapabilityBoundingSet="):
        assert line in lines


needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@needs_systemd
def test_systemd_understands_the_unit(unit):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@needs_systemd
def test_systemd_finds_little_exposure(unit):
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze cannot look at a file")
    assert done.returncode == 0, done.stdout
