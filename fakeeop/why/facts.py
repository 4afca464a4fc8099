"""What the service would say to stated facts: the answers of ``fakeeop explain`` and of the admin API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from fakeeop.decision.judge import ConnectionJudge
from fakeeop.decision.verdict import Stage, Verdict
from fakeeop.model import Behaviour
from fakeeop.model.addresses import Mailbox, canonical_domain
from fakeeop.smtp.names import HostNames, ReplySuffix
from fakeeop.smtp.replies.rows import ROW, render, row_for
from fakeeop.why.narrate import ConnectionNarrator
from fakeeop.why.render import attribution_tree, trace_tree
from fakeeop.why.trace import Trace

__all__ = ["ExpectedReply", "answer_tree", "answers", "read_path"]

_SESSION_ID = "08DD3FA5DBC8F401"  # an example: no server answers here


class ExpectedReply(NamedTuple):
    """One reply. ``recipient`` and ``trace`` are None where the whole message is refused.

    ``stage`` is ``RCPT TO`` or ``end of data``; ``reply`` is text without its line end.
    """

    recipient: Mailbox | None
    stage: str
    reply: str
    verdict: Verdict
    trace: Trace | None


def answers(
    judge: ConnectionJudge,
    behaviour: Behaviour,
    now: Callable[[], datetime],
    reverse_path: Mailbox,
    recipients: tuple[Mailbox, ...],
    header_from: tuple[str, ...] = (),
    *,
    every: bool = False,
) -> Iterator[ExpectedReply]:
    """Judge each recipient in order, as one transaction. ``header_from``: canonical domains of the From header."""

    def answer(recipient: Mailbox | None, stage: str, verdict: Verdict, trace: Trace | None = None) -> ExpectedReply:
        row = ROW["rcpt"] if verdict.accepted else row_for(verdict.reason, behaviour)
        suffix = ReplySuffix(HostNames(), now, _SESSION_ID).blocks(row.suffix)
        return ExpectedReply(recipient, stage, render(row, suffix).decode().rstrip("\r\n"), verdict, trace)

    narrator = ConnectionNarrator(judge, every)
    earlier: list[Mailbox] = []
    for recipient in recipients:
        verdict = judge.judge_recipient(reverse_path, recipient, tuple(earlier))
        trace = narrator.explain(reverse_path, recipient, tuple(earlier))
        late = not verdict.accepted and verdict.stage is Stage.DATA
        if verdict.accepted or late:
            earlier.append(recipient)
        yield answer(recipient, "end of data" if late else "RCPT TO", verdict, trace)
    refusal = judge.judge_message(reverse_path, tuple(earlier), header_from) if earlier else None
    if refusal is not None:
        yield answer(None, "end of data", refusal)


def answer_tree(answer: ExpectedReply) -> dict[str, Any]:
    """An answer as a JSON-ready tree."""
    tree: dict[str, Any] = {
        "rcpt-to": None if answer.recipient is None else str(answer.recipient),
        "stage": answer.stage,
        "reply": answer.reply,
    }
    if answer.trace is not None:
        return {**tree, **trace_tree(answer.trace)}
    attributed = attribution_tree(answer.verdict.attribution)
    return {**tree, "accepted": False, "verdict": answer.verdict.reason.value, "attributed-to": attributed}


def read_path(text: str, *, null: bool) -> Mailbox:
    """``a@b``, ``<a@b>``, and with ``null`` also ``<>``. Raises ValueError."""
    body = text.strip()
    if body.startswith("<") and body.endswith(">"):
        body = body[1:-1]
    if not body and null:
        return Mailbox("", "")
    local, at, domain = body.rpartition("@")
    if not (local and at):
        example = "'<>' or someone@example.net" if null else "someone@example.net"
        raise ValueError(f"{text!r} is not an address such as {example}")
    return Mailbox(local, canonical_domain(domain))
