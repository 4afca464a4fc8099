"""Which overlaps a change brought about: those that the advice has afterwards and had not before."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exoshell.cmdlets.overlaps import Overlaps
from fakeeop.config.check import check_tree

ADDRESSES = st.lists(
    st.sampled_from(["203.0.113.1", "203.0.113.0/24", "203.0.113.2/31", "198.51.100.1", "198.51.100.0/25"]),
    unique=True,
    max_size=2,
)
CONNECTORS = st.lists(
    st.fixed_dictionaries(
        {
            "Name": st.sampled_from("abcdef"),
            "ConnectorType": st.sampled_from(["OnPremises", "Partner", "partner", None]),
            "SenderDomains": st.just("*"),
            "TlsSenderCertificateName": st.just("contoso.com"),
            "SenderIPAddresses": ADDRESSES | st.just("203.0.113.1, 198.51.100.0/24"),
            "Enabled": st.booleans() | st.sampled_from([None, "$true", "False"]),
        }
    ),
    unique_by=lambda each: str(each["Name"]),
    max_size=5,
)


def whole(connectors: list[Any]) -> dict[str, Any]:
    tenant = {"Name": "contoso", "AcceptedDomains": ["contoso.com"], "InboundConnectors": connectors}
    return {"Tenants": [tenant, {"Name": "other", "AcceptedDomains": ["other.example"]}]}


def told(tree: dict[str, Any]) -> set[tuple[Any, str]]:
    _, problems = check_tree(tree)
    return {(each.where, each.message) for each in problems if each.code == "W-overlapping-ip"}


@given(CONNECTORS, CONNECTORS, st.booleans())
def test_what_the_advice_says_now_and_did_not_say_before(old: list[Any], new: list[Any], same: bool):
    overlaps = Overlaps()
    if same:  # as a tenant file has it: what stays is the same object
        new = [next((one for one in old if one == each), each) for each in new]
    before, after = whole(old), whole(new)
    found = {(each.where, each.message) for each in overlaps.brought_about(before, after, "contoso")}
    assert found == told(after) - told(before)
    assert overlaps.brought_about(after, after, "contoso") == []


def test_of_many_the_first_are_told_and_how_many_more_there_are():
    connector = {"ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.1"]}
    old = [{"Name": f"c{number}", **connector} for number in range(30)]
    found = Overlaps().brought_about(whole(old), whole([*old, {"Name": "new", **connector}]), "contoso")
    assert [each.message.partition("connector")[2] for each in found[:20]] == [f" 'c{number}'" for number in range(20)]
    assert [each.message for each in found[20:]] == ["and so do addresses of 10 connectors more"]
    assert {each.where for each in found} == {found[0].where}
