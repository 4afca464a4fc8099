"""Enhanced filtering, row C178 among it."""

from __future__ import annotations

import pytest

from fakeeop.message.fields import Head
from fakeeop.message.passage import SendingHost
from fakeeop.message.skip_listing import applies, bounds, skipped_to
from fakeeop.model import ConnectorType, InboundConnector

GATEWAY = SendingHost("203.0.113.5", "gw.example")
HEAD = Head.of(
    b"Received: from inner.gw.example (inner.gw.example [10.0.0.7]) by gw.example with ESMTP; x\r\n"
    b"Received: from second.gw.example ([198.51.100.7]) by inner.gw.example with ESMTP; x\r\n"
    b"Received: from mail.sender.example ([192.0.2.33]) by second.gw.example with ESMTP; x\r\n"
    b"Received: from broken by mail.sender.example with ESMTP; x\r\n\r\n"
)


def connector(**settings) -> InboundConnector:
    return InboundConnector("EF", ConnectorType.ON_PREMISES, **settings)


@pytest.mark.parametrize(("settings", "applied"), [
    ({}, False),
    ({"ef_skip_last_ip": True}, True),
    ({"ef_skip_ips": ("203.0.113.5",)}, True),
    ({"ef_skip_last_ip": True, "ef_users": ("ann@contoso.com",)}, False),
    ({"ef_skip_last_ip": True, "ef_users": ("Ann@contoso.com", "bob@contoso.com")}, True),
    ({"ef_users": ("ann@contoso.com", "bob@contoso.com")}, False),
])  # fmt: skip
def test_when_it_applies(settings, applied):
    assert applies(connector(**settings), ["ann@contoso.com", "Bob@contoso.com"]) is applied


SENDER = SendingHost("192.0.2.33", "mail.sender.example")


@pytest.mark.parametrize(("settings", "seen"), [
    ({"ef_skip_last_ip": True}, SendingHost("198.51.100.7", "second.gw.example")),  # 10.0.0.7 is private
    ({"ef_skip_ips": ("203.0.113.5",)}, SendingHost("198.51.100.7", "second.gw.example")),
    ({"ef_skip_ips": ("203.0.113.0/24", "198.51.100.1-198.51.100.9")}, SENDER),
    ({"ef_skip_ips": ("198.51.100.7",)}, None),  # the client is not listed
    ({"ef_skip_ips": ("203.0.113.5", "198.51.100.7", "192.0.2.33")}, None),  # nobody is left
    ({"ef_skip_ips": ("2001:db8::/32", "203.0.113.5")}, SendingHost("198.51.100.7", "second.gw.example")),
])  # fmt: skip
def test_whom_it_skips_to(settings, seen):
    assert skipped_to(connector(**settings), GATEWAY, HEAD) == seen


def test_without_trace_nobody_is_left():
    assert skipped_to(connector(ef_skip_last_ip=True), GATEWAY, Head.of(b"Subject: x\r\n\r\n")) is None


@pytest.mark.parametrize("entry", ["192.0.2.9-192.0.2.1", "192.0.2.1-2001:db8::1", "gateway", "192.0.2.0/33", ""])
def test_what_is_no_entry(entry):
    with pytest.raises(ValueError, match=r"."):
        bounds(entry)
