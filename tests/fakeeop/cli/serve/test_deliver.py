from __future__ import annotations

import smtplib

import pytest

from fakeeop.cli.serve.deliver import delivering
from fakeeop.emulator import Emulator
from fakeeop.errors import StoreError
from fakeeop.journal.memory import Journal, MessageRecord

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "Recipients": ["ann@contoso.com"],
            "InboundConnectors": [
                {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["127.0.0.1"]},
            ],
        }
    ]
}
MAIL = "From: app@contoso.com\r\nSubject: x\r\n\r\nhello\r\n"


def send(eop: Emulator, *rcpt_to: str) -> None:
    host, port = eop.addresses[0]
    with smtplib.SMTP(host, port, timeout=30) as client:
        client.sendmail("app@contoso.com", rcpt_to, MAIL)


def test_each_recipient_s_copy_is_a_file(tmp_path):
    heard: list[MessageRecord] = []
    with Emulator.from_tree(TREE) as eop:
        eop.journal.on_message = heard.append
        with delivering(eop.journal, tmp_path / "out"):
            send(eop, "ann@contoso.com", "no/body@contoso.com", "x@example.org")
        send(eop, "ann@contoso.com")  # nobody writes any more
        first, second = eop.journal.message_records()[:2]
        copies = [each.whole() for record in (first, second) for each in eop.deliveries(record)]
    assert len(heard) == 3
    files = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in files] == [
        f"{first.id}-1-mailbox-ann@contoso.com.eml",
        f"{second.id}-1-internet-x@example.org.eml",
    ]
    assert [path.read_bytes() for path in files] == [copy for copy in copies if copy]


def test_without_a_folder_nothing_is_asked():
    journal = Journal()
    with delivering(journal, None):
        assert journal.on_message is None


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(StoreError, match="no folder for delivered copies"),
        delivering(Journal(), tmp_path / "file" / "x"),
    ):
        pass


def test_what_goes_wrong_later_is_said_and_mail_goes_on(tmp_path, capsys):
    folder = tmp_path / "out"
    with Emulator.from_tree(TREE) as eop, delivering(eop.journal, folder):
        folder.rmdir()
        send(eop, "ann@contoso.com")
    assert f"are not in {folder}" in capsys.readouterr().err


def test_serve_writes_them(serve, tmp_path):
    served = serve("--deliver-to", tmp_path / "out", "--ready-file", tmp_path / "ready")
    served.ready()
    host, _, port = (tmp_path / "ready").read_text().split()[0].rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.sendmail("x@example.org", ["ann@contoso.com"], MAIL)
    served.stop()
    (file,) = (tmp_path / "out").iterdir()
    assert file.name.endswith("-1-mailbox-ann@contoso.com.eml")
    assert b"X-MS-Exchange-Organization-MessageDirectionality: Incoming\r\n" in file.read_bytes()
