"""A fix as sentences, as PowerShell, as settings of a mail server or program, and as a tree for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from fakeeop.model import ConnectorType
from fakeeop.model.addresses import DomainPattern, IpRange
from fakeeop.why.repair.values import (
    Actor,
    AddConnector,
    AddDomain,
    AddRecipient,
    AddToConnector,
    AllowDirectSend,
    ComeFrom,
    Fix,
    MendCertificate,
    PresentCertificate,
    RelayChange,
    RepairChange,
    SendFrom,
    SetConnector,
    SetDomain,
    SplitByDomain,
    Subscribe,
    Unblock,
    UseTls,
    actor_of,
)
from fakeeop.why.settings import PROGRAMS, SETTINGS

__all__ = ["change_text", "fix_lines", "fix_text", "fix_tree", "one_sided", "powershell", "settings_of"]

_PURPOSES: Final[dict[type, tuple[str, ...]]] = {
    ComeFrom: ("source-address",),
    UseTls: ("tls",),
    MendCertificate: ("certificate-chain", "certificate-renewal"),
    PresentCertificate: ("client-certificate", "tls"),
    SendFrom: ("reverse-path",),
    SplitByDomain: ("one-domain-a-message",),
}
_WHO: Final = {Actor.TENANT: "tenant", Actor.RELAY: "relay"}


def fix_text(fix: Fix) -> str:
    """One sentence without a full stop; two changes and more as steps: ``1 … 2 …``."""
    if len(fix.changes) == 1:
        return change_text(fix.changes[0])
    return " ".join(f"{number} {change_text(change)}" for number, change in enumerate(fix.changes, 1))


def change_text(change: RepairChange) -> str:
    """What to do, as an instruction."""
    return _relay_text(change) if isinstance(change, RelayChange) else _tenant_text(change)


def _relay_text(change: RelayChange) -> str:
    match change:
        case ComeFrom():
            return f"send from the listed address {change.address}"
        case UseTls():
            return "let the relay use STARTTLS"
        case MendCertificate():
            return change.how
        case PresentCertificate():
            return f"let the relay use STARTTLS and present a valid certificate named {change.name}"
        case SendFrom():
            return f"send from a domain that is accepted: MAIL FROM @{change.domain}"
        case SplitByDomain():
            return "send one message for each recipient domain"


def _tenant_text(change: RepairChange) -> str:
    match change:
        case SetConnector(parameter="Enabled"):
            return f"enable connector {change.connector!r} of {change.tenant}"
        case SetConnector(value=DomainPattern() as pattern):
            return f"set TlsSenderCertificateName of connector {change.connector!r} of {change.tenant} to {pattern}"
        case SetConnector():
            return f"set {change.parameter} of connector {change.connector!r} of {change.tenant} to false"
        case AddToConnector():
            return f"add {change.value} to {change.parameter} of connector {change.connector!r} of {change.tenant}"
        case AddConnector():
            return f"make {_a(change.connector_type)} connector of {change.tenant} for {_mark(change.mark)}"
        case Unblock():
            return (
                f"stop the abuse of connector {change.connector!r} of {change.tenant}, then Remove-BlockedConnector "
                "(the release takes up to an hour)"
            )
        case AddDomain():
            return f"add {change.domain}, if it is yours, as an accepted domain of {change.tenant}"
        case SetDomain(match_sub_domains=True):
            return f"set MatchSubDomains on {change.domain} of {change.tenant} (InternalRelay first)"
        case SetDomain():
            return f"make {change.domain} an InternalRelay domain of {change.tenant}"
        case AddRecipient():
            return f"add {change.address} to the recipients of {change.tenant}"
        case AllowDirectSend():
            return f"set RejectDirectSend of {change.tenant} to false"
        case Subscribe():
            return f"give {change.tenant} a mail-enabled subscription (in the lab: MailEnabled: true)"
        case _:
            raise TypeError(change)


def _a(kind: ConnectorType) -> str:
    return "an OnPremises" if kind is ConnectorType.ON_PREMISES else "a Partner"


def _mark(mark: IpRange | DomainPattern) -> str:
    return f"the address {mark}" if isinstance(mark, IpRange) else f"the certificate name {mark}"


# --- PowerShell -----------------------------------------------------------------------------------------------------


def powershell(change: RepairChange) -> str:
    """The cmdlet of Exchange Online for a change to the tenant; empty where none does it, and for the relay."""
    match change:
        case SetConnector(value=DomainPattern() as pattern):
            return f"{_set(change.connector)} -TlsSenderCertificateName {_quoted(str(pattern))} -RequireTls $true"
        case SetConnector():
            return f"{_set(change.connector)} -{change.parameter} ${str(change.value).lower()}"
        case AddToConnector():
            return f"{_set(change.connector)} -{change.parameter} @{{Add={_quoted(str(change.value))}}}"
        case AddConnector():
            kind = f"-ConnectorType {change.connector_type.value} -SenderDomains '*'"
            mark = f"-SenderIPAddresses {_quoted(str(change.mark))} -RequireTls $false"
            if isinstance(change.mark, DomainPattern):
                mark = f"-TlsSenderCertificateName {_quoted(str(change.mark))} -RequireTls $true"
            return f"New-InboundConnector -Name {_quoted(change.name)} {kind} {mark}"
        case Unblock():
            found = f"(Get-InboundConnector {_quoted(change.connector)}).Guid"
            return f"Remove-BlockedConnector -ConnectorId {found}"
        case SetDomain():
            more = " -MatchSubDomains $true" if change.match_sub_domains else ""
            return f"Set-AcceptedDomain {_quoted(change.domain)} -DomainType InternalRelay{more}"
        case AddRecipient():
            local = change.address.partition("@")[0]
            return f"New-Mailbox -Shared -Name {_quoted(local)} -PrimarySmtpAddress {_quoted(change.address)}"
        case AllowDirectSend():
            return "Set-OrganizationConfig -RejectDirectSend $false"
        case _:
            return ""


def _set(connector: str) -> str:
    return f"Set-InboundConnector {_quoted(connector)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# --- settings of the relay ------------------------------------------------------------------------------------------


def settings_of(change: RepairChange) -> dict[str, str]:
    """What each mail server or program calls the thing to change; empty for the tenant's side."""
    found: dict[str, str] = {}
    for server in PROGRAMS:
        named = [str(SETTINGS[each][server]) for each in _purposes(change) if server in SETTINGS.get(each, {})]
        if named:
            found[server] = _filled("; ".join(named), change)
    return found


