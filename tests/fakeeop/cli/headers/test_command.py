"""``fakeeop headers`` as a user runs it."""

from __future__ import annotations

import io
import json

import pytest

from fakeeop.cli.main import main

HEADER = """\
Received: from SN1.namprd05.prod.outlook.com (2603:10b6::1) by LV4.namprd05.prod.outlook.com
 (2603:10b6::2) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384) id 15.20.1.1;
 Mon, 1 Jan 2024 10:01:31 +0000
Received: from relay.contoso.com (203.0.113.25) by SN1PEPF0001.mail.protection.outlook.com (10.167.242.1)
 with Microsoft SMTP Server id 15.20.1.1 via Frontend Transport; Mon, 1 Jan 2024 10:00:00 +0000
Authentication-Results: spf=fail (sender IP is 203.0.113.25) smtp.mailfrom=contoso.com; dkim=none (message not signed)
 header.d=none;dmarc=fail action=none header.from=contoso.com;
Subject: <script>alert(1)</script>
X-MS-Exchange-Organization-MessageDirectionality: Originating
X-Forefront-Antispam-Report: CIP:203.0.113.25;SCL:1;DIR:INB;
"""
TENANT = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    InboundConnectors:
      - {Name: Office relay, ConnectorType: OnPremises, SenderDomains: ["*"], SenderIPAddresses: [203.0.113.0/24]}
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "message.eml").write_text(f"{HEADER}\nbody\n")
    (tmp_path / "tenant.yaml").write_text(TENANT)
    return tmp_path


def test_text(capsys):
    assert main(["headers", "message.eml"]) == 0
    said = capsys.readouterr().out
    assert "it went through an inbound connector of type OnPremises" in said
    assert "took it from 203.0.113.25 (relay.contoso.com) in clear text, without TLS" in " ".join(said.split())
    assert "Hops, 1 minute 31 seconds in all" in said
    assert "████████████" in said
    assert "spf           fail  sender IP is 203.0.113.25" in said
    assert "\x1b" not in said


def test_the_connector_that_fits_is_named(capsys):
    assert main(["headers", "message.eml", "--tenant", "tenant.yaml"]) == 0
    assert "'Office relay' of contoso (OnPremises) lists the address" in capsys.readouterr().out


def test_json_from_standard_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(HEADER.encode())))
    assert main(["headers", "-", "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["verdict"]["through-connector"] is True
    assert [hop["delay"] for hop in tree["hops"]] == ["", "1 minute 31 seconds"]
    assert tree["antispam"][0] == {
        "field": "X-Forefront-Antispam-Report", "key": "CIP", "value": "203.0.113.25", "is": "connecting address",
        "meaning": "",
    }  # fmt: skip


def test_html_escapes_what_came_in_the_message(place, capsys):
    assert main(["headers", "message.eml", "--html", "page.html"]) == 0
    assert capsys.readouterr().out == ""
    page = (place / "page.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize(("data", "words"), [
    (b"", "there is no header field in it"),
    (b"no header here", "there is no header field in it"),
    (b"\x00\x01\x02", "but a binary file"),
    (b"\x89PNG: \x00\x00", "but a binary file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1Received: x", "a file of Outlook (.msg): save the message as .eml"),
    (b"note: buy milk\nprice: 3\n", "this is not the header of a message: no Received, From, Subject or X-"),
    (b"Subject: x\n" + b" y\n" * 1_500_000, "does not end within 4 MiB"),
], ids=["empty", "words", "binary", "png", "msg", "notes", "endless"])  # fmt: skip
def test_what_is_no_header_is_an_error(place, capsys, data, words):
    (place / "x").write_bytes(data)
    assert main(["headers", "x"]) == 3
    said = capsys.readouterr()
    assert words in said.err
    assert said.err.startswith("fakeeop headers: x: ")
    assert said.out == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_windows_saves_is_read_from_its_first_field(place, capsys, encoding):
    (place / "x").write_text(HEADER, encoding=encoding)
    assert main(["headers", "x", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["hops"]) == 2


def test_a_large_message_is_read_as_far_as_its_header(place, capsys):
    (place / "x").write_text(f"{HEADER}\n" + "body\0" * 1_000_000)
    assert main(["headers", "x"]) == 0
    assert "through a connector: yes" in capsys.readouterr().out


def test_a_wrong_tenant_file_is_an_error(place, capsys):
    (place / "tenant.yaml").write_text("Tenants: [{Nome: x}]")
    assert main(["headers", "message.eml", "--tenant", "tenant.yaml"]) == 3
    assert "Nome" in capsys.readouterr().err


def test_lines_end_where_the_terminal_does(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["headers", "message.eml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "took it from" in " ".join(lines)
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["headers", "message.eml"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) > 80


def test_a_terminal_of_ascii_gets_ascii(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    assert main(["headers", "message.eml"]) == 0
    stream.seek(0)
    said = stream.read()
    assert "####" in said
    assert "relay.contoso.com (203.0.113.25) > SN1PEPF0001" in said


def test_what_values_mean(capsys, place):
    (place / "x").write_text(HEADER.replace("SCL:1;", "SCL:-1;SFV:SKN;FOO:1;"))
    assert main(["headers", "x"]) == 0
    said = capsys.readouterr().out
    assert "taken for not spam before filtering" in said
    assert "direction: inbound" in said
    assert "FOO:1 (not documented)" in said
    assert "asks to reject (-all)" in said


def test_no_file_is_an_error(capsys):
    assert main(["headers", "nothing"]) == 3
    assert "nothing: cannot be read" in capsys.readouterr().err


def test_controls_do_not_reach_the_terminal(place, capsys):
    (place / "x").write_text("Subject: a\x1b[31mb\nReceived: from a\x07 by b; no date\n")
    assert main(["headers", "x"]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
