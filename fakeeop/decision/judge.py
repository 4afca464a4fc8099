"""The procedure of facts connectors §2.9 on the index: certificate, then address, then incoming.

One ``ConnectionJudge`` serves one connection: what its certificate and address match is looked up once, at the first
question. Each recipient then costs a few dictionary look-ups.

Every rule of attribution is written twice, on purpose: here to be quick, in ``fakeeop.why.narrate`` to be told with all
that was looked at. Whoever changes one changes both; property tests hold them to the same verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakeeop.decision import rules
from fakeeop.decision.matches import ConnectionMatches, MatchesByTenant, match_connection
from fakeeop.decision.partners import Identified, PartnerCheck
from fakeeop.decision.values import Acceptance, ConnectorEntry, Match, TenantEntry
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction, Reason, Stage, Verdict
from fakeeop.model import DomainType, PeerFacts, TlsFacts
from fakeeop.model.addresses import Mailbox

if TYPE_CHECKING:
    from fakeeop.decision.directory import Directory

__all__ = ["ConnectionJudge"]

_NOBODY = Attribution(None, None, None, None)
_NO_MATCH: list[Match] = []


class ConnectionJudge:
    """Judges the mail of one connection. Make it with ``Directory.connection``; keep it until STARTTLS or the end."""

    __slots__ = ("_behaviour", "_directory", "_known", "peer", "tls")

    def __init__(self, directory: Directory, peer: PeerFacts, tls: TlsFacts | None) -> None:
        self._directory = directory
        self._behaviour = directory.behaviour
        self._known: ConnectionMatches | None = None
        self.peer = peer
        self.tls = tls

    @property
    def directory(self) -> Directory:
        """The index that it judges by."""
        return self._directory

    def judge_recipient(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Verdict:
        """May this recipient be accepted? ``earlier`` are the forward-paths accepted before it in the transaction."""
        sender = reverse_path.domain
        owners = self._directory.acceptances(recipient.domain)
        owner = owners[0] if owners else None
        originating = self._originating(sender, recipient.domain)
        if originating is not None:
            return self._judge_originating(originating, owner)
        if owner is None:
            return Verdict(self._relay_refusal(), _NOBODY, self._relay_stage())
        return self._judge_incoming(owner, sender, recipient, earlier)

    def judge_message(
        self, reverse_path: Mailbox, recipients: tuple[Mailbox, ...], header_from: tuple[str, ...]
    ) -> Verdict | None:
        """Partner connectors at the end of data, by the header From; None = fine.

        Only under the knob ``partner_sender_scope: p2``. ``header_from`` holds canonical domains; empty stands for the
        null sender.
        """
        if self._behaviour.partner_sender_scope != "p2":
            return None
        sender = reverse_path.domain
        for recipient in recipients:
            owners = self._directory.acceptances(recipient.domain)
            if not owners or self._originating(sender, recipient.domain) is not None:
                continue
            tenant = owners[0].tenant
            attributed = self._recipient_attribution(*self._own(tenant, sender, recipient.domain))
            if attributed is not None and self._behaviour.recipient_attribution_restrictions == "skip":
                continue
            check = self._partner_check(tenant, header_from or ("",), sender, recipient.domain)
            if check.restricted():
                return _refused(Reason.PARTNER_RESTRICTION, tenant.incoming, Stage.DATA)
            refusal = self._connector_refusal(attributed, check.identified(), Stage.DATA)
            if refusal is not None:
                return refusal
        return None

    def judge_header_from(self, recipient: Mailbox, header_from: tuple[str, ...]) -> Verdict | None:
        """Does the header From make a refused external recipient Originating? None if not.

        Only under the knob ``header_from_relay`` (§2.2: the third possibility of 2017 to 2023). The domains of
        ``header_from`` are looked at in place of that of the reverse-path.
        """
        known = self._matches()
        owners = self._directory.acceptances(recipient.domain)
        for domain in header_from:
            for matches, by in (
                (known.by_certificate, AttributedBy.CERTIFICATE),
                (known.by_address, AttributedBy.IP_ADDRESS),
            ):
                found = self._where_sender_accepted(matches, domain, recipient.domain)
                if found is not None:
                    return self._judge_originating((found, by), owners[0] if owners else None)
        return None

    def _matches(self) -> ConnectionMatches:
        known = self._known
        if known is None:
            known = self._known = match_connection(self._directory, self.peer, self.tls)
        return known

    # --- originating ------------------------------------------------------------------------------------------------

    def _originating(self, sender: str, recipient: str) -> Identified | None:
        known = self._matches()
        if known.by_certificate:
            found = self._originating_by_certificate(known, sender, recipient)
            if found is None and self._behaviour.relay_condition == "none":
                found = self._by_match_alone(known.by_certificate, sender, recipient)
            if found is not None:
                return found, AttributedBy.CERTIFICATE
        if known.by_address:
            found = self._where_sender_accepted(known.by_address, sender, recipient)
            if found is None and self._behaviour.relay_condition == "none":
                found = self._by_match_alone(known.by_address, sender, recipient)
            if found is not None:
                return found, AttributedBy.IP_ADDRESS
        return None

    def _by_match_alone(self, matches: MatchesByTenant, sender: str, recipient: str) -> ConnectorEntry | None:
        """The rule before 5 July 2017: every client that matches relays, whatever the domains (§2.2)."""
        return self._one_tenant(
            [match for own in matches.values() for match in own if self._applies(match.entry, sender, recipient)]
        )

    def _originating_by_certificate(
        self, known: ConnectionMatches, sender: str, recipient: str
    ) -> ConnectorEntry | None:
        passed = [match for match in known.name_accepted if self._applies(match.entry, sender, recipient)]
        if passed:
            winner = self._one_tenant([match for match in passed if match.rank == passed[0].rank])
            if winner is not None:
                return winner
        if self._behaviour.cert_fallback == "refuse":
            return None
        return self._where_sender_accepted(known.by_certificate, sender, recipient)

    def _where_sender_accepted(self, matches: MatchesByTenant, sender: str, recipient: str) -> ConnectorEntry | None:
        found: list[Match] = []
        for acceptance in self._directory.acceptances(sender):
            found += self._applicable(matches, acceptance.tenant, sender, recipient)
        return self._one_tenant(found)

    def _one_tenant(self, matches: list[Match]) -> ConnectorEntry | None:
        """The winning connector if all matches are of one tenant; else the knob ``tenant_tie`` (2.3-10)."""
        if not matches:
            return None
        first = matches[0].entry
        if all(match.entry.tenant is first.tenant for match in matches):
            return first
        if self._behaviour.tenant_tie == "none":
            return None
        tenant = min((match.entry.tenant for match in matches), key=lambda tenant: tenant.order)
        return next(match.entry for match in matches if match.entry.tenant is tenant)

    def _applies(self, entry: ConnectorEntry, sender: str, recipient: str) -> bool:
        return not entry.scoped or rules.on_premises_applies(
            entry.tenant.tenant, entry.connector, sender, recipient, self._behaviour
        )

    def _applicable(self, matches: MatchesByTenant, tenant: TenantEntry, sender: str, recipient: str) -> list[Match]:
        own = matches.get(tenant)
        if own is None:
            return _NO_MATCH
        return [match for match in own if self._applies(match.entry, sender, recipient)]

    def _judge_originating(self, won: Identified, owner: Acceptance | None) -> Verdict:
        """Own recipients of Originating mail are not held to the directory: §2.9 asks it for Incoming (assumption)."""
        entry, by = won
        internal = owner is not None and owner.tenant is entry.tenant
        attribution = _attributed(entry, by, Direction.ORIGINATING)
        reason = (
            Reason.ORIGINATING_BY_CERTIFICATE if by is AttributedBy.CERTIFICATE else Reason.ORIGINATING_BY_IP_ADDRESS
        )
        if entry.connector.blocked:
            reason = Reason.CONNECTOR_BLOCKED
        elif self._lacks_tls(entry):
            reason = Reason.TLS_REQUIRED
        return Verdict(reason, attribution, Stage.RCPT, internal)

    def _lacks_tls(self, entry: ConnectorEntry) -> bool:
        """RequireTls of an OnPremises connector: documented as without effect, so it is a knob (T4, C36)."""
        return (
            self.tls is None and entry.connector.require_tls and self._behaviour.on_premises_require_tls == "enforced"
        )

    def _relay_refusal(self) -> Reason:
        wording = self._behaviour.attr36_text
        if wording == "always" or (wording == "by-case" and self._matches().any_on_premises):
            return Reason.RELAY_ACCESS_DENIED_ATTR36
        return Reason.RELAY_ACCESS_DENIED

    def _relay_stage(self) -> Stage:
        """Until the header From is known, mail that a connector knows may still be Originating (assumption)."""
        if self._behaviour.header_from_relay == "accepted" and self._matches().any_on_premises:
            return Stage.DATA
        return Stage.RCPT

    # --- incoming ---------------------------------------------------------------------------------------------------

    def _judge_incoming(
        self, owner: Acceptance, sender: str, recipient: Mailbox, earlier: tuple[Mailbox, ...]
    ) -> Verdict:
        behaviour = self._behaviour
        tenant = owner.tenant
        if not tenant.tenant.mail_enabled:
            return _refused(Reason.NO_MAIL_SUBSCRIPTION, tenant.incoming)
        named, located = self._own(tenant, sender, recipient.domain)
        attributed = self._recipient_attribution(named, located)
        if behaviour.multi_domain_session == "refuse" and self._second_domain(
            tenant, located, attributed, recipient, earlier
        ):
            return _refused(Reason.MULTIPLE_DOMAINS, tenant.incoming)
        partner: Identified | None = None
        if attributed is None or behaviour.recipient_attribution_restrictions == "apply":
            scope = (sender,) if behaviour.partner_sender_scope == "p1" else None
            check = self._partner_check(tenant, scope, sender, recipient.domain)
            if check.restricted():
                stage = Stage.RCPT if behaviour.stage_5751 == "rcpt" else Stage.DATA
                return _refused(Reason.PARTNER_RESTRICTION, tenant.incoming, stage)
            partner = check.identified()
        refusal = self._connector_refusal(attributed, partner, Stage.RCPT)
        if refusal is not None:
            return refusal
        won = attributed or partner
        attribution = tenant.incoming if won is None else _attributed(*won, Direction.INCOMING)
        exempt = bool(named or located) or (partner is not None and partner[1] is not AttributedBy.SENDER_DOMAIN)
        rejects = tenant.tenant.reject_direct_send and behaviour.direct_send_setting == "honoured"
        if rejects and not exempt and self._accepts(tenant, sender):
            stage = Stage.RCPT if behaviour.stage_5768 == "rcpt" else Stage.DATA
            return _refused(Reason.DIRECT_SEND_REJECTED, attribution, stage)
        if _unknown(owner, recipient):  # after 5.7.51 and 5.7.68: assumption (C134)
            return _refused(Reason.RECIPIENT_UNKNOWN, attribution)
        reason = Reason.INCOMING_ANONYMOUS if won is None else Reason.INCOMING_BY_CONNECTOR
        return Verdict(reason, attribution, Stage.RCPT, recipient_is_internal=True)

    def _own(self, tenant: TenantEntry, sender: str, recipient: str) -> tuple[list[Match], list[Match]]:
        """The tenant's own OnPremises connectors that the connection matches, by certificate and by address."""
        known = self._matches()
        return (
            self._applicable(known.by_certificate, tenant, sender, recipient),
            self._applicable(known.by_address, tenant, sender, recipient),
        )

    def _recipient_attribution(self, named: list[Match], located: list[Match]) -> Identified | None:
        """§2.9 (a): a connector of the recipient's own tenant, though the mail is not Originating (2.3-2, 2.3-3)."""
        if named and self._behaviour.cert_recipient_attribution == "connector":
            return named[0].entry, AttributedBy.CERTIFICATE
        if located and self._behaviour.ip_recipient_attribution == "connector":
            return located[0].entry, AttributedBy.IP_ADDRESS
        return None

    def _second_domain(
        self,
        tenant: TenantEntry,
        located: list[Match],
        attributed: Identified | None,
        recipient: Mailbox,
        earlier: tuple[Mailbox, ...],
    ) -> bool:
        """2.3-9, C41: an IP connector, a foreign reverse-path, and a second recipient domain of the same tenant."""
        if not located or (attributed is not None and attributed[1] is AttributedBy.CERTIFICATE):
            return False
        return any(other.domain != recipient.domain and self._accepts(tenant, other.domain) for other in earlier)

    def _connector_refusal(
        self, attributed: Identified | None, partner: Identified | None, stage: Stage
    ) -> Verdict | None:
        won = attributed or partner
        if won is not None and won[0].connector.blocked:
            return _refused(Reason.CONNECTOR_BLOCKED, _attributed(*won, Direction.INCOMING), stage)
        if self.tls is not None:
            return None
        deferred = self._behaviour.partner_sender_scope == "p2" and stage is Stage.RCPT  # the scope is not known yet
        if partner is not None and partner[0].connector.require_tls and not deferred:
            return _refused(Reason.TLS_REQUIRED, _attributed(*partner, Direction.INCOMING), stage)
        if attributed is not None and self._lacks_tls(attributed[0]):
            return _refused(Reason.TLS_REQUIRED, _attributed(*attributed, Direction.INCOMING), stage)
        return None

    def _partner_check(
        self, tenant: TenantEntry, scope: tuple[str, ...] | None, sender: str, recipient: str
    ) -> PartnerCheck:
        return PartnerCheck(self._directory, self._matches(), tenant, scope, sender, recipient)

    def _accepts(self, tenant: TenantEntry, domain: str) -> bool:
        return any(acceptance.tenant is tenant for acceptance in self._directory.acceptances(domain))


def _attributed(entry: ConnectorEntry, by: AttributedBy, direction: Direction) -> Attribution:
    return Attribution(entry.tenant.tenant, entry.connector, by, direction)


def _refused(reason: Reason, attribution: Attribution, stage: Stage = Stage.RCPT) -> Verdict:
    return Verdict(reason, attribution, stage, recipient_is_internal=True)


def _unknown(owner: Acceptance, recipient: Mailbox) -> bool:
    """DBEB: the domain is Authoritative and the directory does not know the address (§1.5)."""
    if owner.domain.domain_type is not DomainType.AUTHORITATIVE:
        return False
    return not owner.tenant.tenant.knows(str(recipient))
