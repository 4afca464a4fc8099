from __future__ import annotations

import smtplib

from fakeeop import Emulator
from fakeeop.system.clock import VirtualClock


def test_reports_of_an_emulator():
    with Emulator() as eop:
        contoso = eop.tenant("contoso")
        contoso.inbound_connector(Name="Relay", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"])
        with smtplib.SMTP(eop.host, eop.port, source_address=(eop.address("203.0.113.25"), 0)) as client:
            client.ehlo()
            client.sendmail(
                "ann@contoso.com",
                ["bob@fabrikam.example"],
                "Subject: Scan\n\nhello\n",
                ["ENVID=job"],
                ["NOTIFY=SUCCESS", "ORCPT=rfc822;Bob@fabrikam.example"],
            )
        [report] = eop.reports
        [recipient] = report.recipients
        assert (report.action, report.to, report.envelope_id, report.outcome) == (
            "relayed",
            "ann@contoso.com",
            "job",
            "mailbox",
        )
        assert (recipient.address, recipient.status) == ("bob@fabrikam.example", "2.0.0")
        assert recipient.original_recipient == "rfc822;Bob@fabrikam.example"
        assert (report.subject, report.header("auto-submitted"), report.header("x-none")) == (
            "Relayed: Scan",
            "auto-replied",
            None,
        )
        assert report.tree["raw"].encode("latin-1") == report.raw
        assert report.message == eop.messages[0].id
        eop.clear()
        assert eop.reports == ()


def test_what_waits_at_a_clear_is_not_told_later():
    clock = VirtualClock()
    tree = {
        "Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}],
        "Internet": {"Domains": {"slow.example": {"Delay": "5h"}}},
    }
    with Emulator.from_tree(tree, clock=clock) as eop:
        eop.tenant("contoso").inbound_connector(
            Name="Relay", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"]
        )
        for _ in range(2):
            with smtplib.SMTP(eop.host, eop.port, source_address=(eop.address("203.0.113.25"), 0)) as client:
                client.sendmail("ann@contoso.com", ["bob@slow.example"], "Subject: Scan\n\nhello\n")
            eop.clear()
        clock.advance(5 * 3600)
        assert eop.reports == ()
