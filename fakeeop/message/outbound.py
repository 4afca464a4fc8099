"""The copy that leaves: the tenant's own fields are gone, those for other tenants stay (samples 01 and 06)."""

from __future__ import annotations

from collections.abc import Iterator

from fakeeop.message.fields import Field, Head, written
from fakeeop.message.passage import Passage, Way
from fakeeop.message.stamps import Standing, arrived, attributed, cross_tenant, diagnostic, report, standing, submitted

__all__ = ["for_outside", "last_box"]


def last_box(passage: Passage) -> str:
    """The box that sends it on."""
    return passage.boxes.store if passage.way is Way.SUBMISSION else passage.boxes.hub


def for_outside(passage: Passage, head: Head) -> Head:
    """The header as it leaves the service; the receiver puts its own hop on top."""
    who = standing(passage, head)
    return arrived(passage, head, leaving=True).between((), _below(passage, who))


def _below(passage: Passage, who: Standing) -> Iterator[Field]:
    identity, boxes = passage.identity, passage.boxes
    submission = passage.way is Way.SUBMISSION
    if submission:
        yield from submitted(passage)
    yield from attributed(passage)
    yield written("X-MS-PublicTrafficType", "Email")
    yield diagnostic(boxes.hub, boxes.store) if submission else diagnostic(boxes.source, boxes.hub)
    yield written("X-MS-Office365-Filtering-Correlation-Id", identity.network_message_id)
    if not submission:
        yield written("X-MS-Exchange-AtpMessageProperties", "SA")
    yield written("X-MS-Exchange-SenderADCheck", "1")
    if not submission:
        yield written("X-MS-Exchange-AntiSpam-Relay", "0")
    yield written("X-Microsoft-Antispam", "BCL:0;")
    yield report(passage, who.scl, f"DIR:OUT;SFP:{'1102' if submission else '1101'};")
    yield written("X-OriginatorOrg", passage.sender_domain)
    yield from cross_tenant(passage, who, last_box(passage))
