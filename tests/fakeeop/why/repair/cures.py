"""Refusals by the thousand: worlds and probes at random, what the fixes that are told do, and cures by brute force.

    python -m tests.fakeeop.why.repair.cures --refusals 50000 --seed 1

What must hold: every told fix cures; none lets a stranger relay; none widens without saying so; a refusal that one or
two changes cure, none of which opens the relay, is told a fix. The brute force tries every change to every field that
it can think of, on the model itself, and knows nothing of ``fakeeop.why.repair.candidates``.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

from attrs import evolve, frozen

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import Direction, Reason
from fakeeop.model import (
    AcceptedDomain,
    ConnectorType,
    DomainType,
    Forest,
    InboundConnector,
    PeerFacts,
    Tenant,
    TlsFacts,
)
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, parse_ip
from fakeeop.why.narrate import ConnectionNarrator
from fakeeop.why.repair.values import Fix, Question, changed
from tests.fakeeop.why.repair.worlds import (
    DOMAINS,
    LISTED,
    NAMES,
    OUTSIDE,
    PATTERNS,
    PEERS,
    STRANGE_NAMES,
    STRANGERS,
    any_question,
    certificate,
)

# --- judging ----------------------------------------------------------------------------------------------------------


def accepted(question: Question) -> bool:
    judge = Directory(question.forest).connection(question.peer, question.tls)
    return judge.judge_recipient(question.reverse_path, question.recipient, question.earlier).accepted


def relays(forest: Directory, peer: str, names: tuple[str, ...], sender: str) -> bool:
    """May this connection send outside?"""
    tls = TlsFacts("TLSv1.3", "X", certificate(*names) if names else None)
    verdict = forest.connection(PeerFacts(parse_ip(peer)), tls).judge_recipient(Mailbox("x", sender), OUTSIDE)
    return verdict.accepted and verdict.attribution.direction is Direction.ORIGINATING


def strangers_relay(before: Forest, after: Forest) -> bool:
    """Addresses that nobody lists and certificates of nobody here, under every sender."""
    was, is_ = Directory(before), Directory(after)
    return any(
        relays(is_, peer, names, sender) and not relays(was, peer, names, sender)
        for peer in STRANGERS
        for names in ((), STRANGE_NAMES)
        for sender in (*DOMAINS[:1], "fabrikam.com", "bank.example", "evil.com")
    )


def newly_possible(question: Question, after: Forest) -> list[str]:
    """What neighbours of this relay, forgers and unknown recipients could not do before, and can do now."""
    was, is_ = Directory(question.forest), Directory(after)
    found = []
    domains = [d.domain_name for tenant in after.tenants for d in tenant.accepted_domains]
    for peer in (*PEERS, "203.0.113.27", "198.51.100.79"):
        for names in ((), *((name,) for name in NAMES), ("other.contoso.com",), ("other.fabrikam.com",)):
            for sender in ("contoso.com", "fabrikam.com", "bank.example", "example.net"):
                if relays(is_, peer, names, sender) and not relays(was, peer, names, sender):
                    found.append(f"{peer} {names} relays as {sender}")
                    break
    for domain in domains:
        for sender in ("", "example.net", "partner.example", *domains):
            for local in ("user", "no-such-user"):
                path, to = Mailbox("x", sender) if sender else Mailbox("", ""), Mailbox(local, domain)
                tls = TlsFacts("TLSv1.3", "X")
                stranger = PeerFacts(parse_ip(STRANGERS[0]))
                now = is_.connection(stranger, tls).judge_recipient(path, to)
                then = was.connection(stranger, tls).judge_recipient(path, to)
                harmless = {Reason.NO_MAIL_SUBSCRIPTION}  # curing it is meant to let mail in
                if now.accepted and not then.accepted and then.reason not in harmless:
                    found.append(f"a stranger sends from {sender} to {local}@{domain}")
    return found


def legal(forest: Forest) -> str:
    """The rules E2 to E6 and E16 of a connector; empty if they hold."""
    for tenant in forest.tenants:
        owned = {d.domain_name for d in tenant.accepted_domains}
        for each in tenant.inbound_connectors:
            named = each.tls_sender_certificate_name is not None
            if not each.is_partner and not named and not each.sender_ip_addresses:
                return "E2"
            if named and not each.require_tls:
                return "E3"
            if each.is_partner and each.restrict_domains_to_ip_addresses and not each.sender_ip_addresses:
                return "E4"
            if each.is_partner and each.restrict_domains_to_certificate and not named:
                return "E5"
            if not set(each.associated_accepted_domains) <= owned:
                return "E16"
        for other in forest.tenants:
            if other is not tenant and owned & {d.domain_name for d in other.accepted_domains}:
                return "a domain of two tenants"
    return ""


# --- brute force ------------------------------------------------------------------------------------------------------

Step = Callable[[Question], Question]


def all_changes(question: Question) -> Iterator[tuple[str, Step]]:
    """Every single change to every field, by name. Nobody's domain is given to somebody else."""
    yield from relay_changes(question)
    for at, tenant in enumerate(question.forest.tenants):
        yield from ((f"{tenant.name}: {name}", in_tenant(at, step)) for name, step in tenant_changes(question, tenant))
        for number, connector in enumerate(tenant.inbound_connectors):
            for name, values in connector_changes(question, tenant, connector):
                yield f"{connector.name}: {name}", in_connector(at, number, values)


