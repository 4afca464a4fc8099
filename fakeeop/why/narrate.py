"""The procedure of facts connectors §2.9 told at length: every tenant and connector, every condition, the winner.

It scans the forest in file order and knows nothing of the index; ``judge`` must come to the same verdict, which
property tests hold it to.
"""

from __future__ import annotations

from attrs import frozen

from fakeeop.decision.judge import ConnectionJudge
from fakeeop.decision.verdict import AttributedBy, Attribution, Candidate, Condition, Direction, Reason, Step, Trace
from fakeeop.model import Forest, PeerFacts, Tenant, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.why.advice import advice_for
from fakeeop.why.looked import Look, most_exact, one_tenant
from fakeeop.why.narrate_incoming import IncomingNarrator
from fakeeop.why.nearest import nearest_misses
from fakeeop.why.situation import Situation, certificate_faults, listed

__all__ = ["ConnectionNarrator", "narrate"]


def narrate(
    forest: Forest,
    peer: PeerFacts,
    tls: TlsFacts | None,
    reverse_path: Mailbox,
    recipient: Mailbox,
    earlier: tuple[Mailbox, ...] = (),
) -> Trace:
    """Judge one recipient by a scan of the forest and keep everything that was looked at."""
    situation = Situation(forest, peer, tls, reverse_path, recipient, earlier)
    narrator = _Narrator(situation)
    reason, attribution = narrator.judge()
    looks = (*narrator.by_certificate, *narrator.by_address, *narrator.partners)
    nearest = nearest_misses(situation, reason, attribution, looks)
    advice = advice_for(situation, reason, attribution)
    return Trace(situation.inputs(), tuple(narrator.steps), reason, attribution, nearest, advice)


