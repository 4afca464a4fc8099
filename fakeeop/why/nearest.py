"""Which connectors came closest, and what would have to change for each: best first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakeeop.decision.verdict import AttributedBy, Attribution, Reason
from fakeeop.model import InboundConnector, Tenant
from fakeeop.model.addresses import IpAddress, IpRange
from fakeeop.why.repair.render import fix_text
from fakeeop.why.repair.values import Fix
from fakeeop.why.situation import Look, Situation, certificate_faults, listed, mailbox_text
from fakeeop.why.trace import Condition, NearestMiss

__all__ = ["Miss", "nearest_misses", "ordered_misses"]

_MOST = 5  # more than these help nobody
_ALTERNATIVES = 3  # fixes in the sentence of one connector
_RELAY = (Reason.RELAY_ACCESS_DENIED, Reason.RELAY_ACCESS_DENIED_ATTR36)

Miss = tuple[Look, tuple[Condition, ...]]


def ordered_misses(
    situation: Situation, reason: Reason, attribution: Attribution, looks: Iterable[Look]
) -> tuple[Miss, ...]:
    """The connectors that would have changed the verdict, those that failed the fewest conditions first.

    For a relay refusal these are OnPremises connectors of every tenant; for 5.7.51 the restricting Partner connectors;
    for 5.7.68 whatever would exempt; for anonymous mail of an own domain the connectors that would have claimed it.
    """
    best: dict[InboundConnector, Miss] = {}
    for look in looks:
        failed = _failed(situation, reason, attribution, look)
        if not failed:
            continue
        held = best.get(look.connector)
        if held is None or _closeness(situation, (look, failed)) < _closeness(situation, held):
            best[look.connector] = (look, failed)
    return tuple(sorted(best.values(), key=lambda miss: _closeness(situation, miss)))


def nearest_misses(
    situation: Situation, reason: Reason, attribution: Attribution, misses: Sequence[Miss], fixes: Sequence[Fix]
) -> tuple[NearestMiss, ...]:
    """The first few, each with what failed it in words, and with the fixes that were tried at this connector."""
    if reason is Reason.TLS_REQUIRED and attribution.connector is not None and attribution.tenant is not None:
        clear = Condition("RequireTls", "TLS", "clear text", holds=False, source="§2.4 P4, §2.5 T3")
        says = f"connector {attribution.connector.name!r} requires TLS; the session is in clear text"
        name, tenant = attribution.connector.name, attribution.tenant.name
        return (NearestMiss(tenant, name, (clear,), _with_fixes(says, [fix for fix in fixes][:_ALTERNATIVES])),)
    return tuple(
        NearestMiss(
            look.tenant.name, look.connector.name, failed, _with_fixes(_says(situation, look, failed), _at(look, fixes))
        )
        for look, failed in misses[:_MOST]
    )


def _at(look: Look, fixes: Sequence[Fix]) -> list[Fix]:
    """The fixes that make the mail this connector's, or change it."""
    tenant, connector = look.tenant.name, look.connector.name
    return [
        fix
        for fix in fixes
        if (fix.tenant, fix.connector) == (tenant, connector)
        or any(
            (getattr(each, "tenant", ""), getattr(each, "connector", "")) == (tenant, connector) for each in fix.changes
        )
    ][:_ALTERNATIVES]


def _with_fixes(says: str, fixes: Sequence[Fix]) -> str:
    if not fixes:
        return f"{says}: nothing that was tried at this connector alone leads to acceptance"
    return f"{says}: {', or '.join(fix_text(fix) for fix in fixes)}"


def _failed(situation: Situation, reason: Reason, attribution: Attribution, look: Look) -> tuple[Condition, ...]:
    """The conditions of one look that stood in the way of another verdict; empty if it could not have helped."""
    if reason is Reason.PARTNER_RESTRICTION:
        return look.failed if look.connector.is_restricting and look.identified else ()
    if look.connector.is_partner:
        would_exempt = reason is Reason.DIRECT_SEND_REJECTED and look.by is not AttributedBy.SENDER_DOMAIN
        return look.failed if would_exempt else ()
    if reason is Reason.DIRECT_SEND_REJECTED:
        identity = (*look.identity, *look.message)
        return _unmet(identity) if look.tenant is attribution.tenant else ()
    if reason in _RELAY:
        return _without_fallback(situation, look)
    if reason is Reason.INCOMING_ANONYMOUS and _sends(situation, look):
        return _without_fallback(situation, look)
    return ()


