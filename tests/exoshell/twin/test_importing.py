"""Exports of a real tenant in three shapes, and the tenant file that comes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.twin.importing import import_tenant, tenant_text
from exoshell.twin.shapes import read_objects
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError

CONNECTOR = {
    "RunspaceId": "5c5ea6ab-0d4a-4a50-9b2f-6a3cf3f6a9a1",
    "Enabled": True,
    "ConnectorType": "OnPremises",
    "ConnectorSource": "HybridWizard",
    "Comment": "",
    "SenderIPAddresses": [],
    "SenderDomains": ["smtp:*;1"],
    "RequireTls": True,
    "CloudServicesMailEnabled": True,
    "TlsSenderCertificateName": "*.contoso.com",
    "EFTestMode": False,
    "EFSkipMailGateway": ["x"],
    "Name": "Inbound from 4f8b",
    "Guid": "0e2b8d6c-3f7a-4f21-8c77-1f6d0a5b9c11",
    "WhenCreated": "/Date(1718000000000)/",
    "IsValid": True,
    "Tomorrow": "unheard of",
}
DOMAINS = [
    {"Name": "contoso.com", "DomainName": "contoso.com", "DomainType": "InternalRelay", "Default": True},
    {"DomainName": "contoso.onmicrosoft.com", "DomainType": "Authoritative", "MatchSubDomains": False},
]
EXPECTED = {
    "Name": "Inbound from 4f8b",
    "ConnectorType": "OnPremises",
    "SenderDomains": ["*"],
    "TlsSenderCertificateName": "*.contoso.com",
    "RequireTls": True,
    "CloudServicesMailEnabled": True,
    "ConnectorSource": "HybridWizard",
}
CSV = (
    '#TYPE Deserialized.Microsoft.Exchange\r\n"Name";"ConnectorType";"SenderDomains";"SenderIPAddresses";"Enabled"\r\n'
    '"A; B";"Partner";"smtp:a.example;1 smtp:*.b.example;1";"203.0.113.1, 203.0.113.0/28";"False"\r\n'
)
CLIXML = """<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">
  <Obj RefId="0"><TN RefId="0"><T>Deserialized.TenantInboundConnector</T><T>System.Object</T></TN>
    <ToString>x</ToString><Props>
      <S N="Name">From_x005F_x0041_ &amp; to</S><B N="Enabled">true</B>
      <Obj N="ConnectorType" RefId="1"><TN RefId="1"><T>TenantConnectorType</T></TN>
        <ToString>OnPremises</ToString><I32>1</I32></Obj>
      <Obj N="SenderDomains" RefId="2"><TN RefId="2"><T>MultiValuedProperty</T></TN><LST><S>smtp:*;1</S></LST></Obj>
      <Obj N="SenderIPAddresses" RefId="3"><TNRef RefId="2"/>
        <LST><Obj RefId="4"><TN RefId="3"><T>IPRange</T></TN><ToString>203.0.113.9</ToString>
          <Props><S N="Lower">x</S></Props></Obj><S>203.0.113.10</S></LST></Obj>
      <Nil N="TlsSenderCertificateName"/><B N="RequireTls">false</B><I32 N="Cost">1</I32>
      <DT N="WhenCreated">2026-01-01T00:00:00Z</DT></Props></Obj>
