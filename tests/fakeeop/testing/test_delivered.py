from __future__ import annotations

import smtplib

from fakeeop import Emulator


def test_what_each_recipient_gets():
    with Emulator() as eop:
        eop.tenant("contoso").inbound_connector(
            Name="Relay", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"]
        )
        with smtplib.SMTP(eop.host, eop.port, source_address=(eop.address("203.0.113.25"), 0)) as client:
            client.sendmail(
                "app@contoso.com",
                ["ann@contoso.com", "x@fabrikam.example"],
                "From: app@contoso.com\r\nSubject: Scan\r\nX-MS-Exchange-Organization-SCL: -1\r\n\r\nhello\r\n",
            )
        inside, outside = eop.messages
    (copy,) = inside.delivered
    assert (copy.recipient, copy.where, copy.status, copy.path) == ("ann@contoso.com", "mailbox", "2.0.0", "relay")
    assert (copy.tenant, repr(copy)) == ("contoso", "<DeliveredCopy ann@contoso.com: mailbox 2.0.0>")
    assert copy.header("x-ms-exchange-organization-scl") == "1"
    assert copy.header("X-None") is None
    assert copy.email["Subject"] == "Scan"
    assert len(copy.hops) == len(copy.email.get_all("Received") or ()) == 4
    assert (copy.moment - inside.received).total_seconds() < 2
    assert copy.raw.endswith(b"\r\n\r\nhello\r\n")
    (copy,) = outside.delivered
    assert (copy.where, copy.tenant, copy.hops[-1].by) == ("internet", None, "mx.fabrikam.example")
    assert outside.tree["delivered"][0]["where"] == "internet"
