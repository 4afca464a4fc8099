"""What the service writes into the header of a message: for a mailbox of its tenant, for outside, and for a report.

Facts wire §4.3 and samples 02 to 09; of the copy that leaves, where the tenant's own fields are gone and those for
other tenants stay, samples 01 and 06; of the one that comes back in a report, §5 and sample 10.

Order and folding are those of the samples. Where no sample shows a path, the choice is marked.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from fakeeop.message.authentication_results import Compauth, authentication_results, composite, received_spf
from fakeeop.message.fields import Field, Head, written
from fakeeop.message.firewall import ORGANIZATION, admitted, promoted
from fakeeop.message.passage import Boxes, Passage, Way, header_moment, host_of
from fakeeop.message.received import front_hop, hub_hops, store_hop, submission_hops

__all__ = ["Standing", "arrived", "for_mailbox", "for_outside", "for_report", "last_box", "standing", "stored"]

_TOLD = (  # what the service says itself: a promoted field of these names gives the value, or none
    *("AuthSource", "AuthAs", "AuthMechanism", "SCL", "ExpirationStartTime", "ExpirationStartTimeReason"),
    *("ExpirationInterval", "ExpirationIntervalReason", "Network-Message-Id", "MessageDirectionality"),
)
_LIFETIME = "1:00:00:00.0000000"
_FOLDING_BUILD = "15.20.8655.031"
CROSS_TENANT = "X-MS-Exchange-CrossTenant-"


@frozen
class Standing:
    """Who a message is taken to be from: AuthAs, AuthSource, AuthMechanism (empty: not stamped) and SCL.

    ``promoted`` are the cross-premises fields that were let in, under their new names.
    """

    auth_as: str
    auth_source: str
    auth_mechanism: str
    scl: str
    promoted: tuple[Field, ...] = ()

    @property
    def internal(self) -> bool:
        """True for AuthAs: Internal."""
        return self.auth_as == "Internal"


def standing(passage: Passage, head: Head) -> Standing:
    """An OnPremises connector alone makes nothing internal; promoted cross-premises headers do (wire §4.3).

    TreatMessagesAsInternal: AuthAs Internal by the front end, SCL -1 since filtering is skipped (assumption, its stamp
    was never seen). SCL is 1 otherwise: there is no spam filter. AuthMechanism of client submission is not known: none.
    """
    found = promoted(head) if passage.promotes else ()
    values = {field.key: field.value for field in found}

    def said(name: str, default: str) -> str:
        return values.get(f"{ORGANIZATION}{name}".lower()) or default

    internal = passage.trusted or passage.way is Way.SUBMISSION
    source = passage.boxes.hub if passage.way is Way.SUBMISSION else passage.boxes.source
    return Standing(
        said("AuthAs", "Internal" if internal else "Anonymous"),
        said("AuthSource", source),
        said("AuthMechanism", ""),
        said("SCL", "-1" if passage.trusted else "1"),
        found,
    )


def arrived(passage: Passage, head: Head, *, leaving: bool = False) -> Head:
    """The client's header behind the firewall, with the hops up to the hub on top."""
    inside = admitted(head)
    if passage.way is Way.SUBMISSION:
        return inside.between((_results(passage, None, leaving=False), *submission_hops(passage)), ())
    compauth = None
    if passage.way is Way.INCOMING:
        compauth = composite(passage.results.dmarc, direct_send=passage.direct_send)
    above = [*hub_hops(passage), _results(passage, compauth, leaving=leaving)]
    spf = passage.results.spf
    if spf is not None and not passage.promotes:  # sample 04 has none
        above.append(written("Received-SPF", received_spf(spf)))
    return inside.between((*above, front_hop(passage)), ())


def stored(passage: Passage) -> tuple[Field, str]:
    """The field of the last hop, into the mailbox, and the box where that is."""
    boxes = passage.boxes
    last = boxes.store if passage.way is Way.SUBMISSION else boxes.hub
    store = boxes.hub if passage.way is Way.SUBMISSION else boxes.store
    return store_hop(last, store, passage.identity), store


def for_mailbox(passage: Passage, head: Head) -> Head:
    """The header of the copy in a mailbox of the tenant."""
    who = standing(passage, head)
    hop, _ = stored(passage)
    return arrived(passage, head).between((hop,), _below_mailbox(passage, who))


