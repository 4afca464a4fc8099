"""Inside and outside recipients, the null sender, senders of other domains."""

from __future__ import annotations

from harness.model.result import Assertion
from harness.relay_check.judges import all_of, arrived_once, no_storm
from harness.relay_check.values import RelayCase, RelayObservation, SampleMessage, found

__all__ = ["CASES"]


def _foreign(seen: RelayObservation) -> list[Assertion]:
    """Refused as the service does since 2023, or with a sender of the tenant's own: then it comes through."""
    got = [each for each in seen.messages if each["mail-from"] != "<>"]
    if got:
        sender = got[0]["mail-from"]
        return [found(True, f"it came through, sent as {sender}")]
    judged = seen.judgements()
    if not judged:
        return arrived_once(seen)
    reply = judged[0]["reply"].split("\n")[0]
    text = f"refused, as the service does: {reply}; a relay that forwards mail of others has to rewrite the sender"
    return [found(True, text), *no_storm(seen)]


def _still_null(seen: RelayObservation) -> list[Assertion]:
    """A report must not have a sender, or its own refusal makes another report."""
    senders = {each["mail-from"] for each in seen.messages} | {each["mail-from"] for each in seen.judgements()}
    changed = sorted(senders - {"<>"})
    if not changed:
        return [found(True, "the null sender is still null")] if senders else []
    return [found(False, f"it gave a sender to a report: {changed[0]}", "sender-rewritten")]


CASES = (
    RelayCase(
        id="internal-recipient",
        family="envelopes",
        title="A message to a mailbox of the tenant is taken",
        requirement="Mail for a recipient of the tenant's own domain reaches the service; the relay does not keep it.",
        source="Microsoft Learn, Manage accepted domains",
        judge=arrived_once,
        messages=(SampleMessage(to=("own2",)),),
    ),
    RelayCase(
        id="external-recipient",
        family="envelopes",
        title="A message to the outside is taken",
        requirement="Mail for a recipient outside goes to the service, too.",
        source="Microsoft Learn, Configure a connector to send mail using Microsoft 365 SMTP relay",
        judge=arrived_once,
    ),
    RelayCase(
        id="mixed-recipients",
        family="envelopes",
        title="One message to inside and outside is taken for both",
        requirement="Each recipient of a message has it once, whether inside or outside.",
        source="RFC 5321 section 4.5.4.1",
        judge=arrived_once,
        messages=(SampleMessage(to=("own2", "outside")),),
        needs=frozenset({"many"}),
    ),
    RelayCase(
        id="null-sender",
        family="envelopes",
        title="A report (null sender) to the tenant is taken",
        requirement="Mail from <> keeps its null sender on the way to a recipient of the tenant.",
        source="RFC 5321 section 4.5.5",
        judge=all_of(arrived_once, _still_null),
        messages=(SampleMessage(sender="", to=("own2",)),),
        needs=frozenset({"null"}),
        refusable=True,
    ),
    RelayCase(
        id="foreign-sender",
        family="envelopes",
        title="Mail of a foreign sender is refused once, or comes with a sender of the tenant",
        requirement="Since November 2023 a sender of another domain is refused (5.7.64) when the relay is known by its "
        "address. The relay bounces it without trying again, or rewrites the sender.",
        source="Exchange team blog, Updated requirements for SMTP relay through Exchange Online",
        judge=all_of(_foreign),
        messages=(SampleMessage(sender="foreign"),),
        needs=frozenset({"sender"}),
        refusable=True,
    ),
)
