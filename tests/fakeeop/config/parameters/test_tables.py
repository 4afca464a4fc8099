"""The tables are whole: they fill the model, and every documented name is there."""

from __future__ import annotations

import attrs
import pytest

from fakeeop.config.parameters.kinds import KeyTable, ValueKind
from fakeeop.config.parameters.tables import (
    ACCEPTED_DOMAIN,
    FILE,
    INBOUND_CONNECTOR,
    MAILBOX,
    ORGANIZATION_CONFIG,
    SUBMISSION_LIMITS,
    TENANT,
    TRANSPORT_CONFIG,
    homes,
)
from fakeeop.model import AcceptedDomain, InboundConnector, Tenant
from fakeeop.model.mailbox import SubmissionLimits, UserMailbox

# facts connectors §1.4
GET_INBOUND_CONNECTOR = [
    "RunspaceId",
    "Enabled",
    "ConnectorType",
    "ConnectorSource",
    "Comment",
    "SenderIPAddresses",
    "SenderDomains",
    "TrustedOrganizations",
    "ClientHostNames",
    "AssociatedAcceptedDomains",
    "RequireTls",
    "RestrictDomainsToIPAddresses",
    "RestrictDomainsToCertificate",
    "CloudServicesMailEnabled",
    "TreatMessagesAsInternal",
    "TlsSenderCertificateName",
    "EFTestMode",
    "ScanAndDropRecipients",
    "EFSkipLastIP",
    "EFSkipIPs",
    "EFSkipMailGateway",
    "EFUsers",
    "DetectSenderIPBySkippingLastIP",
    "DetectSenderIPBySkippingTheseIPs",
    "DetectSenderIPBySkippingTheseProviders",
    "DetectSenderIPRecipientList",
    "AdminDisplayName",
    "ExchangeVersion",
    "Name",
    "DistinguishedName",
    "Identity",
    "Guid",
    "ObjectCategory",
    "ObjectClass",
    "WhenChanged",
    "WhenCreated",
    "WhenChangedUTC",
    "WhenCreatedUTC",
    "OrganizationId",
    "Id",
    "OriginatingServer",
    "IsValid",
    "ObjectState",
]


def test_every_property_of_get_inbound_connector_is_known():
    known = {row.name for row in INBOUND_CONNECTOR.parameters} | {name for name, _ in INBOUND_CONNECTOR.ignored}
    assert set(GET_INBOUND_CONNECTOR) - known == set()


@pytest.mark.parametrize(("table", "model", "elsewhere"), [
    (INBOUND_CONNECTOR, InboundConnector, {"line", "blocked"}),
    (ACCEPTED_DOMAIN, AcceptedDomain, set()),
    (MAILBOX, UserMailbox, set()),
    (SUBMISSION_LIMITS, SubmissionLimits, set()),
    (TENANT, Tenant, {"line", "reject_direct_send", "smtp_client_authentication_disabled"}),
])  # fmt: skip
def test_the_tables_fill_the_model(table: KeyTable, model: type, elsewhere: set[str]):
    filled = {row.field for row in table.parameters if row.field}
    assert filled | elsewhere == {attribute.name for attribute in attrs.fields(model)}


@pytest.mark.parametrize(
    "table",
    [
        FILE,
        TENANT,
        ACCEPTED_DOMAIN,
        INBOUND_CONNECTOR,
        ORGANIZATION_CONFIG,
        TRANSPORT_CONFIG,
        MAILBOX,
        SUBMISSION_LIMITS,
    ],
    ids=lambda t: t.title,
)
def test_rows_are_complete_and_unique(table: KeyTable):
    assert len(table.names) == len(table.parameters) + len(table.ignored)
    for row in table.parameters:
        assert row.description.endswith(".")
        assert row.source
        assert bool(row.values) == (row.kind is ValueKind.CHOICE)
        assert row.applies in ("Both", "Partner", "OnPremises", "-")
        assert table[row.name] is row


def test_homes_lead_to_the_right_mapping():
    assert homes()["rejectdirectsend"] == ("RejectDirectSend", "OrganizationConfig")
    assert homes()["recipients"] == ("Recipients", "Tenants")
    assert homes()["certfallback"] == ("CertFallback", "Behaviour")
    assert homes()["requiretls"] == ("RequireTls", "InboundConnectors")
