"""Authentication-Results and antispam reports, in the shapes of facts wire §4.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.reading.antispam import authentication_results, meaning_of, meaning_of_result, report_of

FULL = (
    "spf=pass (sender IP is 203.0.113.1) smtp.mailfrom=d.example; dkim=pass (signature was verified) "
    "header.d=d.example;dmarc=pass action=none header.from=d.example;compauth=pass reason=100"
)


def test_each_method_with_its_comment_and_properties():
    found = [(each.method, each.result, each.comment, each.properties) for each in authentication_results(FULL)]
    assert found == [
        ("spf", "pass", "sender IP is 203.0.113.1", "smtp.mailfrom=d.example"),
        ("dkim", "pass", "signature was verified", "header.d=d.example"),
        ("dmarc", "pass", "", "action=none header.from=d.example"),
        ("compauth", "pass", "", "reason=100"),
    ]


def test_recipient_domains_between_them_are_passed_over():
    assert [each.method for each in authentication_results("spf=none smtp.mailfrom=a; b.example; dkim=none;")] == [
        "spf",
        "dkim",
    ]


def test_a_report_has_known_keys_and_a_rest():
    report = report_of("CIP:203.0.113.1;CTRY:(null);SCL:1; H:x.example;FOO:bar;DIR:INB;")
    assert report.get("CIP") == "203.0.113.1"
    assert report.get("CTRY") == ""
    assert report.get("H") == "x.example"
    assert report.get("DIR") == "INB"
    assert report.get("PTR") == ""
    assert report.unparsed == "FOO:bar"


@given(st.text())
def test_any_text_is_read(text):
    authentication_results(text)
    report_of(text)


@pytest.mark.parametrize(("key", "value", "meaning"), [
    ("SFV", "NSPM", "not spam"), ("SFV", "nspm", "not spam"), ("CAT", "SPOOF", "spoofing"), ("DIR", "OUT", "outbound"),
    ("SCL", "-1", "not filtered"), ("SCL", "5", ""), ("CAT", "NONE", ""), ("H", "NSPM", ""),
])  # fmt: skip
def test_values_of_reports(key, value, meaning):
    assert meaning_of(key, value) == meaning


@pytest.mark.parametrize(("method", "result", "properties", "words"), [
    ("spf", "softfail", "", "~all"),
    ("dmarc", "bestguesspass", "", "no DMARC record"),
    ("compauth", "pass", "reason=109", "passed"),
    ("compauth", "pass", "reason=130", "ARC"),
    ("compauth", "fail", "reason=001", "weak"),
    ("compauth", "fail", "reason=601", "own organization"),
    ("compauth", "none", "reason=451", "bypassed"),
])  # fmt: skip
def test_results_of_authentication(method, result, properties, words):
    assert words in meaning_of_result(method, result, properties)


@given(st.text(), st.text(), st.text())
def test_nothing_for_what_is_not_documented(method, result, properties):
    assert meaning_of_result(f"x{method}", result, properties) == ""
    assert meaning_of(f"X-{method}", result) == ""
