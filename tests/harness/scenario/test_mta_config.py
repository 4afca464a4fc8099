"""The settings of one MTA, or those of several, one section each."""

from __future__ import annotations

import pytest

from harness.scenario.mta_config import check_config, config_of
from harness.scenario.shape import ProblemList


@pytest.mark.parametrize(
    ("config", "found"),
    [
        (None, {}),
        ({}, {}),
        ({"soft_bounce": "yes"}, {"soft_bounce": "yes"}),
        ({"postfix": {"a": "1"}, "exim": {"b": "2"}}, {"b": "2"}),
        ({"postfix": {"a": "1"}}, {}),
        ({"exim": None}, {}),
        ({"exim": {"transports": {"remote_smtp": {"port": 1}}}}, {"transports": {"remote_smtp": {"port": 1}}}),
        ({"exim": "1", "other": "2"}, {"exim": "1", "other": "2"}),
    ],
)
def test_the_settings_of_a_client(config, found):
    assert config_of(config, "exim") == found


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        ({"a": "1", "b": 2, "c": True, "d": None}, []),
        ({"transports": {"remote_smtp": {"port": 1}}}, []),
        ({"exim": {"transports": {"remote_smtp": {"port": 1}}}}, []),
        ("{{variant.config}}", []),
        ({"a": "{{variant.a}}"}, []),
        ("text", ["config"]),
        ({"a": [1]}, ["config.a"]),
        ({"exim": {"a": {"b": [1]}}}, ["config.exim.a.b"]),
        ({"a": {"b": {"c": {"d": 1}}}}, ["config.a.b.c"]),
    ],
)
def test_what_may_be_written(config, wrong):
    report = ProblemList("x.yaml")
    check_config(report, config, "config", 1)
    assert [where for problem in report.problems for where in problem.where] == wrong
