from __future__ import annotations

import pytest

from fakeeop.message.fields import Head
from fakeeop.message.received import LOOPS, looping, tls_words, trail

OURS = b"Received: from a (1.2.3.4) by SN1PEPF000252A1.mail.protection.outlook.com (10.167.0.1) with x; y\r\n"
FROM_US = b"Received: from b.mail.protection.outlook.com by a with x; y\r\n"
OTHER = b"Received: from a by contoso.mail.protection.outlook.com.example with x; y\r\n"


@pytest.mark.parametrize(("version", "cipher", "words"), [
    ("TLSv1.3", "TLS_AES_256_GCM_SHA384", ("TLS1_3", "TLS_AES_256_GCM_SHA384")),
    ("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384", ("TLS1_2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")),
    ("TLSv1.2", "ECDHE-RSA-AES256-SHA384", ("TLS1_2", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384")),
    ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256", ("TLS1_2", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")),
    ("TLSv1.2", "ECDHE-RSA-CHACHA20-POLY1305", ("TLS1_2", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")),
    ("TLSv1", "AES128-SHA", ("TLS1_0", "TLS_RSA_WITH_AES_128_CBC_SHA")),
    ("TLSv1.1", "something-new", ("TLS1_1", "TLS_something_new")),
])  # fmt: skip
def test_openssl_names_become_the_service_s(version, cipher, words):
    found = tls_words(version, cipher)
    assert (found.version, found.cipher) == words


def only(value: str):
    (hop,) = trail(Head.of(f"Received: {value}\r\n\r\n".encode()))
    return hop


def test_a_postfix_hop():
    hop = only(
        "from [192.168.0.3] (client.contoso.com [192.168.0.3])\r\n"
        "\tby relay.contoso.com (Postfix, from userid 25) with ESMTPS id 63FD42B1B20D\r\n"
        "\tfor <ann@contoso.com>; Thu, 29 Apr 2017 23:34:45 +0900 (JST)"
    )
    assert (hop.host, hop.address) == ("[192.168.0.3]", "192.168.0.3")
    assert hop.by == "relay.contoso.com (Postfix, from userid 25)"
    assert (hop.protocol, hop.via) == ("ESMTPS", "")
    assert hop.date == "Thu, 29 Apr 2017 23:34:45 +0900 (JST)"


@pytest.mark.parametrize(("value", "address"), [
    ("from a.example (2001:db8::1) by b with SMTP; x", "2001:db8::1"),
    ("from a.example ([IPv6:2001:db8::2]) by b with SMTP; x", "2001:db8::2"),
    ("from [203.0.113.9] by b with SMTP; x", "203.0.113.9"),
    ("from a.example by b with SMTP; x", ""),
    ("by b (Postfix, from userid 1000) id 1; x", ""),
    ("nothing at all", ""),
])  # fmt: skip
def test_the_address_in_a_hop(value, address):
    assert only(value).address == address


def test_the_oldest_is_first():
    head = Head.of(b"Received: from b by c; 2\r\nSubject: x\r\nReceived: from a by b; 1\r\n\r\n")
    assert [hop.host for hop in trail(head)] == ["a", "b"]


@pytest.mark.parametrize(("header", "looped"), [
    (b"", False),
    (OURS * LOOPS, False),
    (OURS * LOOPS + FROM_US * 30, False),
    (OURS * (LOOPS + 1), True),
    (OTHER * 200, False),
])  # fmt: skip
def test_circles(header, looped):
    assert looping(header + b"\r\n") is looped
    assert not looping(b"Subject: x\r\n\r\n" + header)  # a body may hold anything
