"""The procedure of facts connectors §2.9 told at length: every tenant and connector, every condition, the winner.

It scans tenants in file order; of a large forest the index says which ones this mail concerns. So every rule is
written twice, on purpose: here to be told, in ``fakeeop.decision.judge`` to be quick, whatever the number of tenants.
Whoever changes one changes both; ``tests/fakeeop/decision/test_properties.py`` holds them to the same verdict.
"""

from __future__ import annotations

from attrs import evolve, frozen

from fakeeop.decision import rules
from fakeeop.decision.directory import Directory
from fakeeop.decision.judge import ConnectionJudge
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction, Reason, Verdict
from fakeeop.model import DomainType, PeerFacts, Tenant, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.why.advice import advice_for
from fakeeop.why.concerned import concerned_forest
from fakeeop.why.nearest import nearest_misses, ordered_misses
from fakeeop.why.repair.candidates import RefusedCase
from fakeeop.why.repair.search import search
from fakeeop.why.repair.values import Fix, Question
from fakeeop.why.situation import Look, Situation, certificate_faults, listed, most_exact, one_tenant
from fakeeop.why.trace import Candidate, Condition, Step, Trace

__all__ = ["ConnectionNarrator", "HeaderFromNarrator", "narrate"]


def narrate(
    directory: Directory,
    peer: PeerFacts,
    tls: TlsFacts | None,
    reverse_path: Mailbox,
    recipient: Mailbox,
    earlier: tuple[Mailbox, ...] = (),
    *,
    every: bool = False,
) -> Trace:
    """Judge one recipient at length and keep everything that was looked at.

    Of a large forest only the tenants are looked at that something of this mail concerns; ``every``: all of them.
    """
    forest = directory.forest if every else concerned_forest(directory, peer, tls, reverse_path, recipient)
    situation = Situation(forest, peer, tls, reverse_path, recipient, earlier)
    judged, steps = _judged(situation)
    fixes = _fixes(directory, judged)
    nearest = nearest_misses(situation, judged.reason, judged.attribution, judged.looks, fixes)
    advice = advice_for(situation, judged.reason, judged.attribution)
    left_out = directory.connectors - sum(len(tenant.inbound_connectors) for tenant in forest.tenants)
    told = () if judged.reason.accepted else fixes
    return Trace(situation.inputs(), steps, judged.reason, judged.attribution, nearest, advice, told, left_out)


def _judged(situation: Situation) -> tuple[RefusedCase, tuple[Step, ...]]:
    narrator = _Narrator(situation)
    reason, attribution = narrator.judge()
    looks = (*narrator.by_certificate, *narrator.by_address, *narrator.partners)
    misses = ordered_misses(situation, reason, attribution, looks)
    return RefusedCase(situation, reason, attribution, misses), tuple(narrator.steps)


def _fixes(directory: Directory, judged: RefusedCase) -> tuple[Fix, ...]:
    """Those of a refusal; for anonymous mail, what would make it a connector's."""
    if judged.reason.accepted and not judged.looks:
        return ()

    def again(question: Question) -> RefusedCase:
        of = question
        return _judged(Situation(of.forest, of.peer, of.tls, of.reverse_path, of.recipient, of.earlier))[0]

    return search(directory, judged, again)


