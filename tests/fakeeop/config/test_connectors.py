"""Rules E1 to E18, row by row, as ``New-InboundConnector`` would meet them (facts connectors §1.3, §6.6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.loader import forest_from_tree
from fakeeop.errors import ConfigError

PARTNER = {"ConnectorType": "Partner", "SenderDomains": "bank.example"}


@pytest.mark.parametrize(("row", "parameters", "codes"), [
    ("C141", {"TlsSenderCertificateName": "contoso.com", "RequireTls": False}, ["E3"]),
    ("C142", {**PARTNER, "SenderIPAddresses": [], "RestrictDomainsToIPAddresses": True}, ["E4"]),
    ("C143", {**PARTNER, "RestrictDomainsToCertificate": True}, ["E5"]),
    ("C144", {**PARTNER, "TlsSenderCertificateName": "a.example", "SenderIPAddresses": "203.0.113.1",
              "RestrictDomainsToCertificate": True, "RestrictDomainsToIPAddresses": True}, ["E6"]),
    ("C145", {"SenderIPAddresses": "203.0.113.0/23"}, ["E10"]),
    ("C147", {"SenderIPAddresses": "2001:db8::1"}, ["E9"]),
    ("C147", {"SenderIPAddresses": "2001:db8::/32"}, ["E9"]),
    ("C148", {"SenderIPAddresses": "203.0.113.1-203.0.113.9"}, ["E11"]),
    ("C150", {"SenderDomains": "contoso.*.com"}, ["E17"]),
    ("C151", {"TlsSenderCertificateName": "mail.*.contoso.com"}, ["E17"]),
    ("C151", {"TlsSenderCertificateName": "*"}, ["E17"]),
    ("C153", {"TreatMessagesAsInternal": True, "CloudServicesMailEnabled": True}, ["E8"]),
    ("C153", {**PARTNER, "TreatMessagesAsInternal": True}, ["E8"]),
    ("C154", {**PARTNER, "CloudServicesMailEnabled": True}, ["E7"]),
    ("C160", {"AssociatedAcceptedDomains": "notmine.com"}, ["E16"]),
])  # fmt: skip
def test_what_the_cmdlet_refuses(new_inbound_connector: Any, row: str, parameters: dict[str, Any], codes: list[str]):
    assert new_inbound_connector.codes(**parameters) == codes, row


@pytest.mark.parametrize(("row", "parameters"), [
    ("C146", {"SenderIPAddresses": ["203.0.113.0/24", "203.0.113.1/32"]}),
    ("C149", {"SenderIPAddresses": "10.0.0.1"}),
    ("C156", {**PARTNER, "SenderDomains": "smtp:contoso.com;1"}),
    ("E18", {"RestrictDomainsToIPAddresses": True}),
    ("E18", {"TlsSenderCertificateName": "contoso.com", "RestrictDomainsToCertificate": True}),
    ("E8", {"TreatMessagesAsInternal": True}),
    ("E7", {"CloudServicesMailEnabled": "$true"}),
    ("by address, clear text", {"RequireTls": False}),
    ("Partner by domain", {**PARTNER, "SenderIPAddresses": None}),
    ("switches and reserved ones", {"Confirm": False, "WhatIf": True, "EFTestMode": 1, "EFSkipMailGateway": "x"}),
    ("nothing given twice", {"SenderIPAddresses": "203.0.113.1, 203.0.113.1", "Comment": None}),
])  # fmt: skip
def test_what_the_cmdlet_takes(new_inbound_connector: Any, row: str, parameters: dict[str, Any]):
    assert new_inbound_connector(**parameters).name == "x", row


def test_one_broken_field_is_told_once(new_inbound_connector: Any):
    """Rules over several fields stay silent about a field that is wrong in itself."""
    codes = new_inbound_connector.codes
    assert codes(SenderIPAddresses="::1") == ["E9"]  # not E2 as well
    assert codes(**PARTNER, SenderIPAddresses="::1", RestrictDomainsToIPAddresses=True) == ["E9"]
    assert codes(**PARTNER, TlsSenderCertificateName="*", RestrictDomainsToCertificate=True) == ["E17"]
    assert codes(ConnectorType="Both", TreatMessagesAsInternal=True) == ["bad-value"]
    assert codes(ConnectorType="Partner", SenderDomains="a.*.example") == ["E17"]
    assert codes(TlsSenderCertificateName="contoso.com", RequireTls="yes") == ["wrong-type"]
    assert codes(domains=["-"], AssociatedAcceptedDomains="contoso.com") == ["not-a-domain"]


@given(
    first=st.tuples(*[st.integers(0, 255)] * 4),
    length=st.integers(0, 40),
)
def test_a_cidr_is_taken_exactly_from_24_to_32(first: tuple[int, ...], length: int):
    entry = f"{'.'.join(map(str, first))}/{length}"
    connector = {"Name": "x", "ConnectorType": "OnPremises", "SenderIPAddresses": entry}
    tree = {"Tenants": [{"Name": "contoso", "InboundConnectors": [connector]}]}
    if 24 <= length <= 32:
        (taken,) = forest_from_tree(tree).tenants[0].inbound_connectors[0].sender_ip_addresses
        assert str(taken) == entry
        assert taken.network.prefixlen == length
        return
    with pytest.raises(ConfigError) as caught:
        forest_from_tree(tree)
    assert [problem.code for problem in caught.value.problems] == ["E10" if length < 24 else "not-an-address"]


@pytest.mark.parametrize(("entry", "fix"), [
    ("203.0.113.0-203.0.113.255", "write 203.0.113.0/24"),
    ("203.0.113.7-203.0.113.8", "write 203.0.113.7, 203.0.113.8"),
    ("203.0.113.9-203.0.113.9", "write 203.0.113.9"),
    ("203.0.0.0-203.0.255.255", "write the addresses one by one, or as CIDR /24 to /32"),
    ("203.0.113.9-203.0.113.1", "write the addresses one by one, or as CIDR /24 to /32"),
    ("::1-::2", "write the addresses one by one, or as CIDR /24 to /32"),
])  # fmt: skip
def test_a_range_is_refused_with_what_to_write_instead(entry: str, fix: str):
    connector = {"Name": "x", "ConnectorType": "OnPremises", "SenderIPAddresses": [entry]}
    with pytest.raises(ConfigError) as caught:
        forest_from_tree({"Tenants": [{"Name": "contoso", "InboundConnectors": [connector]}]})
    (problem,) = caught.value.problems
    assert (problem.code, problem.fix) == ("E11", fix)


@pytest.mark.parametrize("entry", ["192.0.2.9-192.0.2.1", "192.0.2.1-2001:db8::1", "gateway", "192.0.2.0/33", "-"])
def test_what_enhanced_filtering_cannot_skip(new_inbound_connector: Any, entry: str):
    assert new_inbound_connector.codes(EFSkipIPs=["192.0.2.1-192.0.2.9", "2001:db8::/32", entry]) == ["not-an-address"]
