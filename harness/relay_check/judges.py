"""The judges of the suite: each looks at one thing that both sides saw. Put together with ``all_of``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from harness.model.result import Assertion
from harness.mtas.form import Submitted
from harness.relay_check.diagnose import diagnose, presented
from harness.relay_check.values import Judge, RelayObservation, found

__all__ = [
    "all_of",
    "arrived_at_least_once",
    "arrived_once",
    "attempted_again",
    "certificate_shown",
    "connector_used",
    "delivered_in_the_end",
    "intact",
    "never_in_clear",
    "no_storm",
    "not_arrived",
    "reported_once",
    "silenced",
    "under_tls",
]

_KEPT_HERE: Final = re.compile(r"/kept-here\S*: .*\bstatus=sent\b")  # as the private instance logs it
_TRY: Final = re.compile(r"C: RCPT TO:\s*<([^>]*)>", re.I)
_STORM: Final = 3  # attempts at one recipient that was refused for good, and no more
_PATIENT: Final = 8  # attempts at one that was refused for now, within the time of a case


def all_of(*judges: Judge) -> Judge:
    """All of them, in order."""
    return lambda seen: [each for judge in judges for each in judge(seen)]


def arrived_once(seen: RelayObservation) -> list[Assertion]:
    """Every recipient of every message has exactly one copy."""
    return [each for one in seen.submitted for recipient in one.recipients for each in _copies(seen, one, recipient, 1)]


def arrived_at_least_once(seen: RelayObservation) -> list[Assertion]:
    """Every recipient has a copy; more than one is told, and allowed."""
    return [
        each for one in seen.submitted for recipient in one.recipients for each in _copies(seen, one, recipient, 99)
    ]


def delivered_in_the_end(seen: RelayObservation) -> list[Assertion]:
    """Every recipient has one copy; a program without a queue may say that it failed instead."""
    found_here = []
    for one in seen.submitted:
        for recipient in one.recipients:
            if "exit" in seen.sees and one.code and not seen.copies(recipient):
                text = f"{recipient} has nothing, and the program says so: its caller must try again"
                found_here.append(found(True, text))
            else:
                found_here += _copies(seen, one, recipient, 1)
    return found_here


def _copies(seen: RelayObservation, one: Submitted, recipient: str, most: int) -> list[Assertion]:
    copies = seen.copies(recipient)
    if not copies:
        return [_missing(seen, one, recipient)]
    times = "once" if len(copies) == 1 else f"{len(copies)} times"
    if len(copies) > most:
        said = "; ".join(each["reply"].split("\n")[0][:60] for each in copies)
        return [found(False, f"{recipient} has it {times} (each was taken: {said})", "duplicate")]
    return [found(True, f"{recipient} has it {times}")]


def _missing(seen: RelayObservation, one: Submitted, recipient: str) -> Assertion:
    if one.code == 0 and seen.final:
        return found(False, f"{recipient} has nothing, and the program ended as if all were well", "lost")
    said = [each for each in one.statuses if each.recipient.lower() == recipient.lower()]
    given_up = bool(said) and said[0].status in ("bounced", "expired", "sent")
    if seen.retries and not seen.final and not given_up:
        return found(False, f"{recipient} has nothing yet after {seen.waited:.0f} s", "slow-retry", pending=True)
    cause, words = diagnose(seen)
    return found(False, f"{recipient} has nothing: {words}", cause)


def not_arrived(seen: RelayObservation) -> list[Assertion]:
    """Nobody has it: it was refused."""
    got = [recipient for one in seen.submitted for recipient in one.recipients if seen.copies(recipient)]
    return [found(not got, f"it came through after all, to {', '.join(got)}" if got else "nothing came through")]


def attempted_again(seen: RelayObservation) -> list[Assertion]:
    """The relay tried more than once, and did not hammer."""
    found_here = []
    for recipient, tries in _tries(seen).items():
        if tries > _PATIENT:
            text = f"{recipient} was tried {tries} times within {seen.waited:.0f} s"
            found_here.append(found(False, text, "retry-storm", level="should"))
    return found_here


def no_storm(seen: RelayObservation) -> list[Assertion]:
    """What is refused for good is not tried again and again."""
    worst = max(_tries(seen).values(), default=0)
    if worst == 0 and seen.submitted:
        cause, words = diagnose(seen)
        return [found(False, f"it did not try at all: {words}", cause, pending=not seen.final)]
    kept = [each for one in seen.submitted for each in one.statuses if each.status == "deferred"]
    if kept:
        cause = "no-report" if silenced(seen) else "keeps-hard-errors"
        return [found(False, f"it keeps what was refused for good: {kept[0].said[:160]}", cause)]
    if worst > _STORM:
        return [found(False, f"it tried {worst} times after a refusal for good", "retry-storm")]
    return [found(True, f"tried {'once' if worst == 1 else f'{worst} times'}")]


def silenced(seen: RelayObservation) -> str:
    """The settings of its configuration by which a sender does not hear of a refusal."""
    return "; ".join(seen.configuration.silenced) if seen.configuration is not None else ""


def _tries(seen: RelayObservation) -> dict[str, int]:
    """By the commands: a recipient that a fault refuses has no verdict. Reports are not counted."""
    senders = {one.sender.lower() for one in seen.submitted}
    named = [
        tried[1].lower()
        for session in seen.sessions
        for line in session["transcript"]
        if (tried := _TRY.match(line)) is not None
    ]
    return {each: named.count(each) for each in dict.fromkeys(named) if each not in senders}


def reported_once(seen: RelayObservation) -> list[Assertion]:
    """The sender learns of it, once, and nobody else does."""
    if "exit" in seen.sees:
        codes = [one.code for one in seen.submitted]
        quiet = [code for code in codes if code == 0]
        text = "the program ended as if all were well" if quiet else f"the program says so (exit code {codes[0]})"
        return [found(not quiet, text, "lost" if quiet else "")]
    return [_bounce(seen, one) for one in seen.submitted if one.sender]


def _bounce(seen: RelayObservation, one: Submitted) -> Assertion:
    bounces = seen.bounces(one.sender)
    if len(bounces) == 1:
        return found(True, f"one report came to {one.sender}")
    if bounces:
        return found(False, f"{len(bounces)} reports came to {one.sender}", "many-reports")
    if quiet := silenced(seen):
        return found(False, f"no report came to {one.sender}: {quiet}", "no-report", pending=not seen.final)
    kept = [line for line in seen.log if _KEPT_HERE.search(line) and f"<{one.sender.lower()}>" in line.lower()]
    if kept and seen.final:
        many = "one report" if len(kept) == 1 else f"{len(kept)} reports"
        return found(len(kept) == 1, f"{many} to {one.sender}: the relay delivers it itself", "many-reports")
    if any(each.status == "deferred" for each in one.statuses):
        return found(False, f"no report came to {one.sender}: the message is still in the queue", "keeps-hard-errors")
    if any(each["rcpt-to"].lower() == one.sender.lower() for s in seen.sessions for each in s["recipients"]):
        return found(False, f"the report to {one.sender} was refused here", "report-refused", level="should")
    return found(False, f"no report came to {one.sender}", "no-report", pending=not seen.final)


def connector_used(name: str) -> Judge:
    """The message was attributed to this connector of the sample tenant."""

    def judge(seen: RelayObservation) -> list[Assertion]:
        used = [each["connector"] for each in seen.messages if each["mail-from"] != "<>"]
        if not used:
            return []
        wanted = name if seen.connector is None else seen.connector or "a connector"
        any_will_do = seen.connector == ""
        others = [each for each in used if (each is None if any_will_do else each != wanted)]
        text = f"came in by the connector {others[0] or 'none'}, not by {wanted}" if others else f"came in by {used[0]}"
        return [found(not others, text, "other-connector")]

    return judge


def under_tls(seen: RelayObservation) -> list[Assertion]:
    """Mail goes under TLS, which the service always offers; a connector by address takes it in clear text, too."""
    clear = [each for each in seen.sessions if each["tls"] is None and each["recipients"]]
    text = "in clear text, though STARTTLS was offered" if clear else "under TLS"
    return [found(not clear, text, "no-tls", level=_in_clear(seen))] if seen.sessions else []


def certificate_shown(seen: RelayObservation) -> list[Assertion]:
    """Which certificate it sent: for the report; what is wrong with it is told by ``arrived_once``."""
    with_mail = [each for each in seen.sessions if each["recipients"]]
    return [found(True, presented(with_mail[-1]))] if with_mail else []


def _in_clear(seen: RelayObservation) -> str:
    """The level of mail in clear text: the same, whether TLS is never used or can be taken away."""
    return "must" if seen.private else "should"


def never_in_clear(level: str | None = None) -> Judge:
    """No envelope goes over the wire in clear text."""

    def judge(seen: RelayObservation) -> list[Assertion]:
        clear = [each for each in seen.sessions if each["tls"] is None and each["recipients"]]
        if not seen.sessions and seen.submitted:
            cause, words = diagnose(seen)
            return [found(False, f"it did not try at all: {words}", cause, pending=not seen.final)]
        if not clear:
            return [found(True, "nothing was sent in clear text")]
        if not any(line.upper() == "C: STARTTLS" for each in seen.sessions for line in each["transcript"]):
            offered = any(line.endswith("STARTTLS") for each in clear for line in each["transcript"])
            if offered:
                return [found(False, "it does not use TLS at all", "no-tls", level=level or _in_clear(seen))]
        text = "it went on in clear text, and anybody on the way could read it"
        return [found(False, text, "clear-text-fallback", level=level or _in_clear(seen))]

    return judge


def intact(look: Callable[[bytes], str]) -> Judge:
    """``look`` says what is wrong with the content of each copy; empty if nothing is."""

    def judge(seen: RelayObservation) -> list[Assertion]:
        wrong = [look(str(each["raw"]).encode("latin-1")) for each in seen.messages if each["mail-from"] != "<>"]
        bad = [each for each in wrong if each]
        return [found(not bad, bad[0] if bad else "the content is as it was", "content-changed")] if wrong else []

    return judge
