"""The composition root: one Exchange Online Protection front end, with its forest, its listeners and its journal."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Self

from fakeeop import delivery
from fakeeop.admin import AdminSettings
from fakeeop.admin.server import AdminServer
from fakeeop.config.dated import dated_tree
from fakeeop.config.faults.tree import faults_from_tree
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.secrets import masked
from fakeeop.decision.directory import Directory
from fakeeop.decision.eras import dated_forest
from fakeeop.errors import FakeEopError, SessionCrashed
from fakeeop.front.endpoint import Endpoint
from fakeeop.front.shared import FrontEnd
from fakeeop.journal.memory import Journal, MessageRecord, last_refused
from fakeeop.model import Forest
from fakeeop.model.addresses import IpAddress
from fakeeop.model.fault import Fault
from fakeeop.model.ports import Clock, IdSource
from fakeeop.model.tenant import zone_of
from fakeeop.model.zone import Zone
from fakeeop.server.dns import NameServer
from fakeeop.server.host import Host, shared_host
from fakeeop.server.listener import Listener, OpenListener, PeerMap, format_address, open_socket
from fakeeop.smtp.names import HostNames
from fakeeop.system.clock import SystemClock, VirtualClock
from fakeeop.system.ids import ProcessIds
from fakeeop.system.spool import SpoolFolder
from fakeeop.tls.layers import ANY_VERSION, TlsLayers, lab_certificates
from fakeeop.why.render import trace_text
from fakeeop.why.trace import Trace

if TYPE_CHECKING:
    from fakeeop.pki.state import ServerCertificates
    from fakeeop.server.protocol import TlsServerLayer

__all__ = ["Emulator", "Listener", "VirtualClock"]

_IDS = ProcessIds(datetime.now(UTC))  # shared, so that no two sessions of a process have one id
_CLOCK = SystemClock()


class Emulator:
    """One front end. Open it in a running loop (``await open()``), or in a thread (``start()``, or ``with``).

    >>> with Emulator.from_tree({"Tenants": [...]}) as eop:
    ...     host, port = eop.addresses[0]

    ``peers`` maps source addresses to the public addresses they stand for (``{"127.0.0.25": "203.0.113.25"}``). Without
    ``certificates`` a lab CA and a server certificate are made for this process at the first STARTTLS. ``idle`` is an
    idle time-out in seconds, whatever the tenant file says. ``clock`` may be a ``fakeeop.system.clock.VirtualClock``.
    ``crashes``: "raise" has ``stop`` and ``close`` raise SessionCrashed if a bug of the emulator broke a session; "log"
    does not. Many emulators share one hosting thread. ``admin`` also opens the admin API; ``tree`` is what the forest
    was read from, which the API shows and changes, and ``tree_path`` its file. ``dns`` is where a name server for the
    lab answers (host and port; port 0 lets the system choose), and ``mx_address`` what it says the address of the
    service is (that of the first listener). Messages of more than 1 MiB lie in ``spool`` (the system's folder for
    temporary files), where nobody sees them. ``as_of`` is the day whose service it is; of a ready forest only the
    knobs that are as today are set (``fakeeop.decision.eras``). ``return_reports`` is the relay (host and port, inside
    the lab) that delivery reports are given back to.
    """

    def __init__(
        self,
        forest: Forest,
        *,
        listeners: Sequence[Listener] = (Listener("127.0.0.1", 0),),
        peers: Mapping[str, str] | None = None,
        certificates: ServerCertificates | None = None,
        clock: Clock = _CLOCK,
        ids: IdSource = _IDS,
        journal: Journal | None = None,
        hosts: HostNames | None = None,
        idle: float | None = None,
        crashes: Literal["raise", "log"] = "raise",
        admin: AdminSettings | None = None,
        tree: Any = None,
        tree_path: str = "<input>",
        dns: tuple[str, int] | None = None,
        mx_address: str | None = None,
        spool: Path | None = None,
        as_of: date | str | None = None,
        return_reports: tuple[str, int] | None = None,
    ) -> None:
        self.journal = Journal() if journal is None else journal
        self._clock = clock
        if as_of is not None:
            forest = dated_forest(forest, as_of)
        self._front = FrontEnd(forest, self.journal, clock, ids, hosts or HostNames(), SpoolFolder(spool))
        self._tell_journal(tree)
        self._front.protection.reverse_name = self._reverse_name
        self._front.reporter.give_back(return_reports)
        self._certificates = certificates
        self._making = Lock()
        self._tls = TlsLayers(lambda: self.certificates, clock)
        self.journal.deliver, self._front.reporter.returned = self.deliveries, self._returned
        self.crashes: list[Exception] = []
        self._raise_crashes, self._open = crashes == "raise", False
        self._host: Host | None = None
        self.tree, self.tree_path = tree, tree_path
        self._admin_settings, self._mx_address = admin, mx_address
        self._admin: AdminServer | None = None
        self._zone: tuple[Forest, Zone] | None = None
        self._dns = None if dns is None else NameServer(*dns, lambda: self.zone)
        self._peers = dict(peers or {})
        self._listeners = [self._listener(listener, idle) for listener in listeners]

    @classmethod
    def from_tree(cls, tree: Any, path: Path | str = "<input>", **settings: Any) -> Self:
        """An emulator for a tenant file's content (``Tenants:``, ``Behaviour:``). Raises ConfigError."""
        tree = dated_tree(tree, settings.pop("as_of", None))
        return cls(forest_from_tree(tree, str(path)), tree=tree, tree_path=str(path), **settings)

    # ---- what it serves

    @property
    def forest(self) -> Forest:
        """The tenants, as the next transaction will see them."""
        return self._front.forest

    @property
    def directory(self) -> Directory:
        """The index of the tenants in force."""
        return self._front.directory

    def replace_forest(self, forest: Forest, tree: Any = None) -> None:
        """Serve other tenants; takes effect for the next transaction. May be called from any thread.

        ``tree`` is what they were read from; without it the admin API has nothing to show or change.
        """
        self._front.replace_forest(forest)
        self._tell_journal(tree)
        self.tree = tree

    @property
    def certificates(self) -> ServerCertificates:
        """The server certificate, and the CA that client certificates are judged by; made once, when first needed."""
        with self._making:
            if self._certificates is None:
                self._certificates = lab_certificates()
            return self._certificates

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where it listens, in the order of ``listeners``; the real ports once it is open."""
        return tuple(each.address for each in self._listeners)

    @property
    def peers(self) -> dict[str, str]:
        """Source address → the public address that it stands for."""
        return dict(self._peers)

    def replace_peers(self, peers: Mapping[str, str]) -> None:
        """Another such map, for the connections to come. May be called from any thread. Raises ValueError."""
        for each in self._listeners:
            each.peers.replace(peers)
        self._peers = dict(peers)

    def replace_certificates(self, certificates: ServerCertificates) -> None:
        """Others, for the handshakes to come."""
        self._certificates = certificates
        self._tls.forget()

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The listeners as they were asked for; ``addresses`` says where they are."""
        return tuple(each.listener for each in self._listeners)

    @property
    def zone(self) -> Zone:
        """Every name of the lab: ``Zone:`` of the tenant file, and what follows from the tenants."""
        forest = self._front.forest
        if self._zone is None or self._zone[0] is not forest:
            self._zone = forest, zone_of(forest, self._zone_address)
        return self._zone[1]

    @property
    def _zone_address(self) -> str:
        return self._mx_address or self._listeners[0].address[0]

    @property
    def dns_address(self) -> tuple[str, int] | None:
        """Where the name server answers, the real port once it is open; None if it was not asked for."""
        return self._dns.address if self._dns is not None else None

    @property
    def admin_address(self) -> tuple[str, int] | None:
        """Where the admin API answers; None if it was not asked for, or is not open."""
        return self._admin.address if self._admin is not None else None

    @property
    def answering(self) -> bool:
        """True while every listener accepts connections."""
        return self._open

    @property
    def clock(self) -> Clock:
        """The clock that it uses."""
        return self._clock

    # ---- in a running loop

    async def open(self) -> None:
        """Listen on every listener, or on none: raises ListenError with nothing half-started."""
        sockets = []
        try:
            for each in self._listeners:
                sockets.append(open_socket(each.listener))
            if self._admin_settings is not None:
                sockets.append(open_socket(Listener(self._admin_settings.host, self._admin_settings.port)))
            await self._front.reporter.resume()
            if self._dns is not None:
                await self._dns.open()
        except FakeEopError:
            await self._front.reporter.close()
            for opened in sockets:
                opened.close()
            raise
        for each, opened in zip(self._listeners, sockets, strict=False):
            await each.open(opened)
        self._open = True
        if self._admin_settings is not None:
            await self._open_admin(self._admin_settings, sockets[-1])

    async def close(self, drain: float = 0.0) -> None:
        """Stop listening, give open sessions ``drain`` seconds, say 421 to the rest."""
        self._open = False
        await asyncio.gather(*(each.close(drain) for each in self._listeners))
        await self._front.reporter.close()
        if self._dns is not None:
            self._dns.close()
        admin, self._admin = self._admin, None
        if admin is not None:
            await admin.close()
        self._tell_crashes()

    # ---- in a thread

    def start(self) -> None:
        """Open it in the hosting thread of this process. Raises ListenError."""
        host = shared_host()
        host.call(self.open())
        self._host = host

    def stop(self, drain: float = 0.0) -> None:
        """Close what ``start`` opened; does nothing if it is closed."""
        host, self._host = self._host, None
        if host is not None:
            host.call(self.close(drain), timeout=drain + 30.0)

    def __enter__(self) -> Emulator:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # ---- what happened

    def deliveries(self, record: MessageRecord) -> tuple[delivery.Delivered, ...]:
        """What happens to an accepted message: for each recipient the copy at its end. Made now, each time alike."""
        return delivery.deliveries(record, self._surroundings(record))

    def traced(self) -> list[dict[str, Any]]:
        """Message trace of the last 48 hours (``fakeeop.delivery.message_trace``), newest first, with ``Events``."""
        return delivery.traced(self.journal.message_records(), self.deliveries, self._clock.now())

    @property
    def returning(self) -> int:
        """How many delivery reports are on their way back to the relay (``return_reports``)."""
        return self._front.reporter.returning

    def _returned(self, record: MessageRecord) -> bytes:
        return delivery.returned_header(record, self._surroundings(record))

    def _surroundings(self, record: MessageRecord) -> delivery.FrontEndFacts:
        boxes = {format_address(*each.address): each.listener.box for each in self._listeners}
        return delivery.FrontEndFacts(self._front.hosts, boxes.get(record.session.listener), self._zone_address)

    def explain(self, session_id: str | None = None, recipient: str | None = None) -> Trace:
        """Why a recorded recipient was judged as it was: the last refused one, or the last, of those that fit.

        Raises LookupError if none fits.
        """
        last = None
        journal = self.journal
        for record in journal.sessions_newest_first() if session_id is None else [journal.session(session_id)]:
            if record is None:
                break
            found = [
                each
                for each in list(record.judgements)
                if recipient is None or str(each.recipient).lower() == recipient.lower()
            ]
            best = last_refused(found) if found else None
            last = last or best
            if best is not None and not best.verdict.accepted:
                return best.trace()
        if last is None:
            raise LookupError(
                f"no recipient was judged (session {session_id or 'any'}, recipient {recipient or 'any'})"
            )
        return last.trace()

    def explain_text(self, session_id: str | None = None, recipient: str | None = None) -> str:
        """``explain`` for people."""
        return self.journal.faults_text(session_id) + trace_text(self.explain(session_id, recipient))

    # ---- what goes wrong: may be called from any thread, and is in force at once, in open sessions too

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force."""
        engine = self._front.protection.faults
        return () if engine is None else engine.faults

    @property
    def faults_fired(self) -> tuple[int, ...]:
        """How often each of them has fired."""
        engine = self._front.protection.faults
        return () if engine is None else engine.fired()

    def set_faults(self, faults: Any, seed: int = 0) -> None:
        """Have these go wrong from now on; nothing: no more.

        ``faults`` are ``Fault`` values, or what ``Faults:`` of a tenant file holds. Raises ConfigError.
        """
        if not isinstance(faults, list | tuple) or not all(isinstance(one, Fault) for one in faults):
            faults = faults_from_tree(faults)
        self._front.protection.set_faults(tuple(faults), seed)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self.set_faults(())

    def restart_faults(self) -> None:
        """The same faults as if nothing had happened: counters, flags and seed begin anew."""
        self._front.protection.restart_faults()

    def restart_counters(self) -> None:
        """Rates and quotas begin anew, of addresses and of mailboxes, and the faults with them."""
        self._front.restart_counters()

    def set_flag(self, name: str) -> None:
        """End the faults that last until this flag is set."""
        engine = self._front.protection.faults
        if engine is not None:
            engine.flags.add(name)

    # ---- inside

    def _listener(self, listener: Listener, idle: float | None) -> OpenListener:
        endpoint = Endpoint(self._front, listener, idle)
        return OpenListener(
            listener,
            PeerMap(self._peers, listener.peer),
            endpoint.session,
            partial(self._layer, listener.submission),
            endpoint.limits,
            self._clock,
            self.crashes.append,
        )

    def _tell_journal(self, tree: Any) -> None:
        """A journal that outlives us keeps the tenants, without their secrets."""
        if self.journal.durable:
            self.journal.serves(self._front.forest, masked(tree))

    async def _open_admin(self, settings: AdminSettings, opened: socket.socket) -> None:
        admin = AdminServer(self, settings)
        try:
            await admin.open(opened)
        except Exception:
            await self.close()
            raise
        self._admin = admin

    def _layer(self, submission: bool, fault: str = "") -> TlsServerLayer:
        """For the versions that the endpoint takes, or refuses later (knobs MinimumTls, SubmissionOldTls)."""
        behaviour = self._front.forest.behaviour
        old = behaviour.minimum_tls == "1.0" or (submission and behaviour.submission_old_tls == "4.7.66")
        return self._tls.layer(fault or (ANY_VERSION if old else ""))

    def _reverse_name(self, ip: IpAddress) -> str | None:
        """The name that the lab's zone has for a client's address."""
        return next(iter(self.zone.reverse_names(ip)), None)

    def _tell_crashes(self) -> None:
        if self.crashes and self._raise_crashes:
            crashes, self.crashes[:] = tuple(self.crashes), []
            raise SessionCrashed("sessions of the emulator broke", crashes)
