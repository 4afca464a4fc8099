"""What can be expected, and of which kind each field is: the one table that loader, matchers and docs share.

A kind says how a plain value is compared (``reply``, ``address`` …), which fields a record has and what a list holds.
The names are those of the trees of ``Observation.tree()`` and of the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

__all__ = ["ANY", "FINAL", "OPERATORS", "OUTCOMES", "STAGES", "STEP", "TEXT", "VERDICTS", "FieldKind", "operator_of"]


@frozen(eq=False)
class FieldKind:
    """``name`` selects the comparison. ``fields``: a record's. ``item``: a list's or map's. ``choices``: closed set."""

    name: str
    fields: Mapping[str, FieldKind] = field(factory=dict)
    item: FieldKind | None = None
    choices: tuple[str, ...] = ()


OPERATORS: dict[str, str] = {
    "items": "list: the elements; with `order: any` in any order, with `each` a matcher for every element",
    "includes": "list: each of these is matched by at least one element",
    "excludes": "list: none of these is matched by any element",
    "only": "list: the same set; order and repetition do not matter",
    "contains": "text: holds this",
    "starts-with": "text: starts with this",
    "ends-with": "text: ends with this",
    "glob": "text: the whole value, `*` and `?` only; `[` is itself",
    "matches": "text: the whole value, regular expression",
    "one-of": "any of these matchers holds",
    "not": "this matcher does not hold",
    "all": "each of these matchers holds",
    "lt": "number or duration: less than",
    "le": "number or duration: at most",
    "gt": "number or duration: more than",
    "ge": "number or duration: at least",
    "count": "how many elements, or headers of this name; a number or a matcher",
    "absent": "true: there is no value",
    "present": "true: there is a value",
    "same-as": "equals another observed value: its path, elements counted from 1",
    "first-of": "graded alternatives: list of {grade: pass|deviation, is: matcher, why?}",
}