@frozen(eq=False)
class ConnectionNarrator:
    """Tells why recipients of one connection were judged as they were; the verdicts are ``ConnectionJudge``'s."""

    judge: ConnectionJudge
    every: bool = False  # tell tenants that nothing of the mail concerns, too

    def explain(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Trace:
        """The judgement of ``judge_recipient`` with everything that was looked at."""
        judge = self.judge
        return narrate(judge.directory, judge.peer, judge.tls, reverse_path, recipient, earlier, every=self.every)


@frozen(eq=False)
class HeaderFromNarrator:
    """Tells why a recipient was refused by its envelope and accepted for the header From after all.

    The third possibility of July 2017 to October 2023: an accepted domain in the header From (§2.2).
    """

    before: ConnectionNarrator
    header_from: tuple[str, ...]
    verdict: Verdict

    def explain(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Trace:
        """What was looked at before the content, and then the header From."""
        trace = self.before.explain(reverse_path, recipient, earlier)
        tenant, connector = self.verdict.attribution.tenant, self.verdict.attribution.connector
        where = f"{tenant.name if tenant else '-'} / {connector.name if connector else '-'}"
        says = f"the header From is of {', '.join(self.header_from)}, an accepted domain: Originating by {where}"
        step = Step("header-from", "§2.2; knob HeaderFromRelay", (), says)
        return evolve(
            trace,
            steps=(*trace.steps, step),
            reason=self.verdict.reason,
            attribution=self.verdict.attribution,
            nearest=(),
            advice=(),
            fixes=(),
        )


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
        incoming = _IncomingNarrator(self.situation, owner, self.by_certificate, self.by_address)
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
        """The rule before 5 July 2017: every client that matches relays, whatever the domains."""
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


class _IncomingNarrator:
    """The recipient's tenant is ``owner`` and the mail is not Originating: §2.9 (a) to (d).

    Fills ``steps`` and ``partners``.
    """

    def __init__(self, situation: Situation, owner: Tenant, by_certificate: list[Look], by_address: list[Look]) -> None:
        self.situation = situation
        self.owner = owner
        self.steps: list[Step] = []
        self.partners: list[Look] = []
        self._plain = Attribution(owner, None, AttributedBy.RECIPIENT_DOMAIN, Direction.INCOMING)
        self._named = self._own(by_certificate)
        self._located = self._own(by_address)

    def judge(self) -> tuple[Reason, Attribution]:
        """From the mail subscription to the directory."""
        behaviour = self.situation.behaviour
        if not self.owner.mail_enabled:
            self._note("mail-subscription", "§2.8, C15", f"{self.owner.name} has no mail-enabled subscription")
            return Reason.NO_MAIL_SUBSCRIPTION, self._plain
        attributed = self._recipient_attribution()
        if self._second_domain(attributed):
            return Reason.MULTIPLE_DOMAINS, self._plain
        partner: Look | None = None
        if attributed is None or behaviour.recipient_attribution_restrictions == "apply":
            if self._restricted():
                return Reason.PARTNER_RESTRICTION, self._plain
            partner = self._identify()
        refusal = self._connector_refusal(attributed, partner)
        if refusal is not None:
            return refusal
        won = attributed or partner
        attribution = self._plain if won is None else self._attribution(won)
        if self._direct_send(partner):
            return Reason.DIRECT_SEND_REJECTED, attribution
        if self._unknown():
            return Reason.RECIPIENT_UNKNOWN, attribution
        return (Reason.INCOMING_ANONYMOUS if won is None else Reason.INCOMING_BY_CONNECTOR), attribution

    def _own(self, looks: list[Look]) -> list[Look]:
        """The owner's connectors that connection and scope fit, whatever the domain test said; best first."""
        fitting = [
            look
            for look in looks
            if look.tenant is self.owner and look.identified and all(condition.holds for condition in look.message)
        ]
        return sorted(fitting, key=lambda look: -look.rank)

    def _attribution(self, look: Look) -> Attribution:
        return Attribution(look.tenant, look.connector, look.by, Direction.INCOMING)

    def _recipient_attribution(self) -> Look | None:
        behaviour = self.situation.behaviour
        won: Look | None = None
        if self._named and behaviour.cert_recipient_attribution == "connector":
            won = self._named[0]
        elif self._located and behaviour.ip_recipient_attribution == "connector":
            won = self._located[0]
        if not self._named and not self._located:
            return None
        conclusion = "the knobs leave it to the default path"
        if won is not None:
            conclusion = f"tied to connector {won.connector.name!r} of the recipient's own tenant by {won.by.value}"
        candidates = tuple(
            Look(look.order, look.tenant, look.connector, look.by, look.identity, look.message, selected=look is won)
            .candidate()
            for look in (*self._named, *self._located)
        )  # fmt: skip
        rule = "2.3-2, 2.3-3; knobs CertRecipientAttribution, IpRecipientAttribution"
        self.steps.append(Step("recipient-attribution", rule, candidates, conclusion))
        return won

    def _second_domain(self, attributed: Look | None) -> bool:
        if self.situation.behaviour.multi_domain_session == "accept" or not self._located:
            return False
        if attributed is not None and attributed.by is AttributedBy.CERTIFICATE:
            return False
        domain = self.situation.recipient.domain
        others = [
            mailbox.domain
            for mailbox in self.situation.earlier
            if mailbox.domain != domain and self.owner.accepted(mailbox.domain) is not None
        ]
        found = f"{others[0]} was named before {domain}" if others else "only one recipient domain so far"
        self._note("recipient-domains", "2.3-9; knob MultiDomainSession", found)
        return bool(others)

    # --- partner connectors -----------------------------------------------------------------------------------------

    def _restricted(self) -> bool:
        situation = self.situation
        if situation.behaviour.partner_sender_scope == "p2":
            self._note("partner-restrictions", "2.3-6; knob PartnerSenderScope", "left to the header From, after DATA")
            return False
        looks: list[Look] = []
        for connector in self.owner.inbound_connectors:
            if connector.is_restricting:
                scope = (situation.sender_domains(connector), *situation.associated_domains(self.owner, connector))
                look = Look(
                    0, self.owner, connector, AttributedBy.SENDER_DOMAIN, (situation.enabled(connector), *scope)
                )
                look.message = situation.restrictions(connector)
                looks.append(look)
        if not looks:
            return False
        in_scope = [look for look in looks if look.identified]
        satisfied = [look for look in in_scope if look.holds]
        enough = bool(satisfied) if situation.behaviour.restrict_combination == "any" else satisfied == in_scope
        if not in_scope:
            conclusion, refused = "no restricting connector is in scope", False
        elif enough:
            conclusion, refused = "the restriction is met", False
        else:
            conclusion, refused = (
                "the mail is in scope of a restriction that the connection does not meet: 5.7.51",
                True,
            )
        for look in satisfied:
            look.selected = True
        candidates = tuple(look.candidate() for look in looks)
        self.steps.append(Step("partner-restrictions", "§2.4 P2, P6, P7, P12", candidates, conclusion))
        self.partners += looks
        return refused

    def _identify(self) -> Look | None:
        """Certificate, then address, then sender domain; the most specific of several (P11)."""
        looks = [
            look
            for by in (AttributedBy.CERTIFICATE, AttributedBy.IP_ADDRESS, AttributedBy.SENDER_DOMAIN)
            for look in self._partner_looks(by)
        ]
        winner: Look | None = None
        for by in (AttributedBy.CERTIFICATE, AttributedBy.IP_ADDRESS, AttributedBy.SENDER_DOMAIN):
            fitting = [look for look in looks if look.by is by and look.holds]
            if fitting:
                winner = max(
                    fitting,
                    key=lambda look: (look.rank if look.by is AttributedBy.CERTIFICATE else 0, self._width(look)),
                )
                winner.selected = True
                break
        if looks:
            conclusion = "no Partner connector fits: the default path"
            if winner is not None:
                conclusion = f"tied to Partner connector {winner.connector.name!r} by {winner.by.value}"
            candidates = tuple(look.candidate() for look in looks)
            self.steps.append(Step("partner-connector", "§2.1 A5, §2.4 P11", candidates, conclusion))
            self.partners += looks
        return winner

    def _width(self, look: Look) -> int:
        situation = self.situation
        if situation.behaviour.partner_sender_scope == "p2":
            return 0
        width = rules.sender_specificity(look.connector, (situation.reverse_path.domain,))
        return -1 if width is None else width

    def _partner_looks(self, by: AttributedBy) -> list[Look]:
        situation = self.situation
        at_recipient = situation.behaviour.partner_sender_scope == "p1"
        looks: list[Look] = []
        for connector in self.owner.inbound_connectors:
            if not connector.is_partner:
                continue
            scope = situation.associated_domains(self.owner, connector)
            if at_recipient:
                scope = (situation.sender_domains(connector), *scope)
            look = Look(0, self.owner, connector, by, message=(*scope, *situation.restrictions(connector)))
            if by is AttributedBy.CERTIFICATE and connector.tls_sender_certificate_name is not None:
                look.identity = (situation.enabled(connector), *situation.certificate(connector, "§2.4 P5"))
                match = situation.named(connector)
                look.rank = match.rank if match is not None else -1
            elif by is AttributedBy.IP_ADDRESS and connector.sender_ip_addresses:
                look.identity = (situation.enabled(connector), situation.address(connector, "§1.1 C3, §2.4 P8"))
            elif by is AttributedBy.SENDER_DOMAIN and at_recipient and not connector.is_restricting:
                look.identity = (situation.enabled(connector),)
                width = self._width(look)
                if width >= 0 and not rules.identified_by_sender_domain(connector, width, situation.behaviour):
                    continue  # `*` beside a certificate name or addresses says nothing about the sender
            else:
                continue
            looks.append(look)
        return looks

    def _connector_refusal(self, attributed: Look | None, partner: Look | None) -> tuple[Reason, Attribution] | None:
        behaviour = self.situation.behaviour
        won = attributed or partner
        if won is not None and won.connector.blocked:
            self._note(
                "blocked-connector", "§2.7", f"connector {won.connector.name!r} is blocked (Get-BlockedConnector)"
            )
            return Reason.CONNECTOR_BLOCKED, self._attribution(won)
        if self.situation.tls is not None:
            return None
        asking: list[Look] = []
        if partner is not None and behaviour.partner_sender_scope == "p1":
            asking.append(partner)
        if attributed is not None and behaviour.on_premises_require_tls == "enforced":
            asking.append(attributed)
        for look in asking:
            if look.connector.require_tls:
                look.lost = (Condition("RequireTls", "TLS", "clear text", holds=False, source="§2.4 P4, §2.5 T3"),)
                self._note("require-tls", "§2.4 P4, P8; §2.5 T3", f"connector {look.connector.name!r} requires TLS")
                return Reason.TLS_REQUIRED, self._attribution(look)
        return None

    # --- direct send and directory ----------------------------------------------------------------------------------

    def _direct_send(self, partner: Look | None) -> bool:
        if not self.owner.reject_direct_send or self.situation.behaviour.direct_send_setting == "ignored":
            return False
        own_domain = self.situation.mail_from_domain(self.owner, "§1.6")
        by_mark = [*self._named, *self._located]
        if partner is not None and partner.by is not AttributedBy.SENDER_DOMAIN:
            by_mark.append(partner)
        names = [look.connector.name for look in by_mark]
        none = Condition(
            "InboundConnector",
            "none that matches by IP address or certificate",
            ", ".join(dict.fromkeys(names)) or "none",
            holds=not names,
            source="§1.6",
        )
        refused = own_domain.holds and none.holds
        candidate = Candidate(self.owner.name, None, (own_domain, none), selected=refused)
        conclusion = "Direct Send of an own domain: refused" if refused else "not Direct Send"
        self.steps.append(Step("direct-send", "§1.6, §2.9 (c)", (candidate,), conclusion))
        return refused

    def _unknown(self) -> bool:
        accepted = self.owner.accepted(self.situation.recipient.domain)
        kind = DomainType.AUTHORITATIVE if accepted is None else accepted.domain_type
        authoritative = Condition("DomainType", "Authoritative", kind.value, kind is DomainType.AUTHORITATIVE, "§1.5")
        known = self.owner.knows(str(self.situation.recipient))
        what = "no Recipients given: every address is known" if self.owner.recipients is None else "listed"
        unlisted = Condition(
            "Recipients", "not listed", what if known else "not listed", holds=not known, source="§1.5"
        )
        refused = authoritative.holds and unlisted.holds
        candidate = Candidate(self.owner.name, None, (authoritative, unlisted), selected=refused)
        conclusion = "unknown in an Authoritative domain: refused" if refused else "the recipient may be accepted"
        self.steps.append(Step("recipient-directory", "§1.5, §2.9 (d)", (candidate,), conclusion))
        return refused

    def _note(self, name: str, rule: str, conclusion: str) -> None:
        self.steps.append(Step(name, rule, (), conclusion))
