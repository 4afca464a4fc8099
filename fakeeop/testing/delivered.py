"""What a recipient gets of an accepted message, as a value with attributes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes
from email import policy as email_policy
from email.message import EmailMessage
from functools import cached_property

from fakeeop.journal.trees import Delivery
from fakeeop.message.headers import fields
from fakeeop.message.received import Trail

__all__ = ["DeliveredCopy", "delivered_copies"]


class DeliveredCopy:
    """The copy of one recipient at its end, with the header that Exchange Online gives it.

    ``where`` is ``mailbox``, ``internet``, ``on-premises`` or ``failed``; ``status`` says why it failed. Header and
    content are made when you look, and are empty where it failed.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    @property
    def recipient(self) -> str:
        """Whose copy it is."""
        return str(self._delivery.recipient)

    @property
    def where(self) -> str:
        """Where it ended."""
        return self._delivery.where

    @property
    def status(self) -> str:
        """The enhanced status code: ``2.0.0``, or why it failed."""
        return self._delivery.status

    @property
    def path(self) -> str:
        """How the message came in: ``relay``, ``incoming`` or ``submission``."""
        return self._delivery.path

    @property
    def tenant(self) -> str | None:
        """The tenant of the recipient; None on the internet."""
        return self._delivery.tenant.name if self._delivery.tenant else None

    @property
    def moment(self) -> datetime:
        """When it got there."""
        return self._delivery.moment

    @cached_property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Its fields in order, unfolded."""
        return tuple(fields(self._delivery.header))

    @cached_property
    def hops(self) -> tuple[Trail, ...]:
        """Its Received fields, the oldest first: ``sender``, ``address``, ``by``, ``protocol``, ``via``, ``date``."""
        return self._delivery.hops

    @cached_property
    def raw(self) -> bytes:
        """Its octets."""
        return self._delivery.whole()

    @property
    def email(self) -> EmailMessage:
        """The same, read by the standard library."""
        return message_from_bytes(self.raw, policy=email_policy.default)

    def header(self, name: str) -> str | None:
        """The first field of this name (any case); None if there is none."""
        return next((value for each, value in self.headers if each.lower() == name.lower()), None)

    def __repr__(self) -> str:
        return f"<DeliveredCopy {self.recipient}: {self.where} {self.status}>"


def delivered_copies(deliveries: Sequence[Delivery]) -> tuple[DeliveredCopy, ...]:
    """One for each recipient."""
    return tuple(map(DeliveredCopy, deliveries))
