"""The tenant of a check and the addresses in it: the sample one, or the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any, Final

from attrs import frozen

from harness.mtas.base import Mail
from harness.relay_check.values import RelayCase, SampleMessage

__all__ = ["BY_ADDRESS", "BY_CERTIFICATE", "PUBLIC", "Site", "mails", "tenant_tree"]

BY_ADDRESS: Final = "Relay by address"
BY_CERTIFICATE: Final = "Relay by certificate"
PUBLIC: Final = "203.0.113.25"  # RFC 5737: what the relay's own address stands for
_ELSEWHERE: Final = "198.51.100.77"  # of nobody
OUTSIDE: Final = "fabrikam.example"
_SUBJECT: Final = "check-relay"


@frozen
class Site:
    """Of one run. ``domain`` is the accepted domain of the sender; ``certificate_name`` what a connector asks for,
    empty without one. ``tree`` is the user's own tenant file, ``connector`` the one in it to come in by (empty: any);
    ``requires_tls``: that one has RequireTls.
    """

    domain: str = "contoso.com"
    certificate_name: str = ""
    public: str = PUBLIC
    tree: Mapping[str, Any] | None = None
    path: str = "<sample tenant>"
    connector: str = ""
    outside: str = OUTSIDE
    requires_tls: bool = False

    def address(self, word: str, tag: str) -> str:
        """``own…`` is of the tenant, ``outside…`` and ``foreign`` are not; empty stays empty."""
        if not word:
            return ""
        return f"{word}.{tag}@{self.domain if word.startswith('own') else self.outside}"


def mails(case: RelayCase, site: Site, tag: str) -> list[Mail]:
    """The messages of a case, each with a subject and an id of its own."""
    found = []
    for number, message in enumerate(case.messages, 1):
        sender = site.address(message.sender, tag)
        recipients = [site.address(each, tag) for each in message.to]
        content = _content(message, sender, recipients, f"{case.id} {tag} {number}", f"{tag}.{number}", site)
        found.append(Mail({"address": sender}, tuple({"address": each} for each in recipients), content))
    return found


def _content(
    message: SampleMessage, sender: str, recipients: Sequence[str], about: str, name: str, site: Site
) -> bytes:
    shown = recipients[:5]
    fields = [
        f"From: {sender or f'MAILER-DAEMON@{site.domain}'}",
        f"To: {', '.join(shown)}",
        f"Subject: {_SUBJECT} {about}",
        f"Date: {formatdate(usegmt=True)}",
        f"Message-ID: <{name}@check-relay.example>",
        *message.headers,
    ]
    return "\r\n".join([*fields, "", ""]).encode() + message.body


def tenant_tree(case: RelayCase, site: Site, tag: str) -> dict[str, Any]:
    """The tree of a tenant file for one case."""
    inside = [site.address(each, tag) for each in _words(case) if each.startswith("own")]
    tree = _sample(case, site, inside) if site.tree is None else _own(site.tree, site.domain, inside)
    faults = [_tagged(each, tag) for each in case.faults]
    if faults:
        tree["Faults"] = faults
    if case.limits:
        tree["Limits"] = {**(tree.get("Limits") or {}), **case.limits}
    return tree


def _words(case: RelayCase) -> list[str]:
    return list(dict.fromkeys(word for message in case.messages for word in (message.sender, *message.to)))


def _sample(case: RelayCase, site: Site, inside: list[str]) -> dict[str, Any]:
    by_address = case.connector == "ip"
    connectors: list[dict[str, Any]] = [
        {
            "Name": BY_ADDRESS,
            "ConnectorType": "OnPremises",
            "SenderDomains": ["*"],
            "SenderIPAddresses": [site.public if by_address else _ELSEWHERE],
        }
    ]
    if case.connector == "certificate":
        connectors.append(
            {
                "Name": BY_CERTIFICATE,
                "ConnectorType": "OnPremises",
                "SenderDomains": ["*"],
                "RequireTls": True,
                "TlsSenderCertificateName": site.certificate_name,
            }
        )
    domains = list(dict.fromkeys([site.domain, *_domain_of(site.certificate_name, site.domain)]))
    tenant = {
        "Name": "sample",
        "AcceptedDomains": domains,
        "Recipients": inside or [f"postmaster@{site.domain}"],
        "InboundConnectors": connectors,
    }
    return {"Tenants": [tenant]}


def _domain_of(certificate_name: str, domain: str) -> list[str]:
    """The name of a certificate lies in an accepted domain, or the connector is of no use; its own if in none."""
    name = certificate_name.removeprefix("*.")
    return [] if not name or name == domain or name.endswith(f".{domain}") else [name]


def _own(tree: Mapping[str, Any], domain: str, inside: list[str]) -> dict[str, Any]:
    """The user's tree, with the mailboxes of the case added to the tenant that has the domain."""
    tenants = [dict(each) for each in tree.get("Tenants") or ()]
    for tenant in tenants:
        names = [
            str(each.get("DomainName") if isinstance(each, Mapping) else each).lower()
            for each in tenant.get("AcceptedDomains") or ()
        ]
        if domain.lower() in names:
            tenant["Recipients"] = [*(tenant.get("Recipients") or ()), *inside]
    return {**tree, "Tenants": tenants}


def _tagged(fault: Mapping[str, Any], tag: str) -> dict[str, Any]:
    return {key: value.replace("{tag}", tag) if isinstance(value, str) else value for key, value in fault.items()}
