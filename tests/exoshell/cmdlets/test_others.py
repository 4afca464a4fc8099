"""Domains, organization, recipients, outbound connectors, session: by either backend where it may matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from exoshell.backends.opening import open_backend
from exoshell.powershell.errors import PsError
from exoshell.powershell.objects import secure_string
from exoshell.powershell.values import PsObject
from fakeeop.config.check import check_forest
from fakeeop.config.editor.changes import Put

OUT = {"Name": "Out", "RecipientDomains": ["partner.example"]}


def test_domains_are_listed_changed_and_removed(both):
    assert [(each["DomainName"], each["Default"]) for each in both("Get-AcceptedDomain")] == [
        ("contoso.com", True),
        ("contoso.onmicrosoft.com", False),
    ]
    both("Set-AcceptedDomain", Identity="contoso.onmicrosoft.com", DomainType="InternalRelay", MatchSubDomains=True)
    (found,) = both("Get-AcceptedDomain", Identity="CONTOSO.onmicrosoft.com")
    assert (found["DomainType"], found["MatchSubDomains"]) == ("InternalRelay", True)
    both("Set-AcceptedDomain", Identity="contoso.com")
    assert len(both.heard.warnings) == 1, "nothing was given"
    both("Set-AcceptedDomain", Identity="contoso.onmicrosoft.com", MakeDefault=True)
    assert [each["Default"] for each in both("Get-AcceptedDomain")] == [False, True]
    (made,) = both("New-AcceptedDomain", Name="Other", DomainName="other.example", DomainType="Authoritative")
    assert (made["Name"], made["DomainName"], made["Default"]) == ("Other", "other.example", False)
    both("Remove-AcceptedDomain", Identity="Other", confirm=False)
    assert len(both("Get-AcceptedDomain")) == 2


def test_a_domain_with_recipients_cannot_go(shell, tenant_file: Path):
    before = tenant_file.read_bytes()
    shell("Remove-AcceptedDomain", Identity="contoso.com", confirm=False)
    assert shell.error_ids == ["recipient-domain,Remove-AcceptedDomain"]
    assert tenant_file.read_bytes() == before


def test_switches_of_the_organization(both):
    assert both("Get-OrganizationConfig")[0]["RejectDirectSend"] is False
    both("Set-OrganizationConfig", RejectDirectSend=True)
    assert both("Get-OrganizationConfig")[0]["RejectDirectSend"] is True
    assert both("Get-TransportConfig")[0]["SmtpClientAuthenticationDisabled"] is True
    both("Set-TransportConfig", SmtpClientAuthenticationDisabled=False)
    assert both("Get-TransportConfig")[0]["SmtpClientAuthenticationDisabled"] is False
    both("Set-TransportConfig")
    assert len(both.heard.warnings) == 1


def test_a_mailbox_and_its_smtp_auth(both):
    (made,) = both("New-Mailbox", Name="Scan Ner", Password="s3cret")  # noqa: S106  the lab's
    assert made["PrimarySmtpAddress"] == "scan.ner@contoso.com"
    assert "s3cret" not in str(both("Get-Mailbox"))
    name = "SmtpClientAuthenticationDisabled"
    for value in (True, False, None):
        both("Set-CASMailbox", Identity="scan.ner@contoso.com", **{name: value})
        assert both("Get-CASMailbox", Identity="Scan Ner")[0][name] is value
    both("New-Mailbox", Name="x", PrimarySmtpAddress="SCAN.ner@contoso.com")
    assert both.error_ids == ["duplicate-mailbox,New-Mailbox"]


@pytest.mark.parametrize("password", ["p a ss", secure_string("p a ss")])
def test_the_password_of_a_mailbox_is_the_text_of_the_secure_string(shell, password):
    shell("New-Mailbox", Name="scan", Password=password)
    assert shell.backend.tenant()["Mailboxes"][0]["Password"] == "p a ss"  # noqa: S105  the lab's


@pytest.mark.parametrize("password", [PsObject.of({"Length": 3}), 7, "", secure_string("")])
def test_what_is_no_password_is_an_error(shell, password):
    assert shell("New-Mailbox", Name="scan", Password=password) == []
    assert shell.error_ids == ["Password,New-Mailbox"]
    assert "Mailboxes" not in shell.backend.tenant()


def test_a_recipient_gets_a_mailbox_entry_only_where_it_needs_one(shell, tenant_file: Path):
    shell("Set-CASMailbox", Identity="ann@contoso.com", SmtpClientAuthenticationDisabled=False)
    assert open_backend(str(tenant_file)).tenant()["Mailboxes"] == [
        {"PrimarySmtpAddress": "ann@contoso.com", "SmtpClientAuthenticationDisabled": False}
    ]
    assert len(shell("Get-Recipient")) == 2, "ann is not listed twice"
    shell("Remove-Mailbox", pipe=shell.objects("Get-Mailbox", Identity="ann@contoso.com"), confirm=False)
    assert [each["PrimarySmtpAddress"] for each in shell("Get-Recipient")] == ["bob@contoso.com"]


def test_contacts_are_addresses_that_exist(both):
    outside = "eve@fabrikam.example"
    both("New-MailContact", Name="Eve", ExternalEmailAddress=outside)
    assert both.error_ids == ["recipient-domain,New-MailContact"]
    (made,) = both("New-MailContact", Name="Eve", ExternalEmailAddress=outside, PrimarySmtpAddress="eve@contoso.com")
    assert made["RecipientTypeDetails"] == "MailContact"
    assert len(both("Get-Recipient")) == 3
    both("Remove-MailContact", Identity="eve@contoso.com", confirm=False)
    assert len(both("Get-Recipient")) == 2


def test_a_tenant_that_knows_every_address_is_not_given_a_list_by_mistake(shell):
    shell.backend.change(Put("Recipients", None))
    contact = {"Name": "Eve", "ExternalEmailAddress": "eve@contoso.com"}
    assert len(shell("New-MailContact", **contact)) == 1
    assert len(shell.heard.warnings) == 1
    assert "Recipients" not in shell.backend.tenant()
    shell("New-MailContact", **contact, BeginRecipients=True)
    assert shell.backend.tenant()["Recipients"] == ["eve@contoso.com"]


def test_outbound_connectors(both):
    (made,) = both("New-OutboundConnector", **OUT, UseMXRecord=False, SmartHosts=["mail.partner.example"])
    assert made["RecipientDomains"] == ["partner.example"]
    both("New-OutboundConnector", Name="out", RecipientDomains=["x.example"])
    assert both.error_ids == ["E14,New-OutboundConnector"]
    both("Set-OutboundConnector", Identity="Out", TlsDomain="mail.partner.example")
    assert both.error_ids == ["O2,Set-OutboundConnector"]
    both("Set-OutboundConnector", Identity="Out")
    assert len(both.heard.warnings) == 1, "nothing was given"
    results = both("Validate-OutboundConnector", Identity="Out", Recipients=["a@partner.example", "b@x.example"])
    assert [each["IsTaskSuccessful"] for each in results] == [True, False]
    assert both("Get-OutboundConnector")[0]["IsValidated"] is False
    both("Remove-OutboundConnector", Identity="Out", confirm=False)
    assert both("Get-OutboundConnector") == []


def test_connecting_says_that_it_does_nothing(shell, tenant_file: Path):
    assert shell("Connect-ExchangeOnline", UserPrincipalName="admin@contoso.com") == []
    assert shell.heard.warnings == [f"nothing to connect to: the cmdlets work on contoso in {tenant_file}"]
    (found,) = shell("Get-ConnectionInformation")
    assert (found["Organization"], found["ConnectionUri"]) == ("contoso", str(tenant_file))
    assert shell("Disconnect-ExchangeOnline", confirm=False) == []


def test_names_of_the_lab(both):
    (mx,) = both("Resolve-DnsName", Name="contoso.com", Type="MX")
    assert (mx["NameExchange"], mx["Preference"]) == ("contoso-com.mail.protection.outlook.com", 0)
    (address,) = both("Resolve-DnsName", Name=mx["NameExchange"])
    assert (address["Type"], address["IPAddress"]) == ("A", "127.0.0.1")
    assert both("Resolve-DnsName", Name="nowhere.example") == []
    assert both.error_ids == ["nxdomain,Resolve-DnsName"]


def test_a_file_has_no_message_trace(shell):
    assert shell("Get-MessageTraceV2") == []
    assert shell.error_ids == ["Server,Get-MessageTraceV2"]


@pytest.mark.parametrize("size", ["many", 0, -1, "", 1.5])
def test_a_result_size_that_is_none(shell, size):
    with pytest.raises(PsError, match="a number from 1, or unlimited"):
        shell("Get-InboundConnector", ResultSize=size)


def test_every_command_describes_itself(shell, tenant_file: Path):
    names = [each.name for each in shell.registry]
    assert len(names) == len(set(names)) >= 35
    for each in shell.registry:
        assert each.about.endswith("."), each.name
        assert each.family, each.name
        changing = each.name.split("-")[0] in ("New", "Set", "Remove", "Disconnect")
        assert each.supports_what_if is changing, each.name
    assert check_forest(tenant_file)[0] is not None
