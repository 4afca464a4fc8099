"""Sessions and messages: read, filtered, waited for, forgotten."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query
from starlette.responses import Response, StreamingResponse

from fakeeop.admin.document import answer
from fakeeop.admin.problems import ApiProblem, tree_response
from fakeeop.admin.subject import Subject
from fakeeop.admin.waiting import Waiters
from fakeeop.journal.memory import MessageRecord, SessionRecord
from fakeeop.journal.trees import delivery_tree, message_tree, session_tree
from fakeeop.why.render import trace_text, trace_tree

__all__ = ["WAIT_MAX", "journal_routes"]

WAIT_MAX = 60.0  # seconds of one long poll
_Record = TypeVar("_Record", SessionRecord, MessageRecord)

Limit = Annotated[int, Query(ge=1, le=1000, description="The maximum number.")]
After = Annotated[str | None, Query(description="Only what came after the one with this id: `next` of the last page.")]
Text = Annotated[str | None, Query(description="Case does not count.")]
Session = Annotated[str | None, Query(description="Of this session only.")]
Count = Annotated[int | None, Query(ge=0, le=1_000_000_000)]


def journal_routes(subject: Subject, waiters: Waiters) -> APIRouter:
    """Every route below ``/journal``."""
    router = APIRouter(prefix="/journal", tags=["journal"])
    _sessions(router, subject)
    _messages(router, subject)
    _deliveries(router, subject)
    _wait(router, subject, waiters)

    @router.delete("", status_code=204, summary="Forget all", responses=answer(None, status=204, says="Forgotten."))
    async def delete_journal() -> Response:
        subject.journal.clear()
        waiters.wake()
        return Response(status_code=204)

    return router


def _sessions(router: APIRouter, subject: Subject) -> None:
    @router.get("/sessions", summary="Sessions, oldest first", responses=answer("Sessions", 404, 422))
    async def get_sessions(
        peer: Annotated[str | None, Query(description="The public address of the client.")] = None,
        helo: Text = None,
        verdict: Annotated[str | None, Query(description="Some recipient has this verdict.")] = None,
        mail_from: Annotated[str | None, Query(alias="mail-from", description="`<>` is the null reverse-path.")] = None,
        rcpt_to: Annotated[str | None, Query(alias="rcpt-to")] = None,
        tenant: Text = None,
        open: Annotated[bool | None, Query(description="True: only those that have not ended.")] = None,
        transcript: Annotated[bool, Query(description="With their transcripts.")] = False,
        limit: Limit = 100,
        after: After = None,
    ) -> Response:
        no_recipient = verdict is None and mail_from is None and rcpt_to is None and tenant is None

        def fits(record: SessionRecord) -> bool:
            return (
                (peer is None or str(record.peer.ip) == peer)
                and (helo is None or (record.helo or "").lower() == helo.lower())
                and (open is None or (record.ended is None) is open)
                and (no_recipient or _some(record, verdict, mail_from, rcpt_to, tenant))
            )

        def respond() -> Response:
            page, more = _page(subject.journal.session_page, fits, limit, after, peer=peer, helo=helo)
            trees = [session_tree(record, transcript=transcript) for record in page]
            return tree_response({"sessions": trees, "next": more})

        return await _aside(subject, respond)

    @router.get("/sessions/{session}", summary="One session, with its transcript", responses=answer("Session", 404))
    async def get_session(session: str) -> Response:
        return tree_response(session_tree(_session(subject, session)))

    @router.get(
        "/sessions/{session}/trace",
        summary="Why a recipient was judged so: the last refused one, or the last",
        responses=answer("Trace", 404, 422),
    )
    async def get_trace(
        session: str, recipient: Annotated[str | None, Query(description="This one.")] = None
    ) -> Response:
        _session(subject, session)
        try:
            trace = subject.explain(session, recipient)
        except LookupError as why:
            raise ApiProblem(404, str(why)) from why
        return tree_response({**trace_tree(trace), "text": trace_text(trace)})


def _messages(router: APIRouter, subject: Subject) -> None:
    @router.get("/messages", summary="Copies of messages, oldest first", responses=answer("Messages", 404, 422))
    async def get_messages(
        session: Session = None,
        mail_from: Annotated[str | None, Query(alias="mail-from", description="`<>` is the null reverse-path.")] = None,
        rcpt_to: Annotated[str | None, Query(alias="rcpt-to", description="One of its recipients.")] = None,
        tenant: Text = None,
        connector: Text = None,
        peer: Annotated[str | None, Query(description="The public address of the client.")] = None,
        content: Annotated[bool, Query(description="With `body` and `raw`.")] = False,
        limit: Limit = 100,
        after: After = None,
    ) -> Response:
        def fits(record: MessageRecord) -> bool:
            to = record.verdict.attribution
            return (
                (session is None or record.session.id == session)
                and _same(mail_from, str(record.envelope.reverse_path) or "<>")
                and (rcpt_to is None or any(_same(rcpt_to, str(each.mailbox)) for each in record.recipients))
                and _same(tenant, to.tenant.name if to.tenant else "")
                and _same(connector, to.connector.name if to.connector else "")
                and (peer is None or str(record.peer.ip) == peer)
            )

        columns = {"session": session, "sender": mail_from, "tenant": tenant, "connector": connector, "peer": peer}

        def respond() -> Response:
            page, more = _page(subject.journal.message_page, fits, limit, after, **columns)
            trees = [_copy_tree(subject, each, content=content) for each in page]
            return tree_response({"messages": trees, "next": more})

        return await _aside(subject, respond)

    @router.get("/messages/{message}", summary="One copy", responses=answer("Message", 404))
    async def get_message(message: str) -> Response:
        record = _message(subject, message)
        return await _in_time(record, lambda: tree_response(_whole_tree(subject, record)))

    @router.get(
        "/messages/{message}/raw",
        summary="The octets of one copy, as they came after DATA",
        responses=answer({"type": "string", "contentEncoding": "binary"}, 404, media="message/rfc822"),
    )
    async def get_raw(message: str) -> Response:
        record = _message(subject, message)
        name = re.sub(r"[^0-9A-Za-z.-]", "_", record.id)
        headers = {"Content-Disposition": f'attachment; filename="{name}.eml"'}
        headers["Content-Length"] = str(len(record.content))
        return StreamingResponse(record.pieces(), 200, headers, "message/rfc822")


def _deliveries(router: APIRouter, subject: Subject) -> None:
    @router.get(
        "/messages/{message}/deliveries",
        summary="What happened to one copy, by recipient: the header at its end, and the hops",
        responses=answer("Deliveries", 404),
    )
    async def get_deliveries(
        message: str, content: Annotated[bool, Query(description="With `body` and `raw`.")] = False
    ) -> Response:
        record = _message(subject, message)

        def respond() -> Response:
            found = enumerate(subject.journal.deliveries(record), 1)
            trees = [delivery_tree(record, number, each, content=content) for number, each in found]
            return tree_response({"deliveries": trees})

        return await asyncio.to_thread(respond)  # SPF and DKIM are looked at: mail goes on meanwhile

    @router.get(
        "/messages/{message}/deliveries/{number}",
        summary="The octets that one recipient got; `number` counts the recipients of the copy from 1",
        responses=answer({"type": "string", "contentEncoding": "binary"}, 404, 409, 422, media="message/rfc822"),
    )
    async def get_delivery(message: str, number: Annotated[int, Path(ge=1, le=1_000_000)]) -> Response:
        record = _message(subject, message)
        found = subject.journal.deliveries(record)
        if number > len(found):
            raise ApiProblem(404, f"message {record.id} has {len(found)} recipients")
        delivery = found[number - 1]
        if delivery.where == "failed":
            raise ApiProblem(409, f"{delivery.recipient} never got it: {delivery.status}")
        await asyncio.to_thread(lambda: delivery.header)
        name = re.sub(r"[^0-9A-Za-z.-]", "_", f"{record.id}-{number}")
        headers = {"Content-Disposition": f'attachment; filename="{name}.eml"'}
        return StreamingResponse(delivery.pieces(), 200, headers, "message/rfc822")


def _wait(router: APIRouter, subject: Subject, waiters: Waiters) -> None:
    @router.get(
        "/wait",
        summary="Wait until the journal has as much as is asked for; answers at the latest when the time is over",
        responses=answer("Waited", 422),
    )
    async def wait(
        messages: Annotated[Count, Query(description="At least this number of copies is remembered.")] = None,
        ended: Annotated[Count, Query(description="At least this number of remembered sessions has ended.")] = None,
        open: Annotated[Count, Query(description="At most this number of sessions is open.")] = None,
        changes: Annotated[
            Count, Query(description="At least this number of messages and ended sessions, ever.")
        ] = None,
        timeout: Annotated[float, Query(ge=0, le=WAIT_MAX, description="Seconds.")] = 5.0,
    ) -> Response:
        journal = subject.journal

        def holds() -> bool:
            return (
                (changes is None or journal.changes >= changes)
                and (messages is None or journal.remembered >= messages)
                and (open is None or journal.sessions_started - journal.sessions_ended <= open)
                and (ended is None or _ended(subject) >= ended)
            )

        reached = await waiters.until(holds, timeout)
        return tree_response(
            {
                "reached": reached,
                "messages": journal.remembered,
                "ended": _ended(subject),
                "open": journal.sessions_started - journal.sessions_ended,
                "changes": journal.changes,
            }
        )


# ---- records


def _whole_tree(subject: Subject, record: MessageRecord, *, content: bool = True) -> dict[str, Any]:
    return message_tree(record, content=content, deliveries=subject.journal.deliveries(record))


def _copy_tree(subject: Subject, record: MessageRecord, *, content: bool) -> dict[str, Any]:
    """An element of a list: what is large enough to lie in the spool is left to those who ask for it alone."""
    if not content or isinstance(record.content, bytes):
        return _whole_tree(subject, record, content=content)
    return {**_whole_tree(subject, record, content=False), "body": None, "raw": None}


async def _in_time(record: MessageRecord, make: Callable[[], Response]) -> Response:
    """Of a large message in a thread: mail goes on meanwhile."""
    return make() if isinstance(record.content, bytes) else await asyncio.to_thread(make)


def _ended(subject: Subject) -> int:
    return subject.journal.ended


def _session(subject: Subject, name: str) -> SessionRecord:
    record = subject.journal.session(name)
    if record is None:
        raise ApiProblem(404, f"no session {name[:100]!r} is remembered")
    return record


def _message(subject: Subject, name: str) -> MessageRecord:
    record = subject.journal.message_record(name)
    if record is None:
        raise ApiProblem(404, f"no message {name[:100]!r} is remembered")
    return record


def _page(
    ask: Callable[..., tuple[list[_Record], str | None]],
    fits: Callable[[_Record], bool],
    limit: int,
    after: str | None,
    **columns: str | None,
) -> tuple[list[_Record], str | None]:
    try:
        return ask(fits, limit, after, **columns)
    except LookupError as why:
        raise ApiProblem(404, f"after: {(after or '')[:100]!r} is not remembered; begin again without it") from why


async def _aside(subject: Subject, respond: Callable[[], Response]) -> Response:
    """What has to be read from a store is read in a thread: mail goes on meanwhile."""
    return await asyncio.to_thread(respond) if subject.journal.durable else respond()


def _some(
    record: SessionRecord, verdict: str | None, mail_from: str | None, rcpt_to: str | None, tenant: str | None
) -> bool:
    """True if one recipient of the session fits them all."""
    for judgement in list(record.judgements):
        to: Any = judgement.verdict.attribution.tenant
        if (
            (verdict is None or judgement.verdict.reason.value == verdict)
            and _same(mail_from, str(judgement.reverse_path) or "<>")
            and _same(rcpt_to, str(judgement.recipient))
            and _same(tenant, to.name if to else "")
        ):
            return True
    return False


def _same(wanted: str | None, actual: str) -> bool:
    return wanted is None or wanted.lower() == actual.lower()