@frozen(eq=False)
class ConnectionNarrator:
    """Tells why recipients of one connection were judged as they were; the verdicts are ``ConnectionJudge``'s."""

    judge: ConnectionJudge

    def explain(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Trace:
        """The judgement of ``judge_recipient`` with everything that was looked at: a scan of the whole forest."""
        judge = self.judge
        return narrate(judge.directory.forest, judge.peer, judge.tls, reverse_path, recipient, earlier)


class _Narrator:
    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.steps: list[Step] = []
        self.by_certificate: list[Look] = []
        self.by_address: list[Look] = []
        self.partners: list[Look] = []

    def judge(self) -> tuple[Reason, Attribution]:
        """§2.9 from the top; fills ``steps`` on the way."""
        self._tell_certificate()
        winner = self._originating_by_certificate() or self._certificate_fallback()
        winner = winner or self._match_alone("certificate-alone", self.by_certificate)
        by = AttributedBy.CERTIFICATE
        if winner is None:
            winner = self._originating_by_address() or self._match_alone("ip-address-alone", self.by_address)
            by = AttributedBy.IP_ADDRESS
        owner = self._owner()
        if winner is not None:
            return self._originating(winner, by)
        if owner is None:
            return self._relay_refusal(), Attribution(None, None, None, None)
        incoming = IncomingNarrator(self.situation, owner, self.by_certificate, self.by_address)
        reason, attribution = incoming.judge()
        self.steps += incoming.steps
        self.partners = incoming.partners
        return reason, attribution

    def _tell_certificate(self) -> None:
        situation = self.situation
        if situation.presented is None:
            what = "the session is in clear text" if situation.tls is None else "the client presented no certificate"
            conclusion = f"{what}: connectors are looked up by address only"
        elif situation.usable:
            conclusion = f"usable; its names are {listed(situation.presented.names) or 'none'}"
        else:
            faults = "; ".join(certificate_faults(situation.presented, situation.behaviour))
            conclusion = f"not usable, so treated as no certificate: {faults}"
        self.steps.append(Step("client-certificate", "§2.5 T5, T6; §3", (), conclusion))

    def _originating_by_certificate(self) -> Look | None:
        situation = self.situation
        both = situation.behaviour.ip_and_certificate == "and"
        for order, tenant in enumerate(situation.forest.tenants):
            for connector in tenant.inbound_connectors:
                if connector.is_partner or connector.tls_sender_certificate_name is None:
                    continue
                identity = (situation.enabled(connector), *situation.certificate(connector))
                if both and connector.sender_ip_addresses:
                    identity = (*identity, situation.address(connector, "2.3-4"))
                match = situation.named(connector)
                look = Look(
                    order, tenant, connector, AttributedBy.CERTIFICATE, identity, rank=match.rank if match else -1
                )
                look.message = situation.on_premises_scope(tenant, connector)
                look.domain = (situation.certificate_domain(tenant, connector),)
                self.by_certificate.append(look)
        passed = most_exact([look for look in self.by_certificate if look.holds])
        winner = one_tenant(passed, situation.behaviour)
        self._tell("originating-by-certificate", "§2.1 A1, A2; knob TenantTie", self.by_certificate, winner)
        return winner

    def _certificate_fallback(self) -> Look | None:
        """2.3-1: the certificate matches, its domain does not count, but the reverse-path's domain does."""
        situation = self.situation
        known = [look for look in self.by_certificate if look.identified]
        if not known or situation.behaviour.cert_fallback == "refuse":
            return None
        looks = [look.with_domain(situation.mail_from_domain(look.tenant, "2.3-1")) for look in known]
        winner = one_tenant(_best_of_each([look for look in looks if look.holds]), situation.behaviour)
        self._tell("certificate-fallback", "2.3-1; knob CertFallback", looks, winner)
        return winner

    def _originating_by_address(self) -> Look | None:
        situation = self.situation
        both = situation.behaviour.ip_and_certificate == "and"
        for order, tenant in enumerate(situation.forest.tenants):
            for connector in tenant.inbound_connectors:
                if connector.is_partner or not connector.sender_ip_addresses:
                    continue
                identity: tuple[Condition, ...] = (situation.enabled(connector), situation.address(connector))
                if both and connector.tls_sender_certificate_name is not None:
                    identity = (*identity, *situation.certificate(connector, "2.3-4"))
                lengths = [b.network.prefixlen for b in connector.sender_ip_addresses if b.covers(situation.peer.ip)]
                look = Look(order, tenant, connector, AttributedBy.IP_ADDRESS, identity, rank=max(lengths, default=-1))
                look.message = situation.on_premises_scope(tenant, connector)
                look.domain = (situation.mail_from_domain(tenant),)
                self.by_address.append(look)
        passed = _best_of_each([look for look in self.by_address if look.holds])
        winner = one_tenant(passed, situation.behaviour)
        self._tell("originating-by-ip-address", "§2.1 A3; knob TenantTie", self.by_address, winner)
        return winner

    def _match_alone(self, name: str, looked_at: list[Look]) -> Look | None:
        """The rule before 5 July 2017: whoever matches relays, whatever the domains."""
        known = [look for look in looked_at if look.identified]
        if not known or self.situation.behaviour.relay_condition != "none":
            return None
        needless = Condition("domain", "none needed", "-", holds=True, source="§2.2; knob RelayCondition")
        looks = [look.with_domain(needless) for look in known]
        winner = one_tenant(_best_of_each([look for look in looks if look.holds]), self.situation.behaviour)
        self._tell(name, "§2.2; knob RelayCondition", looks, winner)
        return winner

    def _tell(self, name: str, rule: str, looks: list[Look], winner: Look | None) -> None:
        if winner is not None:
            winner.selected = True
            conclusion = f"{winner.label}: Originating"
        elif any(look.holds for look in looks):
            conclusion = "connectors of several tenants fit equally: not Originating"
        elif not looks:
            conclusion = "no OnPremises connector is identified this way"
        else:
            conclusion = "no connector fits: not Originating by this"
        self.steps.append(Step(name, rule, tuple(look.candidate() for look in looks), conclusion))

    def _owner(self) -> Tenant | None:
        """The recipient's tenant: the one with the most exact accepted domain, the first of equals."""
        situation = self.situation
        owner: Tenant | None = None
        width = -1
        for tenant in situation.forest.tenants:
            accepted = tenant.accepted(situation.recipient.domain)
            if accepted is not None and len(accepted.domain_name) > width:
                owner, width = tenant, len(accepted.domain_name)
        conclusion = (
            "no tenant accepts it: the recipient is external, only Originating mail may go there"
            if owner is None
            else f"the recipient belongs to {owner.name}"
        )
        candidates = tuple(
            Candidate(tenant.name, None, (situation.rcpt_to_domain(tenant),), selected=tenant is owner)
            for tenant in situation.forest.tenants
        )
        self.steps.append(Step("recipient-tenant", "§2.1 A4", candidates, conclusion))
        return owner

    def _relay_refusal(self) -> Reason:
        wording = self.situation.behaviour.attr36_text
        known = any(look.identified for look in (*self.by_certificate, *self.by_address))
        if wording == "always" or (wording == "by-case" and known):
            return Reason.RELAY_ACCESS_DENIED_ATTR36
        return Reason.RELAY_ACCESS_DENIED

    def _originating(self, winner: Look, by: AttributedBy) -> tuple[Reason, Attribution]:
        situation, behaviour = self.situation, self.situation.behaviour
        connector = winner.connector
        attribution = Attribution(winner.tenant, connector, by, Direction.ORIGINATING)
        if connector.blocked:
            self._note("blocked-connector", "§2.7", f"connector {connector.name!r} is blocked (Get-BlockedConnector)")
            return Reason.CONNECTOR_BLOCKED, attribution
        enforced = behaviour.on_premises_require_tls == "enforced" and situation.tls is None
        if enforced and connector.require_tls:
            self._note("require-tls", "§2.5 T4; knob OnPremisesRequireTls", "RequireTls is set and there is no TLS")
            return Reason.TLS_REQUIRED, attribution
        if by is AttributedBy.CERTIFICATE:
            return Reason.ORIGINATING_BY_CERTIFICATE, attribution
        return Reason.ORIGINATING_BY_IP_ADDRESS, attribution

    def _note(self, name: str, rule: str, conclusion: str) -> None:
        self.steps.append(Step(name, rule, (), conclusion))


def _best_of_each(looks: list[Look]) -> list[Look]:
    """Each tenant's most exact look, in file order."""
    best: dict[int, Look] = {}
    for look in looks:
        held = best.get(look.order)
        if held is None or look.rank > held.rank:
            best[look.order] = look
    return list(best.values())
