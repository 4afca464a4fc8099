from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from fakeeop.cli.main import main
from fakeeop.reading.ndr.report import NdrFinding

CORPUS = Path(__file__).parents[1] / "reading" / "ndr" / "samples"


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["read-ndr", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_bounce_of_a_postfix(capsys):
    code, out, _ = run(capsys, str(CORPUS / "postfix-report.eml"))
    assert code == 0
    lines = out.splitlines()
    assert lines[:3] == ["a report of Postfix, written by relay.contoso.com", "", "bob@fabrikam.example: failed"]
    assert lines[3].startswith("  reply:      550 5.7.64 TenantAttribution; Relay Access Denied [SN1PEPF")
    assert "session 08DF4A1ED7FE3D64" in lines[4]
    assert lines[5] == "  stage:      RCPT TO"
    assert "    - a Partner connector never gives relay" in lines


def test_json_says_the_same(capsys):
    _, out, _ = run(capsys, str(CORPUS / "postfix-report.eml"), "--json")
    tree = json.loads(out)
    [found] = tree["findings"]
    assert (tree["form"], tree["reporter"]) == ("postfix-report", "relay.contoso.com")
    assert (found["row"], found["stage"], found["exchange-online"]) == ("relay-access-denied", "rcpt", True)
    assert found["box"] == "SN1PEPF000252A1.namprd05.prod.outlook.com"
    assert found["advice"]


def test_standard_input(capsys, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO((CORPUS / "dotnet.txt").read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    code, out, _ = run(capsys, "-")
    assert code == 0
    assert out.startswith("an exception of .NET\n\na recipient that is not named: refused\n")
    assert "stage:      RCPT TO (by the reply)" in out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("exchange-new-text.txt", "the next server does not know the recipient"),
        ("exchange-new.eml", "said by:    BOX0022.apcprd01.prod.exchangelabs.com (Exchange Online)"),
        ("postfix-log-no-tls.txt", "the server offered no STARTTLS"),
        ("postfix-report-connection.txt", "many networks block port 25 outwards"),
        ("exchange-2024-text.txt", "two servers send the message to each other"),
        ("smtplib-sender.txt", "this is the submission endpoint"),
        ("reply.txt", "make a Partner connector for the device"),
        ("status-only.txt", "5.7.57"),
    ],
)
def test_causes(capsys, name, words):
    code, out, _ = run(capsys, str(CORPUS / name))
    assert code == 0
    assert words in out


def test_every_sample_has_a_cause(capsys):
    for path in sorted(CORPUS.iterdir()):
        code, out, _ = run(capsys, str(path), "--json")
        assert code == 0, path.name
        assert all(found["cause"] for found in json.loads(out)["findings"]), path.name


def test_a_reply_of_others_is_told_by_its_codes(capsys, tmp_path):
    file = tmp_path / "x.txt"
    file.write_text("<bob@x.example>: host mx.x.example[192.0.2.1] said: 552 5.2.2 Over quota (in reply to RCPT TO)\n")
    _, out, _ = run(capsys, str(file))
    assert "cause:      the mailbox is full" in out
    file.write_text("421 we are tired\n")
    _, out, _ = run(capsys, str(file))
    assert "refused for now: the relay is to try again; no reply that is known of Exchange Online" in out


def test_nothing_in_it(capsys, tmp_path):
    file = tmp_path / "x.txt"
    file.write_text("Dear all, the printer is on the second floor.\n")
    code, out, err = run(capsys, str(file))
    assert (code, out) == (1, "")
    assert "no reply of a mail server was found" in err
    code, out, _ = run(capsys, str(file), "--json")
    assert (code, json.loads(out)) == (1, {"form": "unknown", "reporter": None, "findings": []})


def test_a_file_that_is_not_there(capsys, tmp_path):
    code, _, err = run(capsys, str(tmp_path / "none"))
    assert code == 3
    assert "cannot be read: No such file" in err


def test_a_report_moves_no_terminal(capsys, tmp_path):
    file = tmp_path / "x.txt"
    file.write_bytes(b"550 5.7.64 Tenant\x1b[31mAttribution\x07 \xc2\x9b\n")
    _, out, _ = run(capsys, str(file))
    assert "550 5.7.64 Tenant?[31mAttribution" in out
    assert not {"\x1b", "\x07", "\x9b"} & set(out)


def test_a_finding_is_filled_by_another_but_its_reply_stays_whole():
    known = NdrFinding("a@x.example", "550 no", 550)
    more = NdrFinding(None, "550 5.1.1 no", 550, "5.1.1", stage="rcpt")
    assert known.filled(more) == NdrFinding("a@x.example", "550 no", 550, None, stage="rcpt")


@pytest.mark.parametrize(
    ("text", "row", "cause"),
    [
        ("432 4.3.2 STOREDRV.Other; unheard of [A.b.prod.outlook.com]\n", None, "this text is not known here"),
        (
            "SMTP Error: TenantAttribution; Relay Access Denied [A.b.prod.outlook.com]\n",
            "relay-access-denied",
            "no inb",
        ),
        ("550 5.7.606 Access denied, banned sending IP [192.0.2.1].\r", "address-banned", "Microsoft's block list"),
        (
            "AADSTS7000222: The provided client secret keys are expired.\n",
            None,
            "Microsoft Entra ID, not a mail server",
        ),
        (
            "x postfix/smtpd[1]: NOQUEUE: reject: RCPT from a[192.0.2.1]: 554 5.7.1 <b@x.example>: Relay access denied"
            "; from=<a@x.example> to=<b@x.example> proto=ESMTP helo=<a>\n",
            None,
            "your own relay refused its client",
        ),
        ("connect to x.mail.protection.outlook.com[192.0.2.1]:25: Connection timed out\n", None, "no answer came"),
    ],
)
def test_what_the_world_prints(capsys, tmp_path, text, row, cause):
    file = tmp_path / "x.txt"
    file.write_bytes(text.encode())
    [found] = json.loads(run(capsys, str(file), "--json")[1])["findings"]
    assert found["row"] == row
    assert cause in found["cause"]


def test_refusals_of_one_cause_are_told_once(capsys, tmp_path):
    line = (
        "x postfix/smtp[1]: A: to=<u{0}@x.example>, relay=y-com.mail.protection.outlook.com[192.0.2.1]:25, delay=1, "
        "delays=0/0/0/1, dsn=5.7.64, status=bounced (host y-com.mail.protection.outlook.com[192.0.2.1] said: 550 "
        "5.7.64 TenantAttribution; Relay Access Denied [A.b.prod.outlook.com] (in reply to RCPT TO command))\n"
    )
    file = tmp_path / "mail.log"
    file.write_text("".join(line.format(number) for number in range(300)))
    _, out, _ = run(capsys, str(file))
    assert "300 refusals, 1 cause" in out
    assert len(out.splitlines()) < 25
    [found] = json.loads(run(capsys, str(file), "--json")[1])["findings"]
    assert (found["count"], len(found["recipients"]), found["exchange-online"]) == (300, 300, True)