def in_tenant(at: int, step: Callable[[Tenant], Tenant]) -> Step:
    def change(question: Question) -> Question:
        tenants = list(question.forest.tenants)
        tenants[at] = step(tenants[at])
        return evolve(question, forest=evolve(question.forest, tenants=tuple(tenants)))

    return change


def in_connector(at: int, number: int, values: dict[str, object]) -> Step:
    def step(tenant: Tenant) -> Tenant:
        connectors = list(tenant.inbound_connectors)
        connectors[number] = evolve(connectors[number], **values)  # type: ignore[arg-type]
        return evolve(tenant, inbound_connectors=tuple(connectors))

    return in_tenant(at, step)


def relay_changes(question: Question) -> Iterator[tuple[str, Step]]:
    tls = question.tls or TlsFacts("TLSv1.3", "X")
    if question.tls is None:
        yield "STARTTLS", put(tls=tls)
    for peer in (*PEERS, *(text.partition("/")[0] for text in LISTED), "198.51.100.1"):
        yield f"from {peer}", put(peer=PeerFacts(parse_ip(peer)))
    for name in (*NAMES, *(pattern.removeprefix("*.") for pattern in PATTERNS)):
        yield f"cert {name}", put(tls=evolve(tls, certificate=certificate(name)))
    held = tls.certificate
    if held is not None:
        sound = certificate(*held.names)
        yield "mended", put(tls=evolve(tls, certificate=sound))
    if not question.reverse_path.is_null:
        for domain in DOMAINS:
            yield f"MAIL FROM {domain}", put(reverse_path=Mailbox("app", domain))
    same = tuple(each for each in question.earlier if each.domain == question.recipient.domain)
    yield "split", put(earlier=same)


def put(**values: Any) -> Callable[[Any], Any]:
    """The change that sets these fields of whatever it is given."""
    return lambda value: evolve(value, **values)


def tenant_changes(question: Question, tenant: Tenant) -> Iterator[tuple[str, Callable[[Tenant], Tenant]]]:
    yield "RejectDirectSend", put(reject_direct_send=False)
    yield "subscription", put(mail_enabled=True)
    known = str(question.recipient).lower()
    yield "recipient", put(recipients=(tenant.recipients or frozenset()) | {known})
    for number, domain in enumerate(tenant.accepted_domains):
        for change in (put(domain_type=DomainType.INTERNAL_RELAY), put(match_sub_domains=True)):
            yield f"{domain.domain_name} {number}", with_domain(number, change)
    held = question.held_certificate
    for domain_name in {question.reverse_path.domain, question.recipient.domain, *(held.names if held else ())}:
        if addable(question.forest, tenant, domain_name):
            yield f"accept {domain_name}", more("accepted_domains", AcceptedDomain(domain_name))
    yield from new_connectors(question, tenant)


def more(field: str, value: Any) -> Callable[[Tenant], Tenant]:
    """One more element of a list of the tenant."""

    def change(tenant: Tenant) -> Tenant:
        values: dict[str, Any] = {field: (*getattr(tenant, field), value)}
        return evolve(tenant, **values)

    return change


def with_domain(number: int, change: Callable[[Any], Any]) -> Callable[[Tenant], Tenant]:
    """The accepted domain of this number, changed."""

    def step(tenant: Tenant) -> Tenant:
        domains = [change(each) if at == number else each for at, each in enumerate(tenant.accepted_domains)]
        return evolve(tenant, accepted_domains=tuple(domains))

    return step


def addable(forest: Forest, tenant: Tenant, domain: str) -> bool:
    """Not a top-level domain, not another tenant's nor below one of its, and not one of the outside world."""
    if "." not in domain or "*" in domain or domain == OUTSIDE.domain or tenant.accepted(domain) is not None:
        return False
    others = [d.domain_name for other in forest.tenants if other is not tenant for d in other.accepted_domains]
    return not any(domain == other or domain.endswith("." + other) for other in others)


