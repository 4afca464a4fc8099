"""The tenant's part of a fix as changes to a tenant file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fakeeop.config.editor.changes import Add, Change, Configure, Put, Update
from fakeeop.model import DomainType, Forest, InboundConnector, Tenant
from fakeeop.why.repair.values import (
    AddConnector,
    AddDomain,
    AddRecipient,
    AddToConnector,
    AllowDirectSend,
    RepairChange,
    SetConnector,
    SetDomain,
    Subscribe,
    Unblock,
    new_connector,
)

__all__ = ["file_changes"]


def file_changes(forest: Forest, tenant: str, changes: Sequence[RepairChange]) -> tuple[Change, ...]:
    """The changes of this tenant, as the editor makes them; those of the relay and of other tenants are left out."""
    held = next(each for each in forest.tenants if each.name == tenant)
    made: list[Change] = []
    for change in changes:
        if getattr(change, "tenant", None) == tenant:
            made += _changes(held, change)
    return tuple(made)


def _changes(tenant: Tenant, change: RepairChange) -> list[Change]:
    match change:
        case SetConnector():
            patch: dict[str, Any] = {change.parameter: change.value if change.value in (True, False) else None}
            if change.parameter == "TlsSenderCertificateName":
                patch = {change.parameter: str(change.value), "RequireTls": True}
            return [Update("InboundConnectors", change.connector, patch)]
        case AddToConnector():
            values = [*_listed(_named(tenant, change.connector), change.parameter), str(change.value)]
            return [Update("InboundConnectors", change.connector, {change.parameter: values})]
        case AddConnector():
            return [Add("InboundConnectors", _element(new_connector(change)))]
        case Unblock():
            left = [each.name for each in tenant.inbound_connectors if each.blocked and each.name != change.connector]
            return [Put("BlockedConnectors", left or None)]
        case AddDomain():
            return [Add("AcceptedDomains", {"DomainName": change.domain})]
        case SetDomain():
            patch = {"DomainType": DomainType.INTERNAL_RELAY.value}
            if change.match_sub_domains:
                patch["MatchSubDomains"] = True
            return [Update("AcceptedDomains", change.domain, patch)]
        case AddRecipient():
            return [Add("Recipients", change.address)]  # type: ignore[arg-type]  # a list of texts
        case AllowDirectSend():
            return [Configure("OrganizationConfig", {"RejectDirectSend": False})]
        case Subscribe():
            return [Put("MailEnabled", True)]
        case _:
            return []


def _named(tenant: Tenant, name: str) -> InboundConnector:
    return next(each for each in tenant.inbound_connectors if each.name == name)


def _listed(connector: InboundConnector, parameter: str) -> list[str]:
    if parameter == "SenderIPAddresses":
        return [each.text for each in connector.sender_ip_addresses]
    if parameter == "SenderDomains":
        return [str(each) for each in connector.sender_domains]
    return list(connector.associated_accepted_domains)


def _element(connector: InboundConnector) -> dict[str, Any]:
    element: dict[str, Any] = {
        "Name": connector.name,
        "ConnectorType": connector.connector_type.value,
        "SenderDomains": ["*"],
        "RequireTls": connector.require_tls,
    }
    if connector.sender_ip_addresses:
        element["SenderIPAddresses"] = [each.text for each in connector.sender_ip_addresses]
    if connector.tls_sender_certificate_name is not None:
        element["TlsSenderCertificateName"] = str(connector.tls_sender_certificate_name)
    return element
