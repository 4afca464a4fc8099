"""One tenant of a tenant file → ``Tenant``, with its accepted domains, directory and connectors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve

from fakeeop.config import values
from fakeeop.config.connectors import BuiltConnector, TenantFacts, build_connector
from fakeeop.config.dkim import build_dkim
from fakeeop.config.limits import build_limits
from fakeeop.config.mailboxes import build_mailboxes, build_submission_limits
from fakeeop.config.marked import read_tree
from fakeeop.config.outbound import check_outbound
from fakeeop.config.parameters.kinds import KeyTable
from fakeeop.config.parameters.tables import ACCEPTED_DOMAIN, ORGANIZATION_CONFIG, TENANT, TRANSPORT_CONFIG
from fakeeop.config.place import Fields, Place, read_fields, say
from fakeeop.errors import ConfigError
from fakeeop.model.behaviour import Behaviour
from fakeeop.model.tenant import AcceptedDomain, DomainType, Tenant

if TYPE_CHECKING:
    from fakeeop.model.dkim import DkimKey
    from fakeeop.model.limits import Limits
    from fakeeop.model.mailbox import SubmissionLimits, UserMailbox

__all__ = ["BuiltDomain", "BuiltTenant", "build_tenant"]

_DOMAIN_TYPES = {kind.value: kind for kind in DomainType}
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class BuiltDomain(NamedTuple):
    """An accepted domain and where the file has it; ``fields`` is None for one that is only a name."""

    domain: AcceptedDomain
    place: Place
    line: int | None
    fields: Fields | None = None


class BuiltTenant(NamedTuple):
    """A tenant with what the file said of it, for the rules over tenants and the advice."""

    tenant: Tenant
    fields: Fields
    domains: tuple[BuiltDomain, ...] = ()
    connectors: tuple[BuiltConnector, ...] = ()


def build_tenant(tree: Mapping[Any, Any], number: int, place: Place, behaviour: Behaviour) -> BuiltTenant:
    """Read one tenant; every broken rule becomes a problem of ``place``. ``number`` counts from 1."""
    name = next((tree[key] for key in tree if isinstance(key, str) and key.lower() == "name"), None)
    named = name.strip() if isinstance(name, str) else ""
    fields = read_fields(tree, TENANT, place.under(f"tenant {named}" if named else f"tenant number {number}"))
    label = values.text(fields, "Name")
    if "Name" in fields and not label and "Name" not in fields.broken:
        fields.error("Name", "missing-field", "the name is empty", "give the tenant a name")
    errors = len(place.problems)
    domains = _accepted_domains(fields)
    sound = len(place.problems) == errors
    bare = Tenant(label, tuple(built.domain for built in domains), line=fields.line)
    blocked = values.items(fields, "BlockedConnectors", split=False) or []
    around = TenantFacts(behaviour, _resolver(bare) if sound else None, {entry.lower() for entry, _ in blocked})
    connectors = _connectors(fields, around)
    _blocked_exist(fields, blocked, connectors)
    values.boolean(fields, "InboundConnectorsRestricted", False)  # of the cmdlets; no mail is judged by it
    _outbound(fields)
    mailboxes, limits = _submission(fields, bare if sound else None)
    tenant = evolve(
        bare,
        inbound_connectors=tuple(built.connector for built in connectors),
        recipients=_known(_recipients(fields, bare if sound else None), mailboxes),
        reject_direct_send=_switch(fields, ORGANIZATION_CONFIG, "RejectDirectSend", False),
        mail_enabled=values.boolean(fields, "MailEnabled", True),
        smtp_client_authentication_disabled=_switch(fields, TRANSPORT_CONFIG, "SmtpClientAuthenticationDisabled", True),
        mailboxes=mailboxes,
        security_defaults=values.boolean(fields, "SecurityDefaults", False),
        allow_basic_auth_smtp=values.boolean(
            fields, "AllowBasicAuthSmtp", behaviour.allow_basic_auth_smtp_default == "true"
        ),
        submission_limits=limits,
        dkim_signing=_dkim(fields, bare if sound else None),
        limits=_limits(fields),
        region=values.text(fields, "Region") or None,
        tenant_id=_tenant_id(fields, label),
    )
    return BuiltTenant(tenant, fields, domains, connectors)


def _outbound(fields: Fields) -> None:
    if "OutboundConnectors" in fields:
        check_outbound(fields)


def _submission(fields: Fields, tenant: Tenant | None) -> tuple[tuple[UserMailbox, ...], SubmissionLimits | None]:
    if "Mailboxes" not in fields and "SubmissionLimits" not in fields:
        return (), None
    mailboxes = build_mailboxes(fields, tenant) if "Mailboxes" in fields else ()
    return mailboxes, build_submission_limits(fields) if "SubmissionLimits" in fields else None


def _dkim(fields: Fields, tenant: Tenant | None) -> tuple[DkimKey, ...]:
    if "DkimSigning" not in fields:
        return ()
    return build_dkim(fields, tenant)


def _limits(fields: Fields) -> Limits | None:
    if "Limits" not in fields:
        return None
    return build_limits(fields, of_tenant=True)


def _known(recipients: frozenset[str] | None, mailboxes: tuple[UserMailbox, ...]) -> frozenset[str] | None:
    if recipients is None or not mailboxes:
        return recipients
    return recipients.union(*(mailbox.addresses for mailbox in mailboxes))


def _tenant_id(fields: Fields, label: str) -> str:
    given = values.text(fields, "TenantId").lower().strip("{}")
    if not given:
        return _id_from(label)
    if not _GUID.match(given):
        fix = "write a GUID such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301, or take it out"
        fields.error("TenantId", "bad-value", f"{say(given)} is not a GUID", fix)
    return given


def _id_from(label: str) -> str:
    """A GUID (version 8, RFC 9562) that is the same for the same name: FNV-1a, because hashlib costs start-up time."""
    number = 0x6C62272E07BB014262B821756295C58D
    for octet in label.lower().encode("utf-8", "surrogatepass"):
        number = (number ^ octet) * 0x1000000000000000000013B & (1 << 128) - 1
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-8{text[17:20]}-{text[20:]}"


def _switch(fields: Fields, table: KeyTable, name: str, default: bool) -> bool:
    """One boolean of ``OrganizationConfig`` or ``TransportConfig``."""
    settings = fields.values.get(table.title)
    if settings is None:
        return default
    listed = values.elements(settings)
    if not listed or len(listed) != 1 or not isinstance(listed[0][0], Mapping):
        fix = f"write {table.title}: {{{name}: true}}"
        fields.error(table.title, "wrong-type", f"{say(settings)} is not a mapping", fix)
        return default
    return values.boolean(read_fields(listed[0][0], table, fields.place.under(table.title)), name, default)


def _objects(fields: Fields, name: str) -> list[tuple[Any, int | None, Place]]:
    """The elements of a list in the file, then those of the file that ``<name>File`` names."""
    found: list[tuple[Any, int | None, Place]] = []
    inline = fields.values.get(name)
    if inline is not None:
        listed = values.elements(inline)
        if listed is None and isinstance(inline, str) and name == "AcceptedDomains":
            listed = tuple(values.items(fields, name) or ())
        if listed is None:
            fix = f"write a list: {name}: [...]"
            fields.error(name, "wrong-type", f"{say(inline)} is not a list", fix)
        found += [(element, line or fields.line_of(name), fields.place) for element, line in listed or ()]
    file = values.text(fields, f"{name}File")
    if file:
        found += _objects_of_file(fields, name, file)
    return found


def _objects_of_file(fields: Fields, name: str, file: str) -> list[tuple[Any, int | None, Place]]:
    key = f"{name}File"
    path = fields.place.folder / file
    try:
        tree = read_tree(str(path))
    except (OSError, ValueError) as why:
        reason = getattr(why, "strerror", None) or str(why)
        fix = "the path is relative to this file's folder"
        fields.error(key, "unreadable", f"{say(str(path))} cannot be read: {reason}", fix)
        return []
    except ConfigError as why:
        fields.broken.add(key)
        fields.place.problems += why.problems
        return []
    listed = values.elements(tree)
    if listed is None:
        fields.error(key, "wrong-type", f"{path} holds no list of {name}", "export it with ConvertTo-Json")
    inside = fields.place.in_file(str(path))
    return [(element, line, inside) for element, line in listed or ()]


def _accepted_domains(fields: Fields) -> tuple[BuiltDomain, ...]:
    found: list[BuiltDomain] = []
    seen: dict[str, int | None] = {}
    default: BuiltDomain | None = None
    for element, line, place in _objects(fields, "AcceptedDomains"):
        built = _accepted_domain(fields.in_place(place), element, line, place)
        if built is None:
            continue
        domain = built.domain.domain_name
        if domain in seen:
            first = f" (first on line {seen[domain]})" if seen[domain] else ""
            where = built.place.under("AcceptedDomains")
            where.add("duplicate-domain", f"{domain} occurs twice{first}", "remove one", line)
            continue
        if built.domain.default and default is not None:
            where = built.place.under("AcceptedDomains", domain)
            message = f"{default.domain.domain_name} is the default already"
            where.add("two-defaults", message, "mark only one domain with Default: true", line)
        default = default or (built if built.domain.default else None)
        seen[domain] = line
        found.append(built)
    if found and default is None:  # assumption: an organization always has one, the first is as good as any
        found[0] = found[0]._replace(domain=evolve(found[0].domain, default=True))
    return tuple(found)


def _accepted_domain(fields: Fields, element: Any, line: int | None, place: Place) -> BuiltDomain | None:
    if isinstance(element, str):
        known = values.domain(fields, "AcceptedDomains", element, line)
        return BuiltDomain(AcceptedDomain(known, name=known), place, line) if known else None
    if not isinstance(element, Mapping):
        fix = "write the domain, or a mapping with DomainName"
        fields.error("AcceptedDomains", "wrong-type", f"{say(element)} is not an accepted domain", fix, line)
        return None
    written = next((element[key] for key in element if isinstance(key, str) and key.lower() == "domainname"), None)
    words = ("AcceptedDomains", written.strip()) if isinstance(written, str) else ("AcceptedDomains",)
    own = read_fields(element, ACCEPTED_DOMAIN, place.under(*filter(None, words)))
    name = values.text(own, "DomainName")
    known = values.domain(own, "DomainName", name, own.line_of("DomainName")) if name else None
    kind = values.choice(own, "DomainType", "Authoritative")
    below = values.boolean(own, "MatchSubDomains", False)
    default = values.boolean(own, "Default", False)
    label = values.text(own, "Name")
    if known is None:
        if not own.broken:
            own.error("DomainName", "not-a-domain", "the domain is empty", "write a domain name such as contoso.com")
        return None
    return BuiltDomain(AcceptedDomain(known, _DOMAIN_TYPES[kind], below, default, label or known), place, line, own)


def _resolver(tenant: Tenant) -> Any:
    labels = {domain.name.lower(): domain.domain_name for domain in tenant.accepted_domains}

    def accepted(entry: str) -> str | None:
        return labels.get(entry.lower()) or (entry if tenant.accepted(entry) else None)

    return accepted


def _connectors(fields: Fields, around: TenantFacts) -> tuple[BuiltConnector, ...]:
    found: list[BuiltConnector] = []
    seen: dict[str, int | None] = {}
    for number, (element, line, place) in enumerate(_objects(fields, "InboundConnectors"), 1):
        if not isinstance(element, Mapping):
            fix = "write a mapping: {Name: ..., ConnectorType: OnPremises, SenderIPAddresses: [...]}"
            message = f"{say(element)} is not a connector"
            fields.in_place(place).error("InboundConnectors", "wrong-type", message, fix, line)
            continue
        built = build_connector(element, number, place, around)
        key = built.connector.name.lower()
        if key in seen:
            first = f" (first on line {seen[key]})" if seen[key] else ""
            message = f"there are two connectors {say(built.connector.name)}{first}"
            built.fields.error("Name", "E14", message, "give one of them another name; case does not count")
        elif key:
            seen[key] = built.fields.line_of("Name")
        found.append(built)
    return tuple(found)


def _blocked_exist(
    fields: Fields, blocked: list[tuple[str, int | None]], connectors: tuple[BuiltConnector, ...]
) -> None:
    names = {built.connector.name.lower(): built.connector.name for built in connectors}
    for entry, line in blocked:
        if entry.lower() not in names:
            fix = (
                f"the connectors are: {', '.join(map(say, names.values()))}" if names else "the tenant has no connector"
            )
            fields.error("BlockedConnectors", "unknown-connector", f"there is no connector {say(entry)}", fix, line)


def _recipients(fields: Fields, tenant: Tenant | None) -> frozenset[str] | None:
    if "Recipients" not in fields:
        return None
    found = values.mailboxes(fields, "Recipients")
    if tenant is not None:
        owned: dict[str, bool] = {}
        for mailbox, line in found:
            domain = mailbox.domain
            if domain not in owned:
                owned[domain] = tenant.accepted(domain) is not None
            if not owned[domain]:
                fix = f"add {domain} to AcceptedDomains, or take the recipient out"
                message = f"{mailbox}: {domain} is not an accepted domain of this tenant"
                fields.error("Recipients", "recipient-domain", message, fix, line)
    return frozenset(str(mailbox) for mailbox, _ in found)
