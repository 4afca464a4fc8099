"""Two tenants, side by side."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from attrs import evolve

from exoshell.backends.opening import open_backend
from exoshell.twin.comparing import compare, load_side
from fakeeop.config.editor.changes import Add, Configure, Put, Remove, Update


def said(left: Any, right: Any) -> list[tuple[Any, ...]]:
    return [(each.kind, each.name, each.property or each.only) for each in compare(left, right)]


def test_a_tenant_is_no_different_from_itself_by_any_road(new_server: Any, tenant_file: Path):
    file = load_side(str(tenant_file))
    server = load_side(new_server(tenant_file)[1])
    assert compare(file, server) == []
    assert compare(file, evolve(file, place="x")) == []
    assert compare(load_side(str(tenant_file), "contoso.com"), file) == []


def test_forms_order_and_case_do_not_count(tmp_path: Path):
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(
        "Tenants: [{Name: a, AcceptedDomains: [a.example], InboundConnectors: [{Name: X, ConnectorType: Partner,"
        " SenderDomains: [b.example, '*.c.example'], SenderIPAddresses: '203.0.113.1, 203.0.113.2'}]}]\n"
    )
    other.write_text(
        "Tenants: [{Name: b, AcceptedDomains: [{DomainName: A.example, Default: $true}],"
        " InboundConnectors: [{name: x, ConnectorType: partner, Enabled: 'True', Comment: null,"
        " SenderDomains: ['smtp:*.C.example;1', b.example],"
        " SenderIPAddresses: [203.0.113.2, 203.0.113.1]}], OrganizationConfig: {RejectDirectSend: false}}]\n"
    )
    assert said(load_side(str(one)), load_side(str(other))) == []
    other.write_text(other.read_text().replace("203.0.113.1]", "203.0.113.3]").replace("Comment: null", "Comment: X"))
    assert said(load_side(str(one)), load_side(str(other))) == [
        ("inbound connector", "X", "Comment"),
        ("inbound connector", "X", "SenderIPAddresses"),
    ]


def test_what_means_nothing_here_does_not_count_nor_the_labs_own_beside_an_export(tmp_path: Path):
    exported, file = tmp_path / "tenant.json", tmp_path / "tenant.yaml"
    connector = {"Name": "X", "ConnectorType": "Partner", "SenderDomains": ["smtp:*;1"], "RequireTls": True}
    reserved = {"EFTestMode": True, "ScanAndDropRecipients": ["x"], "EFSkipMailGateway": ["y"]}
    domains = [{"DomainName": "a.example", "DomainType": "Authoritative", "Default": True}]
    exported.write_text(json.dumps({"AcceptedDomains": domains, "InboundConnectors": [{**connector, **reserved}]}))
    tree = {"Name": "lab", "AcceptedDomains": domains, "InboundConnectors": [connector]}
    lab = {"Region": "EUR", "InboundConnectorsRestricted": True, "MailEnabled": True}
    file.write_text(json.dumps({"Tenants": [{**tree, **lab}]}))
    left, right = load_side(str(file)), load_side(str(exported))
    assert (compare(left, right), compare(right, left)) == ([], [])
    file.write_text(json.dumps({"Tenants": [{**tree, "Recipients": ["ann@a.example"]}]}))
    assert said(load_side(str(file)), right) == [("tenant", "", "Recipients")]
    plain = tmp_path / "plain.yaml"
    plain.write_text(json.dumps({"Tenants": [tree]}))
    file.write_text(json.dumps({"Tenants": [{**tree, **lab}]}))
    assert [each[2] for each in said(load_side(str(file)), load_side(str(plain)))] == list(lab)


def test_every_kind_of_difference(tenant_file: Path, tmp_path: Path):
    copy = tmp_path / "copy.yaml"
    copy.write_bytes(tenant_file.read_bytes())
    open_backend(str(copy)).change(
        Update("InboundConnectors", "SMTP Relay", {"SenderIPAddresses": ["203.0.113.25"], "Comment": "x"}),
        Remove("InboundConnectors", "SMTP Relay (TLS)"),
        Add("OutboundConnectors", {"Name": "Out"}),
        Add("Mailboxes", {"PrimarySmtpAddress": "ann@contoso.com", "Password": "s3cret"}),
        Update("AcceptedDomains", "contoso.com", {"DomainType": "InternalRelay"}),
        Configure("OrganizationConfig", {"RejectDirectSend": True}),
        Put("Region", "EUR"),
    )
    assert sorted(said(load_side(str(tenant_file)), load_side(str(copy)))) == [
        ("OrganizationConfig", "", "RejectDirectSend"),
        ("accepted domain", "contoso.com", "DomainType"),
        ("inbound connector", "SMTP Relay", "Comment"),
        ("inbound connector", "SMTP Relay", "SenderIPAddresses"),
        ("inbound connector", "SMTP Relay (TLS)", "left"),
        ("mailbox", "ann@contoso.com", "right"),
        ("outbound connector", "Out", "right"),
        ("tenant", "", "Region"),
    ]


def test_an_export_is_a_side_too(tmp_path: Path, tenant_file: Path):
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"AcceptedDomains": [{"DomainName": "contoso.com", "DomainType": "Authoritative"}]}))
    found = said(load_side(str(path)), load_side(str(tenant_file)))
    assert ("accepted domain", "contoso.onmicrosoft.com", "right") in found
    whole = tmp_path / "tenant.json"
    whole.write_text(json.dumps({"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]}))
    assert compare(load_side(str(path)), load_side(str(whole))) == []
