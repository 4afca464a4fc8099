"""A report's content: the values of ``fakeeop.message.dsn.report`` from the journal's record and the reply table."""

from __future__ import annotations

from datetime import datetime, timedelta

from fakeeop.delivery.copies import identity_of
from fakeeop.delivery.disposition import EXPIRY, Disposition
from fakeeop.journal.memory import MessageRecord
from fakeeop.message.dsn.report import DsnReport, Failure
from fakeeop.message.dsn.rules import Action, envelope_id, original_recipient, returns_whole
from fakeeop.message.headers import head_of, header_end
from fakeeop.model import Behaviour, Recipient, Tenant
from fakeeop.model.ports import Content
from fakeeop.smtp.replies.every import EVERY
from fakeeop.smtp.replies.rows import row_for

__all__ = ["describe"]

_ROWS = {row.key: row for row in EVERY}
_NOT_KNOWN = " (text not known)"


def describe(
    record: MessageRecord,
    action: Action,
    ends: list[tuple[Recipient, Disposition]],
    behaviour: Behaviour,
    box: str,
    now: datetime,
    to_mailbox: bool,
    number: int,
    header: bytes | None = None,
) -> DsnReport:
    """One report of some recipients of one copy; ``number`` tells it from others about the same copy.

    ``header`` is what the service made of the message's own by then, and comes back in its place.
    Of a message in a spool (more than 1 MiB) only the header is returned, whatever RET says (assumption).
    """
    content = head_of(record.content) if header is None else header + _below_header(record.content)
    envelope = record.envelope
    whole = isinstance(record.content, bytes) and returns_whole(action, envelope.ret)
    return DsnReport(
        action,
        str(envelope.reverse_path),
        tuple(_failure(action, recipient, found, behaviour) for recipient, found in ends),
        content,
        whole,
        _domain(record.verdict.attribution.tenant),
        to_mailbox,
        box,
        max(now, identity_of(record).filtered),  # not before the hops that it shows
        record.received,
        int(record.id) << 16 | number & 0xFFFF,
        record.session.helo,
        envelope_id(envelope.envid),
        record.received + timedelta(seconds=EXPIRY) if action is Action.DELAYED else None,
    )


def _below_header(content: Content) -> bytes:
    octets = head_of(content)
    return octets[header_end(octets) :]


def _failure(action: Action, recipient: Recipient, found: Disposition, behaviour: Behaviour) -> Failure:
    original = original_recipient(recipient.dsn.orcpt)
    if action is Action.DELAYED:
        return Failure(str(recipient.mailbox), "4.0.0", original=original)  # assumption: no code of a delay is known
    reply, remote_mta = _reply(found, behaviour)
    return Failure(str(recipient.mailbox), found.status, reply, original, remote_mta, found.key)


def _reply(found: Disposition, behaviour: Behaviour) -> tuple[str | None, str | None]:
    """What the Diagnostic-Code says, and whose words it has: another server's stand behind ``->`` (wire §5)."""
    if found.key is None:
        return None, None
    own = _ROWS[found.key].line.removesuffix(_NOT_KNOWN)
    if found.reason is not None:
        said = row_for(found.reason, behaviour).line.format(recipient=found.recipient)
        return f"{own} -> {said}", _exchanger(found.recipient.domain)
    if found.remote is not None:
        return f"{own} -> {found.remote}", found.remote_mta
    return own, None


def _exchanger(domain: str) -> str:
    return f"{domain.replace('.', '-')}.mail.protection.outlook.com"


def _domain(tenant: Tenant | None) -> str:
    """The default accepted domain of the tenant."""
    domains = tenant.accepted_domains if tenant is not None else ()
    chosen = next((each for each in domains if each.default), domains[0] if domains else None)
    return chosen.domain_name if chosen is not None else "outlook.com"  # no tenant accepts nothing
