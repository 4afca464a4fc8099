"""Mail that goes in circles (facts wire §3.1: 554 5.4.14 Hop count exceeded - possible mail loop ATTR34)."""

from __future__ import annotations

from fakeeop.message.fields import Head
from fakeeop.message.headers import head_of
from fakeeop.message.received import trail
from fakeeop.model.ports import Content

__all__ = ["LOOPS", "looping"]

LOOPS = 20  # passages through the service; "more than about 20" is all that is known
_DOOR = b".mail.protection.outlook.com"


def looping(content: Content) -> bool:
    """True if more than ``LOOPS`` Received fields are of a front end of the service (assumption: what is counted).

    Nearly free for a message that has not been here.
    """
    if head_of(content).count(_DOOR) <= LOOPS:
        return False
    hops = trail(Head.of(content))
    return sum(hop.by.partition(" ")[0].lower().endswith(_DOOR.decode()) for hop in hops) > LOOPS
