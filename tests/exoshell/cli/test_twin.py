"""``fakeeop import``, ``export`` and ``diff`` as commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakeeop.cli import exits
from fakeeop.cli.main import main
from fakeeop.config.loader import load_forest

EXPORT: list[dict[str, Any]] = [
    {
        "Name": "Relay",
        "ConnectorType": "OnPremises",
        "SenderDomains": ["smtp:*;1"],
        "SenderIPAddresses": ["203.0.113.9"],
    },
    {"Name": "Partner", "ConnectorType": "Partner", "SenderDomains": ["smtp:p.example;1"], "New": 1},
]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "InboundConnectors.json"
    path.write_text(json.dumps(EXPORT))
    return path


def test_the_script_that_collects_only_reads(capsys: pytest.CaptureFixture[str]):
    assert main(["import", "--script"]) == exits.FINE
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip() and line[0] != "#"]
    verbs = {word for line in lines for word in line.replace("(", " ").replace("@", " ").split() if "-" in word[1:]}
    allowed = ("Get-", "Select-Object", "Where-Object", "ConvertTo-Json", "Set-Content", "Write-Host")
    assert all(verb.startswith(allowed) or "." in verb for verb in verbs), verbs


def test_import_writes_a_file_that_loads_and_tells_what_is_not_in_it(export: Path, capsys: pytest.CaptureFixture[str]):
    made = export.with_name("tenant.yaml")
    assert main(["import", str(export), "-o", str(made), "--name", "contoso"]) == exits.FINE
    said = capsys.readouterr()
    assert said.out == ""
    assert "not known here: InboundConnectors, Partner: New is 1" in said.err
    (tenant,) = load_forest(made).tenants
    assert [each.name for each in tenant.inbound_connectors] == ["Relay", "Partner"]
    before = made.read_bytes()
    assert main(["import", str(export), "-o", str(made)]) == exits.USAGE
    assert "--force" in capsys.readouterr().err
    assert made.read_bytes() == before
    assert main(["import", str(export), "-o", str(made), "--force"]) == exits.FINE


def test_import_as_json(export: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["import", str(export), "--json"]) == exits.FINE
    report = json.loads(capsys.readouterr().out)
    assert report["tenant"]["InboundConnectors"][1]["SenderDomains"] == ["p.example"]
    assert report["unknown"] == ["InboundConnectors, Partner: New is 1"]
    assert (report["left-out"], report["problems"]) == ([], [])


def test_import_of_a_tenant_that_breaks_a_rule(export: Path, capsys: pytest.CaptureFixture[str]):
    export.write_text(json.dumps([{**EXPORT[0], "SenderIPAddresses": []}]))
    assert main(["import", str(export)]) == exits.NO
    said = capsys.readouterr()
    assert "Name: Relay" in said.out
    assert "E2" in said.err


def test_import_wants_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["import"]) == exits.USAGE
    assert main(["import", str(tmp_path)]) == exits.INPUT
    assert "no file ends in" in capsys.readouterr().err


def test_export_prints_or_writes(export: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["export", str(export)]) == exits.FINE
    text = capsys.readouterr().out
    assert "New-InboundConnector -Name 'Relay' -ConnectorType OnPremises" in text
    made = export.with_name("make.ps1")
    assert main(["export", str(export), "-o", str(made)]) == exits.FINE
    assert made.read_text() == text
    assert main(["export", str(export), "-o", str(made)]) == exits.USAGE


def test_diff_says_what_differs(export: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    other = export.with_name("other.json")
    changed = [{**EXPORT[0], "SenderIPAddresses": ["203.0.113.9", "203.0.113.10"], "RequireTls": False}]
    other.write_text(json.dumps(changed))
    assert main(["diff", str(export), str(export)]) == exits.FINE
    capsys.readouterr()
    assert main(["diff", str(export), str(other)]) == exits.NO
    assert capsys.readouterr().out.splitlines() == [
        f"- {export}",
        f"+ {other}",
        "  inbound connector Relay",
        "      SenderIPAddresses:",
        "    +   203.0.113.10",
        "      RequireTls:",
        "    -   true",
        "    +   false",
        "- inbound connector Partner",
    ]
    assert main(["diff", str(export), str(other), "--json"]) == exits.NO
    found = json.loads(capsys.readouterr().out)["differences"]
    assert found[0] == {
        "kind": "inbound connector",
        "name": "Relay",
        "property": "SenderIPAddresses",
        "left": ["203.0.113.9"],
        "right": ["203.0.113.9", "203.0.113.10"],
    }
    assert found[-1] == {"kind": "inbound connector", "name": "Partner", "only": "left"}
    monkeypatch.setenv("FORCE_COLOR", "1")
    main(["diff", str(export), str(other)])
    assert "\x1b[32m    +   203.0.113.10\x1b[0m" in capsys.readouterr().out


def test_diff_shows_no_secrets_and_no_control_characters(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    left, right = tmp_path / "l.yaml", tmp_path / "r.yaml"
    text = (
        'Tenants: [{{Name: c, AcceptedDomains: [contoso.com], Region: "{}",'
        " Mailboxes: [{{PrimarySmtpAddress: a@contoso.com, Password: {}}}]}}]\n"
    )
    left.write_text(text.format("a", "s3cret"))
    right.write_text(text.format("\\e[31mb", "0ther"))
    assert main(["diff", str(left), str(right)]) == exits.NO
    said = capsys.readouterr().out
    assert "Password" in said
    assert "s3cret" not in said
    assert "0ther" not in said
    assert "\x1b" not in said


def test_diff_with_nobody_there(export: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["diff", str(export), "http://127.0.0.1:1"]) == exits.ENVIRONMENT
    assert "does not answer" in capsys.readouterr().err


def test_export_and_diff_tell_what_is_wrong_in_an_export(export: Path, capsys: pytest.CaptureFixture[str]):
    broken = export.with_name("broken.json")
    broken.write_text(json.dumps([{**EXPORT[0], "SenderIPAddresses": "{203.0.113.9, 203.0.113.1...}"}]))
    assert main(["diff", str(export), str(broken)]) == exits.NO
    assert "error cut-off-list" in capsys.readouterr().err
    assert main(["export", str(broken)]) == exits.NO
    said = capsys.readouterr()
    assert "error cut-off-list" in said.err
    assert "New-InboundConnector -Name 'Relay'" in said.out


def test_import_shows_no_control_characters(export: Path, capsys: pytest.CaptureFixture[str]):
    export.write_text(json.dumps([{**EXPORT[0], "New\x1b[31m": 1, "Name": "Re\x1b[31mlay"}]))
    assert main(["import", str(export)]) == exits.FINE
    said = capsys.readouterr()
    assert "New?[31m is 1" in said.err
    assert "\x1b" not in said.err + said.out
