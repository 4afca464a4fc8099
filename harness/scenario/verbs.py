"""The verbs of steps and the check of their arguments."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from fakeeop.config.marked import line_of
from harness.match.kinds import STEP
from harness.scenario.expectations import check_expected
from harness.scenario.mta_config import check_config
from harness.scenario.shape import (
    Check,
    ProblemList,
    Record,
    a_name,
    checked,
    either,
    flag,
    integer,
    list_of,
    mapping,
    mapping_of,
    null_or,
    record,
    text,
    time_span,
    words,
)

__all__ = ["ARGUMENTS", "VERBS", "check_steps"]


def _base64(value: str) -> None:
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except binascii.Error as why:
        raise ValueError(str(why)) from why


def _one_or_two(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    if value not in (1, 2) and not report.deferred(value):
        report.wrong("1 or 2", value, where, line)


_PROXY = record({"for": a_name, "version": _one_or_two}, required=("for",))


def _only_true(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    if value is not True:
        report.wrong("true", value, where, line)


_TLS_VERSION = words("TLS version", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_CREDENTIAL = {"certificate": null_or(a_name), "verify-server": flag, "version": _TLS_VERSION}
_TLS = record({"mode": words("mode", "none", "starttls", "required"), **_CREDENTIAL}, required=("mode",))
_MAIL_FROM = record(
    {
        "address": text,
        "ret": words("ret", "FULL", "HDRS"),
        "envid": text,
        "size": integer,
        "body": words("body", "7BIT", "8BITMIME", "BINARYMIME"),
        "smtputf8": flag,
    },
    required=("address",),
)
_RCPT_TO = record(
    {
        "address": text,
        "notify": list_of(words("notify", "NEVER", "SUCCESS", "FAILURE", "DELAY"), least=1),
        "orcpt": text,
    },
    required=("address",),
)


def _header_value(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    if isinstance(value, list):
        list_of(text)(report, value, where, line)
    elif isinstance(value, bool) or value is None or isinstance(value, dict):
        report.wrong("text or a list of texts", value, where, line)


_MESSAGE_FIELDS = record(
    {
        "subject": text,
        "from": text,
        "to": text,
        "headers": mapping_of(_header_value),
        "text": text,
        "file": text,
        "size": integer,
        "raw": text,
    }
)


def _message(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    _MESSAGE_FIELDS(report, value, where, line)
    if not isinstance(value, dict):
        return
    for name, others in (("raw", set(value)), ("file", {"file", "text", "size"}), ("text", {"text", "size"})):
        beside = [other for other in value if other in others and other != name]
        if name in value and beside:
            report.add("message", f"{name} cannot be combined with {', '.join(beside)}", where, line_of(value, name))
            return


_ENDPOINT = words("endpoint", "mx", "submission")
_SUBMIT = record(
    {
        "from-host": a_name,
        "endpoint": _ENDPOINT,
        "auth": record(
            {"user": text, "password": text, "token": text}, required=("user",), one_of=("password", "token")
        ),
        "helo": text,
        "tls": _TLS,
        "mail-from": either(text, _MAIL_FROM),
        "rcpt-to": list_of(either(text, _RCPT_TO), least=1),
        "message": _message,
        "via": a_name,
        "by-client": a_name,
    },
    required=("mail-from", "rcpt-to"),
    one_of=("from-host", "via"),
)
_SEND = record(
    {
        "session": a_name,
        "lines": list_of(text, least=1),
        "one-write": flag,
        "bytes": checked("base64", _base64),
        "bdat": record({"data": text, "last": flag}, required=("data",)),
        "data": either(text, _message),
        "splits": list_of(integer, least=1),
    },
    required=("session",),
    one_of=("lines", "bytes", "bdat", "data"),
    later={"half-close": "send-half-close", "after": "send-after"},
)


def _admin_connector(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    if isinstance(value, dict):
        if "connector" not in value:
            report.add("missing-key", "the key 'connector' is missing", where, line)
        for name in ("tenant", "connector"):
            if name in value:
                text(report, value[name], f"{where}.{name}", line_of(value, name))
        if len(value.keys() - {"tenant", "connector"}) == 0:
            report.add("missing-key", "no parameter to set", where, line)
    else:
        mapping(report, value, where, line)


_ADMIN_ACTIONS: dict[str, Check] = {
    "set-connector": _admin_connector,
    "disable-connector": either(text, record({"tenant": text, "connector": text}, required=("connector",))),
    "set-organization-config": record({"tenant": text, "RejectDirectSend": flag}, required=("RejectDirectSend",)),
    "set-behaviour": mapping,
    "clear-journal": _only_true,
    "set-faults": list_of(mapping),
    "clear-faults": _only_true,
    "set-flag": a_name,
}
_ADMIN = record(_ADMIN_ACTIONS, one_of=tuple(_ADMIN_ACTIONS))
_WAIT = record(
    {
        "for": record({"sessions-ended": integer, "messages": integer}, one_of=("sessions-ended", "messages")),
        "at-most": time_span,
    },
    required=("for",),
)


_VIA = record({"via": a_name}, required=("via",))


def _submit(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """What an MTA does by itself cannot be said of the message it is given."""
    _SUBMIT(report, value, where, line)
    if isinstance(value, dict) and "via" in value:
        for name in ("endpoint", "helo", "tls", "auth"):
            if name in value:
                message = f"{name!r} cannot be combined with via: it is the MTA that connects"
                report.add("via", message, where, line_of(value, name), "say it in config of start")


def _advance(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """``advance: 20m``, or ``{by: 20m}``."""
    (ARGUMENTS["advance"] if isinstance(value, dict) else time_span)(report, value, where, line)


ARGUMENTS: dict[str, Record] = {
    "submit": _SUBMIT,
    "connect": record(
        {"from-host": a_name, "as": a_name, "endpoint": _ENDPOINT, "proxy": either(a_name, _PROXY), "first": text},
        required=("from-host", "as"),
    ),
    "send": _SEND,
    "starttls": record({"session": a_name, **_CREDENTIAL, "injected": list_of(text, least=1)}, required=("session",)),
    "disconnect": record({"session": a_name}, required=("session",)),
    "admin": _ADMIN,
    "wait": _WAIT,
    "advance": record({"by": time_span}, required=("by",)),
    "start": record({"as": a_name, "from-host": a_name, "config": check_config}, required=("as", "from-host")),
    "drain": record({"via": a_name, "at-most": time_span}, required=("via",)),
    "retry": _VIA,
    "restart": record({"via": a_name, "config": check_config}, required=("via",)),
    "stop": _VIA,
}
VERBS: dict[str, Check] = {
    **ARGUMENTS,
    "submit": _submit,
    "disconnect": either(a_name, ARGUMENTS["disconnect"]),
    "advance": _advance,
    **{verb: either(a_name, ARGUMENTS[verb]) for verb in ("drain", "retry", "restart", "stop")},
}


def _step(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    if report.deferred(value):
        return
    if not isinstance(value, dict):
        report.wrong("a step: one verb and its arguments", value, where, line)
        return
    verbs = [key for key in value if key != "expect"]
    known = [key for key in verbs if key in VERBS]
    for key in verbs:
        if key not in known and not report.deferred(key):
            report.unknown("verb", key, tuple(VERBS), where, line_of(value, key))
    if len(known) > 1:
        report.add("verb", f"a step has one verb, found {' and '.join(known)}", where, line, "make two steps of it")
    elif not verbs:
        report.add("verb", f"a step needs one verb of {', '.join(VERBS)}", where, line)
    for verb in known:
        VERBS[verb](report, value[verb], f"{where}.{verb}", line_of(value, verb))
        if value.get("expect", {}) is None:
            report.wrong("a mapping", None, f"{where}.expect", line_of(value, "expect"), "leave expect out")
        elif "expect" in value:
            check_expected(report, STEP[verb], value["expect"], f"{where}.expect", line_of(value, "expect"))


check_steps: Check = list_of(_step, least=1)
