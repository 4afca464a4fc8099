"""The cmdlets of inbound connectors; what the rows C140 to C160 say is in ``test_rows.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from exoshell.powershell.errors import PsError
from exoshell.powershell.values import PsObject
from fakeeop.config.editor.changes import Put

ON_PREMISES = {"Name": "x", "ConnectorType": "OnPremises", "SenderDomains": ["*"]}
PARTNER = {"Name": "x", "ConnectorType": "Partner", "SenderDomains": ["partner.example"]}
BY_IP = {**ON_PREMISES, "SenderIPAddresses": ["198.51.100.7"]}

PROPERTIES = """
RunspaceId Enabled ConnectorType ConnectorSource Comment SenderIPAddresses SenderDomains TrustedOrganizations
ClientHostNames AssociatedAcceptedDomains RequireTls RestrictDomainsToIPAddresses RestrictDomainsToCertificate
CloudServicesMailEnabled TreatMessagesAsInternal TlsSenderCertificateName EFTestMode ScanAndDropRecipients EFSkipLastIP
EFSkipIPs EFSkipMailGateway EFUsers DetectSenderIPBySkippingLastIP DetectSenderIPBySkippingTheseIPs
DetectSenderIPBySkippingTheseProviders DetectSenderIPRecipientList AdminDisplayName ExchangeVersion Name
DistinguishedName Identity Guid ObjectCategory ObjectClass WhenChanged WhenCreated WhenChangedUTC WhenCreatedUTC
OrganizationId Id OriginatingServer IsValid ObjectState
"""


@pytest.mark.parametrize("addresses", [["203.0.114.0/24", "203.0.115.9/32"], ["10.0.0.1"], ["192.168.0.1/25"]])
def test_addresses_stay_as_they_were_written(both, addresses):
    (made,) = both("New-InboundConnector", **ON_PREMISES, SenderIPAddresses=addresses)
    assert made["SenderIPAddresses"] == addresses
    assert both.heard.errors == []
    (found,) = both("Get-InboundConnector", Identity="X")
    assert found["SenderIPAddresses"] == addresses


def test_the_file_stays_as_it_was_where_the_cmdlet_refuses(shell, tenant_file):
    before = tenant_file.read_bytes()
    assert shell("New-InboundConnector", **{**BY_IP, "SenderIPAddresses": ["203.0.113.0/23"]}) == []
    assert tenant_file.read_bytes() == before


def test_the_error_of_what_is_not_there_has_the_services_words(shell):
    shell("Set-InboundConnector", Identity="DoesNotExist", Comment="x")
    (error,) = shell.heard.errors
    assert error.message == (
        "The operation couldn't be performed because object 'DoesNotExist' couldn't be found on 'contoso'."
    )
    task = "Microsoft.Exchange.Management.SystemConfigurationTasks.SetInboundConnector"
    assert error.error_id == f"E19 [FailureCategory=Cmdlet-ManagementObjectNotFoundException],{task}"
    assert error.category == "NotSpecified"


def test_an_address_space_is_removed_by_any_of_its_forms(shell):
    shell("New-InboundConnector", **{**PARTNER, "SenderDomains": ["a.example", "smtp:b.example;1"]})
    shell("Set-InboundConnector", Identity="x", SenderDomains={"Remove": ["smtp:A.example;1"], "Add": ["b.example"]})
    (found,) = shell("Get-InboundConnector", Identity="x")
    assert found["SenderDomains"] == ["smtp:b.example;1"]


def test_a_warning_is_told_once(both):
    both("New-InboundConnector", **ON_PREMISES, SenderIPAddresses=["203.0.113.24/30"])
    assert len(both.heard.warnings) == 1
    both("Set-InboundConnector", Identity="x", Comment="hello")
    assert both.heard.warnings == []


def test_what_if_and_confirm_in_the_shells_words(shell):
    shell("Remove-InboundConnector", Identity="SMTP Relay", what_if=True)
    assert shell.heard.said == ['What if: Performing the operation "Remove-InboundConnector" on target "SMTP Relay".\n']
    shell("Remove-InboundConnector", Identity="SMTP Relay", answer=False)
    assert len(shell.heard.questions) == 1
    shell("Remove-InboundConnector", Identity="SMTP Relay", confirm=False)
    assert shell.heard.questions == []


@pytest.mark.parametrize("name", [
    *("Get-InboundConnector", "Set-InboundConnector", "Remove-InboundConnector", "Get-OutboundConnector"),
    *("Set-OutboundConnector", "Remove-OutboundConnector", "Get-AcceptedDomain", "Set-AcceptedDomain"),
    *("Remove-AcceptedDomain", "Get-Recipient", "Get-Mailbox", "Set-CASMailbox", "Remove-Mailbox"),
])  # fmt: skip
def test_an_object_that_is_not_there_is_e19(shell, name):
    given = {"SmtpClientAuthenticationDisabled": True} if name == "Set-CASMailbox" else {}
    assert shell(name, Identity="nobody", **given) == []
    (error,) = shell.heard.errors
    assert error.error_id.startswith("E19 [FailureCategory=Cmdlet-ManagementObjectNotFoundException],")
    assert error.error_id.endswith(f"Tasks.{name.replace('-', '')}")
    assert error.catches[0] == "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"


def test_null_and_an_empty_pipeline_never_mean_everything(shell):
    for empty in (None, ""):
        assert len(shell("Get-InboundConnector", Identity=empty)) == 2, "as documented, and it shows only"
        assert shell.heard.warnings == ["-Identity is empty: that gives every connector, as without it"]
    assert len(shell("Get-InboundConnector")) == 2
    assert shell.heard.warnings == []
    assert shell("Get-InboundConnector", pipe=[]) == []
    for name in ("Set-InboundConnector", "Remove-InboundConnector"):
        assert shell(name, pipe=[]) == []
        for nothing in (None, "", [], [None]):
            with pytest.raises(PsError, match="Cannot bind argument to parameter 'Identity' because it is null"):
                shell(name, Identity=nothing)
    assert len(shell("Get-InboundConnector")) == 2


def test_an_object_that_names_nothing_is_an_error(shell):
    assert shell("Remove-InboundConnector", pipe=[PsObject.of({"Colour": "red"})], confirm=False) == []
    assert shell.error_ids == ["InputObjectNotBound"]


def test_a_connector_may_be_called_none(shell):
    shell("New-InboundConnector", **{**BY_IP, "Name": "None"})
    assert [each["Name"] for each in shell("Get-InboundConnector", Identity="None")] == ["None"]


def test_by_guid_and_down_the_pipeline(shell):
    found = shell.objects("Get-InboundConnector")
    guid = found[0].properties["Guid"]
    assert [each["Name"] for each in shell("Get-InboundConnector", Identity=guid.upper())] == ["SMTP Relay"]
    shell("Set-InboundConnector", pipe=found, Comment="all of them")
    assert [each["Comment"] for each in shell("Get-InboundConnector")] == ["all of them"] * 2
    assert shell("Get-InboundConnector")[0]["Guid"] == guid


def test_a_new_name_leaves_the_guid(both):
    (before,) = both("Get-InboundConnector", Identity="SMTP Relay")
    both("Set-InboundConnector", Identity="SMTP Relay", Name="Floor 2")
    (after,) = both("Get-InboundConnector", Identity=before["Guid"])
    assert (after["Name"], after["Guid"]) == ("Floor 2", before["Guid"])


def test_the_properties_are_those_of_the_service_in_their_order(shell):
    (found,) = shell("Get-InboundConnector", Identity="SMTP Relay (TLS)")
    assert list(found) == PROPERTIES.split()
    assert found["SenderDomains"] == ["smtp:*;1"]
    assert found["TlsSenderCertificateName"] == "*.contoso.com"
    assert found["Identity"] == found["Id"] == found["Name"] == "SMTP Relay (TLS)"


def test_null_empties_and_a_switch_is_set(shell, tenant_file: Path):
    shell("Set-InboundConnector", Identity="SMTP Relay (TLS)", Comment="x", Enabled=False)
    shell("Set-InboundConnector", Identity="SMTP Relay (TLS)", Comment=None)
    (found,) = shell("Get-InboundConnector", Identity="SMTP Relay (TLS)")
    assert (found["Comment"], found["Enabled"]) == ("", False)
    assert "Comment" not in tenant_file.read_text(encoding="utf-8")
    shell("Set-InboundConnector", Identity="SMTP Relay", SenderIPAddresses=None)
    assert shell.error_ids == ["E2,Set-InboundConnector"]


def test_what_if_changes_nothing(shell, tenant_file: Path):
    before = tenant_file.read_bytes()
    assert shell("New-InboundConnector", **BY_IP, what_if=True) == []
    shell("Set-InboundConnector", Identity="SMTP Relay", Comment="x", what_if=True)
    assert tenant_file.read_bytes() == before


def test_result_size(shell):
    assert len(shell("Get-InboundConnector", ResultSize=1)) == 1
    assert len(shell.heard.warnings) == 1
    assert len(shell("Get-InboundConnector", ResultSize="Unlimited")) == 2


def test_blocked_connectors_follow_a_new_name_and_are_released(both):
    both.backend.change(Put("BlockedConnectors", ["SMTP Relay"]))
    assert [each["Name"] for each in both("Get-BlockedConnector")] == ["SMTP Relay"]
    both("Set-InboundConnector", Identity="SMTP Relay", Name="Floor 2")
    assert both.heard.errors == []
    (blocked,) = both.objects("Get-BlockedConnector")
    assert blocked.properties["Name"] == "Floor 2"
    both("Remove-BlockedConnector", ConnectorId=blocked.properties["ConnectorId"])
    assert both("Get-BlockedConnector") == []
    both("Remove-BlockedConnector", ConnectorId="Floor 2")
    assert [each.partition(" ")[0] for each in both.error_ids] == ["E19"]


MADE_DISABLED = (
    "Inbound connector for this service offering is created in a disabled state. Contact Support to enable it."
)
STAYS_DISABLED = "For this service offering, you can't enable an inbound connector. Contact Support to enable it."


@pytest.mark.parametrize("given", [{}, {"Enabled": True}])
def test_a_restricted_service_offering_makes_connectors_disabled(both, given):
    both.backend.change(Put("InboundConnectorsRestricted", True))
    (made,) = both("New-InboundConnector", **BY_IP, **given)
    assert (made["Enabled"], both.heard.warnings) == (False, [MADE_DISABLED])
    both("Set-InboundConnector", Identity="x", Enabled=True)
    assert (both.heard.warnings, both.heard.errors) == ([STAYS_DISABLED], [])
    both("Set-InboundConnector", Identity="x", Enabled=True, Comment="more")
    assert both.heard.warnings == [STAYS_DISABLED]
    (found,) = both("Get-InboundConnector", Identity="x")
    assert (found["Enabled"], found["Comment"]) == (False, "more")


def test_a_restricted_service_offering_says_nothing_where_nothing_is_enabled(both):
    both.backend.change(Put("InboundConnectorsRestricted", True))
    both("New-InboundConnector", **BY_IP, Enabled=False)
    assert both.heard.warnings == []
    both("New-InboundConnector", **{**BY_IP, "Name": "y"}, what_if=True)
    both("New-InboundConnector", **{**BY_IP, "Name": "y", "SenderIPAddresses": None})
    assert (both.heard.warnings, both.error_ids) == ([], ["E2,New-InboundConnector"])
    both("Set-InboundConnector", Identity="SMTP Relay", Enabled=True)
    assert both.heard.warnings == []
    both("Set-InboundConnector", Identity="SMTP Relay", Enabled=False)
    both("Set-InboundConnector", Identity="SMTP Relay", Enabled=True)
    assert both.heard.warnings == [STAYS_DISABLED]
    assert both("Get-InboundConnector", Identity="SMTP Relay")[0]["Enabled"] is False


def test_any_other_tenant_has_no_such_gate(both):
    (made,) = both("New-InboundConnector", **BY_IP)
    both("Set-InboundConnector", Identity="x", Enabled=False)
    both("Set-InboundConnector", Identity="x", Enabled=True)
    assert (made["Enabled"], both("Get-InboundConnector", Identity="x")[0]["Enabled"]) == (True, True)
    assert both.heard.warnings == []
