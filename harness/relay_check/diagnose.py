"""Why mail did not come through: from what both sides saw to one cause, a key of the advice, and a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from harness.mtas.base import DeliveryStatus
from harness.relay_check.values import RelayObservation

__all__ = ["CHAIN_CAUSES", "diagnose", "presented"]

CHAIN_CAUSES: Final = {  # problem of a presented chain → cause
    "incomplete": "missing-intermediate",
    "expired": "certificate-expired",
    "not-yet-valid": "certificate-expired",
    "self-signed": "certificate-untrusted",
    "untrusted": "certificate-untrusted",
    "another-authority": "certificate-untrusted",
    "revoked": "certificate-revoked",
    "revocation-unknown": "certificate-revoked",
    "weak-key": "certificate-weak",
    "unreadable": "certificate-untrusted",
    "other": "certificate-untrusted",
}
_WORDS: Final = (  # what MTAs write → cause
    (r"certificate check failed", "tls-failed"),
    (
        r"Connection refused|Connection timed out|No route to host|Network is unreachable|Invalid argument",
        "unreachable",
    ),
    (r"Host or domain name not found|Name service error|[Hh]ost not found|loops back to myself", "wrong-smart-host"),
    (r"TLS is required, but was not offered", "starttls-not-offered"),
    (r"Cannot start TLS|SSL_connect error|TLS handshake|certificate verif|not verified|not trusted", "tls-failed"),
    (r"[Uu]nrouteable address|[Uu]ser unknown|[Uu]nknown user", "local-delivery"),
    (r"deferred transport|defer_transports|mail transport unavailable", "held"),
)
_LAST: Final = 200  # characters of an MTA's words that are quoted


def diagnose(seen: RelayObservation) -> tuple[str, str]:
    """The cause and the sentence that says what was seen; the first that fits, the plainest first."""
    return next(_causes(seen), ("lost", "nothing came here, and nothing says why"))


def presented(session: Mapping[str, Any]) -> str:
    """The certificate of a session in one sentence."""
    tls = session.get("tls")
    if tls is None:
        return "no TLS"
    facts = tls.get("peer-certificate")
    if facts is None:
        return f"{tls['version']}, no client certificate was sent"
    names = ", ".join(facts["names"]) or facts["subject"]
    sent = len(facts["presented"])
    chain = "" if facts["chain"] == "valid" else f", chain {facts['chain']}"
    asked = f", SNI {tls['server-name']}" if tls.get("server-name") else ", no SNI"
    return f"{tls['version']}, sent a certificate for {names} ({sent} in the chain{chain}){asked}"


def _causes(seen: RelayObservation) -> Iterator[tuple[str, str]]:
    yield from _by_statuses_that_lie(seen)
    for judgement in reversed(seen.judgements()):
        if judgement["reply"][:1] in "45":
            yield from _by_refusal(judgement, seen)
    yield from _by_broken_sessions(seen)
    yield from _by_words(seen)
    yield from _by_queue(seen)
    yield from _by_program(seen)


def _by_refusal(judgement: Mapping[str, Any], seen: RelayObservation) -> Iterator[tuple[str, str]]:
    """A recipient was refused: by which condition?"""
    session, reply = judgement["session"], judgement["reply"].split("\n")[0]
    if any(each["stage"] == "rcpt" for each in session["faults"]) and judgement["verdict"] == "fault":
        status = _status(seen, judgement["rcpt-to"])
        if status is not None and status.status in ("bounced", "expired") and reply.startswith("4"):
            yield "bounces-soft-errors", f"it gave up at a reply that is for now only: {reply}"
        return
    yield from _by_sender(judgement, seen)
    failed = {each["failed"] for each in judgement["nearest"] or ()}
    wants_tls = judgement["verdict"].startswith("tls-required") or seen.certificate_name
    if wants_tls and session["tls"] is None:
        yield "no-tls", f"it sent in clear text and was told {reply}"
    if session["tls"] is not None and seen.certificate_name:
        yield from _by_certificate(session, reply, seen.certificate_name)
    if "SenderIPAddresses" in failed:
        yield "wrong-address", f"it came from {session['peer']}, which no connector lists, and was told {reply}"
    if judgement["verdict"] != "fault":
        yield "refused", f"it was told {reply}"


def _by_sender(judgement: Mapping[str, Any], seen: RelayObservation) -> Iterator[tuple[str, str]]:
    given = {one.sender.lower() for one in seen.submitted}
    sent = judgement["mail-from"]
    if sent != "<>" and sent.lower() not in given:
        was = ", ".join(sorted(given)) or "<>"
        yield "sender-rewritten", f"it changed the sender from {was} to {sent}"


def _by_certificate(session: Mapping[str, Any], reply: str, wanted: str) -> Iterator[tuple[str, str]]:
    facts = session["tls"]["peer-certificate"]
    if facts is None:
        yield "no-certificate", f"it sent no client certificate and was told {reply}"
        return
    for problem in facts["problems"]:
        yield CHAIN_CAUSES.get(problem, "certificate-untrusted"), f"{presented(session)}; it was told {reply}"
    names = ", ".join(facts["names"])
    if not any(_fits(each, wanted) for each in facts["names"]):
        yield "wrong-name", f"its certificate is for {names}, the connector asks for {wanted}; it was told {reply}"


def _fits(name: str, wanted: str) -> bool:
    """Roughly, for a sentence; the connector itself is judged by the emulator."""
    name, wanted = name.lower(), wanted.lower()
    if wanted.startswith("*."):
        return name == wanted or (name.count(".") >= 1 and name.partition(".")[2] == wanted[2:]) or name == wanted[2:]
    return name == wanted or (name.startswith("*.") and wanted.partition(".")[2] == name[2:])


def _by_broken_sessions(seen: RelayObservation) -> Iterator[tuple[str, str]]:
    for session in reversed(seen.sessions):
        if session["tls-failure"] and not session["faults"]:
            yield "tls-failed", f"the TLS handshake failed: {session['tls-failure']}"
        for each in session["refusals"]:
            if not session["faults"]:
                yield "refused", f"it was told {each['reply']} at {each['stage']}"


def _by_statuses_that_lie(seen: RelayObservation) -> Iterator[tuple[str, str]]:
    """What the relay calls sent, and nobody has: it went somewhere else."""
    for one in seen.submitted:
        for status in one.statuses:
            if status.status == "sent" and not seen.copies(status.recipient):
                where = status.relay if status.relay not in ("", "none") else "itself"
                quoted = status.said[:_LAST]
                if where in ("itself", "local", "virtual"):
                    yield "local-delivery", f"it keeps mail for {status.recipient} itself: {quoted}"
                else:
                    yield "lost", f"it says {status.recipient} was sent to {where}, and it is not here: {quoted}"


def _by_words(seen: RelayObservation) -> Iterator[tuple[str, str]]:
    statuses = [status for one in seen.submitted for status in one.statuses if status.status != "sent"]
    for status in statuses:
        for pattern, cause in _WORDS:
            if re.search(pattern, status.said):
                yield cause, f"it says: {status.said[:_LAST]}"
    for status in statuses:
        if status.status == "expired" or (status.status == "bounced" and (status.reply or "").startswith("4")):
            yield "bounces-soft-errors", f"it gave up ({status.status}): {status.said[:_LAST]}"
        elif status.said:
            yield "refused" if status.reply else "unreachable", f"it says: {status.said[:_LAST]}"


def _by_queue(seen: RelayObservation) -> Iterator[tuple[str, str]]:
    if seen.left and not seen.sessions:
        yield "never-connects", "the message lies in its queue, and it has not connected at all"
    elif not seen.sessions:
        yield "never-connects", "it has not connected at all"


def _by_program(seen: RelayObservation) -> Iterator[tuple[str, str]]:
    for one in seen.submitted:
        if one.code not in (None, 0):
            yield "refused", f"the program ended with exit code {one.code}: {one.said[-_LAST:]}"


def _status(seen: RelayObservation, recipient: str) -> DeliveryStatus | None:
    for one in seen.submitted:
        for status in one.statuses:
            if status.recipient.lower() == recipient.lower():
                return status
    return None
