from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from fakeeop.config.check import check_tree
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError

TENANTS = "Tenants: [{Name: contoso, AcceptedDomains: [contoso.com]}]\n"
SCHEMA = json.loads((Path(__file__).parents[3] / "fakeeop" / "config" / "schema.json").read_text("utf-8"))


def destinations(text: str):
    return forest_from_tree(load_marked(TENANTS + text)).internet


def test_destinations_are_read_in_any_case():
    text = """
internet:
  domains:
    Gone.Example: {reply: 550 5.1.1 User unknown}
    "*.slow.example": {Delay: 4h, DeliveryReports: true}
    plain.example:
"""
    gone, slow, plain = destinations(text)
    assert (str(gone.pattern), gone.reply, gone.delay) == ("gone.example", "550 5.1.1 User unknown", 0.0)
    assert (str(slow.pattern), slow.reply, slow.delay, slow.delivery_reports) == (
        "*.slow.example",
        None,
        14_400.0,
        True,
    )
    assert (plain.reply, plain.delay, plain.delivery_reports) == (None, 0.0, False)


def test_nothing_is_listed_by_default():
    assert destinations("") == destinations("Internet: {}") == destinations("Internet:") == ()


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("Internet: yes", "wrong-type", "is not a mapping"),
        ("Internet: {Domains: [a.example]}", "wrong-type", "is not a mapping"),
        ("Internet: {Domain: {}}", "unknown-field", "did you mean Domains?"),
        ("Internet: {Domains: {a.example: 550}}", "wrong-type", "is not a mapping"),
        ("Internet: {Domains: {a.*.example: {}}}", "not-a-domain", "wildcard"),
        ("Internet: {Domains: {a.example: {Reply: 450 4.1.1 later}}}", "bad-value", "use Delay"),
        ("Internet: {Domains: {a.example: {Reply: 550}}}", "bad-value", "a text"),
        ('Internet: {Domains: {a.example: {Reply: "550 a\\r\\nX: y"}}}', "bad-value", "a text"),
        ("Internet: {Domains: {a.example: {Delay: soon}}}", "bad-value", "is not a time span"),
        ("Internet: {Domains: {a.example: {Replies: 550 no}}}", "unknown-field", "did you mean Reply?"),
        ("Internet: {Domains: {a.example: {}, A.Example: {}}}", "duplicate-field", "occurs twice"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text, code, words):
    with pytest.raises(ConfigError) as caught:
        destinations(text)
    [problem] = caught.value.problems
    assert (problem.code, problem.line) == (code, 2)
    assert words in str(problem)


def test_the_schema_knows_it():
    good = {
        "Tenants": [],
        "Internet": {"Domains": {"a.example": {"Reply": "550 no", "Delay": "4h"}, "b.example": None}},
    }
    jsonschema.validate(good, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"Tenants": [], "Internet": {"Domains": {"a.example": {"Replay": "x"}}}}, SCHEMA)


def test_check_finds_nothing_against_it():
    forest, problems = check_tree(load_marked(TENANTS + "Internet: {Domains: {a.example: {Delay: 1h}}}"))
    assert forest is not None
    assert not problems
