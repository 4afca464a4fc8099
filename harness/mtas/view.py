"""What a scenario sees of a message that an MTA took: the words of an observation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from harness.mtas.base import DeliveryStatus, Mta
from harness.scenario.result import Observation

__all__ = ["observed", "outcome_of"]

_NOT_OFFERED: Final = re.compile(r"not offered|not offer|not supported by")  # STARTTLS, in the words of the MTAs


def observed(mta: Mta, queue_id: str, wanted: int) -> Observation:
    """The observation of one message with ``wanted`` recipients, as things stand; no outcome before each was tried."""
    statuses = mta.statuses(queue_id)
    outcome, decisive = outcome_of(statuses) if len(statuses) >= wanted else (None, None)
    return Observation(
        outcome=outcome,
        stage=decisive.stage if decisive else None,
        reply=decisive.reply if decisive else None,
        recipients={each.recipient: _recipient(each) for each in statuses},
        tls=mta.tls(),
        transcript=tuple(mta.log()),
        delivery_status=tuple(each.tree() for each in statuses),
    )


def outcome_of(statuses: Sequence[DeliveryStatus]) -> tuple[str | None, DeliveryStatus | None]:
    """The outcome of a transaction, and the recipient that decided it, as for a client that sees every reply."""
    sent = [each for each in statuses if each.status == "sent"]
    if sent:
        return ("accepted" if len(sent) == len(statuses) else "partially-accepted"), sent[0]
    waiting = [each for each in statuses if each.status == "deferred"]
    if not waiting:
        return ("rejected", statuses[0]) if statuses else (None, None)
    return _unfinished(waiting[0]), waiting[0]


def _recipient(one: DeliveryStatus) -> dict[str, str | None]:
    """Of a recipient that was refused at RCPT the reply is known too."""
    found: dict[str, str | None] = {"outcome": outcome_of([one])[0]}
    return found | ({"reply": one.reply} if one.stage == "rcpt" and one.reply is not None else {})


def _unfinished(one: DeliveryStatus) -> str:
    """A deferred recipient: by a reply, or because there was no transaction to speak of."""
    if one.reply is not None:
        return "deferred"
    if _NOT_OFFERED.search(one.said):
        return "not-attempted"
    if one.stage == "starttls":
        return "tls-failed"
    return "disconnected" if one.stage not in (None, "connect") else "deferred"