def _results(passage: Passage, compauth: Compauth | None, *, leaving: bool) -> Field:
    name = "X-MS-Exchange-Authentication-Results" if leaving else "Authentication-Results"
    return written(name, authentication_results(passage.results, compauth))


def _below_mailbox(passage: Passage, who: Standing) -> Iterator[Field]:
    identity, submission = passage.identity, passage.way is Way.SUBMISSION
    if submission:
        yield from submitted(passage)
    yield written("Return-Path", passage.reverse_path or "<>")
    started = header_moment(identity.submitted)
    yield written(f"{ORGANIZATION}ExpirationStartTime", started)
    yield written(f"{ORGANIZATION}ExpirationStartTimeReason", "OriginalSubmit")
    yield written(f"{ORGANIZATION}ExpirationInterval", _LIFETIME)
    yield written(f"{ORGANIZATION}ExpirationIntervalReason", "OriginalSubmit")
    yield written(f"{ORGANIZATION}Network-Message-Id", identity.network_message_id)
    yield from attributed(passage)
    direction = "Incoming" if passage.way is Way.INCOMING else "Originating"
    yield written(f"{ORGANIZATION}MessageDirectionality", direction)
    if who.promoted:
        yield from _promotion(passage, who)
    yield written("X-MS-PublicTrafficType", "Email")
    boxes = passage.boxes
    yield diagnostic(boxes.hub, boxes.store) if submission else diagnostic(boxes.source, boxes.hub, boxes.store)
    if not who.promoted:
        yield from _judged(who)
    if passage.direct_send:
        yield written(f"{ORGANIZATION}IsAnonymousDirectSend", "True")
        yield written(f"{ORGANIZATION}InternalOrgSender", "True")
        if not passage.mx_points_to_us:  # what stands there otherwise is not known
            yield written(f"{ORGANIZATION}MxPointsToUs", "false")
    if passage.way is not Way.INCOMING:
        yield written("X-OriginatorOrg", passage.organization)
    yield written("X-MS-Office365-Filtering-Correlation-Id", identity.network_message_id)
    if not who.promoted:
        yield written(f"{ORGANIZATION}SCL", who.scl)
    yield written("X-Microsoft-Antispam", "BCL:0;")
    ours = who.internal or passage.trusted  # INT of a client submission to the own tenant is an assumption
    yield report(passage, who.scl, "DIR:INT;" if ours else "DIR:INB;")
    yield from cross_tenant(passage, who, passage.boxes.store if submission else passage.boxes.hub)
    yield written("X-MS-Exchange-Transport-EndToEndLatency", identity.latency)
    yield written("X-MS-Exchange-Processed-By-BccFoldering", _FOLDING_BUILD)
    yield written("X-Microsoft-Antispam-Mailbox-Delivery", "ucf:0;jmr:0;auth:0;dest:I;ENG:;", folded=False)


def _judged(who: Standing) -> Iterator[Field]:
    yield written(f"{ORGANIZATION}AuthSource", who.auth_source)
    yield written(f"{ORGANIZATION}AuthAs", who.auth_as)
    if who.auth_mechanism:
        yield written(f"{ORGANIZATION}AuthMechanism", who.auth_mechanism)


def _promotion(passage: Passage, who: Standing) -> Iterator[Field]:
    """What the connector let in, and who did it (sample 04)."""
    yield from _judged(who)
    yield written(f"{ORGANIZATION}SCL", who.scl)
    told = {f"{ORGANIZATION}{name}".lower() for name in _TOLD}
    yield from (field for field in who.promoted if field.key not in told)
    yield written("X-CrossPremisesHeadersPromoted", passage.boxes.source)
    yield written("X-CrossPremisesHeadersFiltered", passage.boxes.source)


def submitted(passage: Passage) -> Iterator[Field]:
    """What a client submission has instead of its own hop, as of 2022 (sample 06 and its note)."""
    boxes = passage.boxes
    via = f"{boxes.source} ({Boxes.address(boxes.source)})"
    yield written("X-ClientProxiedBy", f"{via} To {boxes.hub} ({Boxes.address(boxes.hub)})")
    yield written("X-MS-Exchange-MessageSentRepresentingType", "1")


