"""The journal as JSON-ready trees, in the words that scenarios use. Made on reading, never on the hot path."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, Sequence, ValuesView
from datetime import datetime
from typing import Any, Protocol

from fakeeop.decision.verdict import Attribution, Verdict
from fakeeop.journal.records import Judgement, MessageRecord, SessionRecord
from fakeeop.message.headers import fields, header_end
from fakeeop.message.received import Trail
from fakeeop.model import CertificateFacts, Recipient, Tenant, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.model.session import UNKNOWN_TIME
from fakeeop.smtp.auth import unconfidential
from fakeeop.smtp.lineends import scan
from fakeeop.smtp.transaction import CLIENT

__all__ = ["Delivery", "delivery_tree", "message_tree", "reply_text", "session_tree"]


def session_tree(record: SessionRecord, *, transcript: bool = True) -> dict[str, Any]:
    """One session; without its transcript where nobody asks for it."""
    judgements = list(record.judgements)
    last = judgements[-1] if judgements else None
    last_tree = _judgement_tree(last) if last else {}
    return {
        "id": record.id,
        "listener": record.listener,
        "peer": str(record.peer.ip),
        "socket-peer": record.peer.socket_ip,
        "started": _time(record.started),
        "ended": _time(record.ended),
        "closed-by": record.closed_by,
        "helo": record.helo,
        "esmtp": record.esmtp,
        "tls": _tls_tree(record.tls) if record.tls else None,
        "tls-failure": record.tls_failure,
        "authenticated": record.authenticated,
        "notes": list(record.notes),
        "recipients": [_judgement_tree(judgement) for judgement in judgements],
        "attributed-to": last_tree.get("attributed-to"),
        "verdict": last_tree.get("verdict"),
        "nearest": last_tree.get("nearest"),
        "refusals": [
            {"stage": stage, "reply": reply_text(reply), "verdict": verdict}
            for stage, reply, verdict in list(record.refusals)
        ],
        "faults": [{"stage": stage, "fault": label, "match": count} for stage, label, count in record.faults],
        **({"transcript": _transcript(record.transcript.entries)} if transcript else {}),
    }


class Delivery(Protocol):
    """What happened to one recipient of a copy: ``fakeeop.delivery.copies.Delivered``."""

    @property
    def recipient(self) -> Mailbox:
        """Whose it is."""

    @property
    def where(self) -> str:
        """Where it ended."""

    @property
    def status(self) -> str:
        """The enhanced status code."""

    @property
    def path(self) -> str:
        """How the message came in."""

    @property
    def tenant(self) -> Tenant | None:
        """Who owns the recipient."""

    @property
    def delay(self) -> float:
        """Seconds that a slow destination let it wait."""

    @property
    def moment(self) -> datetime:
        """When it got there."""

    @property
    def hops(self) -> tuple[Trail, ...]:
        """Its Received fields, the oldest first."""

    @property
    def header(self) -> bytes:
        """Its header."""

    def whole(self) -> bytes:
        """Its octets."""

    def pieces(self) -> Iterator[bytes]:
        """The same, piece by piece."""


def delivery_tree(record: MessageRecord, number: int, delivery: Delivery, *, content: bool = True) -> dict[str, Any]:
    """One delivered copy; header, hops and content are made when somebody looks at them."""
    tree = {"message": record.id, **_delivery_summary(number, delivery)}
    later: dict[str, Callable[[], Any]] = {
        "hops": lambda: [_hop_tree(hop) for hop in delivery.hops],
        "headers": lambda: [list(pair) for pair in fields(delivery.header)],
    }
    if content:
        later["body"] = lambda: _body(delivery.whole())
        later["raw"] = lambda: delivery.whole().decode("latin-1")
    return LazyTree({**tree, **dict.fromkeys(later)}, later)


def _delivery_summary(number: int, delivery: Delivery) -> dict[str, Any]:
    """``number`` counts the recipients of the copy from 1."""
    return {
        "number": number,
        "recipient": str(delivery.recipient),
        "where": delivery.where,
        "status": delivery.status,
        "path": delivery.path,
        "tenant": delivery.tenant.name if delivery.tenant else None,
        "at": _time(delivery.moment),
    }


def _hop_tree(hop: Trail) -> dict[str, Any]:
    return {
        "from": hop.sender,
        "address": hop.address or None,
        "by": hop.by,
        "with": hop.protocol,
        "via": hop.via or None,
        "date": hop.date,
    }


def message_tree(record: MessageRecord, *, content: bool = True, deliveries: Sequence[Delivery] = ()) -> dict[str, Any]:
    """One copy of a message; without ``body`` and ``raw`` where nobody asks for them."""
    attribution = record.verdict.attribution
    direction = attribution.direction
    tree = {
        "id": record.id,
        "session": record.session.id,
        "mail-from": _path(record.envelope.reverse_path),
        "rcpt-to": [str(recipient.mailbox) for recipient in record.recipients],
        "recipient-scope": record.scope,
        "directionality": direction.value if direction else None,
        "tenant": attribution.tenant.name if attribution.tenant else None,
        "connector": attribution.connector.name if attribution.connector else None,
        "dsn": _dsn_tree(record),
        "headers": [list(pair) for pair in fields(record.content)],
        **({"body": None, "raw": None, "framing": None} if content else {}),
        "size": len(record.content),
        "received": _time(record.received),
        "helo": record.helo,
        "peer": str(record.peer.ip),
        "reply": reply_text(record.reply),
        "delivered": [_delivery_summary(number, each) for number, each in enumerate(deliveries, 1)],
    }
    if content and isinstance(record.content, bytes):
        tree["body"] = _body(record.content)
        tree["raw"] = record.content.decode("latin-1")
        tree["framing"] = scan(record.content, record.lone_dots).tree()
    elif content:
        later = {
            "body": lambda: _body(record.whole()),
            "raw": lambda: record.whole().decode("latin-1"),
            "framing": lambda: scan(record.whole(), record.lone_dots).tree(),
        }
        return LazyTree(tree, later)
    return tree


class LazyTree(dict[str, Any]):
    """A tree some of whose values are read when somebody looks at them, each time anew: large messages in a spool."""

    def __init__(self, tree: dict[str, Any], later: Mapping[str, Callable[[], Any]]) -> None:
        super().__init__(tree)
        self._later = later

    def __getitem__(self, key: str) -> Any:
        make = self._later.get(key)
        return super().__getitem__(key) if make is None else make()

    def __iter__(self) -> Iterator[str]:  # with this, dict() and ** ask __getitem__ and do not look inside
        return super().__iter__()

    def get(self, key: str, default: Any = None) -> Any:
        """As of any dict."""
        return self[key] if key in self._later else super().get(key, default)

    def items(self) -> Any:
        """As of any dict; what is read is not kept."""
        return ItemsView(self)

    def values(self) -> Any:
        """As of any dict; what is read is not kept."""
        return ValuesView(self)

    def __eq__(self, other: object) -> bool:
        return dict(self) == other

    __hash__ = None  # as of any dict

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)  # copies are plain, and hold everything


def reply_text(reply: bytes) -> str:
    """A reply as text, its lines joined by newlines."""
    return reply.decode("utf-8", "replace").rstrip("\r\n").replace("\r\n", "\n")


def _judgement_tree(judgement: Judgement) -> dict[str, Any]:
    return {
        "transaction": judgement.transaction,
        "mail-from": _path(judgement.reverse_path),
        "rcpt-to": str(judgement.recipient),
        "reply": reply_text(judgement.reply),
        "verdict": judgement.verdict.reason.value,
        "attributed-to": _attribution_tree(judgement.verdict.attribution),
        "nearest": _nearest(judgement, judgement.verdict),
    }


def _nearest(judgement: Judgement, verdict: Verdict) -> list[dict[str, Any]]:
    if verdict.accepted:
        return []
    return [
        {"tenant": miss.tenant, "connector": miss.connector, "failed": condition.name, "fix": miss.fix}
        for miss in judgement.trace().nearest
        for condition in miss.failed
    ]


def _attribution_tree(attribution: Attribution) -> dict[str, Any] | str:
    if attribution.tenant is None:
        return "none"
    return {
        "tenant": attribution.tenant.name,
        "connector": attribution.connector.name if attribution.connector else None,
        "by": attribution.by.value if attribution.by else None,
        "direction": attribution.direction.value if attribution.direction else None,
    }


def _tls_tree(facts: TlsFacts) -> dict[str, Any]:
    return {
        "version": facts.version,
        "cipher": facts.cipher,
        "server-name": facts.server_name,
        "peer-certificate": _certificate_tree(facts.certificate) if facts.certificate else None,
    }


def _certificate_tree(facts: CertificateFacts) -> dict[str, Any]:
    usages = facts.extended_key_usages
    return {
        "names": list(facts.names),
        "subject": facts.subject,
        "issuer": facts.issuer,
        "chain": facts.problems[0].value if facts.problems else "valid",
        "problems": [problem.value for problem in facts.problems],
        "not-before": None if facts.not_before == UNKNOWN_TIME else _time(facts.not_before),
        "not-after": None if facts.not_after == UNKNOWN_TIME else _time(facts.not_after),
        "key": facts.key,
        "extended-key-usages": None if usages is None else list(usages),
        "presented": list(facts.chain),
    }


def _dsn_tree(record: MessageRecord) -> dict[str, Any]:
    recipients = record.recipients
    only = recipients[0].dsn if len(recipients) == 1 else None
    tree: dict[str, Any] = {
        "ret": record.envelope.ret,
        "envid": record.envelope.envid,
        "notify": _notify(recipients[0]) if only else None,
        "orcpt": only.orcpt if only else None,
    }
    if only is None:
        tree["recipients"] = [
            {"address": str(each.mailbox), "notify": _notify(each), "orcpt": each.dsn.orcpt} for each in recipients
        ]
    return tree


def _notify(recipient: Recipient) -> list[str] | None:
    return None if recipient.dsn.notify is None else list(recipient.dsn.notify)


def _body(content: bytes) -> str:
    """The text that a reader would see: the text part decoded, or what stands behind the header as it is."""
    from email import message_from_bytes  # noqa: PLC0415  start-up time: only readers need it
    from email import policy as email_policy  # noqa: PLC0415  as above
    from email.message import EmailMessage  # noqa: PLC0415  as above

    try:
        message = message_from_bytes(content, policy=email_policy.default)
        part = message.get_body(("plain", "html"))
        if isinstance(part, EmailMessage):
            return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, ValueError, KeyError, AttributeError, TypeError):  # what the parser makes of broken MIME
        pass
    body = content[header_end(content) :]
    body = body[2:] if body.startswith(b"\r\n") else body
    return body.decode("utf-8", "replace").replace("\r\n", "\n")


def _transcript(entries: list[tuple[int, bytes | int | str]]) -> list[str]:
    lines: list[str] = []
    for kind, what in entries:
        if isinstance(what, int):
            lines.append(f"C: <{what} bytes>")
        elif isinstance(what, str):
            lines.append(f"* {what}")
        elif what:  # nothing at all was said where the reply came later
            mark = "C: " if kind == CLIENT else "S: "
            said = unconfidential(what) if kind == CLIENT else what  # no password, even where AUTH is refused
            text = said.decode("utf-8", "backslashreplace").removesuffix("\n").removesuffix("\r")
            lines += [mark + line.removesuffix("\r") for line in text.split("\n")]
    return lines


def _path(path: Mailbox) -> str:
    return "<>" if path.is_null else str(path)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
