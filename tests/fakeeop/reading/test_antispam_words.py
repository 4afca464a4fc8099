"""What values mean: the documented ones, and nothing for the others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.reading.antispam_words import meaning_of, meaning_of_result


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
