"""The client's view and the server's journal of the same session must agree, whatever a scenario expects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from harness.match.step import disagreements
from harness.match.values import address_key
from harness.model.result import Mismatch

__all__ = ["SessionObservation", "disagreeing"]


@frozen
class SessionObservation:
    """What one client session saw: where it began, its tree, and the final replies by which messages were taken."""

    path: str  # steps[2]
    line: int | None
    tree: Mapping[str, Any]
    taken: tuple[str, ...] = ()
    whole: bool = True  # the tree is one whole transaction: its recipients are all there are
    recipients: tuple[str, ...] = field(default=())  # forward-paths that got a 2xx before the message was taken
    observes: frozenset[str] | None = None  # the fields that this client can see; None: all


def disagreeing(
    seen: SessionObservation, session: Mapping[str, Any] | None, messages: Sequence[Mapping[str, Any]]
) -> tuple[Mismatch, ...]:
    """Everything in which ``session`` (None: the journal has none) and its ``messages`` differ from what was seen."""
    if session is None:
        return (_differ(seen, "", "a session in the journal for this connection", "none", "connected"),)
    if session.get("faults"):
        return ()  # the two views differ on purpose: a reply may be lost, or a message
    own = [message for message in messages if message["session"] == session["id"]]
    found = list(disagreements(seen.tree, session, path=seen.path, line=seen.line))
    found += _messages(seen, own)
    found += _tls(seen, session)
    return tuple(found)


def _messages(seen: SessionObservation, own: Sequence[Mapping[str, Any]]) -> list[Mismatch]:
    """The same number of messages taken, by the same replies, for the same recipients."""
    found = []
    held = list(dict.fromkeys(str(message["reply"]) for message in own))
    if len(held) != len(seen.taken):
        note = "client and journal to agree on the number of accepted messages"
        found.append(_differ(seen, "outcome", note, f"{len(held)} accepted", f"{len(seen.taken)} accepted"))
    elif all(seen.taken) and held != list(seen.taken):
        note = "client and journal to agree on the reply to the message"
        found.append(_differ(seen, "reply", note, "; ".join(held), "; ".join(seen.taken)))
    elif seen.whole and _sees(seen, "recipients"):
        here = sorted(address for message in own for address in message["rcpt-to"])
        there = sorted(seen.recipients) if seen.taken else []
        if sorted(map(address_key, here)) != sorted(map(address_key, there)):
            note = "client and journal to agree on the recipients of the message"
            found.append(_differ(seen, "recipients", note, ", ".join(here) or "none", ", ".join(there) or "none"))
    return found


def _sees(seen: SessionObservation, name: str) -> bool:
    return seen.observes is None or name in seen.observes


def _tls(seen: SessionObservation, session: Mapping[str, Any]) -> list[Mismatch]:
    if not _sees(seen, "tls"):
        return []
    here = (session.get("tls") or {}).get("version")
    there = (seen.tree.get("tls") or {}).get("version")
    if seen.tree.get("outcome") == "tls-failed" or here == there:
        return []  # a client may give up after the server's side of the handshake is done
    note = "client and journal to agree on TLS"
    return [_differ(seen, "tls.version", note, here or "clear text", there or "clear text")]


def _differ(seen: SessionObservation, name: str, note: str, journal: str, client: str) -> Mismatch:
    path = f"{seen.path}.{name}" if name else seen.path
    level = "must" if name else None  # whatever the level of the case: one of the two views is wrong
    return Mismatch(path, seen.line, journal, client, note, "both-disagree", "", journal, level=level)
