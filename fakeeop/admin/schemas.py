"""JSON Schemas of what the API says, tenants excepted. The trees come from ``fakeeop.journal.trees`` and
``fakeeop.why.render``; these say what a client may rely on, and allow more.
"""

from __future__ import annotations

from typing import Any

__all__ = ["SCHEMAS"]

_TEXT = {"type": "string"}
_NULLABLE = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_FLAG = {"type": "boolean"}
_ATTRIBUTED = {
    "description": "`none`, or to whom: tenant, connector, by, direction.",
    "anyOf": [{"const": "none"}, {"type": "object"}, {"type": "null"}],
}


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {name.replace("_", "-"): shape for name, shape in {**required, **optional}.items()}
    return {"type": "object", "properties": properties, "required": [name.replace("_", "-") for name in required]}


def _list(shape: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": shape}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


_LISTENER = _object({"address": _TEXT}, submission=_FLAG, starttls=_FLAG, proxy=_FLAG, xclient=_FLAG, peer=_NULLABLE)
_RULE = _object({"code": _TEXT, "where": _list(_TEXT), "message": _TEXT, "fix": _TEXT}, source=_TEXT, line=_COUNT)
_RECIPIENT = _object(
    {"transaction": _COUNT, "mail_from": _TEXT, "rcpt_to": _TEXT, "reply": _TEXT, "verdict": _TEXT},
    attributed_to=_ATTRIBUTED,
    nearest=_list({"type": "object"}),
)
_DELIVERED = {"number": _COUNT, "recipient": _TEXT, "where": _TEXT, "status": _TEXT}
_DELIVERED_MORE = {"path": _TEXT, "tenant": _NULLABLE, "at": _TEXT}
_HOP = _object({"by": _TEXT, "date": _TEXT}, **{"from": _TEXT, "with": _TEXT}, address=_NULLABLE, via=_NULLABLE)
_CONDITION = _object({"name": _TEXT, "expected": _TEXT, "actual": _TEXT, "holds": _FLAG}, source=_TEXT)
_SIDE = _object({"value": _TEXT, "meaning": _TEXT, "sources": _list(_TEXT)})

SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": _object({"title": _TEXT, "status": _COUNT, "detail": _TEXT, "problems": _list(_RULE)}),
    "Index": _object({"name": _TEXT, "version": _TEXT, "document": _TEXT, "listeners": _list(_LISTENER)}),
    "Session": _object(
        {"id": _TEXT, "listener": _TEXT, "peer": _TEXT, "socket_peer": _TEXT, "started": _TEXT, "ended": _NULLABLE},
        closed_by=_NULLABLE,
        helo=_NULLABLE,
        esmtp=_FLAG,
        tls={"type": ["object", "null"]},
        tls_failure=_NULLABLE,
        recipients=_list(_RECIPIENT),
        attributed_to=_ATTRIBUTED,
        verdict=_NULLABLE,
        nearest={"type": ["array", "null"]},
        refusals=_list(_object({"stage": _TEXT, "reply": _TEXT, "verdict": _NULLABLE})),
        transcript=_list(_TEXT),
    ),
    "Sessions": _object({"sessions": _list(_ref("Session")), "next": _NULLABLE}),
    "Message": _object(
        {"id": _TEXT, "session": _TEXT, "mail_from": _TEXT, "rcpt_to": _list(_TEXT), "size": _COUNT, "received": _TEXT},
        recipient_scope=_TEXT,
        directionality=_NULLABLE,
        tenant=_NULLABLE,
        connector=_NULLABLE,
        dsn={"type": "object"},
        headers=_list(_list(_TEXT)),
        body={**_NULLABLE, "description": "null in a list where the message has more than 1 MiB."},
        raw={**_NULLABLE, "description": "The octets, one character each (Latin-1); null as for body."},
        framing={"type": ["object", "null"], "description": "Where the octets break the rules; null as for body."},
        helo=_NULLABLE,
        peer=_TEXT,
        reply=_TEXT,
        delivered=_list(_object(_DELIVERED, **_DELIVERED_MORE)),
    ),
    "Report": _object(
        {"id": _TEXT, "kind": _TEXT, "action": _TEXT, "final_recipient": _TEXT, "status": _TEXT, "made": _TEXT},
        original_recipient=_NULLABLE,
        diagnostic_code=_NULLABLE,
        remote_mta=_NULLABLE,
        envid=_NULLABLE,
        recipients=_list({"type": "object"}),
        mail_from=_TEXT,
        rcpt_to=_list(_TEXT),
        session=_TEXT,
        message=_TEXT,
        outcome=_TEXT,
        detail=_TEXT,
        size=_COUNT,
        headers=_list(_list(_TEXT)),
        body=_TEXT,
        raw={**_TEXT, "description": "The octets, one character each (Latin-1)."},
    ),
    "Reports": _object({"reports": _list(_ref("Report")), "next": _NULLABLE}),
    "MessageTrace": _object(
        {
            "rows": _list(
                _object(
                    {
                        **dict.fromkeys(("Organization", "Received", "SenderAddress", "RecipientAddress"), _TEXT),
                        **dict.fromkeys(("Subject", "Status", "FromIP", "MessageId", "MessageTraceId"), _TEXT),
                        **dict.fromkeys(("StartDate", "EndDate"), _TEXT),
                        "ToIP": _NULLABLE,
                        **dict.fromkeys(("Size", "Index"), _COUNT),
                    }
                )
            ),
            "next": {
                "type": ["object", "null"],
                "description": "StartDate, EndDate, StartingRecipientAddress to go on with.",
            },
        }
    ),
    "MessageTraceDetail": _object(
        {
            "events": _list(
                _object(
                    dict.fromkeys(
                        ("MessageTraceId", "RecipientAddress", "Date", "Event", "Action", "Detail", "Data"), _TEXT
                    )
                )
            )
        }
    ),
    "Messages": _object({"messages": _list(_ref("Message")), "next": _NULLABLE}),
    "Deliveries": _object(
        {
            "deliveries": _list(
                _object(
                    {"message": _TEXT, **_DELIVERED, "hops": _list(_HOP), "headers": _list(_list(_TEXT))},
                    **_DELIVERED_MORE,
                )
            )
        }
    ),
    "Waited": _object({"reached": _FLAG, "messages": _COUNT, "ended": _COUNT, "open": _COUNT, "changes": _COUNT}),
    "Trace": _object(
        {"verdict": _TEXT, "accepted": _FLAG, "attributed_to": _ATTRIBUTED, "text": _TEXT},
        inputs={"type": "object"},
        steps=_list(_object({"name": _TEXT, "rule": _TEXT, "conclusion": _TEXT}, candidates=_list({"type": "object"}))),
        nearest=_list({"type": "object"}),
        fixes=_list({"type": "object"}),
        advice=_list(_TEXT),
        left_out=_COUNT,
    ),
    "Facts": {
        "additionalProperties": False,
        **_object(
            {
                "ip": {**_TEXT, "description": "The address that the relay connects from."},
                "mail_from": {**_TEXT, "description": "MAIL FROM; `<>` is the null reverse-path."},
                "rcpt_to": {"anyOf": [_TEXT, {**_list(_TEXT), "minItems": 1}], "description": "RCPT TO, in order."},
            },
            header_from={**_list(_TEXT), "description": "Domains of the From header, for PartnerSenderScope: p2."},
            tls={**_FLAG, "description": "Does the relay use STARTTLS? Implied by a certificate."},
            certificate={**_TEXT, "description": "The client certificate with its chain, PEM; judged by the lab CA."},
        ),
    },
    "Answers": _object(
        {"recipients": _list(_object({"rcpt_to": _NULLABLE, "stage": _TEXT, "reply": _TEXT, "verdict": _TEXT}))},
        accepted=_FLAG,
    ),
    "Replies": _object(
        {
            "replies": _list(
                _object(
                    {"key": _TEXT, "code": _COUNT, "status": _TEXT, "text": _TEXT, "stages": _list(_TEXT)},
                    trigger=_TEXT,
                    source=_TEXT,
                    confidence=_TEXT,
                    suffix=_COUNT,
                    kind=_TEXT,
                    by=_TEXT,
                )
            )
        }
    ),
    "Knobs": _object(
        {
            "knobs": _list(
                _object(
                    {"name": _TEXT, "question": _TEXT, "default": _TEXT, "value": _TEXT, "values": _list(_SIDE)},
                    conflict=_TEXT,
                )
            )
        }
    ),
    "FaultsInForce": _object({"Faults": _list(_ref("Fault")), "fired": _list(_COUNT)}),
    "FaultsToSet": {
        "anyOf": [
            _list(_ref("Fault")),
            {
                **_object({"Faults": _list(_ref("Fault"))}, FaultSeed={"type": "integer", "minimum": 0}),
                "additionalProperties": False,
            },
        ]
    },
    "Peers": {"type": "object", "additionalProperties": _TEXT},
    "Certificates": _object({"server": _TEXT, "trusted": _TEXT}),
    "CertificatesToSet": {
        "additionalProperties": False,
        **_object(
            {"server": _TEXT, "key": {**_TEXT, "description": "Never shown again."}, "trusted": _TEXT},
            revoked={**_list(_TEXT), "description": "Serial numbers in hex."},
        ),
    },
    "Clock": _object({"now": {**_TEXT, "format": "date-time"}, "virtual": _FLAG}),
    "Advance": {
        "additionalProperties": False,
        **_object({"seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": 1e9}}),
    },
    "Health": _object({"status": _TEXT}, listeners=_list(_TEXT)),
}
