"""Tenants in the words of Exchange Online's cmdlets: each call is checked by every rule and served at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fakeeop.config.editor.tree import find

__all__ = ["DEFAULT_TREE", "TenantBuilder"]

Tree = dict[str, Any]
DEFAULT_TREE: Tree = {
    "Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com", "contoso.onmicrosoft.com"]}],
}


class TenantBuilder:
    """One tenant. Every method returns the builder, and takes effect for the next mail transaction.

    Parameters are those of the cmdlets, spelled as there (any case). Raises ConfigError, naming parameter, rule and
    fix, when Exchange Online would not take them; the tenant is then as it was.
    """

    def __init__(self, name: str, change: Callable[[Callable[[Tree], None]], None]) -> None:
        self.name = name
        self._change_tree = change
        self._change(lambda _: None)

    def inbound_connector(self, **parameters: Any) -> TenantBuilder:
        """``New-InboundConnector``: ``Name``, ``ConnectorType``, ``SenderIPAddresses``, ``RequireTls``…"""
        return self._change(lambda tenant: _listed(tenant, "InboundConnectors").append(parameters))

    def set_inbound_connector(self, Identity: str, **parameters: Any) -> TenantBuilder:  # noqa: N803  as Exchange has it
        """``Set-InboundConnector``: change some parameters. Raises LookupError if there is no such connector."""

        def edit(tenant: Tree) -> None:
            connectors = _listed(tenant, "InboundConnectors")
            connector = connectors[_place(connectors, "InboundConnectors", Identity)]
            lower = {name.lower() for name in parameters}
            for name in [name for name in connector if name.lower() in lower]:
                del connector[name]
            connector.update(parameters)

        return self._change(edit)

    def remove_inbound_connector(self, Identity: str) -> TenantBuilder:  # noqa: N803  as Exchange has it
        """``Remove-InboundConnector``. Raises LookupError if there is no such connector."""

        def edit(tenant: Tree) -> None:
            connectors = _listed(tenant, "InboundConnectors")
            del connectors[_place(connectors, "InboundConnectors", Identity)]

        return self._change(edit)

    def accepted_domain(self, DomainName: str, **parameters: Any) -> TenantBuilder:  # noqa: N803  as Exchange has it
        """``New-AcceptedDomain``: ``DomainType``, ``MatchSubDomains``…"""
        domain = {"DomainName": DomainName, **parameters}
        return self._change(lambda tenant: _listed(tenant, "AcceptedDomains").append(domain))

    def remove_accepted_domain(self, Identity: str) -> TenantBuilder:  # noqa: N803  as Exchange has it
        """``Remove-AcceptedDomain``. Raises LookupError if the tenant has no such domain."""

        def edit(tenant: Tree) -> None:
            domains = _listed(tenant, "AcceptedDomains")
            del domains[_place(domains, "AcceptedDomains", Identity)]

        return self._change(edit)

    def recipient(self, *addresses: str) -> TenantBuilder:
        """Put addresses into the directory. Before the first one every address is known, afterwards only these."""
        return self._change(lambda tenant: _listed(tenant, "Recipients").extend(addresses))

    def mailbox(self, PrimarySmtpAddress: str, **parameters: Any) -> TenantBuilder:  # noqa: N803  as Exchange has it
        """A mailbox of the submission endpoint: ``Password``, ``GrantSendAs``…"""
        mailbox = {"PrimarySmtpAddress": PrimarySmtpAddress, **parameters}
        return self._change(lambda tenant: _listed(tenant, "Mailboxes").append(mailbox))

    def reject_direct_send(self, on: bool = True) -> TenantBuilder:
        """``Set-OrganizationConfig -RejectDirectSend``."""
        return self.organization_config(RejectDirectSend=on)

    def organization_config(self, **parameters: Any) -> TenantBuilder:
        """``Set-OrganizationConfig``."""
        return self._change(lambda tenant: tenant.setdefault("OrganizationConfig", {}).update(parameters))

    def transport_config(self, **parameters: Any) -> TenantBuilder:
        """``Set-TransportConfig``."""
        return self._change(lambda tenant: tenant.setdefault("TransportConfig", {}).update(parameters))

    def set(self, **keys: Any) -> TenantBuilder:
        """Any key of a tenant in a tenant file, put in place of what it was; None takes it out."""

        def edit(tenant: Tree) -> None:
            for key, value in keys.items():
                if value is None:
                    tenant.pop(key, None)
                else:
                    tenant[key] = value

        return self._change(edit)

    def _change(self, edit: Callable[[Tree], None]) -> TenantBuilder:
        self._change_tree(lambda tree: edit(_tenant(tree, self.name)))
        return self


def _tenant(tree: Tree, name: str) -> Tree:
    """The tenant of this name; a new one has its initial domain, as a new tenant of Exchange Online has."""
    tenants = _listed(tree, "Tenants")
    place = find(tenants, "Tenants", name)
    if place is None:
        initial = re.sub("[^a-z0-9]", "", name.lower()) or "tenant"
        tenants.append({"Name": name, "AcceptedDomains": [f"{initial}.onmicrosoft.com"]})
        place = -1
    tenant: Tree = tenants[place]
    return tenant


def _listed(tree: Tree, key: str) -> list[Any]:
    found: list[Any] = tree.setdefault(key, [])
    return found


def _place(elements: list[Any], kind: str, name: str) -> int:
    place = find(elements, kind, name)
    if place is None:
        known = ", ".join(str(each.get("Name") or each.get("DomainName")) if isinstance(each, dict) else str(each)
                          for each in elements)  # fmt: skip
        raise LookupError(f"{kind} has no {name!r}; there are: {known or 'none'}")
    return place
