"""``harness check-relay``: the choice of cases, wrong usage."""

from __future__ import annotations

import json

import pytest

from harness.cli import main


def test_list(capsys):
    assert main(["check-relay", "--list", "--only", "tls"]) == 0
    assert "starttls-stripped" in capsys.readouterr().out
    assert main(["check-relay", "--list", "--json", "--only", "deferred-*", "--skip", "deferred-421"]) == 0
    names = [each["name"] for each in json.loads(capsys.readouterr().out)]
    assert "deferred-451" in names
    assert "deferred-421" not in names


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 4, "give one of --postfix"),
        (["--postfix", "x", "--relay", "127.0.0.1:25"], 4, "give one of"),
        (["--postfix", "x", "--only", "nonsense"], 4, "no case 'nonsense'"),
        (["--relay", "nowhere", "--patience", "1"], 3, "write HOST:PORT"),
        (["--command", "x {recipient} {port}", "--patience", "0"], 4, "above 0"),
        (["--command", "true {recipient} {port}", "--tenant", "/nowhere.yaml"], 3, "/nowhere.yaml"),
        (["--command", "true {recipient} {port}", "--trust", "/nowhere.pem"], 3, "/nowhere.pem"),
    ],
)
def test_wrong_usage(capsys, arguments, code, words):
    assert main(["check-relay", *arguments]) == code
    assert words in capsys.readouterr().err


def test_html_and_a_terminal(capsys, tmp_path):
    page = tmp_path / "report.html"
    script = tmp_path / "send.py"
    script.write_text(
        "import smtplib, sys\nsmtplib.SMTP('127.0.0.1', int(sys.argv[1])).sendmail(*sys.argv[2:4], 'hi')\n"
    )
    command = f"python3 {script} {{port}} {{sender}} {{recipient}}"
    only = ["--only", "external-recipient", "--only", "refused-5.7.64", "-v"]
    assert main(["check-relay", "--command", command, "--html", str(page), *only]) == 0
    out = capsys.readouterr().out
    assert "✓ pass         external-recipient" in out
    assert "2 pass" in out
    assert "external-recipient" in page.read_text()


def test_a_disk_that_is_full(capsys, tmp_path):
    script = tmp_path / "send.py"
    script.write_text(
        "import smtplib, sys\nsmtplib.SMTP('127.0.0.1', int(sys.argv[1])).sendmail(*sys.argv[2:4], 'hi')\n"
    )
    command = f"python3 {script} {{port}} {{sender}} {{recipient}}"
    options = ["--only", "external-recipient", "--html", "/dev/full"]
    assert main(["check-relay", "--command", command, *options]) == 3
    assert "No space left" in capsys.readouterr().err
