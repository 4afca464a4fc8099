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

from fakeeop.decision.certificates import usable
from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Direction, Reason, Verdict
from fakeeop.model import CertificateFacts, ConnectorType, Forest, InboundConnector, PeerFacts, Tenant, TlsFacts
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, parse_ip
from fakeeop.why.repair.candidates import Package, RefusedCase, packages, wall
from fakeeop.why.repair.values import (
    AddConnector,
    AddDomain,
    AddRecipient,
    AddToConnector,
    AllowDirectSend,
    ComeFrom,
    Fix,
    MendCertificate,
    PresentCertificate,
    Question,
    RelayChange,
    RepairChange,
    SendFrom,
    SetConnector,
    SetDomain,
    SplitByDomain,
    Subscribe,
    TenantChange,
    Unblock,
    UseTls,
    changed,
    touched,
)
from fakeeop.why.situation import listed

__all__ = ["MOST_FIXES", "search"]

MOST_FIXES: Final = 8  # more than these help nobody
_MOST_CHANGES = 4
_DEEPEST = 3  # refusals behind each other
_CARRIED_ON = 6  # packages that lead to another refusal and are carried on from there
_STRANGERS = ("192.0.2.213", "198.51.100.251", "203.0.113.253", "198.18.77.77", "100.64.9.9", "8.8.8.8")

JudgedAgain = Callable[[Question], RefusedCase]


def search(directory: Directory, judged: RefusedCase, again: JudgedAgain) -> tuple[Fix, ...]:
    """The fixes of one refusal, the best first; all of them lead to acceptance. ``again`` looks at a changed case."""
    return _Search(directory, judged, again).fixes()


class _Search:
    def __init__(self, directory: Directory, judged: RefusedCase, again: JudgedAgain) -> None:
        self.judged, self.again = judged, again
        self.directory = directory
        wanted = Direction.ORIGINATING if judged.reason.accepted else None
        held = judged.situation
        self.base = Question(held.forest, held.peer, held.tls, held.reverse_path, held.recipient, held.earlier)
        self.trials = Trials(directory, judged.situation, wanted)
        self.found: dict[frozenset[RepairChange], Fix] = {}
        self.tried: set[frozenset[RepairChange]] = set()

    def fixes(self) -> tuple[Fix, ...]:
        frontier: list[tuple[Package, RefusedCase]] = [((), self.judged)]
        for _ in range(_DEEPEST):
            missed: list[tuple[Package, Verdict]] = []
            for prefix, judged in frontier:
                for package in packages(judged, self.directory):
                    self._try(_joined(prefix, package), missed)
            if not missed or any(not fix.widens for fix in self.found.values()):
                break
            before = frontier[0][1].reason
            missed.sort(key=lambda each: (each[1].reason is before, len(each[0])))
            frontier = [
                (changes, self.again(changed(self.base, changes))) for changes, _ in _one_of_each(missed)[:_CARRIED_ON]
            ]
        ranked = sorted(self.found.values(), key=cost)
        return tuple(ranked[:MOST_FIXES])

    def _try(self, changes: Package, missed: list[tuple[Package, Verdict]]) -> None:
        for _ in range(_MOST_CHANGES):
            key = frozenset(changes)
            if not changes or len(changes) > _MOST_CHANGES or key in self.tried or _contradicts(changes):
                return
            self.tried.add(key)
            question = changed(self.base, changes)
            verdict = self.trials.verdict(question)
            if self.trials.accepts(question, verdict):
                self._note(changes)
                return
            more = wall(question, verdict.reason, verdict.attribution)
            if not more or set(more) <= key:
                missed.append((changes, verdict))
                return
            changes = _joined(changes, more)

    def _note(self, changes: Package) -> None:
        changes = self._needed(changes)
        key = frozenset(changes)
        if key in self.found or self.trials.lets_strangers_relay(changes):
            return
        question = changed(self.base, changes)
        attribution = self.trials.verdict(question).attribution
        opens = tuple(dict.fromkeys(text for change in changes for text in opened(question, change)))
        widens = any(_widening(change) for change in changes)
        tenant = attribution.tenant.name if attribution.tenant is not None else None
        connector = attribution.connector.name if attribution.connector is not None else None
        self.found[key] = Fix(changes, opens, widens, tenant, connector)

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
        names = touched(changes)
        if not names:
            return False
        after = changed(self.base, changes)
        tenants = [tenant for tenant in after.forest.tenants if tenant.name in names]
        for sender in {d.domain_name for tenant in tenants for d in tenant.accepted_domains[:3]} | {"stranger.invalid"}:
            probe = self._stranger(sender, changes)
            trial = evolve(after, peer=probe.peer, tls=probe.tls, reverse_path=probe.reverse_path, recipient=_OUTSIDE)
            if self.verdict(evolve(trial, earlier=())).accepted and not self.verdict(probe).accepted:
                return True
        return False

    def _stranger(self, sender: str, changes: Package) -> Question:
        """At an address that no connector lists, with a valid certificate of a name that no tenant has."""
        tops = {"example", "com", "net", "org"}
        for change in changes:
            pattern = getattr(change, "value", None) or getattr(change, "mark", None)
            if isinstance(pattern, DomainPattern):
                tops.add(pattern.domain.rpartition(".")[2])
        names = tuple(f"stranger-of-all.{top}" for top in sorted(tops - {""}))
        day = CertificateFacts(names, "", "", _DAY, _DAY, extended_key_usages=("serverAuth", "clientAuth"))
        peer = next(
            (each for each in map(PeerFacts, map(parse_ip, _STRANGERS)) if not self.directory.by_address(each)),
            PeerFacts(parse_ip("2001:db8::bad")),
        )
        if peer.ip == self.base.peer.ip:
            peer = PeerFacts(parse_ip("2001:db8::bad"))
        tls = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", day)
        return evolve(self.base, peer=peer, tls=tls, reverse_path=Mailbox("x", sender), recipient=_OUTSIDE, earlier=())

    def _directory_for(self, question: Question) -> Directory:
        """The whole index, or one of the changed tenants and all that these facts match."""
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
        for domain in (question.reverse_path.domain, question.recipient.domain):
            places.update(acceptance.tenant.order for acceptance in whole.acceptances(domain))
        new = {whole.place_of(tenant.name): tenant for tenant in altered}
        chosen = []
        for place in sorted(places | set(new)):
            before = whole.forest.tenants[place]
            chosen.append(_reduced(new.get(place, before), before, kept, question.reverse_path.domain))
        return Directory(evolve(whole.forest, tenants=tuple(chosen)))


