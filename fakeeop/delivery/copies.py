"""What happens to an accepted message: for each recipient the copy that reaches its end, with the service's header.

Nothing of this is made when a message is accepted. It is told when somebody asks, from what the journal holds and the
forest as it was at acceptance, and so it is the same each time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property, lru_cache

from attrs import evolve, field, frozen

from fakeeop.authenticity.judge import authenticate
from fakeeop.authenticity.signing import sign
from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import AttributedBy, Direction
from fakeeop.delivery.disposition import Disposition, Where, dispose
from fakeeop.journal.memory import MessageRecord
from fakeeop.message.authentication_results import DKIM_NONE, Dmarc, Results
from fakeeop.message.fields import Head, written
from fakeeop.message.headers import from_domains, head_of
from fakeeop.message.numbers import mark_of
from fakeeop.message.passage import Boxes, Identity, Passage, SendingHost, TlsWords, Way, made_message_id, outbound_host
from fakeeop.message.received import Trail, looping, receiving_hop, tls_words, trail
from fakeeop.message.skip_listing import applies, skipped_to
from fakeeop.message.stamps import for_mailbox, for_outside, for_report, last_box
from fakeeop.model import Forest, InboundConnector, Tenant
from fakeeop.model.addresses import Mailbox, parse_ip
from fakeeop.model.ports import Content
from fakeeop.model.tenant import zone_of
from fakeeop.model.zone import Mx, Zone
from fakeeop.smtp.names import HostNames, dated_hosts, listener_hosts

__all__ = ["Delivered", "FrontEndFacts", "deliveries", "identity_of"]

_OURS = ".mail.protection.outlook.com"
_PIECE = 1 << 20
_NO_RESULTS = Results(None, DKIM_NONE, Dmarc("none", "none", "none"))
_INTERNAL_ID = re.compile(rb"InternalId=(\d+)")


@frozen
class FrontEndFacts:
    """What no record says: how the boxes of the front end are called, and where the service answers.

    ``box`` is the name of the box that the client met, None for that of ``hosts``.
    """

    hosts: HostNames = field(factory=HostNames)
    box: str | None = None
    host: str = "127.0.0.1"


def deliveries(record: MessageRecord, around: FrontEndFacts) -> tuple[Delivered, ...]:
    """One for each recipient of the copy, in order. Raises LookupError for a record that was not made by a session."""
    copy = _Copy(record, around)
    loop = looping(record.content)
    attribution = record.verdict.attribution
    return tuple(
        Delivered(copy, dispose(copy.directory, attribution, each.mailbox, loop=loop)) for each in record.recipients
    )


def returned_header(record: MessageRecord, around: FrontEndFacts) -> bytes:
    """The header of the copy as a report returns it. No signature is verified for it. Raises LookupError as above."""
    copy = _Copy(record, around)
    return for_report(copy.bare, copy.head, leaving=record.scope == "external").octets()


def identity_of(record: MessageRecord) -> Identity:
    """The ids that the service gives to a message; the copies of one message share them."""
    found = _INTERNAL_ID.search(record.reply)
    number = int(found[1]) if found else mark_of(record.id)
    return Identity(number ^ mark_of(record.session.id), record.received)


class Delivered:
    """The copy of one recipient: ``where`` it ended (mailbox, on-premises, internet, failed), and its octets.

    Header and octets are made when somebody looks; a failed one has none.
    """

    def __init__(self, copy: _Copy, disposition: Disposition) -> None:
        self._copy = copy
        self.disposition = disposition

    @property
    def recipient(self) -> Mailbox:
        """Whose copy it is."""
        return self.disposition.recipient

    @property
    def where(self) -> str:
        """``mailbox``, ``on-premises``, ``internet`` or ``failed``."""
        return self.disposition.where.value

    @property
    def status(self) -> str:
        """The enhanced status code: 2.0.0, or why it failed."""
        return self.disposition.status

    @property
    def tenant(self) -> Tenant | None:
        """Who owns the recipient; None on the internet."""
        return self.disposition.tenant

    @property
    def path(self) -> str:
        """How the message came in: ``relay``, ``incoming`` or ``submission``."""
        return self._copy.way.value

    @property
    def delay(self) -> float:
        """Seconds that a slow destination let it wait, 0 for others."""
        return self.disposition.delay

    @property
    def moment(self) -> datetime:
        """When it reached its end: for a slow destination still to come."""
        return self._copy.identity.delivered + timedelta(seconds=self.delay)

    @property
    def network_message_id(self) -> str:
        """The GUID that all copies of the message share."""
        return self._copy.identity.network_message_id

    @property
    def results(self) -> Results:
        """SPF, DKIM and DMARC as the service found them when the message came in."""
        return self._copy.passage.results

    @property
    def hops(self) -> tuple[Trail, ...]:
        """Its Received fields, the oldest first."""
        return trail(Head.of(self.header))

    @cached_property
    def header(self) -> bytes:
        """The header as it ended, without the empty line behind it; empty if the delivery failed."""
        copy, where = self._copy, self.disposition.where
        if where is Where.FAILED:
            return b""
        if where is Where.MAILBOX:
            own = self.tenant is copy.tenant
            return copy.in_mailbox if own or self.tenant is None else copy.in_mailbox_of(self.tenant)
        server = copy.server(self.recipient, ours=where is Where.ON_PREMISES)
        hop = receiving_hop(last_box(copy.passage), copy.identity, server, str(self.recipient), self.moment)
        return hop.raw + copy.outside

    def pieces(self) -> Iterator[bytes]:
        """The octets, piece by piece. Raises StoreError."""
        if self.disposition.where is not Where.FAILED:
            yield self.header
            yield from self._copy.behind_the_header()

    def whole(self) -> bytes:
        """The octets; empty if the delivery failed. Raises StoreError."""
        return b"".join(self.pieces())


class _Copy:
    """What the deliveries of one record share, each part made once, when it is needed."""

    def __init__(self, record: MessageRecord, around: FrontEndFacts) -> None:
        if record.directory is None:
            raise LookupError(f"message {record.id} does not say by which tenants it was judged")
        self.directory: Directory = record.directory
        self.identity = identity_of(record)
        self._record = record
        self._around = around

    @property
    def tenant(self) -> Tenant:
        """The tenant that the message is attributed to."""
        found = self._record.verdict.attribution.tenant
        assert found is not None  # noqa: S101  nothing is accepted without one
        return found

    @property
    def way(self) -> Way:
        """The column of wire §4.3."""
        attribution = self._record.verdict.attribution
        if attribution.by is AttributedBy.AUTHENTICATION:
            return Way.SUBMISSION
        return Way.RELAY if attribution.direction is Direction.ORIGINATING else Way.INCOMING

    @cached_property
    def head(self) -> Head:
        """The client's header; without a Message-ID it gets the one that the 250 named (its place: assumption)."""
        head, made = Head.of(self._record.content), made_message_id(self._record.reply)
        return head if head.named("Message-ID") or not made else head.between((), (written("Message-ID", made),))

    @cached_property
    def passage(self) -> Passage:
        """All that the header fields tell."""
        return evolve(self.bare, results=self._results(self.bare.seen, self.bare.reverse_path))

    @cached_property
    def bare(self) -> Passage:
        """The same without results: for these the lab's DNS is asked, and signatures are verified."""
        record, tenant, way = self._record, self.tenant, self.way
        attribution, reverse_path = record.verdict.attribution, record.envelope.reverse_path
        connector = attribution.connector
        client = self._seen(str(record.peer.ip), record.helo or f"[{record.peer.ip}]", record.peer.name)
        skipped = self._skipped(connector, client)
        seen = client if skipped is None else skipped
        path = "" if reverse_path.is_null else str(reverse_path)
        own = tenant.accepted(reverse_path.domain) is not None
        tls = record.session.tls
        return Passage(
            way,
            self.identity,
            self._boxes(way),
            client,
            seen,
            tls_words(tls.version, tls.cipher) if tls is not None else TlsWords(),
            path,
            tenant.tenant_id,
            _organization(tenant),
            reverse_path.domain if own else _default_domain(tenant),
            _NO_RESULTS,
            promotes=connector is not None and connector.cloud_services_mail_enabled,
            trusted=connector is not None and connector.treat_messages_as_internal and own,
            direct_send=way is Way.INCOMING and connector is None and own,
            mx_points_to_us=self._points_to_us(record.recipients[0].mailbox.domain),
            skipped=skipped is not None,
        )

    @cached_property
    def in_mailbox(self) -> bytes:
        """The header in a mailbox of the tenant."""
        return for_mailbox(self.passage, self.head).octets()

    @cached_property
    def outside(self) -> bytes:
        """The header as it leaves the service, signed if the tenant has a key for the domain."""
        header = for_outside(self.passage, self.head).octets()
        keys = (each for each in self.tenant.dkim_signing if each.domain_name == self.passage.sender_domain)
        key = next(keys, None)
        if key is None:
            return header
        content = header + b"".join(self.behind_the_header())
        return sign(content, key.domain_name, key.selector, key.private_key.encode()) + header

    def in_mailbox_of(self, tenant: Tenant) -> bytes:
        """The header in a mailbox of another tenant of the forest: out, and in again as anonymous mail (§2.1)."""
        first = self.passage
        name, site, address = outbound_host(last_box(first))
        client = SendingHost(address, name, site)
        content = self.outside + b"".join(self.behind_the_header())
        passage = evolve(
            first,
            way=Way.INCOMING,
            boxes=self._boxes(Way.INCOMING),
            client=client,
            seen=client,
            tls=TlsWords("TLS1_3", "TLS_AES_256_GCM_SHA384"),
            tenant_id=tenant.tenant_id,
            organization=_organization(tenant),
            results=_authenticated(self._zone, content, client, first.reverse_path),
            promotes=False,
            trusted=False,
            direct_send=False,
            skipped=False,
        )
        return for_mailbox(passage, Head.of(content)).octets()

    def server(self, recipient: Mailbox, *, ours: bool) -> str:
        """The server that takes the copy: the MX, or for ``ours`` one of the organization's own network.

        Where the zone knows none it is ``mx.`` or ``mail.`` and the domain (assumption).
        """
        domain = recipient.domain
        exchangers = [each for each in self._zone.lookup(domain, "MX").values if isinstance(each, Mx) and each.exchange]
        elsewhere = [each.exchange for each in sorted(exchangers) if not each.exchange.endswith(_OURS)]
        return elsewhere[0] if elsewhere else f"{'mail' if ours else 'mx'}.{domain}"

    def behind_the_header(self) -> Iterator[bytes]:
        """The empty line and the body."""
        content, start = self._record.content, self.head.end
        if isinstance(content, bytes):
            yield content[start:]
            return
        while start < len(content):
            piece = content.read(start, _PIECE)
            start += len(piece)
            yield piece

    # ---- inside

    @cached_property
    def _zone(self) -> Zone:
        return _zone(self.directory.forest, self._around.host)

    def _boxes(self, way: Way) -> Boxes:
        behaviour = self.directory.behaviour
        own = dated_hosts(self._around.hosts, behaviour.box_names, behaviour.suffix_form)
        met = listener_hosts(own, behaviour, submission=way is Way.SUBMISSION, box=self._around.box)
        return Boxes(met.banner_name, met.suffix_name, own.backend, own.mailbox)

    def _seen(self, ip: str, helo: str, name: str | None = None) -> SendingHost:
        """With the reverse name that the lab's zone has."""
        found = name if name is not None else next(iter(self._zone.reverse_names(parse_ip(ip))), "")
        return SendingHost(ip, helo, found)

    def _skipped(self, connector: InboundConnector | None, client: SendingHost) -> SendingHost | None:
        recipients = (str(each.mailbox) for each in self._record.envelope.recipients)
        if connector is None or not applies(connector, recipients):
            return None
        found = skipped_to(connector, client, self.head)
        return None if found is None else self._seen(found.ip, found.helo)

    def _results(self, seen: SendingHost, path: str) -> Results:
        if self.way is Way.SUBMISSION:  # it looks at nothing (wire §4.3)
            domain = next(iter(from_domains(self._record.content)), "none")
            return Results(None, DKIM_NONE, Dmarc("none", "none", domain))
        return _authenticated(self._zone, _octets(self._record.content), seen, path)

    def _points_to_us(self, domain: str) -> bool:
        found = [each for each in self._zone.lookup(domain, "MX").values if isinstance(each, Mx)]
        return any(each.exchange.endswith(_OURS) for each in found)


@lru_cache(maxsize=4)
def _zone(forest: Forest, host: str) -> Zone:
    """Every name of the lab; kept, since its making costs more with each tenant."""
    return zone_of(forest, host)


def _authenticated(zone: Zone, content: bytes, seen: SendingHost, path: str) -> Results:
    return authenticate(zone, content, seen, path)


def _octets(content: Content) -> bytes:
    """The whole; where there is no DKIM signature to verify, the beginning of a large one will do."""
    if isinstance(content, bytes):
        return content
    head = head_of(content)
    return b"".join(content.pieces()) if b"dkim-signature" in head.lower() else head


def _organization(tenant: Tenant) -> str:
    names = (each.domain_name for each in tenant.accepted_domains)
    return next((name for name in names if name.endswith(".onmicrosoft.com")), _default_domain(tenant))


def _default_domain(tenant: Tenant) -> str:
    domains = tenant.accepted_domains
    return next((each for each in domains if each.default), domains[0]).domain_name
