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
        (["--command", "x {recipient} {port}", "--repeat", "0"], 4, "from 1"),
        (["--command", "x {recipient} {port}", "--html", "/nowhere/report.html"], 3, "/nowhere/report.html"),
        (["--command", "true {recipient} {port}", "--connector", "Office"], 4, "--tenant FILE"),
        (["--command", "true {recipient} {port}", "--tenant", "/nowhere.yaml"], 3, "/nowhere.yaml"),
        (["--command", "true {recipient} {port}", "--trust", "/nowhere.pem"], 3, "/nowhere.pem"),
    ],
)
def test_wrong_usage(capsys, arguments, code, words):
    assert main(["check-relay", *arguments]) == code
    assert words in capsys.readouterr().err


SENDS = "import smtplib, sys\nsmtplib.SMTP('127.0.0.1', int(sys.argv[1])).sendmail(*sys.argv[2:4], 'hi')\n"
TENANT = """
Tenants:
  - Name: office
    AcceptedDomains: [contoso.com]
    InboundConnectors:
      - {Name: By name, ConnectorType: OnPremises, SenderDomains: ['*'], RequireTls: true,
         TlsSenderCertificateName: relay.contoso.com}
"""


@pytest.fixture
def tenant(tmp_path):
    (tmp_path / "tenant.yaml").write_text(TENANT)
    (tmp_path / "send.py").write_text(SENDS)
    return ["--tenant", str(tmp_path / "tenant.yaml"), "--command"], (
        f"python3 {tmp_path / 'send.py'} {{port}} {{sender}} {{recipient}}"
    )


def test_a_connector_that_is_not_there_is_told_at_once_with_those_there_are(capsys, tenant):
    options, command = tenant
    assert main(["check-relay", *options, command, "--connector", "Office"]) == 4
    said = capsys.readouterr().err
    assert "'Office'" in said
    assert "By name" in said


def test_what_the_relay_is_known_by_follows_from_the_connector(capsys, tenant):
    options, command = tenant
    main(["check-relay", *options, command, "--only", "accepted-by-ip", "--only", "starttls-stripped", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert report["facts"]["known by"] == "its certificate (relay.contoso.com)"
    grades = {each["name"]: each["grade"] for each in report["cases"]}
    assert grades == {"accepted-by-ip": "unsupported", "starttls-stripped": "fail"}


def test_the_same_error_twice_ends_the_run(capsys):
    command = "sh -c 'exit 3' {port} {recipient}"
    assert main(["check-relay", "--command", command, "--by", "address", "--json"]) == 3
    report = json.loads(capsys.readouterr().out)
    assert report["counts"]["error"] == 2
    assert report["notes"][-1].startswith("stopped: every case ends with this error")


def test_repeated_cases(capsys, tenant):
    command = tenant[1]
    options = ["--command", command, "--by", "address", "--only", "external-recipient", "--repeat", "3"]
    assert main(["check-relay", *options]) == 0
    out = capsys.readouterr().out
    assert out.startswith("relay ")
    assert out.count("external-recipient") == 3


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
