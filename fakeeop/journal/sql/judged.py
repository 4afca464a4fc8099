"""Verdicts and who gave them, as plain values; and both again, from the forest that was in force.

The trace of a refusal is not kept: it is told again by the rules from what they were given, which is kept (the tenant
file, the peer, TLS), exactly as the journal in memory does it.
"""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from fakeeop.accounts.directory import Account, Accounts
from fakeeop.accounts.narrate import SignedIn
from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction, Reason, Stage, Verdict
from fakeeop.journal.records import Judgement, Narrator
from fakeeop.journal.sql.facts import Fact, peer_fact, peer_of, tls_fact, tls_of
from fakeeop.model import InboundConnector, Tenant
from fakeeop.model.addresses import Mailbox
from fakeeop.model.connector import ConnectorType
from fakeeop.why.narrate import ConnectionNarrator, HeaderFromNarrator
from fakeeop.why.trace import Trace

__all__ = ["Judged", "JudgementFacts", "verdict_fact"]

_KEPT = 4_096  # of each cache
_CONNECTION, _SIGNED_IN, _HEADER_FROM, _UNKNOWN = range(4)
Digest = Callable[[Directory | None], str]


def verdict_fact(verdict: Verdict) -> Fact:
    """A verdict as plain values."""
    to = verdict.attribution
    return (
        verdict.reason.value,
        None if to.tenant is None else to.tenant.name,
        None if to.connector is None else to.connector.name,
        None if to.by is None else to.by.value,
        None if to.direction is None else to.direction.value,
        verdict.stage.value,
        verdict.recipient_is_internal,
    )


class JudgementFacts:
    """Judgements → plain values. Verdicts and narrators are few and shared: what was made of them is kept."""

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._verdicts: dict[int, tuple[Verdict, Fact]] = {}
        self._narrators: dict[int, tuple[Narrator, Fact]] = {}

    def verdict(self, verdict: Verdict) -> Fact:
        """``verdict_fact``, made once."""
        known = self._verdicts.get(id(verdict))
        if known is not None:
            return known[1]
        if len(self._verdicts) >= _KEPT:
            self._verdicts.clear()
        fact = verdict_fact(verdict)
        self._verdicts[id(verdict)] = verdict, fact
        return fact

    def narrator(self, narrator: Narrator) -> Fact:
        """Who can tell why, as plain values, made once."""
        known = self._narrators.get(id(narrator))
        if known is not None:
            return known[1]
        if len(self._narrators) >= _KEPT:
            self._narrators.clear()
        fact = self._new(narrator)
        self._narrators[id(narrator)] = narrator, fact
        return fact

    def judgements(self, judged: list[Judgement]) -> tuple[Fact, Fact]:
        """The narrators, each once, and the judgements that refer to them."""
        if len(judged) == 1 and not judged[0].earlier:  # most often
            each = judged[0]
            path, recipient = each.reverse_path, each.recipient
            only = (
                each.transaction,
                path.local,
                path.domain,
                recipient.local,
                recipient.domain,
                0,
                self.verdict(each.verdict),
                each.reply,
                0,
            )
            return (self.narrator(each.judge),), (only,)
        return self._many(judged)

    def _many(self, judged: list[Judgement]) -> tuple[Fact, Fact]:
        narrators: list[Fact] = []
        places: dict[int, int] = {}
        found = []
        transaction, passed = 0, 0
        last: Mailbox | None = None
        for each in judged:
            place = places.get(id(each.judge))
            if place is None:
                place = places[id(each.judge)] = len(narrators)
                narrators.append(self.narrator(each.judge))
            if each.transaction != transaction:
                transaction, passed, last = each.transaction, 0, None
            earlier: int | Fact = passed
            if len(each.earlier) != passed or (passed and each.earlier[-1] is not last and each.earlier[-1] != last):
                earlier = tuple((path.local, path.domain) for path in each.earlier)
            path, recipient = each.reverse_path, each.recipient
            found.append(
                (
                    *(transaction, path.local, path.domain, recipient.local, recipient.domain, earlier),
                    *(self.verdict(each.verdict), each.reply, place),
                )
            )
            if each.reply.startswith(b"250"):
                passed += 1
                last = recipient
        return tuple(narrators), tuple(found)

    def _new(self, narrator: Narrator) -> Fact:
        if isinstance(narrator, ConnectionNarrator):
            judge = narrator.judge
            return _CONNECTION, self._digest(judge.directory), peer_fact(judge.peer), tls_fact(judge.tls)
        if isinstance(narrator, SignedIn):
            address, mechanism = narrator.account.address, narrator.mechanism
            return _SIGNED_IN, self._digest(None), peer_fact(narrator.peer), tls_fact(narrator.tls), address, mechanism
        if isinstance(narrator, HeaderFromNarrator):
            verdict = verdict_fact(narrator.verdict)
            return _HEADER_FROM, self.narrator(narrator.before), narrator.header_from, verdict
        if isinstance(narrator, _Retold):
            return narrator.fact
        return (_UNKNOWN,)


