"""Counters that outlive the journal's memory, in Prometheus' text format 0.0.4."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from fakeeop.journal.memory import Journal, Judgement, MessageRecord, SessionRecord

__all__ = ["MEDIA_TYPE", "Metrics"]

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_CODE_AND_STATUS = re.compile(rb"([45]\d\d)[ -](?:([45]\.\d{1,3}\.\d{1,3}) )?")
_Labels = tuple[tuple[str, str], ...]


class Metrics:
    """The journal's meter: counts from the moment the API opens."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._before = journal.sessions_started
        self._tls: Counter[str] = Counter()
        self._recipients: Counter[tuple[str, str]] = Counter()  # verdict, tenant
        self._refusals: Counter[tuple[str, str, str]] = Counter()  # stage, code, status
        self._messages: Counter[tuple[str, str]] = Counter()  # tenant, scope
        self._octets = 0

    # ---- Meter

    def recipient(self, judgement: Judgement) -> None:
        """By verdict and tenant; a refusal at RCPT by its reply as well."""
        verdict = judgement.verdict
        tenant = verdict.attribution.tenant
        self._recipients[verdict.reason.value, tenant.name if tenant else ""] += 1
        if judgement.reply[:1] in b"45":
            self._refuse("rcpt", judgement.reply)

    def message(self, record: MessageRecord) -> None:
        """One copy."""
        tenant = record.verdict.attribution.tenant
        self._messages[tenant.name if tenant else "", record.scope] += 1
        self._octets += len(record.content)

    def session(self, record: SessionRecord) -> None:
        """At its end, with its refusals that belong to no recipient."""
        self._tls["failed" if record.tls_failure else record.tls.version if record.tls else "none"] += 1
        for stage, reply, _ in record.refusals:
            self._refuse(stage, reply)

    def _refuse(self, stage: str, reply: bytes) -> None:
        match = _CODE_AND_STATUS.match(reply)
        if match is not None:
            self._refusals[stage, match[1].decode(), (match[2] or b"").decode()] += 1

    # ---- reading

    def text(self) -> str:
        """Everything, one metric family after the other."""
        journal = self._journal
        started, still_open = journal.sessions_started - self._before, journal.sessions_started - journal.sessions_ended
        families = (
            _family("sessions_started_total", "counter", "Connections accepted.", [((), started)]),
            _family("sessions_open", "gauge", "Connections that are open.", [((), still_open)]),
            _family("sessions_ended_total", "counter", "Connections that ended, by TLS.", _rows(self._tls, "tls")),
            _family("recipients_total", "counter", "Recipients judged.", _rows(self._recipients, "verdict", "tenant")),
            _family("messages_total", "counter", "Copies taken in.", _rows(self._messages, "tenant", "scope")),
            _family("message_octets_total", "counter", "Octets of the copies.", [((), self._octets)]),
            _family(
                "refusals_total", "counter", "Replies 4xx and 5xx.", _rows(self._refusals, "stage", "code", "status")
            ),
            _family("journal_messages", "gauge", "Copies that the journal holds.", [((), journal.remembered)]),
        )
        return "".join(families)


def _rows(
    counter: Counter[str] | Counter[tuple[str, str]] | Counter[tuple[str, str, str]], *names: str
) -> list[tuple[_Labels, int]]:
    rows: list[tuple[_Labels, int]] = []
    for key, number in counter.items():
        values = (key,) if isinstance(key, str) else key
        rows.append((tuple(zip(names, values, strict=True)), number))
    return sorted(rows)


def _family(name: str, kind: str, meaning: str, rows: Iterable[tuple[_Labels, int]]) -> str:
    name = f"fakeeop_{name}"
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
    for labels, number in rows:
        told = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)
        lines.append(f"{name}{{{told}}} {number}" if told else f"{name} {number}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
