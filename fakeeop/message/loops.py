"""Mail that goes in circles (facts wire §3.1: 554 5.4.14 Hop count exceeded - possible mail loop ATTR34)."""

from __future__ import annotations

from fakeeop.message.fields import Head
from fakeeop.message.received import trail

__all__ = ["HOPS", "LOOPS", "looping"]

LOOPS = 20  # passages through the service; "more than about 20" is all that is known
HOPS = 100  # Received fields in all; RFC 5321 section 6.3 asks for at least 100 (assumption that it is the limit)
_DOOR = ".mail.protection.outlook.com"


def looping(head: Head) -> bool:
    """True if the message has passed a front end of the service more than ``LOOPS`` times, or has too many hops."""
    hops = trail(head)
    passages = sum(hop.by.partition(" ")[0].lower().endswith(_DOOR) for hop in hops)
    return passages > LOOPS or len(hops) > HOPS
