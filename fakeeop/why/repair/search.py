"""Fixes that were tried: packages applied to a copy of the question, judged by ``decision.Directory``, probed, ranked.

A package that leads to another refusal is carried on from there, so that nobody is sent from one wall to the next.
What is found is exact, whatever the size of the forest: every trial is judged with all connectors that its own facts
match in the whole index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from attrs import evolve

from fakeeop.decision import rules
from fakeeop.decision.certificates import usable
from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Direction, Reason, Verdict
from fakeeop.model import (
    Behaviour,
    CertificateFacts,
    InboundConnector,
    PeerFacts,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import DomainPattern, Mailbox, parse_ip
from fakeeop.why.repair.candidates import Package, RefusedCase, last_resort, packages, wall
from fakeeop.why.repair.rank import cost, opened, widening
from fakeeop.why.repair.values import (
    AddRecipient,
    AllowDirectSend,
    Fix,
    MendCertificate,
    PresentCertificate,
    Question,
    RelayChange,
    RepairChange,
    Subscribe,
    changed,
    touched,
)

__all__ = ["MOST_FIXES", "search"]

MOST_FIXES: Final = 8  # more than these help nobody
_MOST_CHANGES = 4
_DEEPEST = 3  # refusals behind each other
_ENOUGH = 16  # found in one refusal
_CARRIED_ON = 6  # packages that lead to another refusal and are carried on from there
_STRANGERS: Final = tuple(
    map(parse_ip, ("192.0.2.213", "198.51.100.251", "203.0.113.253", "198.18.77.77", "100.64.9.9", "8.8.8.8"))
)
_LAST_STRANGER: Final = parse_ip("2001:db8::bad")

JudgedAgain = Callable[[Question], RefusedCase]


def search(directory: Directory, judged: RefusedCase, again: JudgedAgain) -> tuple[Fix, ...]:
    """The fixes of one refusal, the best first; all of them lead to acceptance. ``again`` looks at a changed case."""
    return _Search(directory, judged, again).fixes()


class _Search:
    def __init__(self, directory: Directory, judged: RefusedCase, again: JudgedAgain) -> None:
        self.judged, self.again = judged, again
        self.directory = directory
        held = judged.situation
        self.base = Question(held.forest, held.peer, held.tls, held.reverse_path, held.recipient, held.earlier)
        wanted = Direction.ORIGINATING if judged.reason.accepted else None
        self.trials = Trials(directory, self.base, wanted)
        self.found: dict[frozenset[RepairChange], tuple[Package, Verdict]] = {}
        self.safe: dict[frozenset[RepairChange], bool] = {}  # no stranger relays
        self.tried: set[frozenset[RepairChange]] = set()

    def fixes(self) -> tuple[Fix, ...]:
        frontier: list[tuple[Package, RefusedCase]] = [((), self.judged)]
        told: tuple[Fix, ...] = ()
        for _ in range(_DEEPEST):
            missed: list[tuple[Package, Verdict]] = []
            for prefix, judged in frontier:
                for package in packages(judged, self.directory):
                    if len(self.found) >= _ENOUGH:
                        break
                    self._try(_joined(prefix, package), missed)
            told = self._ranked()
            if not missed or any(not fix.widens for fix in told):
                break
            before = frontier[0][1].reason
            missed.sort(key=lambda each: (each[1].reason is before, len(each[0])))
            frontier = [
                (changes, self.again(changed(self.base, changes))) for changes, _ in _one_of_each(missed)[:_CARRIED_ON]
            ]
        if not told:
            for package in last_resort(self.judged, self.directory):
                self._try(package, [])
            told = self._ranked()
        return told

    def _ranked(self) -> tuple[Fix, ...]:
        """The best ones, of which none lets a stranger relay."""
        told: list[Fix] = []
        for key, (changes, verdict) in sorted(self.found.items(), key=lambda each: cost(each[1][0])):
            if key not in self.safe:
                self.safe[key] = not self.trials.lets_strangers_relay(changes)
            if self.safe[key]:
                told.append(self._fix(changes, verdict))
            if len(told) == MOST_FIXES:
                break
        return tuple(told)

    def _fix(self, changes: Package, verdict: Verdict) -> Fix:
        after, attribution = changed(self.base, changes), verdict.attribution
        opens = tuple(dict.fromkeys(text for change in changes for text in opened(after, change)))
        tenant = attribution.tenant.name if attribution.tenant is not None else None
        connector = attribution.connector.name if attribution.connector is not None else None
        return Fix(changes, opens, widening(changes), tenant, connector)

    def _try(self, changes: Package, missed: list[tuple[Package, Verdict]]) -> None:
        for _ in range(_MOST_CHANGES):
            key = frozenset(changes)
            if not changes or len(changes) > _MOST_CHANGES or key in self.tried or _contradicts(changes):
                return
            self.tried.add(key)
            question = changed(self.base, changes)
            verdict = self.trials.verdict(question)
            if self.trials.accepts(question, verdict):
                self._note(changes, verdict)
                return
            more = wall(question, verdict.reason, verdict.attribution)
            if not more or set(more) <= key:
                missed.append((changes, verdict))
                return
            changes = _joined(changes, more)

    def _note(self, changes: Package, verdict: Verdict) -> None:
        needed = self._needed(changes)
        if needed != changes:
            verdict = self.trials.verdict(changed(self.base, needed))
        self.found.setdefault(frozenset(needed), (needed, verdict))

    def _needed(self, changes: Package) -> Package:
        """Without the changes that it does without."""
        for change in changes if len(changes) > 1 else ():
            fewer = tuple(each for each in changes if each is not change)
            question = changed(self.base, fewer)
            if fewer and self.trials.accepts(question, self.trials.verdict(question)):
                changes = fewer
        return changes


def _joined(prefix: Package, package: Package) -> Package:
    return tuple(dict.fromkeys((*prefix, *package)))


def _contradicts(changes: Package) -> bool:
    """Two of a kind that only one of can hold: two addresses, two certificates, two senders."""
    kinds = [type(change) for change in changes if isinstance(change, RelayChange)]
    named = [kind for kind in kinds if kind in {PresentCertificate, MendCertificate}]
    return len(kinds) > len(set(kinds)) or len(named) > 1


def _one_of_each(missed: list[tuple[Package, Verdict]]) -> list[tuple[Package, Verdict]]:
    """The first few for each refusal that they lead to, so that all are carried on from."""
    held: dict[Reason, list[tuple[Package, Verdict]]] = {}
    for each in missed:
        held.setdefault(each[1].reason, []).append(each)
    rows = list(held.values())
    return [row[at] for at in range(_CARRIED_ON) for row in rows if at < len(row)]


# --- trying ---------------------------------------------------------------------------------------------------------


class Trials:
    """Judges changed questions. ``base`` is the unchanged one; its forest may be a part of the directory's."""

    def __init__(self, directory: Directory, base: Question, wanted: Direction | None = None) -> None:
        self.directory = directory
        self._wanted = wanted  # beside acceptance
        self.base = base
        self._unknown: PeerFacts | None = None
        self._own = {id(tenant) for tenant in base.forest.tenants}

    def verdict(self, question: Question) -> Verdict:
        """What the service would say."""
        judge = self._directory_for(question).connection(question.peer, question.tls)
        return judge.judge_recipient(question.reverse_path, question.recipient, question.earlier)

    def accepts(self, question: Question, verdict: Verdict) -> bool:
        """Accepted, at the end of data as well if the header From is of the reverse-path's domain."""
        if not verdict.accepted:
            return False
        if self._wanted is not None and verdict.attribution.direction is not self._wanted:
            return False
        if question.forest.behaviour.partner_sender_scope != "p2":
            return True
        judge = self._directory_for(question).connection(question.peer, question.tls)
        header_from = (question.reverse_path.domain,) if question.reverse_path.domain else ()
        return judge.judge_message(question.reverse_path, (question.recipient,), header_from) is None

    def lets_strangers_relay(self, changes: Package) -> bool:
        """True if somebody unknown could send outside after these changes and could not before."""
        names = touched(tuple(change for change in changes if not isinstance(change, _NO_RELAY)))
        if not names:
            return False
        after = changed(self.base, changes)
        probe = self._stranger(changes)
        tenants = [tenant for tenant in after.forest.tenants if tenant.name in names]
        senders = {d.domain_name for tenant in tenants for d in tenant.accepted_domains[:3]} | {"stranger.invalid"}
        probe = evolve(probe, forest=after.forest)
        new = self._directory_for(probe, senders).connection(probe.peer, probe.tls)
        old = self.directory.connection(probe.peer, probe.tls)
        return any(
            new.judge_recipient(Mailbox("x", sender), _OUTSIDE).accepted
            and not old.judge_recipient(Mailbox("x", sender), _OUTSIDE).accepted
            for sender in senders
        )

    def _stranger(self, changes: Package) -> Question:
        """At an address that no connector lists, with a valid certificate of a name that no tenant has."""
        tops = {"com", "example", "net", "org"}
        for change in changes:
            pattern = getattr(change, "value", None) or getattr(change, "mark", None)
            if isinstance(pattern, DomainPattern):
                tops.add(pattern.domain.rpartition(".")[2])
        names = tuple(f"stranger-of-all.{top}" for top in sorted(tops - {""}))
        facts = CertificateFacts(names, "", "", _DAY, _DAY, extended_key_usages=("serverAuth", "clientAuth"))
        if self._unknown is None:
            peers = (each for each in _STRANGERS if each != self.base.peer.ip)
            found = (each for each in map(PeerFacts, peers) if not self.directory.by_address(each))
            self._unknown = next(found, PeerFacts(_LAST_STRANGER))
        tls = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", facts)
        return Question(self.base.forest, self._unknown, tls, Mailbox("", ""), _OUTSIDE)

    def _directory_for(self, question: Question, senders: Iterable[str] = ()) -> Directory:
        """The whole index, or one of the changed tenants and all that these facts match (or other senders)."""
        altered = [tenant for tenant in question.forest.tenants if id(tenant) not in self._own]
        if not altered:
            return self.directory
        whole = self.directory
        matched = whole.by_address(question.peer)
        certificate = question.held_certificate
        if certificate is not None and usable(certificate, question.forest.behaviour):
            matched = [*matched, *whole.by_certificate(certificate.names)]
        kept = {id(match.entry.connector) for match in matched}
        places = {match.entry.tenant.order for match in matched}
        for domain in (question.reverse_path.domain, question.recipient.domain, *senders):
            places.update(acceptance.tenant.order for acceptance in whole.acceptances(domain))
        new = {whole.place_of(tenant.name): tenant for tenant in altered}
        chosen = []
        for place in sorted(places | set(new)):
            before = whole.forest.tenants[place]
            chosen.append(_reduced(new.get(place, before), before, kept, question))
        return Directory(evolve(whole.forest, tenants=tuple(chosen)))


_NO_RELAY: Final = (AddRecipient, AllowDirectSend, Subscribe)  # what can never let anybody send outside
_OUTSIDE: Final = Mailbox("x", "outside.invalid")
_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _reduced(tenant: Tenant, before: Tenant, kept: set[int], question: Question) -> Tenant:
    """The tenant with the connectors that can matter: matched ones, changed ones, Partner connectors of this sender."""
    if len(tenant.inbound_connectors) <= 2:
        return tenant
    domain, behaviour = question.reverse_path.domain, question.forest.behaviour
    unchanged = () if tenant is before else {id(each) for each in before.inbound_connectors}
    return evolve(
        tenant,
        inbound_connectors=tuple(
            each
            for each in tenant.inbound_connectors
            if id(each) in kept
            or (tenant is not before and id(each) not in unchanged)
            or (each.is_partner and _by_sender(each, domain, behaviour))
        ),
    )


def _by_sender(connector: InboundConnector, domain: str, behaviour: Behaviour) -> bool:
    """Can a Partner connector that neither certificate nor address matches matter to mail of this domain?"""
    specificity = rules.sender_specificity(connector, (domain,))
    if specificity is None:
        return False
    return connector.is_restricting or rules.identified_by_sender_domain(connector, specificity, behaviour)
