"""``fakeeop check``: what it prints, and its exit code."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from fakeeop.cli import check

BAD = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    InboundConnectors:
      - Name: SMTP Relay
        ConnectorType: OnPremises
        SenderIPAddresses: [203.0.113.0/23]
        SenderDomain: "*"
"""
DOUBTFUL = """\
Tenants:
  - {Name: contoso, AcceptedDomains: [contoso.com, contoso.net]}
"""


def run(*arguments: str | Path) -> int:
    parser = argparse.ArgumentParser()
    check.add_arguments(parser)
    return check.run(parser.parse_args([str(argument) for argument in arguments]))


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    return path


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    path = tmp_path / "doubtful.yaml"
    path.write_text(DOUBTFUL)
    return path


@pytest.fixture
def fine(tmp_path: Path) -> Path:
    path = tmp_path / "fine.yaml"
    path.write_text("Tenants: [{Name: contoso, AcceptedDomains: [contoso.com]}]\n")
    return path


def test_an_error_is_told_with_excerpt_fix_and_rule(bad: Path, capsys: pytest.CaptureFixture[str]):
    assert run(bad) == 1
    out = capsys.readouterr().out
    where = "tenant contoso: connector SMTP Relay"
    assert (
        out
        == f"""\
{bad}:7: error E10: {where}: SenderIPAddresses: 203.0.113.0/23 is wider than /24
  7 |         SenderIPAddresses: [203.0.113.0/23]
  fix: list the /24 networks (or narrower) that really send, such as 203.0.112.0/24
  rule: A CIDR in SenderIPAddresses is /24 to /32. [New-InboundConnector (Microsoft Learn)]

{bad}:8: error unknown-field: {where}: there is no SenderDomain
  8 |         SenderDomain: "*"
  fix: did you mean SenderDomains?
  rule: Every key is a known one. [fakeeop]

{bad}: 2 errors, 0 warnings
"""
    )


def test_a_long_line_is_cut_and_a_rule_without_source_has_no_brackets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "one-line.json"
    path.write_text(json.dumps({"Tenants": [], "Faults": [{"at": "rctp", "reply": "451 4.3.2 " + "x" * 300}]}))
    assert run(path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith('  1 | {"Tenants"')
    assert lines[1].endswith("xx…")
    assert len(lines[1]) == 166
    assert "  rule: A value is one of the allowed ones." in lines


def test_warnings_count_only_when_strict(doubtful: Path, capsys: pytest.CaptureFixture[str]):
    assert run(doubtful) == 0
    assert capsys.readouterr().out.endswith(f"{doubtful}: 0 errors, 1 warning\n")
    assert run("--strict", doubtful) == 1


def test_a_fine_file(fine: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--strict", fine) == 0
    assert capsys.readouterr().out == f"{fine}: fine\n"


def test_files_are_told_one_after_the_other(bad: Path, doubtful: Path, fine: Path, capsys: pytest.CaptureFixture[str]):
    assert run(fine, bad, doubtful, bad) == 1
    out = capsys.readouterr().out
    assert out.endswith("3 files: 2 errors, 1 warning\n")
    assert out.index("fine.yaml: fine") < out.index("bad.yaml: 2 errors") < out.index("doubtful.yaml: 0 errors")


def test_a_file_that_cannot_be_read_is_exit_code_3(bad: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    absent = tmp_path / "absent.yaml"
    assert run(bad, absent) == 3
    assert f"{absent}: error unreadable: cannot be read: No such file or directory" in capsys.readouterr().out


def test_a_named_file_that_cannot_be_read_is_an_error_of_the_naming_one(tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants: [{Name: contoso, InboundConnectorsFile: absent.json}]\n")
    assert run(path) == 1


def test_json(bad: Path, doubtful: Path, capsys: pytest.CaptureFixture[str]):
    assert run("--json", bad, doubtful) == 1
    tree = json.loads(capsys.readouterr().out)
    assert (tree["errors"], tree["warnings"]) == (2, 1)
    first, second = tree["files"]
    assert (first["path"], first["errors"], first["warnings"]) == (str(bad), 2, 0)
    assert second["problems"][0]["code"] == "W-no-default-domain"
    assert second["problems"][0]["severity"] == "warning"
    assert first["problems"][0] == {
        "severity": "error",
        "code": "E10",
        "path": str(bad),
        "line": 7,
        "where": ["tenant contoso", "connector SMTP Relay", "SenderIPAddresses"],
        "message": "203.0.113.0/23 is wider than /24",
        "fix": "list the /24 networks (or narrower) that really send, such as 203.0.112.0/24",
        "rule": "A CIDR in SenderIPAddresses is /24 to /32.",
        "source": "New-InboundConnector (Microsoft Learn)",
        "excerpt": "        SenderIPAddresses: [203.0.113.0/23]",
    }


def test_text_that_is_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "binary.yaml"
    path.write_bytes(b"Tenants:\n  - Name: \xff\n")
    assert run(path) == 1
    assert f"{path}:2: error not-text: not UTF-8 text" in capsys.readouterr().out


def test_colours_are_forced_and_refused(
    doubtful: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(doubtful)
    assert "\x1b[33mwarning W-no-default-domain:\x1b[0m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    run(doubtful)
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(("name", "warnings"), [
    ("contoso.yaml", ["W-restrict-no-effect"]), ("two-tenants.yaml", ["W-lock-down"]), ("exported.yaml", []),
])  # fmt: skip
def test_the_examples_say_what_they_are_there_to_show(
    repository: Path, name: str, warnings: list[str], capsys: pytest.CaptureFixture[str]
):
    assert run("--json", repository / "examples" / name) == 0
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert [problem["code"] for problem in file["problems"]] == warnings