def attributed(passage: Passage) -> Iterator[Field]:
    """Whether, and to which tenant, the front end tied the message; whom it looked at instead of the client."""
    if passage.way is Way.SUBMISSION:
        return
    yield written("X-EOPAttributedMessage", "0")
    if passage.way is Way.INCOMING:
        yield written("X-EOPTenantAttributedMessage", f"{passage.tenant_id}:0")
    if passage.skipped:
        seen = f"ip=[{passage.seen.ip}];domain={passage.seen.helo}"
        yield written("X-MS-Exchange-SkipListedInternetSender", seen)
        yield written("X-MS-Exchange-ExternalOriginalInternetSender", seen)


def diagnostic(*boxes: str) -> Field:
    """``BOX:EE_|MBBOX:EE_``."""
    return written("X-MS-TrafficTypeDiagnostic", "|".join(f"{host_of(box)}:EE_" for box in boxes))


def report(passage: Passage, scl: str, direction: str) -> Field:
    """X-Forefront-Antispam-Report; country and matched rules are not known here and stay empty, as in samples."""
    seen = passage.seen
    ip, helo, name = seen.ip, seen.helo, seen.name
    if passage.way is Way.SUBMISSION:
        ip, helo, name = "255.255.255.255", passage.boxes.hub, ""
    value = f"CIP:{ip};CTRY:;LANG:en;SCL:{scl};SRV:;IPV:NLI;SFV:NSPM;H:{helo};PTR:{name};CAT:NONE;SFS:;{direction}"
    return written("X-Forefront-Antispam-Report", value, folded=False)


def cross_tenant(passage: Passage, who: Standing, stamper: str) -> Iterator[Field]:
    """The fields that travel to other tenants."""
    identity = passage.identity
    yield written(f"{CROSS_TENANT}OriginalArrivalTime", header_moment(identity.arrived))
    yield written(f"{CROSS_TENANT}Network-Message-Id", identity.network_message_id)
    yield written(f"{CROSS_TENANT}Id", passage.tenant_id)
    if passage.way is Way.RELAY:
        client = f"Ip=[{passage.client.ip}];Helo=[{passage.client.helo}]"
        name = f"{CROSS_TENANT}OriginalAttributedTenantConnectingIp"
        yield written(name, f"TenantId={passage.tenant_id};{client}")
    yield written(f"{CROSS_TENANT}AuthSource", who.auth_source)
    yield written(f"{CROSS_TENANT}AuthAs", who.auth_as)
    entity = {Way.RELAY: "HybridOnPrem", Way.INCOMING: "Internet", Way.SUBMISSION: "Hosted"}[passage.way]
    yield written(f"{CROSS_TENANT}FromEntityHeader", entity)
    if passage.way is Way.SUBMISSION:
        yield written(f"{CROSS_TENANT}MailboxType", "HOSTED")
    yield written("X-MS-Exchange-Transport-CrossTenantHeadersStamped", host_of(stamper))


def last_box(passage: Passage) -> str:
    """The box that sends it on."""
    return passage.boxes.store if passage.way is Way.SUBMISSION else passage.boxes.hub


def for_outside(passage: Passage, head: Head) -> Head:
    """The header as it leaves the service; the receiver puts its own hop on top."""
    who = standing(passage, head)
    return arrived(passage, head, leaving=True).between((), _below_outside(passage, who))


def _below_outside(passage: Passage, who: Standing) -> Iterator[Field]:
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


def for_report(passage: Passage, head: Head, *, leaving: bool) -> Head:
    """The header that comes back in a report: hops up to the hub, few marks; not the tenant's own fields, nor results.

    That is of 2017, and the only whole report that is known. ``leaving``: the recipients are outside. The direction of
    the filter's report is an assumption.
    """
    if passage.way is Way.SUBMISSION:
        above: tuple[Field, ...] = tuple(submission_hops(passage))
    else:
        above = (*hub_hops(passage), front_hop(passage))
    return admitted(head).between(above, _below_report(passage, head, leaving=leaving))


def _below_report(passage: Passage, head: Head, *, leaving: bool) -> Iterator[Field]:
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
