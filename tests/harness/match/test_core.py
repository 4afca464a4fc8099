"""Every operator and kind through the one public door, ``match``: what holds, what does not, and what is said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.marked import load_marked
from harness.match.core import match
from harness.match.kinds import ANY, OPERATORS, TEXT, FieldKind

LIST = FieldKind("list", item=TEXT)
REPLY = FieldKind("reply")
KINDS = {
    "any": ANY,
    "text": TEXT,
    "list": LIST,
    "reply": REPLY,
    "address": FieldKind("address"),
    "range": FieldKind("address-range"),
    "body": FieldKind("body"),
    "number": FieldKind("number"),
    "headers": FieldKind("headers"),
    "certificate": FieldKind("certificate", {"names": LIST, "chain": TEXT}),
    "addresses": FieldKind("addresses", item=FieldKind("record", {"reply": REPLY})),
    "records": FieldKind("list", item=FieldKind("record", {"a": FieldKind("number"), "b": FieldKind("number")})),
    "failed": FieldKind("one-or-many"),
}


def notes(kind: str, expected: str, actual: Any) -> list[str]:
    """The notes of every mismatch of an expectation written in YAML."""
    found = match(KINDS[kind], load_marked(expected), actual, "x", 1)
    return [mismatch.note for mismatch in found.mismatches]


REFUSED = "550 5.7.64 TenantAttribution; Relay Access Denied SMTP"
HOLDS = [
    ("any", "1", 1),
    ("any", "1", 1.0),
    ("any", "null", None),
    ("text", "x", "x"),
    ("text", "{contains: b}", "abc"),
    ("text", "{starts-with: a}", "abc"),
    ("text", "{ends-with: c}", "abc"),
    ("text", "{glob: 'a?c*'}", "abcdef"),
    ("text", "{glob: '[a]'}", "[a]"),
    ("text", r"{matches: '2\.\d\.\d'}", "2.0.0"),
    ("text", "{one-of: [a, b]}", "b"),
    ("text", "{not: a}", "b"),
    ("text", "{not: a}", None),
    ("text", "{all: [{contains: a}, {contains: b}]}", "ab"),
    ("text", "{absent: true}", None),
    ("text", "{absent: false}", "a"),
    ("text", "{present: true}", "a"),
    ("text", "{present: false}", None),
    ("number", "{lt: 2}", 1),
    ("number", "{le: 2}", 2),
    ("number", "{gt: 2}", 3),
    ("number", "{ge: 2}", 2),
    ("number", "{lt: 2s}", 1.5),
    ("number", "{gt: 200ms}", "1s"),
    ("list", "[a, b]", ["a", "b"]),
    ("list", "[]", []),
    ("list", "[a, b]", ("a", "b")),
    ("list", "{order: any, items: [b, a]}", ["a", "b"]),
    ("list", "{items: [a, b]}", ["a", "b"]),
    ("list", "{each: {contains: a}}", ["a", "ab"]),
    ("list", "{each: {contains: a}}", []),
    ("list", "{includes: [b]}", ["a", "b"]),
    ("list", "{excludes: [c]}", ["a", "b"]),
    ("list", "{only: [b, a]}", ["a", "b", "a"]),
    ("list", "{count: 2}", ["a", "b"]),
    ("list", "{count: {gt: 1}}", ["a", "b"]),
    ("list", "{count: 0}", None),
    ("list", "{not: [a]}", ["b"]),
    ("reply", "550", REFUSED),
    ("reply", "5xx", REFUSED),
    ("reply", "55x", REFUSED),
    ("reply", "550 5.7.64", REFUSED),
    ("reply", "550 5.7.64 TenantAttribution; *", REFUSED),
    ("reply", "550 5.7.64*", REFUSED),
    ("reply", "550 TenantAttribution; Relay Access Denied SMTP", REFUSED),
    ("reply", "250 *STARTTLS*", "250-host\n250-STARTTLS\n250 DSN"),
    ("reply", "{one-of: [4xx, 5xx]}", REFUSED),
    ("reply", "null", None),
    ("address", "Ann@CONTOSO.com", "Ann@contoso.com"),
    ("address", "<>", ""),
    ("range", "203.0.113.0/24", "203.0.113.25"),
    ("range", "203.0.113.25", "203.0.113.25"),
    ("range", "2001:db8::/32", "2001:db8::1"),
    ("range", "none", "none"),
    ("body", '"a\\nb"', "a\r\nb\r\n"),
    ("body", '{contains: "b\\nc"}', "a\r\nb\r\nc\r\n"),
    ("body", '{contains: "b\\r\\nc"}', "a\r\nb\r\nc\r\n"),
    ("headers", "{subject: x}", [["Subject", "x"]]),
    ("headers", "{X-A: b}", [["X-A", "a"], ["X-A", "b"]]),
    ("headers", "{X-A: -1}", [["X-A", "-1"]]),
    ("headers", "{X-A: {count: 2}}", [["X-A", "a"], ["x-a", "b"]]),
    ("headers", "{X-A: {all: [a, {count: 2}]}}", [["X-A", "a"], ["x-a", "b"]]),
    ("headers", "{X-A: [a, b]}", [["X-A", "a"], ["X-A", "b"]]),
    ("headers", "{X-A: {order: any, items: [b, a]}}", [["X-A", "a"], ["X-A", "b"]]),
    ("headers", "{X-A: {includes: [b]}}", [["X-A", "a"], ["X-A", "b"]]),
    ("headers", "{X-A: {absent: true}}", [["X-B", "a"]]),
    ("headers", "{X-B: {present: true}}", [["X-B", "a"]]),
    ("headers", "{X-B: {not: b}}", [["X-B", "a"]]),
    ("headers", "{X-B: {one-of: [b, c]}}", [["X-B", "a"], ["X-B", "c"]]),
    ("headers", "{X-B: {first-of: [{grade: pass, is: b}, {grade: pass, is: {count: 1}}]}}", [["X-B", "a"]]),
    ("certificate", "{chain: absent}", None),
    ("certificate", "{names: [a], chain: valid}", {"names": ["a"], "chain": "valid", "key": "EC"}),
    ("certificate", "null", None),
    ("addresses", "{A@X.example: {reply: 250}}", {"A@x.EXAMPLE": {"reply": "250 2.1.5 OK"}}),
    ("addresses", "{b@x.example: {absent: true}}", {}),
    ("records", "[{a: 1}]", [{"a": 1, "b": 2}]),
    ("records", "[{a: 1, b: null, only-fields: true}]", [{"a": 1, "b": None, "c": None}]),
    ("failed", "SenderIPAddresses", "SenderIPAddresses"),
    ("failed", "SenderIPAddresses", ["Enabled", "SenderIPAddresses"]),
]
FAILS = [
    ("any", "1", "1", "1 (a number), the observed value is text"),
    ("any", "true", 1, "true (a flag), the observed value is a number"),
    ("any", "null", 0, "no value"),
    ("text", "x", None, "x, there is no value"),
    ("text", "x", "y", "exactly x"),
    ("text", "{contains: d}", "abc", "text that contains d"),
    ("text", "{contains: d}", None, "text that contains d"),
    ("text", "{starts-with: b}", "abc", "text that starts with b"),
    ("text", "{ends-with: b}", "abc", "text that ends with b"),
    ("text", "{glob: b}", "abc", "text that matches the glob b"),
    ("text", "{matches: b}", "abc", "text that matches the regular expression b"),
    ("text", "{one-of: [a, b]}", "c", "one of [a, b]"),
    ("text", "{not: {contains: a}}", "abc", "anything but {contains: a}"),
    ("text", "{all: [{contains: a}, {contains: z}]}", "ab", "text that contains z"),
    ("text", "{absent: true}", "a", "no value"),
    ("text", "{present: true}", None, "a value"),
    ("number", "{lt: 2}", 2, "less than 2"),
    ("number", "{le: 2}", 3, "at most 2"),
    ("number", "{gt: 2}", 2, "more than 2"),
    ("number", "{ge: 2s}", 1, "at least 2s"),
    ("number", "{ge: 2}", None, "a number at least 2"),
    ("number", "{ge: 2}", True, "a number at least 2"),
    ("list", "[a]", "a", "a list of 1"),
    ("list", "[a, b]", ["a"], "2 elements, there are 1"),
    ("list", "[a]", ["a", "b"], "1 element, there are 2; too many"),
    ("list", "[]", ["b"], "none, there are 1; too many"),
    ("list", "{order: any, items: [a, b]}", ["b", "c"], "exactly a"),
    ("list", "{order: any, items: [a]}", ["b", "a"], "1 element, there are 2; too many"),
    ("list", "{order: any, items: [a, b]}", ["b"], "2 elements, there are 1"),
    ("list", "{each: a}", ["a", "b"], "exactly a"),
    ("list", "{includes: [c]}", ["a"], "an element c"),
    ("list", "{includes: [c]}", None, "a list"),
    ("list", "{excludes: [a]}", ["a"], "no element a"),
    ("list", "{only: [a]}", ["a", "b"], "only [a]"),
    ("list", "{only: [a, b]}", ["a"], "an element b"),
    ("list", "{count: 1}", ["a", "b"], "exactly 1"),
    ("list", "{count: 1}", "a", "something that can be counted"),
    ("reply", "250", REFUSED, "the code to be 250"),
    ("reply", "4xx", REFUSED, "the code to be 4xx"),
    ("reply", "550 5.7.1", REFUSED, "the enhanced status to be 5.7.1"),
    ("reply", "550 5.7.64", "550 Denied", "the enhanced status to be 5.7.64"),
    ("reply", "550 5.7.64 Tenant", REFUSED, "the text to match"),
    ("reply", "550", None, "a reply, none was seen"),
    ("reply", "550", "", "the code to be 550"),
    ("reply", "null", REFUSED, "no value"),
    ("address", "ann@contoso.com", "Ann@contoso.com", "the address ann@contoso.com"),
    ("range", "203.0.113.0/24", "198.51.100.9", "an address in 203.0.113.0/24"),
    ("range", "203.0.113.0/24", "2001:db8::1", "an address in 203.0.113.0/24"),
    ("body", "a", "b", "exactly this text"),
    ("headers", "{Subject: x}", [], "a header x, there is none of this name"),
    ("headers", "{Subject: x}", None, "a header x, there is none of this name"),
    ("headers", "{Subject: x}", [["Subject", "y"]], "exactly x"),
    ("headers", "{X: x}", [["X", "y"], ["X", "z"]], "one of the 2 headers of this name to match x"),
    ("headers", "{X: {count: 1}}", [["X", "y"], ["X", "z"]], "exactly 1"),
    ("headers", "{X: {not: y}}", [["X", "y"]], "no header that matches y"),
    ("headers", "{X: {absent: true}}", [["X", "y"]], "no value"),
    ("certificate", "{chain: valid}", None, "exactly valid"),
    ("certificate", "null", {"chain": "valid"}, "no value"),
    ("addresses", "{a@x.example: {reply: 250}}", {}, "something to be seen of a@x.example"),
    ("addresses", "{a@x.example: {reply: 250}}", None, "something to be seen of a@x.example"),
    ("records", "[{a: 1}]", [7], "a record with a"),
    ("records", "[{a: 1, only-fields: true}]", [{"a": 1, "b": 2}], "no other fields"),
    ("address", "a@b.example", None, "a@b.example, there is no value"),
    ("range", "203.0.113.0/24", None, "203.0.113.0/24, there is no value"),
    ("body", "a", None, "a, there is no value"),
    ("list", "{only: [a]}", None, "a list"),
    ("list", "{items: [a]}", 3, "a list"),
    ("failed", "Enabled", ["RequireTls"], "Enabled among them"),
]


@pytest.mark.parametrize(("kind", "expected", "actual"), HOLDS)
def test_holds(kind, expected, actual):
    assert notes(kind, expected, actual) == []


@pytest.mark.parametrize(("kind", "expected", "actual", "note"), FAILS)
def test_fails_and_says_why(kind, expected, actual, note):
    assert notes(kind, expected, actual) == [note]


def test_every_operator_is_tried_both_ways():
    untried = set(OPERATORS) - {"same-as", "first-of"}  # these have tests of their own
    for rows in (HOLDS, FAILS):
        assert {name for name in untried if not any(f"{name}:" in str(row[1]) for row in rows)} == set()


def test_every_mismatch_is_reported_with_path_and_line_of_its_key():
    expected = load_marked("a: 1\nb:\n  - x\n  -\n    c: 2\n    d: 3\n")
    found = match(ANY, expected, {"a": 2, "b": ["y", {"c": 2, "d": 4}]}, "expect", 1).mismatches
    assert [(one.path, one.line, one.expected, one.actual) for one in found] == [
        ("expect.a", 1, "1", "2"),
        ("expect.b[1]", 3, "x", "y"),
        ("expect.b[2].d", 6, "3", "4"),
    ]


def test_same_as_follows_a_path():
    expected = load_marked("messages: [{dsn: {envid: {same-as: 'messages[2].dsn.envid'}}}, {}]")
    actual = {"messages": [{"dsn": {"envid": "x"}}, {"dsn": {"envid": "x"}}]}
    assert match(ANY, expected, actual, "expect", 1).holds
    actual["messages"][1]["dsn"]["envid"] = "y"
    (found,) = match(ANY, expected, actual, "expect", 1).mismatches
    assert found.note == "the same as messages[2].dsn.envid, which is y"
    del actual["messages"][1]["dsn"]
    (found,) = match(ANY, expected, actual, "expect", 1).mismatches
    assert found.note == "the same as messages[2].dsn.envid, which was not observed"


GRADED = "{first-of: [{grade: pass, is: 451 5.7.3}, {grade: deviation, is: {one-of: [4xx, 5xx]}, why: not known}]}"


def test_the_first_alternative_that_holds_grades():
    expected = load_marked(GRADED)
    passed = match(REPLY, expected, "451 5.7.3 STARTTLS", "x", 1)
    assert (passed.mismatches, passed.deviations) == ((), ())
    deviates = match(REPLY, expected, "530 5.7.0 STARTTLS", "x", 1)
    assert deviates.holds
    (deviation,) = deviates.deviations
    assert (deviation.expected, deviation.actual, deviation.note) == (
        "451 5.7.3",
        "530 5.7.0 STARTTLS",
        "451 5.7.3; not known",
    )
    assert not match(REPLY, expected, "250 OK", "x", 1).holds


def test_a_body_shows_the_first_hunk_of_the_difference():
    lines = [str(number) for number in range(30)]
    other = [*lines[:3], "x", *lines[4:25], "y", *lines[26:]]
    (found,) = match(FieldKind("body"), "\n".join(lines), "\n".join(other), "body", 1).mismatches
    assert "-3\n+x" in found.detail
    assert "+y" not in found.detail


SMALL = st.integers(0, 3)


@given(st.lists(SMALL, max_size=6), st.randoms(use_true_random=False))
def test_any_order_matches_every_permutation(items, random):
    shuffled = list(items)
    random.shuffle(shuffled)
    assert match(FieldKind("list"), {"order": "any", "items": items}, shuffled, "x", 1).holds


@given(st.lists(st.sets(SMALL, min_size=1), max_size=4), st.lists(SMALL, max_size=4))
def test_any_order_holds_exactly_if_an_assignment_exists(choices, actual):
    """Against brute force: element i may be any of choices[i]."""
    import itertools  # noqa: PLC0415  only here

    expected = {"order": "any", "items": [{"one-of": sorted(choice)} for choice in choices]}
    possible = len(choices) == len(actual) and any(
        all(value in choice for value, choice in zip(order, choices, strict=True))
        for order in itertools.permutations(actual)
    )
    assert match(FieldKind("list"), expected, actual, "x", 1).holds == possible


@given(st.lists(SMALL, max_size=5), st.lists(SMALL, max_size=5))
def test_a_list_holds_exactly_if_it_is_equal(expected, actual):
    found = match(FieldKind("list"), expected, actual, "x", 1)
    assert found.holds == (expected == actual)


@given(st.from_regex(r"\A[245][0-9][0-9]( [245]\.[0-9]\.[0-9]{1,2})?( [ -~]{0,20})?\Z"))
def test_a_reply_matches_itself_and_its_code(reply):
    plain = reply.replace("*", "-").replace("?", "-")
    assert match(REPLY, plain, plain, "x", 1).holds
    assert match(REPLY, int(plain[:3]), plain, "x", 1).holds
    assert match(REPLY, plain[0] + "xx", plain, "x", 1).holds
    other = str(int(plain[:3]) % 300 + 201)
    assert match(REPLY, other, plain, "x", 1).holds == (other == plain[:3])
