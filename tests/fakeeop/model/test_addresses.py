from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, canonical_domain, parse_ip

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Contoso.COM", "contoso.com"),
        (" contoso.com. ", "contoso.com"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("_dmarc.contoso.com", "_dmarc.contoso.com"),
        ("[203.0.113.1]", "[203.0.113.1]"),
        ("[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]"),
    ],
)
def test_canonical_domain(text, canonical):
    assert canonical_domain(text) == canonical
    assert canonical_domain(canonical) == canonical


@pytest.mark.parametrize(
    "text",
    ["", ".", "a..b", "-a.example", "a-.example", "a b.example", "a/b", "x" * 64 + ".example", "a." * 130, "☃\u2028.x"],
)
def test_what_is_no_domain(text):
    with pytest.raises(ValueError, match="is not a domain name"):
        canonical_domain(text)


@given(NAMES)
def test_a_canonical_domain_stays_as_it_is(name):
    assert canonical_domain(name) == name
    assert canonical_domain(name.upper() + ".") == name


@given(st.text(max_size=20))
def test_any_text_is_a_domain_or_a_value_error(text):
    try:
        domain = canonical_domain(text)
    except ValueError:
        return
    assert canonical_domain(domain) == domain


def test_mailbox():
    assert str(Mailbox("a", "contoso.com")) == "a@contoso.com"
    assert str(Mailbox("postmaster", "")) == "postmaster"
    assert str(Mailbox("", "")) == ""
    assert Mailbox("", "").is_null
    assert not Mailbox("a", "contoso.com").is_null


@pytest.mark.parametrize(
    ("pattern", "covered", "not_covered"),
    [
        ("*", ["contoso.com", ""], []),
        ("contoso.com", ["contoso.com"], ["a.contoso.com", "evilcontoso.com", "com", ""]),
        ("*.Contoso.com", ["contoso.com", "a.contoso.com", "a.b.contoso.com"], ["evilcontoso.com", "com", ""]),
    ],
)
def test_domain_pattern(pattern, covered, not_covered):
    parsed = DomainPattern.parse(pattern)
    assert str(parsed) == pattern.lower()
    assert parsed.is_any is (pattern == "*")
    assert all(parsed.covers(domain) for domain in covered)
    assert not any(parsed.covers(domain) for domain in not_covered)


@pytest.mark.parametrize("text", ["contoso.*.com", "mail.*", "**", "*contoso.com", "*.", "*.*.com", "", "a*.com"])
def test_wrong_patterns(text):
    with pytest.raises(ValueError, match=r"wildcard|not a domain"):
        DomainPattern.parse(text)


@given(NAMES, NAMES)
def test_a_wildcard_covers_by_label(name, below):
    pattern = DomainPattern.parse(f"*.{name}")
    assert pattern.covers(name)
    assert pattern.covers(f"{below}.{name}")
    assert not pattern.covers(f"{below}{name}") or f"{below}{name}".endswith(f".{name}")


def test_ip_addresses():
    assert parse_ip(" 203.0.113.10 ") == ipaddress.IPv4Address("203.0.113.10")
    assert parse_ip("::ffff:203.0.113.10") == ipaddress.IPv4Address("203.0.113.10")
    assert parse_ip("2001:db8::1") == ipaddress.IPv6Address("2001:db8::1")
    with pytest.raises(ValueError, match=r"300\.1\.1\.1"):
        parse_ip("300.1.1.1")


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("203.0.113.10", ["203.0.113.10"], ["203.0.113.11", "2001:db8::1"]),
        ("203.0.113.10/25", ["203.0.113.1", "203.0.113.127"], ["203.0.113.128"]),
        ("203.0.113.0/32", ["203.0.113.0"], ["203.0.113.1"]),
    ],
)
def test_ip_range(text, inside, outside):
    block = IpRange.parse(f" {text} ")
    assert str(block) == text
    assert all(block.covers(parse_ip(address)) for address in inside)
    assert not any(block.covers(parse_ip(address)) for address in outside)


@pytest.mark.parametrize("text", ["2001:db8::1", "203.0.113.1-203.0.113.9", "203.0.113.0/33", "x", ""])
def test_wrong_ranges(text):
    with pytest.raises(ValueError, match=r".*"):
        IpRange.parse(text)
