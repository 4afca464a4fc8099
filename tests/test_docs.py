"""The documentation says what is true: its examples are run and compared, its lists are complete.

A fenced block whose info string ends in ``tested`` is run in an empty folder that all blocks of the document share.
``console``: lines that begin with ``$ `` are commands, the lines below are the expected output, in which ``…`` stands
for anything within a line and a line of only ``…`` for any lines. ``yaml NAME`` (or ``python NAME``): written to NAME.
``python``: run as a program.
"""

from __future__ import annotations

import os
import re
import smtplib
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("scenarios/*.md"), *ROOT.glob("benchmarks/*.md")]
)
BLOCK = re.compile(r"^```(\w+)[ ]?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FAKEEOP = (
    *("serve", "check", "explain", "doctor", "journal", "ready", "certs", "schema", "completion", "knobs", "replies"),
    *("import", "export", "diff"),
    *("trace", "exo", "headers", "read-ndr", "eras", "init"),
)
HARNESS = (
    "demo",
    "run",
    "list",
    "show",
    "explain",
    "lint",
    "lint-relay",
    "check-relay",
    "clients",
    "report",
    "completion",
    "schema",
)


def blocks(document: Path) -> list[tuple[str, list[str], str]]:
    """(language, words of the info string, text) of each block marked as tested."""
    found = BLOCK.findall(document.read_text(encoding="utf-8"))
    return [(language, words.split()[:-1], text) for language, words, text in found if words.split()[-1:] == ["tested"]]


def surroundings(folder: Path) -> dict[str, Any]:
    """How a command is started: in ``folder``, with our commands on PATH; its output is one stream of text."""
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "HOME": str(folder), "NO_COLOR": "1", "COLUMNS": "120"}
    environment |= {"PYTHONUNBUFFERED": "1", "XDG_STATE_HOME": str(folder / "state")}
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return {"cwd": folder, "env": environment, "text": True, **streams}


def run(arguments: str | list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    shell = isinstance(arguments, str)
    return subprocess.run(arguments, shell=shell, timeout=120, check=False, **surroundings(folder))


def matches(expected: str, actual: str) -> bool:
    lines = [re.escape(line.rstrip()).replace("…", ".*") + "\n" for line in expected.rstrip().splitlines()]
    pattern = "".join("(?:.*\n)*" if line == ".*\n" else line for line in lines)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in actual.rstrip().splitlines())) is not None


@pytest.mark.parametrize(("expected", "actual", "fits"), [
    ("a\n…\nd", "a\nb\nc\nd\n", True),
    ("a … c", "a b c\n", True),
    ("a … c", "a b\nc\n", False),
    ("a", "a\nb\n", False),
    ("a.c", "abc\n", False),
])  # fmt: skip
def test_the_comparison_can_say_no(expected: str, actual: str, fits: bool):
    assert matches(expected, actual) is fits


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if blocks(path)], ids=lambda path: path.name)
def test_the_examples_do_what_the_document_shows(document: Path, tmp_path: Path):
    for language, words, text in blocks(document):
        if language == "console":
            for example in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, expected = example.partition("\n")
                actual = run(command, tmp_path).stdout
                assert matches(expected, actual), f"{document.name}: $ {command}\nprints\n{actual}\nnot\n{expected}"
        elif language == "python" and not words:
            done = run([sys.executable, "-W", "error", "-c", text], tmp_path)
            assert done.returncode == 0, f"{document.name}:\n{text}\nprints\n{done.stdout}"
        else:
            (name,) = words
            (tmp_path / name).write_text(text, encoding="utf-8")


def test_the_server_logs_what_the_readme_shows(tmp_path: Path):
    """The one block marked as ``served``: the server on a port the kernel chose, met by two clients."""
    found = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    ((command, expected),) = [text.split("\n", 1) for _, words, text in found if words == "served"]
    for language, words, text in blocks(ROOT / "README.md"):
        if language == "yaml":
            (tmp_path / words[0]).write_text(text, encoding="utf-8")
    arguments = [*command.removeprefix("$ ").split(), "--port", "0", "--state", str(tmp_path / "state")]
    with subprocess.Popen(arguments, **surroundings(tmp_path)) as server:
        assert server.stdout is not None
        try:
            log = [server.stdout.readline(), server.stdout.readline()]
            port = int(re.findall(r":(\d+) ", log[-1])[-1])
            send(port, "127.0.0.25")
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                send(port, "127.0.0.1")
        finally:
            server.terminate()
        log += server.stdout.readlines()
    assert server.returncode == 0
    actual = "".join(log).replace(f":{port} ", ":2525 ")
    assert matches(expected, actual), actual