class Judged:
    """Plain values → judgements. ``directory`` finds the forest of a digest; None where it was not kept."""

    def __init__(self, directory: Callable[[str], Directory | None]) -> None:
        self._directory = directory

    def verdict(self, fact: Fact, digest: str) -> Verdict:
        """The verdict again, with the tenant and the connector of that forest."""
        reason, tenant_name, connector_name, by, direction, stage, internal = fact
        tenant, connector = None, None
        if tenant_name is not None:
            tenant = self._tenant(tenant_name, digest)
            if connector_name is not None:
                known = (each for each in tenant.inbound_connectors if each.name == connector_name)
                connector = next(known, None) or InboundConnector(connector_name, ConnectorType.ON_PREMISES)
        attribution = Attribution(
            tenant, connector, by and AttributedBy(by), None if direction is None else Direction(direction)
        )
        return Verdict(Reason(reason), attribution, Stage(stage), recipient_is_internal=internal)

    def _tenant(self, name: str, digest: str) -> Tenant:
        directory = self._directory(digest) if digest else None
        tenants = () if directory is None else directory.forest.tenants
        return next((each for each in tenants if each.name == name), None) or Tenant(name, ())

    def judgements(self, narrators: Fact, facts: Fact) -> list[Judgement]:
        """The judgements of one session again."""
        found: list[Judgement] = []
        passed: list[Mailbox] = []
        before = 0
        for transaction, local, domain, to, at, earlier, verdict, reply, place in facts:
            if transaction != before:
                before, passed = transaction, []
            recipient = Mailbox(to, at)
            paths = tuple(passed) if isinstance(earlier, int) else tuple(Mailbox(*path) for path in earlier)
            ours = self.verdict(verdict, _digest_of(narrators[place]))
            teller = _Retold(narrators[place], self, ours)
            found.append(Judgement(transaction, Mailbox(local, domain), recipient, paths, ours, reply, teller))
            if reply.startswith(b"250"):
                passed.append(recipient)
        return found

    def narrator(self, fact: Fact) -> Narrator | None:
        """Who tells why; None if the forest was not kept."""
        kind = fact[0]
        if kind == _HEADER_FROM:
            before = self.narrator(fact[1])
            if not isinstance(before, ConnectionNarrator):
                return None
            return HeaderFromNarrator(before, fact[2], self.verdict(fact[3], fact[1][1]))
        directory = None if kind == _UNKNOWN else self._directory(fact[1])
        if directory is None:
            return None
        peer, tls = peer_of(fact[2]), tls_of(fact[3])
        if kind == _CONNECTION:
            return ConnectionNarrator(directory.connection(peer, tls))
        account: Account | None = Accounts(directory.forest).owner(fact[4])
        return None if account is None else SignedIn(account, fact[5], peer, tls)


@frozen(eq=False)
class _Retold:
    """A narrator that is made when somebody asks."""

    fact: Fact
    judged: Judged
    verdict: Verdict

    def explain(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Trace:
        """What was looked at; little, if the tenants of that time are not known."""
        narrator = self.judged.narrator(self.fact)
        if narrator is None:
            says = "the tenants of that time were not read from a file, so the journal does not have them"
            inputs = (("MAIL FROM", str(reverse_path) or "<>"), ("RCPT TO", str(recipient)))
            return Trace(inputs, (), self.verdict.reason, self.verdict.attribution, advice=(says,))
        return narrator.explain(reverse_path, recipient, earlier)


def _digest_of(fact: Fact) -> str:
    """Of the forest that a narrator knows."""
    kind = fact[0]
    if kind == _UNKNOWN:
        return ""
    digest: str = fact[1][1] if kind == _HEADER_FROM else fact[1]
    return digest