def _filled(text: str, change: RepairChange) -> str:
    """With the values that are known."""
    if isinstance(change, ComeFrom):
        for blank in ("the listed address", "the-listed-address", "YOUR-ADDRESS"):
            text = text.replace(blank, str(change.address))
    return text


def _purposes(change: RepairChange) -> tuple[str, ...]:
    if isinstance(change, MendCertificate):
        return ("certificate-chain",) if "intermediate" in change.how else ("certificate-renewal",)
    return _PURPOSES.get(type(change), ())


# --- whole fixes ----------------------------------------------------------------------------------------------------


def fix_lines(fixes: Sequence[Fix]) -> Iterator[str]:
    """The numbered list for people; settings of one purpose are told once."""
    told: set[tuple[str, ...]] = set()
    for number, fix in enumerate(fixes, 1):
        who = " and ".join(dict.fromkeys(_WHO[actor] for actor in fix.actors))
        yield f"  {number}. [{who}] {fix_text(fix)}"
        for change in fix.changes:
            command = powershell(change)
            if command:
                yield f"       {command}"
            purposes = _purposes(change)
            if purposes and purposes not in told:
                told.add(purposes)
                yield from (f"       {PROGRAMS[server]}: {text}" for server, text in settings_of(change).items())
        yield from (f"       opens: {text}" for text in fix.opens)
    yield from (f"  {sentence}" for sentence in one_sided(fixes))


def one_sided(fixes: Sequence[Fix]) -> Iterator[str]:
    """What is said if one side alone cannot help."""
    if not any(fix.only_relay for fix in fixes):
        yield "nothing that was tried on the relay's side alone leads to acceptance"
    if not any(fix.only_tenant for fix in fixes):
        yield "nothing that was tried on the tenant's side alone leads to acceptance"


def fix_tree(fix: Fix) -> dict[str, Any]:
    """JSON-ready."""
    return {
        "fix": fix_text(fix),
        "changes": [
            {
                "kind": _kind(change),
                "who": actor_of(change).value,
                "text": change_text(change),
                "powershell": powershell(change) or None,
                "settings": settings_of(change),
                **_values(change),
            }
            for change in fix.changes
        ],
        "opens": list(fix.opens),
        "widens": fix.widens,
        "leads-to": {"tenant": fix.tenant, "connector": fix.connector},
    }


def _kind(change: RepairChange) -> str:
    name = type(change).__name__
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")


def _values(change: RepairChange) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in change.__attrs_attrs__:
        value = getattr(change, each.name)
        if isinstance(value, ConnectorType):
            value = value.value
        elif isinstance(value, tuple):
            value = list(value)
        found[each.name.replace("_", "-")] = value if isinstance(value, (bool, list)) else str(value)
    return found
