from __future__ import annotations

from fakeeop.authenticity.judge import authenticate
from fakeeop.message.authentication_results import DKIM_NONE, Dmarc
from fakeeop.message.passage import SendingHost
from fakeeop.model.zone import Zone


def test_all_three_at_once():
    zone = Zone(
        {
            "contoso.com": {"TXT": ("v=spf1 ip4:192.0.2.9 -all",)},
            "_dmarc.contoso.com": {"TXT": ("v=DMARC1; p=quarantine",)},
        }
    )
    content = b"From: a@contoso.com\r\n\r\nx"
    found = authenticate(zone, content, SendingHost("192.0.2.9", "h.example"), "a@contoso.com")
    assert found.spf is not None
    assert (found.spf.result, found.dkim, found.dmarc) == ("pass", DKIM_NONE, Dmarc("pass", "none", "contoso.com"))
    other = authenticate(zone, content, SendingHost("192.0.2.10", "h.example"), "a@contoso.com")
    assert other.dmarc == Dmarc("fail", "quarantine", "contoso.com")
    assert authenticate(zone, b"no header", SendingHost("192.0.2.9", "h.example"), "").dmarc.domain == "none"