def new_connectors(question: Question, tenant: Tenant) -> Iterator[tuple[str, Callable[[Tenant], Tenant]]]:
    held = question.held_certificate
    names = {*(held.names if held else ()), *(d.domain_name for d in tenant.accepted_domains)}
    for kind in ConnectorType:
        made = []
        if question.peer.ip.version == 4:
            ranges = (IpRange.parse(str(question.peer.ip)),)
            made.append(InboundConnector("new", kind, sender_ip_addresses=ranges, require_tls=False))
        made += [InboundConnector("new", kind, tls_sender_certificate_name=DomainPattern.parse(name)) for name in names]
        for each in made:
            marks = each.sender_ip_addresses or each.tls_sender_certificate_name
            yield f"new {kind.value} {marks}", more("inbound_connectors", each)


def connector_changes(
    question: Question, tenant: Tenant, connector: InboundConnector
) -> Iterator[tuple[str, dict[str, object]]]:
    for name in ("enabled", "blocked", "require_tls", *RESTRICT):
        value = getattr(connector, name)
        if value != (name == "enabled"):
            yield name, {name: not value}
    if question.peer.ip.version == 4:
        ranges = (*connector.sender_ip_addresses, IpRange.parse(str(question.peer.ip)))
        yield "address", {"sender_ip_addresses": ranges}
    held = question.held_certificate
    for name in {*(held.names if held else ()), *(d.domain_name for d in tenant.accepted_domains)}:
        pattern = DomainPattern.parse(name)
        yield f"named {name}", {"tls_sender_certificate_name": pattern, "require_tls": True}
    for domain in {question.reverse_path.domain, "*"} - {""}:
        if not domain.startswith("["):
            domains = (*connector.sender_domains, DomainPattern.parse(domain))
            yield f"SenderDomains {domain}", {"sender_domains": domains}
    for accepted_domain in tenant.accepted_domains:
        more = (*connector.associated_accepted_domains, accepted_domain.domain_name)
        yield f"associated {accepted_domain.domain_name}", {"associated_accepted_domains": more}
    yield "associated none", {"associated_accepted_domains": ()}


RESTRICT = ("restrict_domains_to_ip_addresses", "restrict_domains_to_certificate")


def cure(question: Question) -> tuple[str, ...] | None:
    """One or two changes that lead to acceptance and open no relay; None if there are none."""
    changes = list(all_changes(question))
    for name, step in changes:
        if cures(question, step(question)):
            return (name,)
    for (name, step), (other, after) in combinations(changes, 2):
        if cures(question, after(step(question))):
            return name, other
    return None


def cures(before: Question, after: Question) -> bool:
    return accepted(after) and not legal(after.forest) and not strangers_relay(before.forest, after.forest)


# --- what is told -----------------------------------------------------------------------------------------------------


@frozen
class Refusal:
    """One refusal, the fixes that were told, and what is wrong with them."""

    question: Question
    reason: Reason
    fixes: tuple[Fix, ...]
    faults: tuple[str, ...]


def refusals(seed: int, *, force: bool = True) -> Iterator[Refusal]:
    """Endless."""
    rng = random.Random(seed)  # noqa: S311  the same worlds for the same seed
    while True:
        question = any_question(rng)
        judge = Directory(question.forest).connection(question.peer, question.tls)
        verdict = judge.judge_recipient(question.reverse_path, question.recipient, question.earlier)
        if verdict.accepted:
            continue
        trace = ConnectionNarrator(judge).explain(question.reverse_path, question.recipient, question.earlier)
        faults = [fault for fix in trace.fixes for fault in faults_of(question, fix)]
        if force and not trace.fixes:
            found = cure(question)
            if found is not None:
                faults.append(f"no fix is told, but there is one: {found}")
        yield Refusal(question, verdict.reason, trace.fixes, tuple(faults))


def faults_of(question: Question, fix: Fix) -> Iterator[str]:
    after = changed(question, fix.changes)
    if not accepted(after):
        yield f"does not cure: {fix.changes}"
    if legal(after.forest) and not legal(question.forest):
        yield f"breaks rule {legal(after.forest)}: {fix.changes}"
    if strangers_relay(question.forest, after.forest):
        yield f"lets a stranger relay: {fix.changes}"
    if not fix.opens:
        possible = newly_possible(question, after.forest)
        if possible:
            yield f"opens without saying so: {possible[:3]}: {fix.changes}"


def main() -> int:
    """The long run."""
    parser = argparse.ArgumentParser(description="Are the fixes that are told right?")
    parser.add_argument("--refusals", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    for refusal, _ in zip(refusals(args.seed), range(args.refusals), strict=False):
        counts["refusals"] += 1
        counts["with a fix"] += bool(refusal.fixes)
        counts["fixes"] += len(refusal.fixes)
        counts[f"reason {refusal.reason.value}"] += 1
        for fault in refusal.faults:
            counts[f"FAULT {fault.partition(':')[0]}"] += 1
            if counts["shown"] < 10:
                counts["shown"] += 1
                print(fault, refusal.reason, refusal.question, sep="\n  ")
    for name, count in sorted(counts.items()):
        print(f"{count:>9,}  {name}")
    return 1 if any(name.startswith("FAULT") for name in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
