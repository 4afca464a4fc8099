"""Every key of a scenario file and the check of its value. ``scenario-1.json`` says the same; a test compares."""

from __future__ import annotations

from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.model.addresses import parse_ip
from harness.match.kinds import FINAL
from harness.scenario.expectations import check_expected
from harness.scenario.shape import (
    ProblemList,
    a_date,
    a_name,
    anything,
    checked,
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
from harness.scenario.verbs import check_steps

__all__ = ["CLIENTS", "EVIDENCE", "PKI", "TOP", "WORLD", "check_expect", "check_world"]

CLIENTS = (
    "raw",
    "smtplib",
    "aiosmtplib",
    "swaks",
    "curl",
    "msmtp",
    "s-nail",
    "net-smtp",
    "nodemailer",
    "nullmailer",
    "dma",
    "go-smtp",
    "mono-smtpclient",
    "dotnet-smtpclient",
    "javamail",
    "postfix",
    "exim",
    "opensmtpd",
    "sendmail",
)
_MAX_TITLE = 90


# -- world ------------------------------------------------------------------------------------------------------

PKI = record(
    {
        "ca": flag,
        "trusted-by-eop": flag,
        "issued-by": a_name,
        "common-name": null_or(text),
        "dns-names": list_of(text),
        "not-before": a_date,
        "not-after": a_date,
        "extended-key-usage": list_of(words("key usage", "serverAuth", "clientAuth", "codeSigning")),
        "key": words("key type", "ec", "rsa"),
        "format": words("format", "pem", "pfx"),
        "self-signed": flag,
        "intermediate": flag,
        "send-intermediate": flag,
        "revoked": flag,
        "crl": words("crl", "unreachable"),
    }
)
LISTENER = record({"proxy": flag, "xclient": flag, "hide": list_of(text), "region": text})
WORLD = record(
    {
        "hosts": mapping_of(checked("an IP address", parse_ip), key=a_name),
        "pki": mapping_of(PKI, key=a_name),
        "tenant": mapping,
        "tenants": list_of(mapping),
        "behaviour": mapping,
        "listener": LISTENER,
        "zone": mapping,
        "internet": mapping,
        "limits": mapping,
        "faults": list_of(mapping),
        "fault-seed": integer,
        "magic-recipients": flag,
        "clock": words("clock", "virtual"),
        "return-reports": a_name,
        "profile": a_date,
    },
)


def check_world(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """``world``; the content of tenants and behaviour is checked by ``fakeeop.config`` when the case runs."""
    WORLD(report, value, where, line)
    if isinstance(value, dict) and "tenant" in value and "tenants" in value:
        report.add("one-of", "only one of tenant, tenants may be there", where, line_of(value, "tenants"))


def check_expect(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    """The final ``expect``."""
    if value is not None:
        check_expected(report, FINAL, value, where, line)


# -- top --------------------------------------------------------------------------------------------------------

EVIDENCE = record(
    {"kind": words("kind", "doc", "rfc", "transcript", "assumption"), "ref": text, "note": text, "read": a_date},
    required=("kind",),
)


def _evidence(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    EVIDENCE(report, value, where, line)
    if isinstance(value, dict):
        needed = "note" if value.get("kind") == "assumption" else "ref"
        if "kind" in value and not value.get(needed):
            report.add("missing-key", f"evidence of kind {value['kind']!r} needs {needed!r}", where, line)


def _schema(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    if value != "fakeeop.scenario/1":
        report.wrong("fakeeop.scenario/1", value, where, line)


def _title(report: ProblemList, value: Any, where: str, line: int | None) -> None:
    text(report, value, where, line)
    if isinstance(value, str) and not 0 < len(value) <= _MAX_TITLE:
        report.add("title", f"the title has {len(value)} characters, 1 to {_MAX_TITLE} are allowed", where, line)


TOP = record(
    {
        "schema": _schema,
        "title": _title,
        "requirement": text,
        "level": words("level", "must", "should", "info"),
        "evidence": list_of(_evidence, least=1),
        "tags": list_of(a_name),
        "requires": list_of(a_name),
        "timeout": time_span,
        "known-gap": record({"issue": text, "clients": list_of(text), "variants": list_of(text)}, required=("issue",)),
        "world": check_world,
        "clients": list_of(words("client", *CLIENTS), least=1),
        "variants": mapping_of(mapping_of(anything, key=a_name), key=a_name),
        "steps": check_steps,
        "expect": check_expect,
    },
    required=("schema", "title", "requirement", "level", "evidence", "world", "clients", "steps"),
)