def _unmet(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(condition for condition in conditions if not condition.holds)


def _sends(situation: Situation, look: Look) -> bool:
    return look.tenant.accepted(situation.reverse_path.domain) is not None


def _without_fallback(situation: Situation, look: Look) -> tuple[Condition, ...]:
    """With ``CertFallback: allow`` an accepted reverse-path makes up for a certificate domain that is not."""
    makes_up = situation.behaviour.cert_fallback == "allow" and _sends(situation, look)
    return tuple(test for test in look.failed if not (makes_up and test.name == "CertificateDomain"))


def _closeness(situation: Situation, miss: Miss) -> tuple[int, bool, bool, int, int]:
    """Smaller is nearer: few failures, the sender's own tenant, the kind of proof that was offered, likeness, order."""
    look, failed = miss
    by_certificate = look.by is AttributedBy.CERTIFICATE
    offered = by_certificate == (situation.presented is not None)
    likeness = (
        _label_likeness(situation, look.connector)
        if by_certificate
        else _address_likeness(situation.peer.ip, look.connector.sender_ip_addresses)
    )
    return len(failed), not _sends(situation, look), not offered, -likeness, look.order


def _address_likeness(address: IpAddress, ranges: Iterable[IpRange]) -> int:
    """How many leading bits the address shares with the nearest range."""
    if address.version != 4:
        return 0
    number = int(address)
    return max((32 - (number ^ int(block.network.network_address)).bit_length() for block in ranges), default=0)


def _label_likeness(situation: Situation, connector: InboundConnector) -> int:
    """How many trailing labels a presented name shares with the connector's."""
    pattern = connector.tls_sender_certificate_name
    if pattern is None or situation.presented is None:
        return 0
    wanted = pattern.domain.split(".")[::-1]
    best = 0
    for name in situation.presented.names:
        shared = 0
        for mine, theirs in zip(wanted, name.split(".")[::-1], strict=False):
            if mine != theirs:
                break
            shared += 1
        best = max(best, shared)
    return best


# --- in words -------------------------------------------------------------------------------------------------------


def _says(situation: Situation, look: Look, failed: tuple[Condition, ...]) -> str:
    """What failed the connector, with the values: a sentence for each condition."""
    names = {condition.name for condition in failed}
    told = [each for each in failed if not (each.name == "ClientCertificate" and "TlsSenderCertificateName" in names)]
    return "; and ".join(_sentence(situation, look.tenant, look.connector, each) for each in told)


def _sentence(situation: Situation, tenant: Tenant, connector: InboundConnector, failed: Condition) -> str:
    label, name = f"connector {connector.name!r}", failed.name
    if name == "Enabled":
        return f"{label} is disabled"
    if name in {"SenderIPAddresses", "RestrictDomainsToIPAddresses"}:
        only = ", and connectors have only IPv4 addresses" if situation.peer.ip.version != 4 else ""
        return f"{label} lists {failed.expected}; you came from {failed.actual}{only}"
    if name == "ClientCertificate":
        return f"{label} would match by name, but the certificate is not usable: {failed.actual}"
    if name in {"TlsSenderCertificateName", "RestrictDomainsToCertificate"}:
        return _name_sentence(situation, connector, label, failed)
    if name == "CertificateDomain":
        domain = failed.actual.removeprefix("*.")
        return f"{label} matches the certificate, but {domain} is not an accepted domain of {tenant.name}"
    if name == "MailFromDomain":
        sender = situation.reverse_path
        if sender.is_null or not sender.domain:
            return f"{label}: the reverse-path {mailbox_text(sender)} has no domain that could be accepted"
        return f"{label}: the reverse-path domain {sender.domain} is not an accepted domain of {tenant.name}"
    if name == "UniqueTenant":
        return f"{label} fits, but so do connectors of {failed.actual}: certificates and addresses must be one tenant's"
    if name == "MostExactName":
        return f"{label} fits, but another name is more exact: {failed.expected}"
    return f"{label} has {name} {failed.expected}; this mail has {failed.actual}"


def _name_sentence(situation: Situation, connector: InboundConnector, label: str, failed: Condition) -> str:
    wanted = f"{label} requires a certificate named {failed.expected}"
    held = situation.presented
    if held is None:
        return f"{wanted}; {failed.actual}"
    faults = "; ".join(certificate_faults(held, situation.behaviour))
    if situation.named(connector) is not None:
        return f"{label} would match by name, but the certificate is not usable: {faults}"
    ails = f", and it is not usable: {faults}" if faults else ""
    return f"{wanted}; yours is named {listed(held.names) or 'nothing'}{ails}"
