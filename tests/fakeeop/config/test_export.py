"""Connectors exported from a real tenant load unchanged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakeeop.config.check import check_forest, check_tree
from fakeeop.config.loader import load_forest
from fakeeop.config.parameters.tables import INBOUND_CONNECTOR
from fakeeop.model import Forest, InboundConnector


@pytest.fixture
def exported(repository: Path) -> list[dict[str, Any]]:
    tree: list[dict[str, Any]] = json.loads((repository / "examples" / "exported-connectors.json").read_text("utf-8"))
    return tree


def connectors(forest: Forest | None) -> tuple[InboundConnector, ...]:
    assert forest is not None
    return forest.tenants[0].inbound_connectors


def seen(connector: InboundConnector) -> tuple[object, ...]:
    """What the decision core looks at."""
    return (
        connector.name,
        connector.connector_type,
        connector.sender_domains,
        connector.sender_ip_addresses,
        connector.tls_sender_certificate_name,
        connector.require_tls,
        connector.enabled,
    )


def tenant_of(inbound: object) -> dict[str, Any]:
    return {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"], "InboundConnectors": inbound}]}


def test_the_example_is_fine_and_complete(repository: Path, exported: list[dict[str, Any]]):
    forest, problems = check_forest(repository / "examples" / "exported.yaml")
    assert problems == ()
    by_address, by_certificate = connectors(forest)
    assert (by_address.name, by_address.require_tls) == ("SMTP Relay", False)
    assert [str(entry) for entry in by_address.sender_ip_addresses] == ["203.0.113.25"]
    assert [str(pattern) for pattern in by_address.sender_domains] == ["*"]
    assert by_address.tls_sender_certificate_name is None
    assert by_address.comment == ""
    assert by_certificate.cloud_services_mail_enabled is True
    assert by_certificate.connector_source == "HybridWizard"
    assert str(by_certificate.tls_sender_certificate_name) == "*.contoso.com"
    # facts connectors §1.4: the property set of Get-InboundConnector
    properties = {row.name for row in INBOUND_CONNECTOR.parameters} | {name for name, _ in INBOUND_CONNECTOR.ignored}
    assert set(exported[0]) <= properties


def test_pasted_under_the_tenant_it_is_the_same(repository: Path, exported: list[dict[str, Any]]):
    forest, problems = check_tree(tenant_of(exported))
    assert problems == ()
    from_file = load_forest(repository / "examples" / "exported.yaml")
    assert [*map(seen, connectors(forest))] == [*map(seen, connectors(from_file))]


def test_one_connector_alone_and_a_wrapped_list(exported: list[dict[str, Any]]):
    alone = connectors(check_tree(tenant_of(exported[0]))[0])
    wrapped = connectors(check_tree(tenant_of({"value": exported, "Count": 2}))[0])
    assert [connector.name for connector in alone] == [exported[0]["Name"]]
    assert [connector.name for connector in wrapped] == [connector["Name"] for connector in exported]


@pytest.mark.parametrize("listed", [
    ["smtp:*.a.example;1", "smtp:b.example;1"],
    "smtp:*.a.example;1 smtp:b.example;1",
    "smtp:*.a.example;1, smtp:b.example;1",
    "{smtp:*.a.example;1, smtp:b.example;1}",
    {"smtp:*.a.example;1": None, "smtp:b.example;1": None},
    {"value": ["smtp:*.a.example;1", "smtp:b.example;1"], "Count": 2},
    {"Count": 2, "Value": "smtp:*.a.example;1 smtp:b.example;1"},
    ["SMTP:*.A.Example;1,B.example"],
])  # fmt: skip
def test_every_form_of_a_list(exported: list[dict[str, Any]], listed: object):
    forest, _ = check_tree(tenant_of({**exported[0], "ConnectorType": "Partner", "SenderDomains": listed}))
    assert [str(pattern) for pattern in connectors(forest)[0].sender_domains] == ["*.a.example", "b.example"]


def test_a_property_that_microsoft_adds_is_only_advice(exported: list[dict[str, Any]]):
    forest, problems = check_tree(tenant_of({**exported[0], "NewThing": 1, "RequireTlz": False}))
    assert connectors(forest)
    assert [(problem.code, problem.severity) for problem in problems] == [("W-unknown-property", "warning")] * 2
    assert problems[1].fix == "did you mean RequireTls?"


def test_exported_accepted_domains_load_unchanged(tmp_path: Path, repository: Path):
    common = {
        "AddressBookEnabled": True,
        "AuthenticationType": "Managed",
        "OutboundOnly": False,
        "Guid": "x",
        "IsValid": True,
    }
    main = {
        **common,
        "Name": "contoso.com",
        "DomainName": "contoso.com",
        "DomainType": "Authoritative",
        "Default": True,
    }
    other = {
        **common,
        "Name": "Branch",
        "DomainName": "branch.example",
        "DomainType": "InternalRelay",
        "Default": False,
    }
    (tmp_path / "domains.json").write_text(json.dumps([main, other], indent=4), "utf-16")
    exported = (repository / "examples" / "exported-connectors.json").read_text("utf-8")
    (tmp_path / "connectors.json").write_text(exported.replace("\n", "\r\n"), "utf-16")
    files = {"AcceptedDomainsFile": "domains.json", "InboundConnectorsFile": "connectors.json"}
    (tmp_path / "tenant.json").write_text(json.dumps({"Tenants": [{"Name": "contoso", **files}]}))
    forest, problems = check_forest(tmp_path / "tenant.json")
    assert problems == ()
    assert len(connectors(forest)) == 2
    assert forest is not None
    domains = forest.tenants[0].accepted_domains
    assert [(domain.domain_name, domain.default) for domain in domains] == [
        ("contoso.com", True),
        ("branch.example", False),
    ]
