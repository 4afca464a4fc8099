"""Refused for now: the relay keeps it, tries again, delivers in the end, once."""

from __future__ import annotations

from harness.relay_check.judges import all_of, attempted_again, delivered_in_the_end
from harness.relay_check.values import RelayCase, SampleMessage

__all__ = ["CASES"]

_WHOLE = all_of(delivered_in_the_end, attempted_again)


def _for_now(name: str, fault: dict[str, object], title: str, about: str) -> RelayCase:
    return RelayCase(
        id=name,
        family="deferrals",
        title=title,
        requirement=f"{about}: the message stays in the queue, is tried again, and arrives, once.",
        source="RFC 5321 section 4.2.1 (4yz) and 4.5.4.1",
        judge=_WHOLE,
        faults=(fault,),
        retries=True,
    )


CASES = (
    _for_now(
        "deferred-451",
        {"at": "rcpt", "first": 2, "per": "recipient", "recipient": "*.{tag}@*", "reply": {"row": "server-busy"}},
        "451 4.7.500 Server busy, twice: no mail is lost",
        "Throttled",
    ),
    _for_now(
        "deferred-421",
        {"at": "mail", "first": 1, "sender": "*.{tag}@*", "reply": {"row": "too-many-connections"}, "do": "drop"},
        "421 4.3.2 and a closed connection: no mail is lost",
        "Too many connections",
    ),
    _for_now(
        "deferred-432",
        {"at": "mail", "first": 1, "sender": "*.{tag}@*", "reply": {"row": "concurrent-connections"}},
        "432 4.3.2 Concurrent connections limit exceeded: no mail is lost",
        "The limit of connections",
    ),
    _for_now(
        "deferred-at-greeting",
        {"at": "banner", "first": 1, "reply": {"row": "service-unavailable"}, "do": "drop"},
        "421 instead of a greeting: no mail is lost",
        "The service is not available",
    ),
    _for_now(
        "deferred-after-data",
        {"at": "end-of-data", "first": 1, "recipient": "*.{tag}@*", "reply": {"row": "not-replicated"}},
        "451 4.4.0 after the message: no mail is lost",
        "The message was not taken",
    ),
    RelayCase(
        id="throttled",
        family="deferrals",
        title="Of five messages each is put off once: all five arrive, each once",
        requirement="While the service throttles, no message is lost, and none is sent twice.",
        source="RFC 5321 section 4.5.4.1; Microsoft Learn, NDR codes (4.7.500)",
        judge=_WHOLE,
        faults=(
            {
                "at": "rcpt",
                "first": 1,
                "per": "recipient",
                "recipient": "*.{tag}@*",
                "reply": {"row": "server-busy"},
            },
        ),
        messages=tuple(SampleMessage(to=(f"outside{number}",)) for number in range(1, 6)),
        retries=True,
    ),
)
