"""The connection is lost at a bad moment."""

from __future__ import annotations

from harness.model.result import Assertion
from harness.relay_check.judges import (
    all_of,
    arrived_at_least_once,
    arrived_once,
    attempted_again,
    delivered_in_the_end,
)
from harness.relay_check.values import RelayCase, RelayObservation, found

__all__ = ["CASES"]


def _lost_reply(seen: RelayObservation) -> list[Assertion]:
    """Nobody can do better than a duplicate; a program that says that it failed is right as well."""
    findings = arrived_at_least_once(seen)
    twice = [each for each in findings if each.holds and " times" in each.text]
    if twice:
        findings.append(found(True, "more than one copy: the price of not losing any (RFC 1047)"))
    return findings


_TAGGED = {"recipient": "*.{tag}@*"}

CASES = (
    RelayCase(
        id="dropped-before-250",
        family="drops",
        title="The connection is lost before the message was taken: it arrives, once",
        requirement="Without a 250 the message is not delivered; the relay keeps it and tries again.",
        source="RFC 5321 section 4.2.5 and 6.1",
        judge=all_of(delivered_in_the_end, attempted_again),
        faults=({"at": "end-of-data", "nth": 1, "do": "drop", **_TAGGED},),
        retries=True,
    ),
    RelayCase(
        id="dropped-after-250",
        family="drops",
        title="The connection is lost after the 250: no second copy",
        requirement="After a 250 the message is the service's; a connection lost then is not a reason to repeat it.",
        source="RFC 5321 section 4.2.5",
        judge=arrived_once,
        faults=({"at": "after-250", "nth": 1, "do": "reset", **_TAGGED},),
    ),
    RelayCase(
        id="reply-lost",
        family="drops",
        title="The 250 is lost on the way: the message is not",
        requirement="The service has it, the relay cannot know: it tries again. A second copy is in order, none "
        "is not.",
        source="RFC 1047; RFC 5321 section 6.1",
        judge=_lost_reply,
        faults=({"at": "end-of-data", "nth": 1, "do": "lose-reply", **_TAGGED},),
    ),
    RelayCase(
        id="session-ended",
        family="drops",
        title="The service ends the session (421 4.4.1): it arrives by another one",
        requirement="A session may end between commands, after 20 minutes for instance; the relay makes another one.",
        source="haraka/Haraka issue 2321; RFC 5321 section 3.8",
        judge=all_of(delivered_in_the_end, attempted_again),
        faults=({"at": "rcpt", "nth": 1, "reply": {"row": "session-lifetime"}, "do": "drop", **_TAGGED},),
        retries=True,
    ),
    RelayCase(
        id="closed-after-ehlo",
        family="drops",
        title="The service closes after the EHLO inside TLS: tried again, and not in clear text",
        requirement="A connection that ends after STARTTLS and EHLO is a failure for now.",
        source="MailCleaner issue 598",
        judge=all_of(delivered_in_the_end, attempted_again),
        faults=({"at": "ehlo", "tls": True, "nth": 1, "do": "close"},),
        retries=True,
    ),
)
