"""``Zone:`` in both forms. What is wrong stands in ``bad/zone*.yaml``, what is doubtful in ``advice/zone.yaml``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.check import check_tree
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError
from fakeeop.model.addresses import parse_ip
from fakeeop.model.zone import EMPTY, Mx, Zone

ADDRESS, SIX = parse_ip("203.0.113.25"), parse_ip("2001:db8::25")


def zone_of(text: str) -> Zone:
    return forest_from_tree(load_marked("Tenants: []\n" + text)).zone


def test_a_mapping():
    zone = zone_of("""\
zone:
  Contoso.com.:
    txt: ["v=spf1 -all", '"v=DKIM1; " "p=AB\\"C\\\\\\195\\188"']
    MX: 10 mx.Contoso.com.
  mx.contoso.com: {A: [203.0.113.25, 203.0.113.25], AAAA: "2001:db8::25"}
  203.0.113.25: {PTR: relay.contoso.com}
  "2001:db8::25": {PTR: [a.contoso.com, b.contoso.com]}
  "*.wild.example": {CNAME: contoso.com}
  bücher.example: {MX: [mx.contoso.com, 0 .]}
  broken.example: servfail
  nothing.example:
  also.example: {A: null}
""")
    assert zone.records == {
        "contoso.com": {
            "TXT": ("v=spf1 -all", 'v=DKIM1; p=AB"C\\\xc3\xbc'),
            "MX": (Mx(10, "mx.contoso.com"),),
        },
        "mx.contoso.com": {"A": (ADDRESS,), "AAAA": (SIX,)},
        "25.113.0.203.in-addr.arpa": {"PTR": ("relay.contoso.com",)},
        SIX.reverse_pointer: {"PTR": ("a.contoso.com", "b.contoso.com")},
        "*.wild.example": {"CNAME": ("contoso.com",)},
        "xn--bcher-kva.example": {"MX": (Mx(0, "mx.contoso.com"), Mx(0, ""))},
    }
    assert zone.broken == {"broken.example"}


def test_lines_as_dig_prints_them():
    zone = zone_of("""\
Zone: |
  ;; ANSWER SECTION:
  contoso.com.            3600    IN      TXT     "v=spf1 include:spf.example; " "-all"  ; a comment
  contoso.com.            IN 3600 MX      10 mx.contoso.com.

  MX.contoso.com A 203.0.113.25
  mx.contoso.com\tAAAA\t2001:db8::25
  25.113.0.203.in-addr.arpa. 60 IN PTR relay.contoso.com.
  203.0.113.26 PTR other.contoso.com
  broken.example SERVFAIL
""")
    assert zone.records == {
        "contoso.com": {"TXT": ("v=spf1 include:spf.example; -all",), "MX": (Mx(10, "mx.contoso.com"),)},
        "mx.contoso.com": {"A": (ADDRESS,), "AAAA": (SIX,)},
        "25.113.0.203.in-addr.arpa": {"PTR": ("relay.contoso.com",)},
        "26.113.0.203.in-addr.arpa": {"PTR": ("other.contoso.com",)},
    }
    assert zone.broken == {"broken.example"}


def test_without_a_zone():
    assert zone_of("") is EMPTY
    assert zone_of("Zone: null") is EMPTY
    assert zone_of("Zone: {}").records == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Zone: x.example A 1", 2),
        ("Zone: 'x.example A 1'", 2),
        ("Zone: |\n  x.example A 1\n", 3),
        ("Zone: |\n\n  y.example A 203.0.113.25\n  x.example A 1\n", 5),
        ("Zone:\n  x.example:\n    A:\n      - 203.0.113.25\n      - 1", 6),
        ("Zone: {x.example: {A: '1'}}", 2),
        ("Zone: {'x.example': {A: ['1']}}", 2),
        ("Zone:\n  x.example: {A: 203.0.113.25}\n  X.example.: {CNAME: y.example}", 3),
    ],
)
def test_the_line_of_what_is_wrong(text, line):
    _, problems = check_tree(load_marked("Tenants: [{Name: a, AcceptedDomains: [a.example]}]\n" + text))
    assert [problem.line for problem in problems] == [line]


@pytest.mark.parametrize("owner", ["[203.0.113.25]", "a..b", "*.*.example", "a.*.example", "", "under score"])
def test_names_that_are_none(owner):
    with pytest.raises(ConfigError, match="is not a name"):
        forest_from_tree({"Tenants": [], "Zone": {owner: {"A": "203.0.113.25"}}})


def test_data_without_marks_has_errors_without_lines():
    with pytest.raises(ConfigError, match="zone-name: Zone: 7 is not a name"):
        forest_from_tree({"Tenants": [], "Zone": {7: {}}})
    with pytest.raises(ConfigError, match=r"zone-value: Zone: a\.example: A"):
        forest_from_tree({"Tenants": [], "Zone": {"a.example": {"A": ["x"]}}})


@given(st.one_of(st.text(max_size=40), st.text(max_size=20).map(lambda text: f"a.example TXT {text}")))
def test_any_text_is_a_zone_or_errors(text):
    try:
        forest_from_tree({"Tenants": [], "Zone": text})
    except ConfigError as why:
        problems = why.problems
    else:
        problems = ()
    assert all(problem.code.startswith("zone-") and problem.fix for problem in problems)