</Objs>
"""


def test_json_of_the_script(tmp_path: Path):
    path = tmp_path / "exchange-tenant.json"
    tree = {
        "AcceptedDomains": DOMAINS,
        "InboundConnectors": {"value": [CONNECTOR], "Count": 1},
        "OutboundConnectors": [],
        "OrganizationConfig": {"Name": "contoso.onmicrosoft.com", "RejectDirectSend": True},
        "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
        "Recipients": [
            {"PrimarySmtpAddress": "Ann@contoso.com", "EmailAddresses": ["SMTP:Ann@contoso.com", "smtp:a@contoso.com"]},
            {"PrimarySmtpAddress": "x@elsewhere.example", "EmailAddresses": None},
        ],
        "CASMailboxes": [{"PrimarySmtpAddress": "ann@contoso.com", "SmtpClientAuthenticationDisabled": False}],
    }
    path.write_text(json.dumps(tree), encoding="utf-16")
    twin = import_tenant(path)
    assert twin.problems == ()
    assert twin.tenant == {
        "Name": "contoso",
        "AcceptedDomains": [
            {"DomainName": "contoso.com", "DomainType": "InternalRelay", "Default": True},
            "contoso.onmicrosoft.com",
        ],
        "InboundConnectors": [EXPECTED],
        "Recipients": ["ann@contoso.com", "a@contoso.com"],
        "Mailboxes": [{"PrimarySmtpAddress": "ann@contoso.com", "SmtpClientAuthenticationDisabled": False}],
        "OrganizationConfig": {"RejectDirectSend": True},
        "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
    }
    assert twin.unknown == ["InboundConnectors, Inbound from 4f8b: Tomorrow is 'unheard of'"]
    assert twin.left_out == [
        "InboundConnectors, Inbound from 4f8b: EFSkipMailGateway is ['x'], which means nothing here",
        "Recipients: 1 addresses outside the accepted domains",
    ]
    assert load_marked(tenant_text(twin, "x"), "x") == {"Tenants": [twin.tenant]}


def test_a_folder_of_csv_and_clixml(tmp_path: Path):
    (tmp_path / "Get-AcceptedDomain.json").write_text(json.dumps(DOMAINS))
    (tmp_path / "1.csv").write_text(CSV, encoding="utf-8-sig")
    (tmp_path / "2.xml").write_text(CLIXML, encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not looked at")
    twin = import_tenant(tmp_path, "mine")
    assert twin.tenant["Name"] == "mine"
    assert twin.tenant["InboundConnectors"] == [
        {
            "Name": "A; B",
            "ConnectorType": "Partner",
            "Enabled": False,
            "SenderDomains": ["a.example", "*.b.example"],
            "SenderIPAddresses": ["203.0.113.1", "203.0.113.0/28"],
        },
        {
            "Name": "From_x0041_ & to",
            "ConnectorType": "OnPremises",
            "SenderDomains": ["*"],
            "SenderIPAddresses": ["203.0.113.9", "203.0.113.10"],
            "RequireTls": False,
        },
    ]
    assert twin.unknown == ["InboundConnectors, From_x0041_ & to: Cost is 1"]
    assert twin.problems == ()


def test_a_tenant_that_breaks_our_rules_is_imported_and_the_rule_is_told(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"Name": "x", "ConnectorType": 1, "SenderDomains": ["smtp:*;1"]}]))
    twin = import_tenant(path)
    assert twin.tenant["InboundConnectors"] == [{"Name": "x", "ConnectorType": 1, "SenderDomains": ["*"]}]
    assert [each.code for each in twin.problems] == ["enum-number"]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.csv", '"Name","SenderDomains"\n"x","System.Collections.ArrayList"\n', ":2: .*lost the list"),
        ("a.csv", '"Name","SenderDomains"\n"x"\n', ":2: .*fewer fields"),
        ("a.xml", "<!DOCTYPE a><a/>", "document type"),
        ("a.xml", "<a>", "is not XML"),
        ("a.xml", "<a/>", "not of Export-Clixml"),
        ("a.xml", CLIXML.replace("<Nil", f"<Obj N='X'>{'<LST><Obj>' * 2000}{'</Obj></LST>' * 2000}</Obj><Nil"), "deep"),
        ("a.xml", CLIXML.replace("</Objs>", "<S>x</S></Objs>"), "'x' stands where an object should"),
        ("a.json", json.dumps([*DOMAINS, "x"]), "'x' stands where an object should"),
        ("a.json", json.dumps({"AcceptedDomains": ["contoso.com"]}), "'contoso.com' stands where an object should"),
        ("a.json", json.dumps([{"RejectDirectSend": True}, {"RejectDirectSend": False}]), "say different things"),
        ("a.json", "[]", "neither accepted domains nor inbound connectors"),
        ("a.json", '{"Name": 1', "a.json"),
        ("a.txt", "Name : x", "neither JSON, CSV nor CLIXML"),
    ],
)  # fmt: skip
def test_what_is_no_export(tmp_path: Path, name: str, text: str, says: str):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError, match=says):
        import_tenant(path)


def test_a_lost_list_that_nobody_reads_is_no_error(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text(
        '"DomainName","DomainType","ObjectClass","Odd"\n"contoso.com","Authoritative","System.Object[]","System.Object[]"\n'
    )
    twin = import_tenant(path)
    assert twin.tenant["AcceptedDomains"] == ["contoso.com"]
    assert twin.unknown == ["AcceptedDomains, contoso.com: Odd is System.Object[]"]


def test_an_empty_folder_and_no_file(tmp_path: Path):
    with pytest.raises(ConfigError, match="no file ends in"):
        import_tenant(tmp_path)
    with pytest.raises(ConfigError, match="cannot be read"):
        import_tenant(tmp_path / "nothing.json")


def test_what_is_of_no_known_kind_is_told(tmp_path: Path):
    path = tmp_path / "all.json"
    path.write_text(json.dumps([*DOMAINS, {"A": 1, "B": 2}]))
    (line,) = import_tenant(path).unknown
    assert "an object with A, B" in line


def test_what_stands_beside_the_objects_is_told(tmp_path: Path):
    path = tmp_path / "all.json"
    path.write_text(json.dumps({"CollectedOn": "today", "AcceptedDomains": DOMAINS}))
    twin = import_tenant(path)
    assert len(twin.tenant["AcceptedDomains"]) == 2
    (line,) = twin.unknown
    assert "an object with CollectedOn" in line


def test_false_and_zero_of_unknown_properties_are_told(tmp_path: Path):
    path = tmp_path / "all.json"
    path.write_text(json.dumps([{**DOMAINS[0], "NewFlag": False, "NewNumber": 0, "NewText": "", "NewNull": None}]))
    assert import_tenant(path).unknown == [
        "AcceptedDomains, contoso.com: NewFlag is False",
        "AcceptedDomains, contoso.com: NewNumber is 0",
    ]


def test_what_is_not_read_of_settings_and_of_the_directory_is_told_in_a_line_each(tmp_path: Path):
    path = tmp_path / "all.json"
    ann: dict[str, Any] = {
        "PrimarySmtpAddress": "ann@contoso.com",
        "EmailAddresses": ["SMTP:ann@contoso.com", "SIP:ann@contoso.com", "X500:/o=x"],
        "UserPrincipalName": "upn@contoso.com",
        "Guid": "1",
    }
    tree = {
        "AcceptedDomains": DOMAINS,
        "OrganizationConfig": {"Name": "contoso", "RejectDirectSend": True, "Foo": 1, "Bar": False},
        "Mailboxes": [ann, ann],
        "CASMailboxes": [{"PrimarySmtpAddress": "ann@contoso.com", "ImapEnabled": True}],
    }
    path.write_text(json.dumps(tree))
    twin = import_tenant(path)
    assert twin.tenant["OrganizationConfig"] == {"RejectDirectSend": True}
    assert twin.unknown == []
    assert twin.left_out == [
        "Recipients: properties that are not read: UserPrincipalName",
        "Recipients: 4 addresses of other kinds than smtp (SIP, X500, ...)",
        "CASMailboxes: properties that are not read: ImapEnabled",
        "OrganizationConfig: settings that are not known here: Foo, Bar",
    ]


def test_characters_that_clixml_writes_in_two_halves(tmp_path: Path):
    path = tmp_path / "all.xml"
    path.write_text(CLIXML.replace('<S N="Name">From', '<S N="Name">_xD83D__xDE00_ _xD83D_'), "utf-8")
    twin = import_tenant(path)
    (connector,) = twin.tenant["InboundConnectors"]
    assert connector["Name"].startswith("\U0001f600 \ufffd")
    assert load_marked(tenant_text(twin, "x"), "x") == {"Tenants": [twin.tenant]}


def test_a_number_of_clixml_that_is_none_stays_text(tmp_path: Path):
    path = tmp_path / "all.xml"
    path.write_text(CLIXML.replace('<I32 N="Cost">1<', '<I32 N="Cost">one<'), "utf-8")
    assert import_tenant(path).unknown == ["InboundConnectors, From_x0041_ & to: Cost is 'one'"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damaged")


@given(
    st.sampled_from([("a.csv", CSV), ("a.xml", CLIXML), ("a.json", json.dumps([CONNECTOR, *DOMAINS]))]),
    st.integers(0, 1500),
    st.integers(0, 40),
    st.text(st.sampled_from("<>/{}[],;\"'x0_ \r\n\x00"), max_size=4),
)
def test_a_damaged_export_is_read_or_refused(place: Path, whole: tuple[str, str], at: int, cut: int, instead: str):
    name, text = whole
    at %= len(text)
    path = place / name
    path.write_text(text[:at] + instead + text[at + cut :], "utf-8", newline="")
    try:
        objects = read_objects(path)
    except ConfigError as why:
        assert all(name in str(each) for each in why.problems)  # noqa: PT017  either is right
    else:
        assert all(isinstance(properties, dict) for _, properties in objects)
