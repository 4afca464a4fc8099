"""The builder in the words of the cmdlets."""

from __future__ import annotations

import pytest

from fakeeop.errors import ConfigError
from fakeeop.model import Forest
from fakeeop.testing.emulator import EmulatorForTests as Emulator

RELAY = {"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}


def names(eop):
    return {each.name: [c.name for c in each.inbound_connectors] for each in eop.forest.tenants}


def test_there_is_an_empty_tenant_contoso():
    (tenant,) = Emulator().forest.tenants
    assert tenant.name == "contoso"
    assert [each.domain_name for each in tenant.accepted_domains] == ["contoso.com", "contoso.onmicrosoft.com"]
    assert (tenant.inbound_connectors, tenant.recipients, tenant.reject_direct_send) == ((), None, False)


def test_no_emulator_changes_that_of_another():
    one, other = Emulator(), Emulator()
    one.tenant("contoso").inbound_connector(**RELAY)
    assert names(one) == {"contoso": ["Relay"]}
    assert names(other) == names(Emulator()) == {"contoso": []}


def test_calls_are_chained():
    eop = Emulator()
    tenant = eop.tenant("contoso").inbound_connector(**RELAY).accepted_domain("contoso.net", DomainType="InternalRelay")
    tenant.recipient("ann@contoso.com", "bob@contoso.com").reject_direct_send().recipient("eve@contoso.com")
    (built,) = eop.forest.tenants
    assert built.reject_direct_send
    assert built.recipients == frozenset({"ann@contoso.com", "bob@contoso.com", "eve@contoso.com"})
    assert built.accepted_domains[-1].domain_type.value == "InternalRelay"


def test_a_new_tenant_has_its_initial_domain():
    eop = Emulator()
    eop.tenant("Fabrikam GmbH")
    assert [each.domain_name for each in eop.forest.tenants[-1].accepted_domains] == ["fabrikamgmbh.onmicrosoft.com"]
    eop.tenant("fabrikam gmbh").accepted_domain("fabrikam.com").remove_accepted_domain("FABRIKAM.com")
    assert len(eop.forest.tenants) == 2


def test_connectors_are_changed_and_removed():
    eop = Emulator()
    tenant = eop.tenant("contoso").inbound_connector(**RELAY)
    tenant.set_inbound_connector("relay", Enabled=False, senderipaddresses=["198.51.100.1"])
    (connector,) = eop.forest.tenants[0].inbound_connectors
    assert (connector.enabled, [str(each) for each in connector.sender_ip_addresses]) == (False, ["198.51.100.1"])
    with pytest.raises(LookupError, match=r"InboundConnectors has no 'Other'; there are: Relay"):
        tenant.remove_inbound_connector("Other")
    tenant.remove_inbound_connector("Relay")
    assert names(eop) == {"contoso": []}


def test_what_exchange_would_not_take_is_an_error_and_changes_nothing():
    eop = Emulator()
    with pytest.raises(ConfigError, match="SenderIPAdresses"):
        eop.tenant("contoso").inbound_connector(Name="Relay", ConnectorType="OnPremises", SenderIPAdresses=["1.2.3.4"])
    assert names(eop) == {"contoso": []}


def test_other_keys_of_the_tenant_file():
    eop = Emulator()
    tenant = eop.tenant().transport_config(SmtpClientAuthenticationDisabled=False).set(MailEnabled=False)
    tenant.mailbox("ann@contoso.com", Password="s3cret")  # noqa: S106  of a test
    tenant.organization_config(RejectDirectSend=True)
    (built,) = eop.forest.tenants
    assert (built.smtp_client_authentication_disabled, built.mail_enabled, built.reject_direct_send) == (
        False,
        False,
        True,
    )
    assert len(built.mailboxes) == 1
    tenant.set(MailEnabled=None)
    assert eop.forest.tenants[0].mail_enabled


def test_knobs():
    eop = Emulator()
    eop.behaviour(RequireTlsReply="530-5.7.0")
    assert eop.forest.behaviour.require_tls_reply == "530-5.7.0"


def test_a_tenant_file_is_where_it_begins(tmp_path):
    path = tmp_path / "tenant.yaml"
    path.write_text(
        "tenants:\n  - name: Fabrikam\n    accepteddomains: fabrikam.com\n    Recipients: [a@fabrikam.com]\n"
    )
    eop = Emulator.from_file(path)
    eop.tenant("fabrikam").accepted_domain("fabrikam.net").recipient("b@fabrikam.com")
    (tenant,) = eop.forest.tenants
    assert [each.domain_name for each in tenant.accepted_domains] == ["fabrikam.com", "fabrikam.net"]
    assert tenant.recipients == frozenset({"a@fabrikam.com", "b@fabrikam.com"})


def test_objects_have_no_builder():
    with pytest.raises(RuntimeError, match="replace_forest"):
        Emulator(Forest()).tenant("contoso")


def test_the_service_of_another_day():
    eop = Emulator()
    eop.as_of("2019-06-01")
    assert eop.forest.behaviour != Emulator().forest.behaviour
    with pytest.raises(ConfigError, match="AsOf"):
        eop.as_of("yesterday")
