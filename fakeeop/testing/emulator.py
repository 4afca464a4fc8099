"""The emulator with the words of tests: a tenant that is there, a builder, values to read, expectations."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from attrs import fields, frozen

from fakeeop import emulator
from fakeeop.config.editor.tree import prepared
from fakeeop.config.faults.tree import faults_from_tree
from fakeeop.config.loader import forest_from_tree, load_tree
from fakeeop.model import Forest
from fakeeop.model.addresses import parse_ip
from fakeeop.testing.asserting import Asserting
from fakeeop.testing.certificates import ClientCertificate, client_certificate, client_context, server_certificates
from fakeeop.testing.records import Message, Session, message_of, session_of, since
from fakeeop.testing.report import failure, whole_report
from fakeeop.testing.reports import DeliveryReport, report_of
from fakeeop.testing.sources import LOCAL, new_source
from fakeeop.testing.tenants import DEFAULT_TREE, TenantBuilder
from fakeeop.testing.tracing import Tracing
from fakeeop.testing.waiting import Awaited, wait_in_loop
from fakeeop.why.render import trace_text
from fakeeop.why.trace import Trace

if TYPE_CHECKING:
    from fakeeop.model.fault import Fault
    from fakeeop.pki.state import ServerCertificates

__all__ = ["EmulatorForTests", "Explanation", "Snapshot"]


@frozen
class Explanation(Trace):
    """A trace that prints itself."""

    def __str__(self) -> str:
        return trace_text(self)


@frozen(eq=False)
class Snapshot:
    """Settings of an emulator, for ``restore``."""

    forest: Forest
    tree: Any
    peers: dict[str, str]
    faults: tuple[Fault, ...]


class EmulatorForTests(Asserting, Tracing, emulator.Emulator):
    """One Exchange Online front end for a test: listening on a free port of 127.0.0.1 while the block lasts.

    >>> with Emulator() as eop:
    ...     eop.tenant("contoso").inbound_connector(
    ...         Name="Relay", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"])
    ...     send_through(eop.host, eop.port, source=eop.address("203.0.113.25"))
    ...     eop.assert_accepted("someone@fabrikam.example", connector="Relay")

    Without a forest there is the tenant contoso, which accepts contoso.com and contoso.onmicrosoft.com and has nothing
    else. Settings are those of ``fakeeop.emulator.Emulator``. Any number may run at once; they share one thread.
    ``timeout`` is how long ``wait_for`` waits, in seconds, unless it is told.
    """

    timeout = 5.0

    def __init__(self, forest: Forest | None = None, **settings: Any) -> None:
        if forest is None:
            forest = _default_forest()
            settings.setdefault("tree", DEFAULT_TREE)
        self._certificates_are_ours = settings.get("certificates") is None
        super().__init__(forest, **settings)
        self._prepared: tuple[Any, Any] = None, None
        self._earlier: dict[str, int] = {}  # sessions that were open at the last clear() → lines they had said

    @classmethod
    def from_file(cls, path: Path | str, **settings: Any) -> EmulatorForTests:
        """An emulator for a tenant file; ``settings`` as for ``from_tree``. Raises ConfigError."""
        return cls.from_tree(load_tree(path), str(path), **settings)

    # ---- where it is

    @property
    def host(self) -> str:
        """The address of the first listener."""
        return self.addresses[0][0]

    @property
    def port(self) -> int:
        """The port of the first listener."""
        return self.addresses[0][1]

    def address(self, public: str) -> str:
        """The local address to bind to, so that you count as coming from this public one (``source_address=``).

        The same one each time. Raises RuntimeError where this machine has one loopback address only.
        """
        wanted = parse_ip(public)
        peers = self.peers
        found = next((source for source, each in peers.items() if parse_ip(each) == wanted), None)
        if found is None:
            found = new_source(public, peers)
            self.replace_peers({**peers, found: public})
        return found

    def clients_come_from(self, public: str) -> None:
        """Whoever does not bind to an address counts as coming from this public one from now on."""
        parse_ip(public)
        self.replace_peers({**self.peers, **dict.fromkeys(LOCAL, public)})

    # ---- what it serves

    def tenant(self, name: str = "contoso") -> TenantBuilder:
        """The tenant of this name, to be changed; a new one has the domain NAME.onmicrosoft.com and nothing else."""
        return TenantBuilder(name, self._change)

    def behaviour(self, **knobs: str) -> None:
        """Set open questions (``fakeeop knobs``), by the names of ``Behaviour:``. Raises ConfigError."""
        self._change(lambda tree: tree.setdefault("Behaviour", {}).update(knobs))

    def as_of(self, day: str) -> None:
        """Be the service of that day (``2019-06-01``): ``AsOf:`` of a tenant file. Raises ConfigError."""
        self._change(lambda tree: tree.update(AsOf=day))

    def fail(self, stage: str, **fault: Any) -> None:
        """One more thing that goes wrong: a fault of ``Faults:`` in a tenant file, ``stage`` being its ``at``.

        ``eop.fail(stage="rcpt", first=2, reply="451 4.7.500 Server busy")``. The counters of all faults begin anew.
        None are left after ``clear_faults()``. Raises ConfigError.
        """
        self.set_faults((*self.faults, *faults_from_tree([{"at": stage, **fault}])))

    # ---- certificates

    @property
    def certificates(self) -> ServerCertificates:
        """The server certificate and the authority of the clients; one set a process unless others were given."""
        if self._certificates is None:
            self._certificates = server_certificates()
        return self._certificates

    def certificate(
        self, name: str = "mail.contoso.com", variant: str = "match", *, key: str = "ec"
    ) -> ClientCertificate:
        """A client certificate for this host, of any variant of ``fakeeop certs make``: match, expired…

        Equal arguments give the same one. Raises ValueError for an unknown variant, RuntimeError if the emulator has
        certificates of another authority.
        """
        if not self._certificates_are_ours:
            raise RuntimeError("this emulator was given certificates: only their authority can make one that it trusts")
        return client_certificate(name, variant, key, self.clock.now())

    def client_context(self, *, verify: bool = True) -> ssl.SSLContext:
        """For ``starttls(context=…)`` without a client certificate."""
        return client_context(verify=verify)

    # ---- what happened

    @property
    def messages(self) -> tuple[Message, ...]:
        """The accepted messages, oldest first; one with recipients inside and outside a tenant is two copies."""
        return tuple(message_of(each, self.journal.deliveries(each)) for each in self.journal.message_records())

    @property
    def reports(self) -> tuple[DeliveryReport, ...]:
        """The delivery reports (NDRs, DSNs) that were made, oldest first."""
        return tuple(map(report_of, self.journal.report_records()))

    @property
    def sessions(self) -> tuple[Session, ...]:
        """The sessions as they are now, oldest first; of one that began before ``clear()`` what it said since."""
        found = map(session_of, self.journal.session_records())
        if not self._earlier:
            return tuple(found)
        return tuple(filter(None, (since(each, self._earlier.get(each.id, 0)) for each in found)))

    def wait_for(
        self,
        messages: int | None = None,
        *,
        sessions: int | None = None,
        open: int | None = None,
        timeout: float | None = None,
    ) -> tuple[Message, ...]:
        """Wait until so many copies arrived, so many sessions ended, at most so many are open; the messages then.

        Sessions count that began after the last ``clear()``.

        Raises EopAssertionError after ``timeout`` seconds. Blocks: a coroutine uses ``wait_for_async``.
        """
        __tracebackhide__ = True
        awaited, seconds = (
            Awaited(messages, sessions, open, self._earlier),
            self.timeout if timeout is None else timeout,
        )
        if not self.journal.wait(awaited.holds, seconds):
            raise failure(awaited.missing(self.journal, seconds), self, self.messages, self.sessions)
        return self.messages

    async def wait_for_async(
        self,
        messages: int | None = None,
        *,
        sessions: int | None = None,
        open: int | None = None,
        timeout: float | None = None,
    ) -> tuple[Message, ...]:
        """``wait_for`` that leaves the running loop of asyncio free."""
        __tracebackhide__ = True
        awaited, seconds = (
            Awaited(messages, sessions, open, self._earlier),
            self.timeout if timeout is None else timeout,
        )
        if not await wait_in_loop(self.journal, awaited.holds, seconds):
            raise failure(awaited.missing(self.journal, seconds), self, self.messages, self.sessions)
        return self.messages

    def explain(
        self, session_id: str | None = None, recipient: str | None = None, *, last: bool = False
    ) -> Explanation:
        """Why a recipient was judged as it was: the last refused one, or the last; with ``last`` the last of all.

        Print it. Raises LookupError if none fits.
        """
        trace = self._last_trace(session_id, recipient) if last else super().explain(session_id, recipient)
        return Explanation(*(getattr(trace, each.name) for each in fields(Trace)))

    def report(self) -> str:
        """Messages, transcripts and the last trace, for people."""
        return whole_report(self, self.messages, self.sessions)

    def clear(self) -> None:
        """Forget messages and ended sessions; faults, rates and quotas begin anew, tenants stay."""
        self._front.reporter.forget()
        self.journal.clear()
        self._earlier = {each.id: len(session_of(each).transcript) for each in self.journal.session_records()}
        self.restart_counters()

    # ---- life

    def snapshot(self) -> Snapshot:
        """What is set now, for ``restore``."""
        return Snapshot(self.forest, self.tree, self.peers, self.faults)

    def restore(self, before: Snapshot) -> None:
        """Tenants, addresses and faults as they were, nothing remembered."""
        if self.forest is not before.forest:
            self.replace_forest(before.forest, before.tree)
        if self.peers != before.peers:
            self.replace_peers(before.peers)
        if self.faults != before.faults:
            self.set_faults(before.faults)
        self.clear()

    def __enter__(self) -> EmulatorForTests:
        self.start()
        return self

    async def __aenter__(self) -> EmulatorForTests:
        """As ``with``: it runs in a thread of its own, so it answers while this loop is busy."""
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    # ---- inside

    def _change(self, edit: Callable[[dict[str, Any]], None]) -> None:
        if self.tree is None:
            raise RuntimeError("this emulator was made from objects; change them with replace_forest()")
        if self._prepared[0] is not self.tree:
            self._prepared = self.tree, prepared(self.tree, self.tree_path)
        tree = deepcopy(self._prepared[1])
        edit(tree)
        if tree != self._prepared[1]:
            self.replace_forest(forest_from_tree(tree, self.tree_path), tree)
            self._prepared = tree, tree

    def _last_trace(self, session_id: str | None, recipient: str | None) -> Trace:
        for record in reversed(self.journal.session_records()):
            for judgement in reversed(list(record.judgements)):
                if session_id in (None, record.id) and (
                    recipient is None or str(judgement.recipient).lower() == recipient.lower()
                ):
                    return judgement.trace()
        raise LookupError(f"no recipient was judged (session {session_id or 'any'}, recipient {recipient or 'any'})")


@lru_cache(maxsize=1)
def _default_forest() -> Forest:
    return forest_from_tree(DEFAULT_TREE)
