"""Connectors that fit what a header says of its client."""

from __future__ import annotations

import pytest

from fakeeop.config.loader import forest_from_tree
from fakeeop.reading.analysis import Verdict
from fakeeop.reading.analysis_connectors import fitting

GUID = "11111111-1111-1111-1111-111111111111"
FOREST = forest_from_tree(
    {
        "Tenants": [
            {
                "Name": "contoso",
                "TenantId": GUID,
                "AcceptedDomains": ["contoso.com"],
                "InboundConnectors": [
                    {"Name": "by address", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.0/24"]},
                    {
                        "Name": "by name",
                        "ConnectorType": "OnPremises",
                        "RequireTls": True,
                        "TlsSenderCertificateName": "*.contoso.com",
                    },
                    {
                        "Name": "off",
                        "ConnectorType": "Partner",
                        "Enabled": False,
                        "SenderDomains": ["fabrikam.example"],
                        "SenderIPAddresses": ["198.51.100.0/24"],
                    },
                ],
            }
        ]
    }
)


def said(**facts):
    verdict = Verdict("relay", True, (), **facts)
    return [each.text for each in fitting(verdict, FOREST)]


@pytest.mark.parametrize(("facts", "texts"), [
    ({"address": "203.0.113.25"}, ["'by address' of contoso (OnPremises) lists the address 203.0.113.25"]),
    ({"address": "198.51.100.9"}, ["'off' of contoso (Partner) lists the address 198.51.100.9, but it is not enabled"]),
    ({"address": "192.0.2.1", "helo": "a.contoso.com"}, ["none lists 192.0.2.1 or has a name that fits a.contoso.com"]),
    ({}, ["none lists the address or has a name that fits the client"]),
    ({"address": "[IP]", "helo": "[127.0.0.1]"}, ["none lists [IP] or has a name that fits [127.0.0.1]"]),
])  # fmt: skip
def test_by_address(facts, texts):
    assert said(**facts) == texts


def test_the_name_of_ehlo_is_a_hint():
    (text,) = said(address="192.0.2.1", helo="MAIL.contoso.com", tls="TLS1.3 TLS_AES_256_GCM_SHA384")
    assert text.startswith("'by name' of contoso (OnPremises) has the name that the client said in EHLO")
    assert "is not in the header" in text


def test_the_tenant_by_its_id():
    assert said(tenant=GUID)[0] == "it is contoso of the tenant file"


@pytest.mark.parametrize(("kind", "behaviour", "doubted"), [
    ("OnPremises", {}, False), ("OnPremises", {"on_premises_require_tls": "enforced"}, True), ("Partner", {}, True),
])  # fmt: skip
def test_a_connector_that_requires_tls(kind, behaviour, doubted):
    connector = {"Name": "x", "ConnectorType": kind, "RequireTls": True, "SenderIPAddresses": ["203.0.113.25"]}
    connector["SenderDomains"] = ["*"]
    tenant = {"Name": "c", "AcceptedDomains": ["contoso.com"], "InboundConnectors": [connector]}
    forest = forest_from_tree({"Behaviour": behaviour, "Tenants": [tenant]})
    (found,) = fitting(Verdict("relay", True, (), address="203.0.113.25"), forest)
    assert found.text.endswith(", but it requires TLS") is doubted
    (found,) = fitting(Verdict("relay", True, (), address="203.0.113.25", tls="TLS1.3 x"), forest)
    assert found.text.endswith("lists the address 203.0.113.25")