_OUTSIDE: Final = Mailbox("x", "outside.invalid")
_DAY: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _reduced(tenant: Tenant, before: Tenant, kept: set[int], sender: str) -> Tenant:
    """The tenant with the connectors that can matter: matched ones, changed ones, Partner connectors of this sender."""
    if len(tenant.inbound_connectors) <= 2:
        return tenant
    unchanged = {id(each) for each in before.inbound_connectors}
    return evolve(
        tenant,
        inbound_connectors=tuple(
            each
            for each in tenant.inbound_connectors
            if id(each) in kept or id(each) not in unchanged or _partner_of(each, sender)
        ),
    )


def _partner_of(connector: InboundConnector, sender: str) -> bool:
    return connector.is_partner and any(pattern.covers(sender) for pattern in connector.sender_domains)


# --- rank and what opens --------------------------------------------------------------------------------------------


def cost(fix: Fix) -> tuple[bool, int, float, float]:
    """Smaller is told earlier: no widening, few changes, what opens least, what is least work."""
    return (
        fix.widens,
        len(fix.changes),
        sum(_openness(change) for change in fix.changes),
        sum(_EFFORT.get(type(change), 3.0) for change in fix.changes),
    )


_EFFORT: Final[dict[type, float]] = {
    UseTls: 0.5,
    MendCertificate: 0.0,
    SplitByDomain: 1.0,
    PresentCertificate: 2.0,
    ComeFrom: 1.5,
    SendFrom: 2.5,
    AddConnector: 4.0,
}


