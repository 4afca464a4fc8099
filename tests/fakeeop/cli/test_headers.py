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
    assert "took it from 203.0.113.25 (relay.contoso.com) in clear text, without TLS" in said
    assert "Hops, 1 minute 31 seconds in all" in said
    assert "████████████" in said
    assert "spf           fail  sender IP is 203.0.113.25" in said
    assert "\x1b" not in said


def test_the_connector_that_fits_is_named(capsys):
    assert main(["headers", "message.eml", "--tenant", "tenant.yaml"]) == 0
    assert "'Office relay' of contoso lists the address 203.0.113.25" in capsys.readouterr().out


def test_json_from_standard_input(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(HEADER.encode())))
    assert main(["headers", "-", "--json"]) == 0
    tree = json.loads(capsys.readouterr().out)
    assert tree["verdict"]["through-connector"] is True
    assert [hop["delay"] for hop in tree["hops"]] == ["", "1 minute 31 seconds"]
    assert tree["antispam"][0] == {
        "field": "X-Forefront-Antispam-Report", "key": "CIP", "value": "203.0.113.25", "is": "connecting address",
    }  # fmt: skip


def test_html_escapes_what_came_in_the_message(place, capsys):
    assert main(["headers", "message.eml", "--html", "page.html"]) == 0
    assert capsys.readouterr().out == ""
    page = (place / "page.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "http://" not in page
    assert "https://" not in page


@pytest.mark.parametrize("text", ["", "no header here", "\x00\x01\x02"])
def test_no_header_is_an_error(place, capsys, text):
    (place / "x").write_text(text)
    assert main(["headers", "x"]) == 3
    assert "there is no header field in it" in capsys.readouterr().err


def test_no_file_is_an_error(capsys):
    assert main(["headers", "nothing"]) == 3
    assert "nothing: cannot be read" in capsys.readouterr().err


def test_controls_do_not_reach_the_terminal(place, capsys):
    (place / "x").write_text("Subject: a\x1b[31mb\nReceived: from a\x07 by b; no date\n")
    assert main(["headers", "x"]) == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
