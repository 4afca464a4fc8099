"""A mail transaction: reverse-path, forward-paths and their parameters (RFC 5321, 3461, 6152, 3030, 6531)."""

from __future__ import annotations

from enum import Enum

from attrs import define, frozen
from attrs.setters import frozen as refuse

from fakeeop.model.addresses import Mailbox

__all__ = ["BodyType", "DsnParameters", "Envelope", "Recipient"]


class BodyType(Enum):
    """``BODY=`` of MAIL."""

    SEVEN_BIT = "7BIT"
    EIGHT_BIT = "8BITMIME"
    BINARY = "BINARYMIME"


@frozen
class DsnParameters:
    """``NOTIFY`` and ``ORCPT`` of one RCPT, byte-exact (RFC 3461 section 4). ``notify`` is None when not given."""

    notify: tuple[str, ...] | None = None
    orcpt: str | None = None


@frozen
class Recipient:
    """One forward-path that got a 250."""

    mailbox: Mailbox
    dsn: DsnParameters = DsnParameters()


@define(on_setattr=refuse, unsafe_hash=True)  # as good as frozen, and made faster: there is one for every message
class Envelope:
    """What MAIL and the accepted RCPTs said."""

    reverse_path: Mailbox
    recipients: tuple[Recipient, ...] = ()
    body: BodyType = BodyType.SEVEN_BIT
    size: int | None = None
    smtputf8: bool = False
    ret: str | None = None
    envid: str | None = None