def _openness(change: RepairChange) -> float:
    match change:
        case AddRecipient() | Subscribe():
            return 0.1
        case Unblock():
            return 0.5
        case AddToConnector(value=str()):
            return 1.0
        case SetConnector(value=DomainPattern()) | AddConnector(mark=DomainPattern()):
            return 2.0
        case AddToConnector(value=IpRange()) | AddConnector(mark=IpRange()) | SetConnector(parameter="Enabled"):
            return 3.0
        case AddDomain() | AddToConnector(value=DomainPattern()):
            return 4.0
        case SetDomain() | AllowDirectSend() | SetConnector():
            return 8.0
        case _:
            return 0.0


def _widening(change: RepairChange) -> bool:
    """More than one name, address or domain: a wildcard, a range, or a protection that is taken away."""
    match change:
        case SetConnector(value=DomainPattern() as pattern) | AddConnector(mark=DomainPattern() as pattern):
            return pattern.subdomains
        case AddToConnector(value=DomainPattern() as pattern):
            return pattern.subdomains
        case AddToConnector(value=IpRange() as block) | AddConnector(mark=IpRange() as block):
            return block.network.prefixlen < 32
        case SetDomain() | AllowDirectSend():
            return True
        case SetConnector(parameter=name):
            return name.startswith("Restrict")
        case _:
            return False


def opened(question: Question, change: RepairChange) -> tuple[str, ...]:
    """What else may come in or go out after a change, as sentences without a full stop."""
    if isinstance(change, RelayChange):
        return ()
    connector = _connector_of(question.forest, change)
    relays = connector is not None and connector.connector_type is ConnectorType.ON_PREMISES
    match change:
        case (
            SetConnector(parameter="TlsSenderCertificateName", value=DomainPattern() as pattern)
            | AddConnector(mark=DomainPattern() as pattern)
        ):
            return (_by_name(change.tenant, pattern, relays=relays),)
        case AddToConnector(value=IpRange() as block) | AddConnector(mark=IpRange() as block):
            return (_by_range(change.tenant, block, relays=relays),)
        case SetConnector(parameter="Enabled") if connector is not None:
            marks = [*map(str, connector.sender_ip_addresses), str(connector.tls_sender_certificate_name or "")]
            marks = [mark for mark in marks if mark]
            return (f"{listed(marks)} may {'relay' if relays else 'send'} through {change.connector!r} again",)
        case SetConnector() if connector is not None:
            domains = listed(map(str, connector.sender_domains))
            return (f"mail of {domains} may come from anywhere, to every recipient of {change.tenant}",)
        case Unblock():
            return (f"whoever abused connector {change.connector!r} may send through it again",)
        case AddDomain():
            return (f"{change.tenant} takes and sends mail of {change.domain}",)
        case SetDomain():
            below = f"; every sub-domain of {change.domain} counts as accepted" if change.match_sub_domains else ""
            return (f"every recipient of {change.domain} is accepted, known or not{below}",)
        case AllowDirectSend():
            return (f"anyone may send to {change.tenant} in the name of its own domains",)
        case AddToConnector():
            return (f"connector {change.connector!r} applies to {change.value} as well",)
        case _:
            return ()


def _by_name(tenant: str, pattern: DomainPattern, *, relays: bool) -> str:
    whose = f"whoever holds a valid certificate named {pattern}"
    if pattern.subdomains:
        whose = f"whoever holds a valid certificate of {pattern.domain} or any name below it"
    return f"{whose} may relay through {tenant}" if relays else f"{whose} may send to {tenant} as its partner"


def _by_range(tenant: str, block: IpRange, *, relays: bool) -> str:
    if relays:
        return f"{block} may relay through {tenant}, with any sender of its accepted domains"
    return f"{block} may send to {tenant} as its partner"


def _connector_of(forest: Forest, change: TenantChange) -> InboundConnector | None:
    name = getattr(change, "connector", None) or getattr(change, "name", None)
    for tenant in forest.tenants:
        if tenant.name == change.tenant:
            return next((each for each in tenant.inbound_connectors if each.name == name), None)
    return None


def only(fixes: Iterable[Fix], *, relay: bool) -> tuple[Fix, ...]:
    """The fixes that one side alone can do."""
    return tuple(fix for fix in fixes if (fix.only_relay if relay else fix.only_tenant))
