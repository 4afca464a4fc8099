"""What all sessions of one emulator share: the tenants in force, the journal, limits and faults, accounts."""

from __future__ import annotations

from attrs import define, field

from fakeeop.accounts.directory import Accounts
from fakeeop.accounts.usage import UsageOfMailboxes
from fakeeop.decision.directory import Directory
from fakeeop.decision.judge import ConnectionJudge
from fakeeop.decision.verdict import Verdict
from fakeeop.delivery.reporting.reporter import Reporter
from fakeeop.guard.protection import Protection
from fakeeop.journal.memory import Journal
from fakeeop.model import Forest, PeerFacts, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.ports import Clock, IdSource, OpenSpool
from fakeeop.smtp.names import HostNames, dated_hosts
from fakeeop.why.narrate import ConnectionNarrator

__all__ = ["FrontEnd", "VerdictCache"]

_JUDGES_KEPT, _VERDICTS_KEPT = 4_096, 1_024


class VerdictCache:
    """A judge, and what it said of one recipient alone: relays send between the same few addresses again and again."""

    __slots__ = ("_said", "judge", "narrator")

    def __init__(self, judge: ConnectionJudge) -> None:
        self.judge = judge
        self.narrator = ConnectionNarrator(judge)
        self._said: dict[tuple[Mailbox, Mailbox], Verdict] = {}

    def verdict(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...]) -> Verdict:
        """``judge_recipient``, once for each pair of addresses as long as no recipient came before."""
        if earlier:
            return self.judge.judge_recipient(reverse_path, recipient, earlier)
        verdict = self._said.get((reverse_path, recipient))
        if verdict is None:
            verdict = self.judge.judge_recipient(reverse_path, recipient)
            if len(self._said) < _VERDICTS_KEPT:
                self._said[reverse_path, recipient] = verdict
        return verdict


@define
class FrontEnd:
    """``hosts`` are its names at the MX. ``version`` is another number each time what it serves has changed."""

    forest: Forest
    journal: Journal
    clock: Clock
    ids: IdSource
    hosts: HostNames
    spool: OpenSpool | None = None
    version: int = field(init=False, default=0)
    usage: UsageOfMailboxes = field(init=False, factory=UsageOfMailboxes)
    directory: Directory = field(init=False)
    protection: Protection = field(init=False)
    reporter: Reporter = field(init=False)
    _accounts: Accounts | None = field(init=False, default=None)
    _judges: dict[str, VerdictCache] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        self.protection = Protection(self.clock)
        self.reporter = Reporter(self.journal, self.clock, self.ids)
        self.replace_forest(self.forest)

    def replace_forest(self, forest: Forest) -> None:
        """Serve another forest from the next transaction on."""
        directory = Directory(forest)
        self.forest = forest
        self.directory = directory
        self._judges = {}
        self.hosts = dated_hosts(self.hosts, forest.behaviour.box_names, forest.behaviour.suffix_form)
        self.protection.renew(forest, directory)
        self.reporter.renew(directory, self.hosts.mailbox)
        self.version += 1  # last: who sees it sees all the rest

    @property
    def accounts(self) -> Accounts:
        """The mailboxes that may sign in at the submission endpoint."""
        if self._accounts is None or self._accounts.forest is not self.forest:
            self._accounts = Accounts(self.forest)
        return self._accounts

    def restart_counters(self) -> None:
        """Rates and quotas begin anew, of addresses and of mailboxes, and the faults with them."""
        self.usage = UsageOfMailboxes()
        self.protection.restart_counters()

    def verdicts(self, peer: PeerFacts, ip: str, tls: TlsFacts | None) -> VerdictCache:
        """Who judges a connection; in clear text it is known by its address alone, and kept."""
        if tls is not None:
            return VerdictCache(self.directory.connection(peer, tls))
        found = self._judges.get(ip)
        if found is None:
            found = VerdictCache(self.directory.connection(peer, None))
            if len(self._judges) < _JUDGES_KEPT:
                self._judges[ip] = found
        return found
