from __future__ import annotations

from datetime import date

import pytest

from fakeeop.config.dated import dated_tree
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError
from fakeeop.model import Behaviour

TENANTS = [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]


def test_a_day_sets_the_defaults_of_the_knobs():
    forest = forest_from_tree({"Tenants": TENANTS, "AsOf": "2019-06-01"})
    assert forest.as_of == date(2019, 6, 1)
    assert forest.behaviour.suffix_form == "box"


def test_what_the_file_says_wins():
    tree = {"Tenants": TENANTS, "asof": "2019-06-01", "Behaviour": {"SuffixForm": "full", "MinimumTls": 1.2}}
    behaviour = forest_from_tree(tree).behaviour
    assert (behaviour.suffix_form, behaviour.minimum_tls, behaviour.box_names) == ("full", "1.2", "ft")


def test_the_day_counts_for_what_is_worked_out_on_reading():
    partner = {"Name": "p", "ConnectorType": "Partner", "SenderDomains": ["*"]}
    tenant = {**TENANTS[0], "InboundConnectors": [partner]}
    for day, required in (("2021-09-14", False), ("2021-09-15", True)):
        forest = forest_from_tree({"Tenants": [tenant], "AsOf": day})
        assert forest.tenants[0].inbound_connectors[0].require_tls is required


def test_without_a_day_it_is_today():
    forest = forest_from_tree({"Tenants": TENANTS})
    assert forest.as_of is None
    assert forest.behaviour == Behaviour()


@pytest.mark.parametrize("day", ["2019", "yesterday", "2019-02-30"])
def test_a_day_that_is_none_is_told_with_its_line(day):
    tree = load_marked(f"Tenants: [{{Name: contoso}}]\nAsOf: {day}\n", "t.yaml")
    with pytest.raises(ConfigError) as caught:
        forest_from_tree(tree, "t.yaml")
    (problem,) = caught.value.problems
    assert (problem.code, problem.line) == ("wrong-type" if day == "2019" else "bad-value", 2)
    assert problem.fix


def test_another_day_takes_the_place_of_the_files():
    tree = {"Tenants": TENANTS, "asOf": "2019-06-01"}
    assert dated_tree(tree, "2023-10-01") == {"Tenants": TENANTS, "AsOf": "2023-10-01"}
    assert tree["asOf"] == "2019-06-01"
    assert dated_tree(tree, None) is tree
    assert dated_tree([1], "2023-10-01") == [1]
    marked = dated_tree(load_marked("Tenants: []\n"), date(2023, 10, 1))
    assert (marked["AsOf"], marked.lines["Tenants"]) == ("2023-10-01", 1)
