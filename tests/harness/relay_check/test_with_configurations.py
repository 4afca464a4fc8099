"""check-relay over whole configurations of real programs: the good ones pass, each broken one is told its setting."""

from __future__ import annotations

import os
import sys

import pytest

from harness.clients.base import Unavailable
from harness.clients.process import leftovers
from harness.clients.registry import status
from tests.harness.relay_check.configurations.table import MTAS, certificates, checked, configurations, wrong

EVERY = configurations()
WHOLE = {f"{mta}/good" for mta in MTAS} - {"exim/good"} | {"exim/good-strict"}  # with the whole suite
A_FEW = ("accepted", "certificates", "deferred-451")


@pytest.fixture(scope="module")
def folder():
    with certificates() as made:
        yield made


@pytest.mark.parametrize("configuration", EVERY, ids=[each.name for each in EVERY])
def test_each_is_told_what_is_wrong_with_it_and_nothing_else(configuration, folder):
    found = status(configuration.mta)
    if isinstance(found, Unavailable):
        pytest.skip(f"{configuration.mta} {found.reason}")
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip(f"{configuration.mta} needs root")
    cases = [each.case for each in configuration.expected]
    report = checked(configuration, folder, cases or (() if configuration.name in WHOLE else A_FEW))
    assert wrong(configuration, report) == []
    assert leftovers() == []


def test_there_are_enough_of_each_kind():
    good = {each.mta for each in EVERY if not each.expected}
    broken = {each.mta for each in EVERY if each.expected}
    assert good == broken == set(MTAS)
    assert len(EVERY) >= 30
    assert {each.name for each in EVERY} >= WHOLE
