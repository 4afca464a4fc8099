from __future__ import annotations

import socket
import threading

import pytest

from fakeeop.authenticity.spf_check import check_spf
from fakeeop.model.addresses import parse_ip
from fakeeop.model.zone import Mx, Zone

RECORDS = {
    "pass.example": "v=spf1 ip4:192.0.2.0/24 -all",
    "fail.example": "v=spf1 -all",
    "soft.example": "v=spf1 ~all",
    "neutral.example": "v=spf1 ?all",
    "bad.example": "v=spf1 whatever:x -all",
    "include.example": "v=spf1 include:pass.example -all",
    "mx.example": "v=spf1 mx a:host.example -all",
    "broken-include.example": "v=spf1 include:broken.example -all",
    "loop.example": "v=spf1 include:loop.example -all",
    "other.example": "something else",
    "helo.example": "v=spf1 ip4:192.0.2.9 -all",
    "six.example": "v=spf1 ip6:2001:db8::/32 -all",
    "ptr.example": "v=spf1 ptr -all",
    "void.example": "v=spf1 a:a.void.example a:b.void.example a:c.void.example -all",
}
ZONE = Zone(
    {name: {"TXT": (text,)} for name, text in RECORDS.items()}
    | {
        "mx.example": {"TXT": (RECORDS["mx.example"],), "MX": (Mx(10, "mail.mx.example"),)},
        "mail.mx.example": {"A": (parse_ip("192.0.2.7"),)},
        "host.example": {"A": (parse_ip("192.0.2.8"),), "AAAA": (parse_ip("2001:db8::8"),)},
        "alias.example": {"CNAME": ("pass.example",)},
        "9.2.0.192.in-addr.arpa": {"PTR": ("mail.ptr.example",)},
        "mail.ptr.example": {"A": (parse_ip("192.0.2.9"),)},
    },
    broken=("broken.example",),
)


@pytest.mark.parametrize(("domain", "ip", "result"), [
    ("pass.example", "192.0.2.9", "pass"),
    ("pass.example", "198.51.100.1", "fail"),
    ("fail.example", "192.0.2.9", "fail"),
    ("soft.example", "192.0.2.9", "softfail"),
    ("neutral.example", "192.0.2.9", "neutral"),
    ("bad.example", "192.0.2.9", "permerror"),
    ("include.example", "192.0.2.9", "pass"),
    ("mx.example", "192.0.2.7", "pass"),
    ("mx.example", "192.0.2.8", "pass"),
    ("mx.example", "2001:db8::8", "pass"),
    ("mx.example", "192.0.2.9", "fail"),
    ("six.example", "2001:db8::9", "pass"),
    ("ptr.example", "192.0.2.9", "pass"),
    ("broken.example", "192.0.2.9", "temperror"),
    ("broken-include.example", "192.0.2.9", "temperror"),
    ("loop.example", "192.0.2.9", "permerror"),
    ("void.example", "192.0.2.9", "permerror"),  # RFC 7208 section 4.6.4
    ("other.example", "192.0.2.9", "none"),
    ("nowhere.example", "192.0.2.9", "none"),
    ("alias.example", "192.0.2.9", "pass"),
    ("[192.0.2.9]", "192.0.2.9", "none"),
])  # fmt: skip
def test_results(domain, ip, result):
    found = check_spf(ZONE, ip, f"someone@{domain}", "client.example")
    assert (found.result, found.domain, found.ip, found.null_sender) == (result, domain, ip, False)


@pytest.mark.parametrize(("helo", "result"), [
    ("helo.example", "pass"),
    ("fail.example", "fail"),
    ("localhost", "none"),
    ("", "none"),
])  # fmt: skip
def test_the_null_sender_is_judged_by_helo(helo, result):
    found = check_spf(ZONE, "192.0.2.9", "", helo)
    assert (found.result, found.domain, found.null_sender) == (result, helo, True)


def test_nobody_is_asked(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("somebody opened a socket")

    check_spf(Zone(), "192.0.2.9", "a@microsoft.com", "client.example")  # loads pyspf
    monkeypatch.setattr(socket, "socket", refuse)
    assert check_spf(Zone(), "192.0.2.9", "a@microsoft.com", "client.example").result == "none"


def test_two_zones_at_once_do_not_meet():
    other = Zone({"pass.example": {"TXT": ("v=spf1 -all",)}})
    seen: list[str] = []

    def check(zone: Zone) -> None:
        seen.extend(check_spf(zone, "192.0.2.9", "a@pass.example", "h.example").result for _ in range(50))

    threads = [threading.Thread(target=check, args=(zone,)) for zone in (ZONE, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (seen.count("pass"), seen.count("fail")) == (50, 50)
