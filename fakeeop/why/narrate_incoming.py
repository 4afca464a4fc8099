"""The Incoming half of the narration: the recipient's tenant is known and the mail is not Originating."""

from __future__ import annotations

from fakeeop.decision import rules
from fakeeop.decision.verdict import AttributedBy, Attribution, Candidate, Condition, Direction, Reason, Step
from fakeeop.model import DomainType, Tenant
from fakeeop.why.looked import Look
from fakeeop.why.situation import Situation

__all__ = ["IncomingNarrator"]


class IncomingNarrator:
    """Steps 4 (a) to (d) of §2.9 for one recipient of ``owner``; fills ``steps`` and ``partners``."""

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
