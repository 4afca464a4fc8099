"""Delivery reports given back to a real Postfix: it takes them from <> and puts them into the sender's mailbox."""

from __future__ import annotations

import json
import mailbox
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from fakeeop.emulator import Emulator
from harness.clients.base import Unavailable
from harness.clients.forwarder import ConnectingForwarder
from harness.clients.process import leftovers
from harness.clients.registry import status
from harness.mtas.base import Instance, Mail
from harness.mtas.postfix.driver import PostfixDriver

FOUND = status("postfix")
POSTFIX = PostfixDriver()
pytestmark = [
    pytest.mark.skipif(isinstance(FOUND, Unavailable), reason=f"postfix {getattr(FOUND, 'reason', '')}"),
    pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="postfix needs root"),
]
SECONDS = 20.0
NOBODY = 65_534
TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "InboundConnectors": [
                {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ],
    "Internet": {"Domains": {"gone.example": {"Reply": "550 5.1.1 User unknown"}}},
}
CONTENT = b"Subject: Scan\r\nMessage-ID: <scan@contoso.com>\r\n\r\nthe body\r\n"


class Lab:
    """A Postfix that relays to an emulator, which gives reports back to it. ann@contoso.com has a mailbox there."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="fakeeop-mail-", dir="/tmp"))
        os.chown(self.folder, NOBODY, NOBODY)
        self._way = ConnectingForwarder(lambda: self.relay.connect(SECONDS))
        self._way.__enter__()
        self.eop = Emulator.from_tree(
            TREE, peers={"127.0.0.25": "203.0.113.25"}, return_reports=("127.0.0.1", self._way.port)
        )
        self.eop.start()
        settings = {
            "virtual_mailbox_domains": "contoso.com",
            "virtual_mailbox_maps": "inline:{ {ann@contoso.com = ann} }",
            "virtual_mailbox_base": str(self.folder),
            "virtual_mailbox_limit": "0",
            "virtual_uid_maps": f"static:{NOBODY}",
            "virtual_gid_maps": f"static:{NOBODY}",
            "smtp_tls_security_level": "may",
        }
        self.relay = POSTFIX.mta(Instance("relay", "127.0.0.25", self.eop.addresses[0], settings))
        self.relay.start(SECONDS)

    def close(self) -> None:
        self.relay.stop()
        self.eop.stop()
        self._way.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    def send(self, sender: dict[str, Any], recipient: dict[str, Any]) -> dict[str, Any]:
        """The report of the journal."""
        self.relay.submit(Mail(sender, (recipient,), CONTENT), SECONDS)
        assert self.eop.journal.wait(lambda journal: bool(journal.report_records()), SECONDS), self.relay.log()
        [report] = self.eop.journal.reports()
        return report

    def received(self) -> Message:
        """What is in Ann's mailbox."""
        path = self.folder / "ann"
        assert self.relay.wait(lambda: path.exists() and path.stat().st_size > 0 and not self.relay.queue(), SECONDS)
        with closing(mailbox.mbox(path, create=False)) as box:
            [message] = box
        return message


@pytest.fixture
def lab():
    made = Lab()
    yield made
    made.close()
    assert [each for each in leftovers() if "postfix" in each] == []


def part(message: Message, kind: str) -> Message:
    (found,) = [each for each in message.walk() if each.get_content_type() == kind]
    return found


def test_a_report_of_failure_comes_back_into_the_mailbox(lab):
    report = lab.send({"address": "ann@contoso.com"}, {"address": "x@gone.example"})
    assert report["outcome"] == "returned"
    assert report["detail"].startswith("250 2.0.0 Ok: queued as ")
    found = lab.received()
    assert (found["Return-Path"], found["Subject"], found["In-Reply-To"]) == (
        *("<>", "Undeliverable: Scan", "<scan@contoso.com>"),
    )
    assert found.get_content_type() == "multipart/report"
    returned: Any = part(found, "message/rfc822").get_payload()
    hops = [" ".join(each.split()) for each in returned[0].get_all("Received")]
    assert " by SN1PEPF000252A1.mail.protection.outlook.com " in hops[2]
    assert "(Postfix)" in hops[3]

    octets = found.as_bytes()
    command = [sys.executable, "-m", "fakeeop", "read-ndr", "--json", "-"]
    told = json.loads(subprocess.run(command, input=octets, capture_output=True, check=True).stdout)
    assert told["form"] == "exchange-report"
    assert told["findings"][0]["recipient"] == "x@gone.example"


def test_what_postfix_asks_for_comes_back_too(lab):
    sender = {"address": "ann@contoso.com", "envid": "job+42", "ret": "HDRS"}
    report = lab.send(sender, {"address": "x@fabrikam.example", "notify": ["SUCCESS"], "orcpt": "rfc822;y@x.example"})
    assert (report["action"], report["outcome"]) == ("relayed", "returned")
    status_part = part(lab.received(), "message/delivery-status").as_string()
    for line in ("Original-Envelope-Id: job+42", "Original-Recipient: rfc822;y@x.example", "Action: relayed"):
        assert line in status_part


def test_a_sender_whom_the_relay_does_not_know_is_not_told_and_nothing_goes_round(lab):
    report = lab.send({"address": "gone@contoso.com"}, {"address": "x@gone.example"})
    assert report["outcome"] == "not-returned"
    assert ": 550 5.1.1 <gone@contoso.com>: Recipient address rejected: User unknown" in report["detail"]
    assert lab.relay.wait(lambda: not lab.relay.queue(), SECONDS)
    assert len(lab.eop.journal.messages()) == 1
