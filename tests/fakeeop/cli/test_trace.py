"""``fakeeop trace`` against a running server and against a journal on the disk."""

from __future__ import annotations

import csv
import io
import json
import smtplib

import pytest

from fakeeop.admin import AdminSettings
from fakeeop.cli.main import main
from fakeeop.emulator import Emulator

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "InboundConnectors": [
                {"Name": "Office relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["127.0.0.1"]}
            ],
        }
    ]
}


@pytest.fixture
def server():
    with Emulator.from_tree(TREE, admin=AdminSettings("127.0.0.1", 0)) as eop:
        with smtplib.SMTP(*eop.addresses[0], timeout=20) as client:
            client.sendmail("app@contoso.com", ["ann@contoso.com", "x@example.net"], "Subject: a\x1bb\r\n\r\nhi\r\n")
        host, port = eop.admin_address or ("", 0)
        yield f"http://{host}:{port}"


def test_a_table_with_events(server, capsys):
    assert main(["trace", "--server", server, "--detail"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].split() == ["Received", "SenderAddress", "RecipientAddress", "Subject", "Status"]
    assert "a?b" in said
    assert "Name=Office relay;" in said
    assert "The message was sent to the internet." in said


def test_json_and_csv(server, capsys):
    assert main(["trace", "--server", server, "--recipient", "x@example.net", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["Status"] == "Delivered"
    assert main(["trace", "--server", server, "--csv", "--size", "1"]) == 0
    said = capsys.readouterr()
    (line,) = csv.DictReader(io.StringIO(said.out))
    assert line["RecipientAddress"] == "ann@contoso.com"
    assert "--starting-recipient x@example.net" in said.err


def test_csv_of_events(server, capsys):
    assert main(["trace", "--server", server, "--csv", "--detail"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(each["RecipientAddress"], each["Event"]) for each in lines] == [
        *(("ann@contoso.com", "Receive"), ("ann@contoso.com", "Deliver")),
        *(("x@example.net", "Receive"), ("x@example.net", "Send")),
    ]
    assert "Name=Office relay;" in lines[0]["Data"]


def test_csv_of_nothing_has_the_columns_all_the_same(server, capsys):
    assert main(["trace", "--server", server, "--csv"]) == 0
    head = capsys.readouterr().out.splitlines()[0]
    assert main(["trace", "--server", server, "--csv", "--from-ip", "203.0.113.9"]) == 1
    assert capsys.readouterr().out.splitlines() == [head]
    assert head.startswith('"Organization","Received","SenderAddress"')


def test_as_one_tenant_sees_it(server, capsys):
    assert main(["trace", "--server", server, "--organization", "contoso", "--json"]) == 0
    assert {each["Organization"] for each in json.loads(capsys.readouterr().out)["rows"]} == {"contoso"}
    assert main(["trace", "--server", server, "--organization", "fabrikam"]) == 1


def test_what_is_no_date(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["trace", "--start", "yesterday"])
    assert ended.value.code == 2
    assert "'yesterday' is not a date such as 2026-11-20" in capsys.readouterr().err


def test_nothing_that_fits(server, capsys):
    assert main(["trace", "--server", server, "--from-ip", "203.0.113.9"]) == 1
    assert "none that fits" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "words"), [
    (["--server", "ftp://x"], "is not a URL"),
    (["--server", "http://127.0.0.1:1"], "does not answer"),
    (["--journal", "memory"], "can be asked by its server only"),
    (["--start", "2020-01-01"], "-StartDate"),
    (["--status", "Lost"], "-Status: Lost"),
])  # fmt: skip
def test_wrong_usage(arguments, words, capsys, tmp_path):
    where = [] if "--server" in arguments or "--journal" in arguments else ["--state", str(tmp_path)]
    assert main(["trace", *arguments, *where]) == 2
    assert words in capsys.readouterr().err


def test_a_journal_that_is_not_there(capsys, tmp_path):
    assert main(["trace", "--journal", str(tmp_path / "no.sqlite")]) == 4
    assert "no.sqlite" in capsys.readouterr().err