OUTCOMES = (
    "accepted",
    "partially-accepted",
    "rejected",
    "deferred",
    "tls-failed",
    "disconnected",
    "not-attempted",
)
STAGES = ("connect", "greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "message", "quit")
VERDICTS = (  # fakeeop.decision.verdict.Reason; a test keeps them in step
    "originating-by-certificate",
    "originating-by-ip-address",
    "originating-by-authentication",
    "incoming-by-connector",
    "incoming-anonymous",
    "relay-access-denied",
    "relay-access-denied-attr36",
    "partner-restriction",
    "tls-required",
    "direct-send-rejected",
    "recipient-unknown",
    "connector-blocked",
    "no-mail-subscription",
    "multiple-recipient-domains",
)
_CHAIN = (  # fakeeop.model.session.ChainProblem, and two of ours
    "valid",
    "absent",
    "self-signed",
    "untrusted",
    "incomplete",
    "another-authority",
    "expired",
    "not-yet-valid",
    "revoked",
    "revocation-unknown",
    "weak-key",
    "unreadable",
    "other",
)

ANY = FieldKind("any")
TEXT = FieldKind("text")
_NUMBER = FieldKind("number")
_FLAG = FieldKind("flag")
_REPLY = FieldKind("reply")
_ADDRESS = FieldKind("address")
_RANGE = FieldKind("address-range")
_BODY = FieldKind("body")
_HEADERS = FieldKind("headers", item=TEXT)
_TEXTS = FieldKind("list", item=TEXT)


_OFFSETS = FieldKind("list", item=_NUMBER)


def _words(*choices: str) -> FieldKind:
    return FieldKind("word", choices=choices)


def _record(fields: Mapping[str, FieldKind], name: str = "record") -> FieldKind:
    return FieldKind(name, fields)


def _list(item: FieldKind) -> FieldKind:
    return FieldKind("list", item=item)


_FRAMING = _record(
    {
        "bare-lf": _OFFSETS,
        "bare-cr": _OFFSETS,
        "nul": _OFFSETS,
        "smuggling": _list(_record({"offset": _NUMBER, "sequence": TEXT})),
        "counts": _record({"bare-lf": _NUMBER, "bare-cr": _NUMBER, "nul": _NUMBER}),
        "longest-line": _NUMBER,
        "8-bit": _FLAG,
    }
)
_VERDICT = _words(*VERDICTS)
_CLOSED_BY = _words("client", "server")
_CLIENT_TLS = _record({"version": TEXT, "cipher": TEXT, "verified": _FLAG})
_DELIVERIES = _list(  # harness.mtas.base.DeliveryStatus
    _record(
        {
            "recipient": _ADDRESS,
            "status": _words("sent", "deferred", "bounced", "expired"),
            "dsn": TEXT,
            "relay": TEXT,
            "said": TEXT,
            "reply": _REPLY,
            "stage": _words(*STAGES),
            "attempts": _NUMBER,
        }
    )
)
_SUBMIT = {
    "outcome": _words(*OUTCOMES),
    "stage": _words(*STAGES),
    "reply": _REPLY,
    "replies": _list(_REPLY),
    "recipients": FieldKind("addresses", item=_record({"reply": _REPLY, "outcome": _words(*OUTCOMES)})),
    "capabilities": _TEXTS,
    "tls": _CLIENT_TLS,
    "closed-by": _CLOSED_BY,
    "exit": _NUMBER,
    "within": FieldKind("within"),
    "delivery-status": _DELIVERIES,
    "eventually": FieldKind("eventually"),
}
_MTA = {key: _SUBMIT[key] for key in ("delivery-status", "eventually", "within")}
_DIALOGUE = {
    key: _SUBMIT[key] for key in ("outcome", "stage", "reply", "replies", "capabilities", "closed-by", "within")
}

STEP: dict[str, FieldKind] = {
    "submit": _record(_SUBMIT),
    "connect": _record(_DIALOGUE),
    "send": _record(_DIALOGUE),
    "starttls": _record({**_DIALOGUE, "tls": _CLIENT_TLS}),
    "disconnect": _record(_DIALOGUE),
    "admin": _record({"outcome": _words("accepted", "rejected"), "error": TEXT}),
    "wait": _record({"within": FieldKind("within")}),
    "advance": _record({"within": FieldKind("within")}),
    **{verb: _record(_MTA) for verb in ("drain", "retry", "restart")},
    **{verb: _record({"within": FieldKind("within")}) for verb in ("start", "stop")},
}

_CERTIFICATE = _record(
    {
        "names": _TEXTS,
        "subject": TEXT,
        "issuer": TEXT,
        "chain": _words(*_CHAIN),
        "problems": _list(_words(*_CHAIN)),
        "not-before": TEXT,
        "not-after": TEXT,
        "key": TEXT,
        "extended-key-usages": _TEXTS,
        "presented": _TEXTS,
    },
    "certificate",
)
_ATTRIBUTION = _record(
    {
        "tenant": TEXT,
        "connector": TEXT,
        "by": _words("certificate", "ip-address", "sender-domain", "recipient-domain", "authentication"),
        "direction": _words("Originating", "Incoming"),
    },
    "attribution",
)
_NEAREST = _list(_record({"tenant": TEXT, "connector": TEXT, "failed": FieldKind("one-or-many"), "fix": TEXT}))
_RECIPIENT = _record(
    {
        "transaction": _NUMBER,
        "mail-from": _ADDRESS,
        "rcpt-to": _ADDRESS,
        "reply": _REPLY,
        "verdict": _VERDICT,
        "attributed-to": _ATTRIBUTION,
        "nearest": _NEAREST,
    }
)
_SESSION = _record(
    {
        "id": TEXT,
        "listener": TEXT,
        "peer": _RANGE,
        "socket-peer": _RANGE,
        "started": TEXT,
        "ended": TEXT,
        "closed-by": _CLOSED_BY,
        "helo": TEXT,
        "esmtp": _FLAG,
        "tls": _record({"version": TEXT, "cipher": TEXT, "server-name": TEXT, "peer-certificate": _CERTIFICATE}),
        "tls-failure": TEXT,
        "authenticated": _ADDRESS,
        "notes": _TEXTS,
        "recipients": _list(_RECIPIENT),
        "attributed-to": _ATTRIBUTION,
        "verdict": _VERDICT,
        "nearest": _NEAREST,
        "refusals": _list(_record({"stage": _words(*STAGES), "reply": _REPLY, "verdict": TEXT})),
        "faults": _list(_record({"stage": TEXT, "fault": TEXT, "match": _NUMBER})),
        "transcript": _TEXTS,
    }
)
_DSN_RECIPIENT = {"notify": _list(_words("NEVER", "SUCCESS", "FAILURE", "DELAY")), "orcpt": TEXT}
_MESSAGE = _record(
    {
        "id": TEXT,
        "session": TEXT,
        "mail-from": _ADDRESS,
        "rcpt-to": _list(_ADDRESS),
        "recipient-scope": _words("internal", "external"),
        "directionality": _words("Originating", "Incoming"),
        "tenant": TEXT,
        "connector": TEXT,
        "dsn": _record(
            {
                "ret": _words("FULL", "HDRS"),
                "envid": TEXT,
                **_DSN_RECIPIENT,
                "recipients": _list(_record({"address": _ADDRESS, **_DSN_RECIPIENT})),
            }
        ),
        "headers": _HEADERS,
        "body": _BODY,
        "raw": _BODY,
        "framing": _FRAMING,
        "size": _NUMBER,
        "received": TEXT,
        "helo": TEXT,
        "peer": _RANGE,
        "reply": _REPLY,
    }
)
_REPORTED = _record(
    {
        "final-recipient": _ADDRESS,
        "original-recipient": TEXT,
        "status": TEXT,
        "diagnostic-code": TEXT,
        "remote-mta": TEXT,
    }
)
_REPORT = _record(
    {
        "kind": _words("dsn"),
        "action": _words("failed", "delayed", "delivered", "relayed", "expanded"),  # RFC 3464 section 2.3.3
        "status": TEXT,
        "final-recipient": _ADDRESS,
        "original-recipient": TEXT,
        "envid": TEXT,
        "diagnostic-code": TEXT,
        "remote-mta": TEXT,
        "recipients": _list(_REPORTED),
        "outcome": TEXT,
        "detail": TEXT,
        "mail-from": _ADDRESS,
        "rcpt-to": _list(_ADDRESS),
        "headers": _HEADERS,
        "body": _BODY,
        "raw": _BODY,
    }
)

_HOP = _record({"from": TEXT, "address": TEXT, "by": TEXT, "with": TEXT, "via": TEXT, "date": TEXT})
_DELIVERED = _record(  # fakeeop.journal.trees.delivery_tree
    {
        "message": TEXT,
        "number": _NUMBER,
        "recipient": _ADDRESS,
        "where": _words("mailbox", "on-premises", "internet", "failed"),
        "status": TEXT,
        "path": _words("relay", "incoming", "submission"),
        "tenant": TEXT,
        "at": TEXT,
        "hops": _list(_HOP),
        "headers": _HEADERS,
        "body": _BODY,
        "raw": _BODY,
    }
)

_TRACE = _record(  # the columns of Get-MessageTraceV2 and Get-MessageTraceDetailV2, by their names
    {
        "Organization": TEXT,
        "Received": TEXT,
        "SenderAddress": TEXT,
        "RecipientAddress": _ADDRESS,
        "Subject": TEXT,
        "Status": _words("Delivered", "Failed", "Pending"),
        "ToIP": TEXT,
        "FromIP": _RANGE,
        "Size": _NUMBER,
        "MessageId": TEXT,
        "MessageTraceId": TEXT,
        "Events": _list(
            _record(
                {
                    "Date": TEXT,
                    "Event": _words("Receive", "Defer", "Deliver", "Send", "Fail"),
                    "Action": TEXT,
                    "Detail": TEXT,
                    "Data": TEXT,
                }
            )
        ),
    }
)

FINAL = _record(
    {
        "sessions": _list(_SESSION),
        "messages": _list(_MESSAGE),
        "reports": _list(_REPORT),
        "delivered": _list(_DELIVERED),
        "trace": _list(_TRACE),
        "admin": ANY,
    }
)


def operator_of(expected: Mapping[str, Any], kind: FieldKind) -> str | None:
    """The operator of a mapping; None if the mapping is a record. ``items`` also stands for ``order`` and ``each``."""
    if kind.name == "headers":
        return None
    for key in expected:
        if key in kind.fields:
            return None
        if key in OPERATORS:
            return key
        if key in ("order", "each"):
            return "items"
    return None
