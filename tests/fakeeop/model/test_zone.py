"""Names in, answers out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.model.addresses import parse_ip
from fakeeop.model.zone import EMPTY, TYPES, LookupResult, Mx, Zone, mx_name, reverse_name, with_service

ADDRESS = parse_ip("203.0.113.25")
SIX = parse_ip("2001:db8::25")
ZONE = Zone(
    {
        "contoso.com": {"TXT": ("v=spf1 -all", "other"), "MX": (Mx(10, "mx.contoso.com"),)},
        "mx.contoso.com": {"A": (ADDRESS,), "AAAA": (SIX,)},
        "a.b.c.contoso.com": {"A": (ADDRESS,)},
        "www.contoso.com": {"CNAME": ("mx.contoso.com",)},
        "away.contoso.com": {"CNAME": ("elsewhere.example",)},
        "loop.contoso.com": {"CNAME": ("pool.contoso.com",)},
        "pool.contoso.com": {"CNAME": ("loop.contoso.com",)},
        "*.wild.example": {"A": (ADDRESS,)},
        "host.wild.example": {"TXT": ("x",)},
        reverse_name(ADDRESS): {"PTR": ("relay.contoso.com",)},
        reverse_name(SIX): {"PTR": ("six.contoso.com",)},
        "*.broken.example": {"A": (ADDRESS,)},
        **{f"c{n}.chain.example": {"CNAME": (f"c{n + 1}.chain.example",)} for n in range(40)},
    },
    {"broken.example"},
)


@pytest.mark.parametrize(
    ("name", "kind", "status", "values"),
    [
        ("contoso.com", "TXT", "noerror", ("v=spf1 -all", "other")),
        ("Contoso.COM.", "MX", "noerror", (Mx(10, "mx.contoso.com"),)),
        ("contoso.com", "A", "noerror", ()),
        ("contoso.com", "SOA", "noerror", ()),
        ("c.contoso.com", "A", "noerror", ()),  # an empty non-terminal
        ("x.c.contoso.com", "A", "nxdomain", ()),
        ("com", "A", "noerror", ()),
        ("", "NS", "noerror", ()),
        ("nobody.example", "A", "nxdomain", ()),
        ("other", "A", "nxdomain", ()),
        ("mx.contoso.com", "AAAA", "noerror", (SIX,)),
        ("www.contoso.com", "A", "noerror", (ADDRESS,)),
        ("www.contoso.com", "CNAME", "noerror", ("mx.contoso.com",)),
        ("www.contoso.com", "MX", "noerror", ()),
        ("away.contoso.com", "A", "nxdomain", ()),
        ("loop.contoso.com", "A", "servfail", ()),
        ("c0.chain.example", "A", "servfail", ()),
        ("c30.chain.example", "A", "nxdomain", ()),
        ("any.wild.example", "A", "noerror", (ADDRESS,)),
        ("very.any.wild.example", "A", "noerror", (ADDRESS,)),
        ("any.wild.example", "TXT", "noerror", ()),
        ("host.wild.example", "A", "noerror", ()),  # an existing name is not covered
        ("below.host.wild.example", "A", "nxdomain", ()),  # nor is what stands below one
        ("wild.example", "A", "noerror", ()),
        ("*.wild.example", "A", "noerror", (ADDRESS,)),
        ("broken.example", "A", "servfail", ()),
        ("x.broken.example", "A", "servfail", ()),
        ("unbroken.example", "A", "nxdomain", ()),
    ],
)
def test_lookup(name, kind, status, values):
    answer = ZONE.lookup(name, kind)
    assert (answer.status, answer.values) == (status, values)


def test_aliases_on_the_way_are_told():
    assert ZONE.lookup("WWW.contoso.com", "A").chain == ("www.contoso.com", "mx.contoso.com")
    assert ZONE.lookup("www.contoso.com", "A").name == "mx.contoso.com"
    assert ZONE.lookup("contoso.com", "A").name == "contoso.com"


def test_reverse_names():
    assert reverse_name(ADDRESS) == "25.113.0.203.in-addr.arpa"
    assert ZONE.reverse_names(ADDRESS) == ("relay.contoso.com",)
    assert ZONE.reverse_names(SIX) == ("six.contoso.com",)
    assert ZONE.reverse_names(parse_ip("192.0.2.1")) == ()


def test_a_wildcard_of_everything():
    zone = Zone({"*": {"A": (ADDRESS,)}, "contoso.com": {"TXT": ("x",)}})
    assert zone.lookup("a.example", "A").values == (ADDRESS,)
    assert zone.lookup("contoso.com", "A").values == ()
    assert zone.lookup("a.contoso.com", "A").status == "nxdomain"


def test_what_follows_from_the_tenants():
    zone = with_service(EMPTY, ["contoso.com", "fabrikam.example"], ADDRESS)
    assert mx_name("contoso.com") == "contoso-com.mail.protection.outlook.com"
    assert zone.lookup("contoso.com", "MX").values == (Mx(0, mx_name("contoso.com")),)
    assert zone.lookup("fabrikam-example.mail.protection.outlook.com", "A").values == (ADDRESS,)
    assert zone.lookup("smtp.office365.com", "A").values == (ADDRESS,)
    assert zone.lookup("smtp.office365.com", "AAAA") == LookupResult("noerror", (), ("smtp.office365.com",))
    assert with_service(EMPTY, ["contoso.com"], SIX).lookup(mx_name("contoso.com"), "AAAA").values == (SIX,)
    assert EMPTY.records == {}


def test_the_file_has_the_last_word():
    said = Zone(
        {
            "contoso.com": {"MX": (Mx(5, "gateway.example"),)},
            "alias.example": {"CNAME": ("contoso.com",)},
            "smtp.office365.com": {"A": (parse_ip("192.0.2.7"),)},
        },
        {"down.example"},
    )
    zone = with_service(said, ["contoso.com", "alias.example", "down.example"], ADDRESS)
    assert zone.lookup("contoso.com", "MX").values == (Mx(5, "gateway.example"),)
    assert zone.lookup(mx_name("contoso.com"), "A").values == (ADDRESS,)
    assert zone.lookup("alias.example", "MX").values == (Mx(5, "gateway.example"),)
    assert zone.lookup("down.example", "MX").status == "servfail"
    assert zone.lookup("smtp.office365.com", "A").values == (parse_ip("192.0.2.7"),)
    assert "MX" not in said.at("alias.example")
    assert said.at("nobody.example") == {}


LABELS = st.lists(st.sampled_from(["a", "b", "*", "c"]), min_size=1, max_size=4).map(".".join)


@given(
    st.dictionaries(
        LABELS,
        st.one_of(st.just({"A": (ADDRESS,)}), st.just({"TXT": ("t",)}), LABELS.map(lambda name: {"CNAME": (name,)})),
        max_size=8,
    ),
    LABELS,
    st.sampled_from(TYPES),
)
def test_any_zone_answers(records, name, kind):
    zone = Zone(records)
    answer = zone.lookup(name, kind)
    assert answer.chain[0] == name
    assert not answer.values or answer.status == "noerror"
    parents = [".".join(name.split(".")[i:]) for i in range(1, len(name.split(".")))]
    if answer.status == "noerror":  # RFC 8020: what exists has parents that exist
        assert all(zone.lookup(parent, "NS").status != "nxdomain" or "CNAME" in zone.at(parent) for parent in parents)
    if name in records and "CNAME" not in records[name]:
        assert answer.values == records[name].get(kind, ())
