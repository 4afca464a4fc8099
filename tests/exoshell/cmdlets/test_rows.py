"""Rows C140 to C160 as an administrator types them, on a tenant file and on a running server.

C155, C156, C157, C158 and C159 have tests of their own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exoshell.backends.base import Backend
from exoshell.backends.opening import open_backend
from exoshell.cmdlets import register
from exoshell.powershell.commands import Registry
from exoshell.powershell.formatting import shown_lines
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.streams import Recorder
from exoshell.powershell.values import PsObject
from fakeeop.errors import ConfigError

NEW = "New-InboundConnector -Name x -ConnectorType"
BY_IP = f"{NEW} OnPremises -SenderDomains * -SenderIPAddresses"
BY_NAME = f"{NEW} OnPremises -SenderDomains * -TlsSenderCertificateName"
SPACE = f"{NEW} OnPremises -SenderIPAddresses 198.51.100.7 -SenderDomains"
PARTNER = f"{NEW} Partner -SenderDomains partner.example"
BOTH = f"{PARTNER} -SenderIPAddresses 198.51.100.7 -TlsSenderCertificateName partner.example"
BY_ADDRESS, BY_CERTIFICATE = "-RestrictDomainsToIPAddresses", "-RestrictDomainsToCertificate"

# Row, a command that breaks one rule, its code, and the same command with that one thing right.
REFUSED = [
    ("C140", f"{NEW} OnPremises -SenderDomains *", "E2", f"{BY_IP} 198.51.100.7"),
    ("C141", f"{BY_NAME} contoso.com -RequireTls $false", "E3", f"{BY_NAME} contoso.com -RequireTls $true"),
    ("C142", f"{PARTNER} {BY_ADDRESS} $true", "E4", f"{PARTNER} {BY_ADDRESS} $true -SenderIPAddresses 198.51.100.7"),
    (
        "C143",
        f"{PARTNER} {BY_CERTIFICATE} $true",
        "E5",
        f"{PARTNER} {BY_CERTIFICATE} $true -TlsSenderCertificateName partner.example",
    ),
    ("C144", f"{BOTH} {BY_CERTIFICATE} $true {BY_ADDRESS}:$true", "E6", f"{BOTH} {BY_CERTIFICATE} $true"),
    ("C145", f"{BY_IP} 203.0.114.0/23", "E10", f"{BY_IP} 203.0.114.0/24"),
    ("C147", f"{BY_IP} 2001:db8::1", "E9", f"{BY_IP} 198.51.100.1"),
    ("C148", f"{BY_IP} 203.0.114.1-203.0.114.9", "E11", f"{BY_IP} 203.0.114.1,203.0.114.9"),
    ("C150", f"{SPACE} contoso.*.com", "E17", f"{SPACE} *.contoso.com"),
    ("C150", f"{SPACE} contoso.com,a.*.com".replace("OnPremises", "Partner"), "E17", f"{SPACE} contoso.com,*.a.com"),
    ("C151", f"{BY_NAME} mail.*.contoso.com", "E17", f"{BY_NAME} *.mail.contoso.com"),
    ("C151", f"{BY_NAME} *", "E17", f"{BY_NAME} *.contoso.com"),
    ("C152", f"{BY_IP} 198.51.100.7".replace("-Name x", "-Name 'smtp RELAY'"), "E14", f"{BY_IP} 198.51.100.7"),
    (
        "C153",
        f"{BY_IP} 198.51.100.7 -TreatMessagesAsInternal $true -CloudServicesMailEnabled $true",
        "E8",
        f"{BY_IP} 198.51.100.7 -TreatMessagesAsInternal $true -CloudServicesMailEnabled $false",
    ),
    ("C153", f"{PARTNER} -TreatMessagesAsInternal $true", "E8", f"{BY_IP} 198.51.100.7 -TreatMessagesAsInternal $true"),
    (
        "C154",
        f"{PARTNER} -CloudServicesMailEnabled $true",
        "E7",
        f"{BY_IP} 198.51.100.7 -CloudServicesMailEnabled $true",
    ),
    (
        "C160",
        f"{BY_IP} 198.51.100.7 -AssociatedAcceptedDomains notmine.example",
        "E16",
        f"{BY_IP} 198.51.100.7 -AssociatedAcceptedDomains Contoso.com",
    ),
]


class Typed:
    """A session on a backend: ``typed(line)`` gives the properties of what comes out."""

    def __init__(self, backend: Backend, *answers: bool) -> None:
        registry = Registry()
        register(registry, backend)
        self.backend = backend
        self.heard = Recorder(list(answers))
        self._session = Interpreter(registry, self.heard)

    def __call__(self, line: str) -> list[dict[str, Any]]:
        return [dict(each.properties.items()) for each in self.objects(line)]

    def objects(self, line: str) -> list[PsObject]:
        self.heard.errors.clear()
        self.heard.said.clear()
        found = self._session.run(line)
        assert all(isinstance(each, PsObject) for each in found), found
        return found

    def names(self) -> list[str]:
        return [each["Name"] for each in self.backend.tenant()["InboundConnectors"]]

    @property
    def error_ids(self) -> list[str]:
        return [each.error_id for each in self.heard.errors]

    @property
    def codes(self) -> list[str]:
        return [each.replace(",", " ").partition(" ")[0] for each in self.error_ids]


@pytest.fixture(params=["file", "server"])
def where(request: pytest.FixtureRequest, tenant_file: Path, new_server: Any) -> str:
    """The same tenant in both places."""
    return str(tenant_file) if request.param == "file" else new_server(tenant_file)[1]


@pytest.mark.parametrize(
    ("wrong", "code", "right"), [each[1:] for each in REFUSED], ids=[f"{row}-{code}" for row, _, code, _ in REFUSED]
)
def test_a_wrong_connector_is_an_error_and_nothing_changes(where, wrong, code, right):
    typed = Typed(open_backend(where))
    before = typed.backend.tenant()
    assert typed(wrong) == []
    assert typed.error_ids == [f"{code},New-InboundConnector"]
    assert typed.backend.tenant() == before
    (made,) = typed(right)
    assert (typed.heard.errors, typed.heard.said) == ([], [])
    assert typed("Get-InboundConnector x") == [made]
    assert typed.names() == ["SMTP Relay", "SMTP Relay (TLS)", "x"]


def test_every_problem_is_told_at_once(where):
    typed = Typed(open_backend(where))
    typed(f"{BY_IP} 203.0.113.0/23,2001:db8::1")
    (error,) = typed.heard.errors
    assert [line.partition(":")[0] for line in error.message.splitlines()] == ["E10", "E9"]


def test_e1_a_connector_without_sender_domains(where):
    typed = Typed(open_backend(where))
    typed(f"{NEW} OnPremises -SenderIPAddresses 198.51.100.7")
    (error,) = typed.heard.errors
    assert error.error_id == "MissingMandatoryParameter,New-InboundConnector"
    assert "SenderDomains" in error.message


@pytest.mark.parametrize(("row", "addresses"), [
    ("C146", ["203.0.114.0/24"]),
    ("C146", ["203.0.114.9/32"]),
    ("C146", ["203.0.114.0/24", "198.51.100.7/32", "192.168.0.1/25"]),
    ("C149", ["10.0.0.1"]),
])  # fmt: skip
def test_addresses_that_are_taken(where, row, addresses):
    typed = Typed(open_backend(where))
    (made,) = typed(f"{BY_IP} {','.join(addresses)}")
    assert made["SenderIPAddresses"] == addresses, row
    assert (typed.heard.errors, typed.heard.said) == ([], [])
    assert typed("Get-InboundConnector X")[0]["SenderIPAddresses"] == addresses


def test_row_c155_a_name_that_does_not_exist(where):
    typed = Typed(open_backend(where))
    assert typed("Get-InboundConnector -Identity DoesNotExist") == []
    assert typed.codes == ["E19"]
    typed("Get-InboundConnector DoesNotExist | Remove-InboundConnector -Confirm:$false")
    assert typed.codes == ["E19"]
    assert len(typed.names()) == 2


def test_row_c155_as_its_page_has_it(tenant_file, new_server):
    with tenant_file.open("a", encoding="utf-8") as file:
        file.write("Behaviour: {MissingIdentity: all}\n")
    for place in (str(tenant_file), new_server(tenant_file)[1]):
        typed = Typed(open_backend(place))
        found = typed("Get-InboundConnector -Identity DoesNotExist")
        assert [each["Name"] for each in found] == typed.names()
        assert typed.heard.errors == []


@pytest.mark.parametrize("line", [
    "Get-InboundConnector nope -ErrorAction Stop",
    "Set-InboundConnector nope -Comment x -ErrorAction Stop",
    "Get-AcceptedDomain nope.example -ErrorAction Stop",
    "$ErrorActionPreference = 'Stop'; Remove-InboundConnector nope -Confirm:$false",
])  # fmt: skip
@pytest.mark.parametrize("kind", [
    "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException",
    "System.Management.Automation.RemoteException",
    "System.Exception",
])  # fmt: skip
def test_e19_is_caught_by_its_class(tenant_file, line, kind):
    script = f"""
        try {{ {line} }}
        catch [System.IO.IOException] {{ New-AcceptedDomain wrong -DomainName wrong.example }}
        catch [{kind}] {{
            $name = $_.CategoryInfo.Reason, $_.CategoryInfo.Category, $_.TargetObject -join ' '
            if ($_.FullyQualifiedErrorId -match 'Cmdlet-ManagementObjectNotFoundException') {{
                New-AcceptedDomain $name -DomainName caught.example
            }}
        }}"""
    typed = Typed(open_backend(str(tenant_file)))
    (made,) = typed(script)
    assert made["Name"].startswith("ManagementObjectNotFoundException NotSpecified nope")
    assert typed.heard.errors == []


def test_row_c156_the_stored_form_of_a_sender_domain(where):
    typed = Typed(open_backend(where))
    typed(f"{NEW} Partner -SenderDomains 'contoso.com','smtp:*.partner.example;1'")
    found = typed("Get-InboundConnector x")[0]["SenderDomains"]
    assert found == ["smtp:contoso.com;1", "smtp:*.partner.example;1"]
    printed = "\n".join(shown_lines(typed.objects("Get-InboundConnector x"), 120))
    assert "{smtp:contoso.com;1, smtp:*.partner.example;1}" in printed
    typed("Set-InboundConnector x -SenderDomains b.example")
    assert typed("Get-InboundConnector x")[0]["SenderDomains"] == ["smtp:b.example;1"]


def test_row_c157_a_list_is_edited_in_place(where):
    typed = Typed(open_backend(where))
    typed('Set-InboundConnector "SMTP Relay" -SenderIPAddresses @{Add="203.0.113.11"; Remove="203.0.113.25"}')
    assert typed('Get-InboundConnector "SMTP Relay"')[0]["SenderIPAddresses"] == ["203.0.113.26", "203.0.113.11"]
    typed('Set-InboundConnector "SMTP Relay" -SenderIPAddresses 198.51.100.1')
    assert typed('Get-InboundConnector "SMTP Relay"')[0]["SenderIPAddresses"] == ["198.51.100.1"]


@pytest.mark.parametrize("address", ["203.0.113.25", "203.0.113.24/30", "203.0.113.0/24", "203.0.113.26/32"])
def test_row_c158_an_address_of_another_connector(where, address):
    typed = Typed(open_backend(where))
    assert len(typed(f"{BY_IP} 198.51.100.7,{address}")) == 1
    ((kind, text),) = typed.heard.said
    assert (kind, text.partition(":")[0]) == ("warning", "W-overlapping-ip")
    assert f"{address} overlaps 203.0.113.2" in text
    assert "of connector 'SMTP Relay'" in text
    (found,) = typed("Get-InboundConnector x")
    assert (found["Enabled"], found["SenderIPAddresses"]) == (True, ["198.51.100.7", address])
    assert typed.heard.said == []


def test_row_c159_remove_asks_unless_told_not_to(where):
    typed = Typed(open_backend(where), False, True)
    typed("Remove-InboundConnector 'SMTP Relay'")
    assert typed.names() == ["SMTP Relay", "SMTP Relay (TLS)"]
    typed("Remove-InboundConnector 'SMTP Relay' -WhatIf")
    assert [kind for kind, _ in typed.heard.said] == ["host"]
    typed("Remove-InboundConnector 'SMTP Relay'")
    assert typed.names() == ["SMTP Relay (TLS)"]
    typed("Remove-InboundConnector 'SMTP Relay (TLS)' -Confirm:$false")
    assert typed.names() == []


def test_without_anybody_to_ask_it_is_an_error_that_names_the_way_out(where):
    typed = Typed(open_backend(where))
    typed("Remove-InboundConnector 'SMTP Relay'")
    (error,) = typed.heard.errors
    assert "-Confirm:$false" in error.message
    assert len(typed.names()) == 2


def test_all_of_them_by_one_pipeline(where):
    typed = Typed(open_backend(where))
    typed("Get-InboundConnector | Set-InboundConnector -Comment 'seen'")
    assert [each["Comment"] for each in typed("Get-InboundConnector")] == ["seen"] * 2
    typed("'SMTP Relay', 'nobody' | Set-InboundConnector -Enabled $false")
    assert typed.codes == ["E19"]
    assert [each["Enabled"] for each in typed("Get-InboundConnector")] == [False, True]
    typed("Get-InboundConnector | Remove-InboundConnector -Confirm:$false")
    assert typed.names() == []


def test_an_empty_pipeline_does_nothing(where):
    typed = Typed(open_backend(where))
    for line in ("Remove-InboundConnector", "Set-InboundConnector -Comment x", "Get-InboundConnector"):
        assert typed(f"Get-OutboundConnector | {line}") == []
        assert typed.heard.errors == []
    assert len(typed.names()) == 2


def test_a_script_catches_what_a_cmdlet_refuses(where):
    typed = Typed(open_backend(where))
    caught = typed("try { Set-InboundConnector nobody -Comment x -ErrorAction Stop } catch { Get-OrganizationConfig }")
    assert len(caught) == 1
    assert typed.heard.errors == []


def test_several_tenants_are_never_guessed_among(tmp_path, new_server):
    path = tmp_path / "tenants.yaml"
    path.write_text("Tenants: [{Name: a, AcceptedDomains: [a.example]}, {Name: b, AcceptedDomains: [b.example]}]\n")
    for place in (str(path), new_server(path)[1]):
        with pytest.raises(ConfigError, match="--organization NAME, one of: a, b"):
            open_backend(place)
        Typed(open_backend(place, "b"))(f"{BY_IP} 198.51.100.7")
        assert "InboundConnectors" not in open_backend(place, "a").tenant()
        assert len(open_backend(place, "b").tenant()["InboundConnectors"]) == 1