def send(port: int, source: str):
    with smtplib.SMTP("127.0.0.1", port, source_address=(source, 0), timeout=30) as client:
        client.sendmail("printer@contoso.com", ["someone@fabrikam.example"], "Subject: Scan\n\nhello\n")


def test_the_readme_has_tested_examples():
    assert {language for language, _, _ in blocks(ROOT / "README.md")} >= {"console", "yaml", "python"}


def test_the_readme_is_short_and_says_first_what_this_is_not():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    assert any("not affiliated with microsoft" in line.lower() for line in lines[:12])


def test_the_readme_names_the_two_commands_that_continuous_integration_tries():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 -m venv .venv && .venv/bin/pip install -q '.[harness]' && .venv/bin/harness demo" in readme
    assert "bash ci/run.sh" in readme
    assert "ci/run.sh" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(document: Path):
    targets = [target.partition("#")[0] for target in LINK.findall(document.read_text(encoding="utf-8"))]
    missing = [name for name in targets if name and ":" not in name and not (document.parent / name).exists()]
    assert missing == []


def anchors(document: Path) -> set[str]:
    """What GitHub makes of the headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_to_headings_lead_to_one(document: Path):
    targets = [target.partition("#") for target in LINK.findall(document.read_text(encoding="utf-8")) if "#" in target]
    missing = [
        f"{name}#{anchor}"
        for name, _, anchor in targets
        if ":" not in name and anchor not in anchors(document.parent / name if name else document)
    ]
    assert missing == []


def test_the_index_lists_every_page_once():
    listed = LINK.findall((ROOT / "docs" / "index.md").read_text(encoding="utf-8"))
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages <= set(listed)
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("container", ["fakeeop", "exoshell", "harness"])
def test_the_map_of_the_code_names_what_is_there(container: str):
    """docs/architecture.md: the picture draws what is on the disk, and the tables list every package."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (part,) = [each for each in re.split(r"\n\n+", text.split("```\n")[1]) if each.split()[0] == container]
    drawn = {name for line in part.splitlines()[1:] for name in re.findall(r"[a-z_]{2,}", line[13:])}
    table = text.partition(f"| in `{container}` |")[2].partition("\n\n")[0]
    listed = {name for row in table.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    there = {path.stem for path in (ROOT / container).iterdir() if path.suffix in {"", ".py"}}
    packages = {path.parent.name for path in (ROOT / container).glob("*/__init__.py")}
    assert drawn - there == set(), "drawn, and not on the disk"
    assert packages - listed == set(), "packages that no table lists"


@pytest.mark.parametrize(("program", "command"), [("fakeeop", c) for c in FAKEEOP] + [("harness", c) for c in HARNESS])
def test_every_command_has_help_and_is_in_the_documentation(program: str, command: str, tmp_path: Path):
    done = run([program, command, "--help"], tmp_path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith(f"usage: {program} {command}")
    assert f"`{program} {command}" in (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("program", "commands"), [("fakeeop", FAKEEOP), ("harness", HARNESS)])
def test_help_lists_exactly_these_commands_and_the_exit_codes(program: str, commands: tuple[str, ...], tmp_path: Path):
    text = run([program, "--help"], tmp_path).stdout
    listed = re.findall(r"^ {2,4}([a-z][a-z-]*)(?: {2,}|$)", text, flags=re.MULTILINE)
    assert set(commands) == set(listed), text
    document = (
        (ROOT / "docs" / "commands.md")
        .read_text(encoding="utf-8")
        .partition(f"\n## {program}\n")[2]
        .partition("\n## ")[0]
    )
    for code in re.findall(r"^\| (\d) \|", document, flags=re.MULTILINE):
        assert re.search(rf"^\s*{code}\b", text, flags=re.MULTILINE), f"exit code {code} is not in\n{text}"


def test_every_environment_of_tox_is_run_by_ci_or_by_another_one():
    names = set(re.findall(r"^\[testenv:(\w+)\]", (ROOT / "tox.ini").read_text(encoding="utf-8"), flags=re.MULTILINE))
    ci = re.search(r"environments=\((\w.*)\)", (ROOT / "ci" / "run.sh").read_text(encoding="utf-8"))
    assert ci is not None
    assert names - set(ci[1].split()) == {"docs"}, "the docs are tested with the unit tests"
