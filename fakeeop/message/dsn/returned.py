"""The header of a message that comes back in a report (facts wire §5, sample 10): hops up to the hub, few marks.

The tenant's own fields are not shown, nor are results. That is of 2017, and the only whole report that is known.
"""

from __future__ import annotations

from collections.abc import Iterator

from fakeeop.message.fields import Field, Head, written
from fakeeop.message.firewall import admitted
from fakeeop.message.outbound import last_box
from fakeeop.message.passage import Passage, Way
from fakeeop.message.received import front_hop, hub_hops, submission_hops
from fakeeop.message.stamps import attributed, diagnostic, report, standing

__all__ = ["for_report"]


def for_report(passage: Passage, head: Head, *, leaving: bool) -> Head:
    """``leaving``: the recipients are outside. The direction of the filter's report is an assumption."""
    if passage.way is Way.SUBMISSION:
        above: tuple[Field, ...] = tuple(submission_hops(passage))
    else:
        above = (*hub_hops(passage), front_hop(passage))
    return admitted(head).between(above, _below(passage, head, leaving=leaving))


def _below(passage: Passage, head: Head, *, leaving: bool) -> Iterator[Field]:
    who, submission = standing(passage, head), passage.way is Way.SUBMISSION
    out = f"DIR:OUT;SFP:{'1102' if submission else '1101'};"
    inside = "DIR:INT;" if who.internal or passage.trusted else "DIR:INB;"
    yield written("Return-Path", passage.reverse_path or "<>")
    yield from attributed(passage)
    yield report(passage, who.scl, out if leaving else inside)
    yield written("X-MS-PublicTrafficType", "Email")
    yield written("X-MS-Office365-Filtering-Correlation-Id", passage.identity.network_message_id)
    yield written("X-Microsoft-Antispam", "BCL:0;")
    last = last_box(passage)
    yield diagnostic(passage.boxes.hub, last) if submission else diagnostic(passage.boxes.source, last)
