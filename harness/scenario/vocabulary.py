"""Every key of a scenario file and the check of its value. ``scenario-1.json`` says the same; a test compares."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from fakeeop.addresses import parse_ip
from fakeeop.marked import line_of
from harness.match.kinds import FINAL, STEP
from harness.scenario.expectations import check_expected
from harness.scenario.shape import (
    Check,
    Report,
    anything,
    checked,
    either,
    flag,
    integer,
    list_of,
    mapping,
    mapping_of,
    record,
    text,
    time_span,
    words,
)

__all__ = ["CLIENTS", "LATER_VERBS", "TOP", "VERBS", "check_expect", "check_steps", "check_world"]

CLIENTS = (
    "raw",
    "smtplib",
    "swaks",
    "curl",
    "msmtp",
    "postfix",
    "exim",
    "opensmtpd",
    "mono-smtpclient",
    "dotnet-smtpclient",
)
LATER_VERBS = {
    "start": "verb-start",
    "drain": "verb-drain",
    "stop": "verb-stop",
    "retry": "verb-retry",
    "restart": "verb-restart",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?\Z")
_MAX_TITLE = 90


def _form(pattern: re.Pattern[str], wanted: str) -> Check:
    def parse(value: str) -> None:
        if not pattern.match(value):
            raise ValueError("")

    return checked(wanted, parse)


def _base64(value: str) -> None:
    try:
        base64.b64decode("".join(value.split()), validate=True)
    except binascii.Error as why:
        raise ValueError(str(why)) from why


_name = _form(_NAME, "a name of letters, digits, '-' and '_'")
_date = _form(_DATE, "a date like 2026-11-24 or 2026-11-24T12:00:00Z")


def _only_true(report: Report, value: Any, where: str, line: int | None) -> None:
    if value is not True:
        report.wrong("true", value, where, line)


def _null_or(check: Check) -> Check:
    def checked_or_null(report: Report, value: Any, where: str, line: int | None) -> None:
        if value is not None:
            check(report, value, where, line)

    return checked_or_null


# -- world ------------------------------------------------------------------------------------------------------

PKI = record(
    {
        "ca": flag,
        "trusted-by-eop": flag,
        "issued-by": _name,
        "common-name": _null_or(text),
        "dns-names": list_of(text),
        "not-before": _date,
        "not-after": _date,
        "extended-key-usage": list_of(words("key usage", "serverAuth", "clientAuth", "codeSigning")),
        "key": words("key type", "ec", "rsa"),
        "self-signed": flag,
        "intermediate": flag,
        "send-intermediate": flag,
        "revoked": flag,
        "crl": words("crl", "unreachable"),
    }
)
_WORLD = record(
    {
        "hosts": mapping_of(checked("an IP address", parse_ip), key=_name),
        "pki": mapping_of(PKI, key=_name),
        "tenant": mapping,
        "tenants": list_of(mapping),
        "behaviour": mapping,
    },
    later={"profile": "world-profile", "faults": "world-faults"},
)


def check_world(report: Report, value: Any, where: str, line: int | None) -> None:
    """``world``; the content of tenants and behaviour is checked by ``fakeeop.config`` when the case runs."""
    _WORLD(report, value, where, line)
    if isinstance(value, dict) and "tenant" in value and "tenants" in value:
        report.add("one-of", "only one of tenant, tenants may be there", where, line_of(value, "tenants"))


# -- verbs ------------------------------------------------------------------------------------------------------

_TLS_VERSION = words("TLS version", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")
_CREDENTIAL = {"certificate": _null_or(_name), "verify-server": flag, "version": _TLS_VERSION}
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


def _header_value(report: Report, value: Any, where: str, line: int | None) -> None:
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


def _message(report: Report, value: Any, where: str, line: int | None) -> None:
    _MESSAGE_FIELDS(report, value, where, line)
    if not isinstance(value, dict):
        return
    for name, others in (("raw", set(value)), ("file", {"file", "text", "size"}), ("text", {"text", "size"})):
        beside = [other for other in value if other in others and other != name]
        if name in value and beside:
            report.add("message", f"{name} cannot stand beside {', '.join(beside)}", where, line_of(value, name))
            return


_SUBMIT = record(
    {
        "from-host": _name,
        "helo": text,
        "tls": _TLS,
        "mail-from": either(text, _MAIL_FROM),
        "rcpt-to": list_of(either(text, _RCPT_TO), least=1),
        "message": _message,
    },
    required=("mail-from", "rcpt-to"),
    one_of=("from-host", "via"),
    later={"via": "submit-via", "auth": "submit-auth"},
)
_SEND = record(
    {
        "session": _name,
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


def _admin_connector(report: Report, value: Any, where: str, line: int | None) -> None:
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


_ADMIN = record(
    admin_actions := {
        "set-connector": _admin_connector,
        "disable-connector": either(text, record({"tenant": text, "connector": text}, required=("connector",))),
        "set-organization-config": record({"tenant": text, "RejectDirectSend": flag}, required=("RejectDirectSend",)),
        "set-behaviour": mapping,
        "clear-journal": _only_true,
    },
    one_of=tuple(admin_actions),
)
_WAIT = record(
    {
        "for": record({"sessions-ended": integer, "messages": integer}, one_of=("sessions-ended", "messages")),
        "at-most": time_span,
    },
    required=("for",),
)

VERBS: dict[str, Check] = {
    "submit": _SUBMIT,
    "connect": record({"from-host": _name, "as": _name}, required=("from-host", "as")),
    "send": _SEND,
    "starttls": record({"session": _name, **_CREDENTIAL}, required=("session",)),
    "disconnect": either(_name, record({"session": _name}, required=("session",))),
    "admin": _ADMIN,
    "wait": _WAIT,
}


def _step(report: Report, value: Any, where: str, line: int | None) -> None:
    if report.deferred(value):
        return
    if not isinstance(value, dict):
        report.wrong("a step: one verb and its arguments", value, where, line)
        return
    verbs = [key for key in value if key != "expect"]
    known = [key for key in verbs if key in VERBS or key in LATER_VERBS]
    for key in verbs:
        if key not in known and "{{" not in key:
            report.unknown("verb", key, (*VERBS, *LATER_VERBS), where, line_of(value, key))
    if len(known) > 1:
        report.add("verb", f"a step has one verb, found {' and '.join(known)}", where, line, "make two steps of it")
    elif not verbs:
        report.add("verb", f"a step needs one verb of {', '.join(VERBS)}", where, line)
    for verb in known:
        if verb in LATER_VERBS:
            report.requires[LATER_VERBS[verb]] = None
            continue
        VERBS[verb](report, value[verb], f"{where}.{verb}", line_of(value, verb))
        if "expect" in value:
            check_expected(report, STEP[verb], value["expect"], f"{where}.expect", line_of(value, "expect"))


check_steps: Check = list_of(_step, least=1)


def check_expect(report: Report, value: Any, where: str, line: int | None) -> None:
    """The final ``expect``."""
    if value is not None:
        check_expected(report, FINAL, value, where, line)


# -- top --------------------------------------------------------------------------------------------------------

_EVIDENCE = record(
    {"kind": words("kind", "doc", "rfc", "transcript", "assumption"), "ref": text, "note": text, "read": _date},
    required=("kind",),
)


def _evidence(report: Report, value: Any, where: str, line: int | None) -> None:
    _EVIDENCE(report, value, where, line)
    if isinstance(value, dict):
        needed = "note" if value.get("kind") == "assumption" else "ref"
        if "kind" in value and not value.get(needed):
            report.add("missing-key", f"evidence of kind {value['kind']!r} needs {needed!r}", where, line)


def _schema(report: Report, value: Any, where: str, line: int | None) -> None:
    if value != "fakeeop.scenario/1":
        report.wrong("fakeeop.scenario/1", value, where, line)


def _title(report: Report, value: Any, where: str, line: int | None) -> None:
    text(report, value, where, line)
    if isinstance(value, str) and not 0 < len(value) <= _MAX_TITLE:
        report.add("title", f"the title has {len(value)} characters, 1 to {_MAX_TITLE} are allowed", where, line)


TOP: Check = record(
    {
        "schema": _schema,
        "title": _title,
        "requirement": text,
        "level": words("level", "must", "should", "info"),
        "evidence": list_of(_evidence, least=1),
        "tags": list_of(_name),
        "requires": list_of(_name),
        "timeout": time_span,
        "known-gap": record({"issue": text, "clients": list_of(text), "variants": list_of(text)}, required=("issue",)),
        "world": check_world,
        "clients": list_of(words("client", *CLIENTS), least=1),
        "variants": mapping_of(mapping_of(anything, key=_name), key=_name),
        "steps": check_steps,
        "expect": check_expect,
    },
    required=("schema", "title", "requirement", "level", "evidence", "world", "clients", "steps"),
)
