"""What is neither tenant nor journal: explain, the tables, the clock, reset, health and metrics."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from fakeeop import __version__
from fakeeop.admin.bodies import read_mapping, refuse_unknown
from fakeeop.admin.document import answer, body, problem
from fakeeop.admin.metrics import MEDIA_TYPE, Metrics
from fakeeop.admin.problems import ApiProblem, tree_response
from fakeeop.admin.subject import Subject
from fakeeop.admin.waiting import Waiters
from fakeeop.decision.knobs import KNOBS
from fakeeop.model import PeerFacts, TlsFacts
from fakeeop.model.addresses import canonical_domain, parse_ip
from fakeeop.pki.judge import certificate_facts
from fakeeop.server.listener import format_address
from fakeeop.smtp.replies.rows import ROWS
from fakeeop.why.facts import answer_tree, answers, read_path

__all__ = ["lab_routes"]

_FACTS = ("ip", "mail-from", "rcpt-to", "header-from", "tls", "certificate")


def lab_routes(subject: Subject, waiters: Waiters, metrics: Metrics) -> APIRouter:
    """The routes at the top."""
    router = APIRouter()
    _index(router, subject)
    _explain(router, subject)
    _tables(router, subject)
    _clock(router, subject)
    _reset(router, subject, waiters)
    _health(router, subject, metrics)
    return router


def _index(router: APIRouter, subject: Subject) -> None:
    @router.get("/", tags=["lab"], summary="What this is", responses=answer("Index"))
    async def get_index() -> Response:
        tree = {
            "name": "fakeeop",
            "version": __version__,
            "document": "/openapi.json",
            "listeners": [
                {
                    "address": address,
                    "submission": asked.submission,
                    "starttls": asked.starttls,
                    "proxy": bool(asked.proxy_from),
                    "xclient": bool(asked.xclient_from),
                    "peer": asked.peer,
                }
                for address, asked in zip(_listeners(subject), subject.listeners, strict=True)
            ],
        }
        return tree_response(tree)


def _explain(router: APIRouter, subject: Subject) -> None:
    @router.post(
        "/explain",
        tags=["lab"],
        summary="What would the service say to this mail, and why?",
        responses=answer("Answers", 400, 413, 415, 422),
        openapi_extra=body("Facts"),
    )
    async def explain(request: Request) -> Response:
        facts = await read_mapping(request)
        refuse_unknown(facts, _FACTS)
        try:
            peer = PeerFacts(parse_ip(_text(facts, "ip")))
            reverse_path = read_path(_text(facts, "mail-from"), null=True)
            recipients = tuple(read_path(each, null=False) for each in _texts(facts, "rcpt-to"))
            header_from = tuple(map(canonical_domain, _texts(facts, "header-from")))
            tls = _tls(subject, facts)
        except ValueError as why:
            raise ApiProblem(422, str(why)) from why
        if not recipients:
            raise ApiProblem(422, "rcpt-to is not given")
        behaviour = subject.forest.behaviour
        judge = subject.directory.connection(peer, tls)
        found = tuple(answers(judge, behaviour, subject.clock.now, reverse_path, recipients, header_from))
        accepted = all(each.verdict.accepted for each in found)
        return tree_response({"accepted": accepted, "recipients": [answer_tree(each) for each in found]})


def _text(facts: dict[str, Any], name: str) -> str:
    value = facts.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is {'not given' if value is None else 'not text'}")
    return value


def _texts(facts: dict[str, Any], name: str) -> list[str]:
    value = facts.get(name, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise ValueError(f"{name} is not a list of texts")
    return listed


def _tls(subject: Subject, facts: dict[str, Any]) -> TlsFacts | None:
    tls, pem = facts.get("tls"), facts.get("certificate")
    if tls is not None and not isinstance(tls, bool):
        raise ValueError("tls is neither true nor false")
    if pem is None:
        return TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", None) if tls else None
    if tls is False:
        raise ValueError("a certificate needs TLS: leave tls out")
    from cryptography import x509  # noqa: PLC0415  heavy, and only for certificates
    from cryptography.hazmat.primitives.serialization import Encoding  # noqa: PLC0415  as above

    try:
        chain = x509.load_pem_x509_certificates(_text(facts, "certificate").encode())
    except ValueError as why:
        raise ValueError("certificate is not PEM with certificates in it") from why
    trusted = subject.certificates
    der = [each.public_bytes(Encoding.DER) for each in chain]
    judged = certificate_facts(
        der,
        trusted.trusted_ca_pem,
        subject.clock.now(),
        revoked=trusted.revoked,
        public_roots_pem=trusted.public_roots_pem,
    )
    return TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384", judged)


def _tables(router: APIRouter, subject: Subject) -> None:
    @router.get("/replies", tags=["lab"], summary="Every reply, with its source", responses=answer("Replies"))
    async def get_replies() -> Response:
        rows = [
            {
                "key": row.key,
                "code": row.code,
                "status": row.status,
                "text": row.text,
                "stages": list(row.stages),
                "trigger": row.trigger,
                "source": row.source,
                "confidence": row.confidence,
                "suffix": row.suffix,
                "kind": row.kind,
                "by": row.by,
            }
            for row in ROWS
        ]
        return tree_response({"replies": rows})

    @router.get("/knobs", tags=["lab"], summary="Every open question, and its value now", responses=answer("Knobs"))
    async def get_knobs() -> Response:
        behaviour = subject.forest.behaviour
        knobs = [
            {
                "name": knob.name,
                "conflict": knob.conflict,
                "question": knob.question,
                "default": knob.default,
                "value": str(getattr(behaviour, knob.field)),
                "values": [
                    {"value": side.value, "meaning": side.meaning, "sources": list(side.sources)} for side in knob.sides
                ],
            }
            for knob in KNOBS
        ]
        return tree_response({"knobs": knobs})


def _clock(router: APIRouter, subject: Subject) -> None:
    def shown() -> Response:
        now: datetime = subject.clock.now()
        virtual = hasattr(subject.clock, "advance")
        return tree_response({"now": now.isoformat().replace("+00:00", "Z"), "virtual": virtual})

    @router.get("/clock", tags=["lab"], summary="The emulator's time", responses=answer("Clock"))
    async def get_clock() -> Response:
        return shown()

    @router.post(
        "/clock/advance",
        tags=["lab"],
        summary="Let time pass; only for a virtual clock",
        responses=answer("Clock", 400, 409, 413, 415, 422),
        openapi_extra=body("Advance"),
    )
    async def advance(request: Request) -> Response:
        given = await read_mapping(request)
        refuse_unknown(given, ("seconds",))
        seconds = given.get("seconds")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 < seconds <= 1e9:
            raise ApiProblem(422, "seconds is not a number above 0, and at most 1e9")
        forward = getattr(subject.clock, "advance", None)
        if forward is None:
            raise ApiProblem(409, "the emulator uses the machine's clock, which cannot be advanced")
        try:
            forward(float(seconds))
        except RuntimeError as why:  # another thread advances it right now
            raise ApiProblem(409, str(why)) from why
        return shown()


def _reset(router: APIRouter, subject: Subject, waiters: Waiters) -> None:
    @router.post(
        "/reset",
        tags=["lab"],
        status_code=204,
        summary="As if freshly started: journal forgotten, counters begin anew; tenants, faults and metrics stay",
        responses=answer(None, status=204, says="Done."),
    )
    async def reset() -> Response:
        subject.journal.clear()
        subject.restart_counters()
        waiters.wake()
        return Response(status_code=204)


def _health(router: APIRouter, subject: Subject, metrics: Metrics) -> None:
    @router.get("/health", tags=["health"], summary="The process answers", responses=answer("Health"))
    async def health() -> Response:
        return tree_response({"status": "ok"})

    @router.get(
        "/ready",
        tags=["health"],
        summary="Every SMTP listener answers",
        responses=answer("Health", 503) | {503: problem(503)},
    )
    async def ready() -> Response:
        if not subject.answering:
            raise ApiProblem(503, "the SMTP listeners are closed, or closing")
        return tree_response({"status": "ready", "listeners": _listeners(subject)})

    @router.get(
        "/metrics",
        tags=["health"],
        summary="Counters in Prometheus' text format; they stay when the journal forgets",
        responses=answer({"type": "string"}, media="text/plain"),
    )
    async def get_metrics() -> Response:
        return Response(metrics.text(), 200, media_type=MEDIA_TYPE)


def _listeners(subject: Subject) -> list[str]:
    return [format_address(host, port) for host, port in subject.addresses]
