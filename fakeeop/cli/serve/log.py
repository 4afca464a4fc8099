"""What ``fakeeop serve`` prints: for people, for programs, or next to nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from fakeeop import __version__
from fakeeop.cli.style import Style
from fakeeop.errors import ConfigError
from fakeeop.journal.reports import report_tree
from fakeeop.system.output import discard
from fakeeop.why.code_advice import CODE_ADVICE
from fakeeop.why.repair.render import fix_text, fix_tree

if TYPE_CHECKING:
    from fakeeop.journal.memory import Journal, Judgement, SessionRecord
    from fakeeop.journal.reports import ReportRecord
    from fakeeop.model import Forest, TlsFacts
    from fakeeop.why.trace import NearestMiss

__all__ = ["HumanLog", "JsonLog", "ServeLog", "SilentLog"]


class ServeLog:
    """The common part. Writing to a reader that went away must not break a session: the log falls silent instead."""

    def __init__(self, stream: TextIO) -> None:
        self._stream: TextIO | None = stream

    def attach(self, journal: Journal) -> None:
        """Hear of what is judged from now on."""

    def ready(self, addresses: Sequence[str], forest: Forest, tenant: Path | None, others: Mapping[str, str]) -> None:
        """It answers; ``others``: what else answers, ``submission``, ``dns`` and ``admin``, and where."""

    def reloaded(self, tenant: Path | None) -> None:
        """The tenant file was read again."""

    def not_reloaded(self, why: ConfigError) -> None:
        """The tenant file is wrong now; the old one is still in force."""

    def stopping(self, drain: float) -> None:
        """It was told to end."""

    def stopped(self) -> None:
        """It has ended."""

    def _say(self, line: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # the reader is gone, or cannot take these characters
            if self._stream is sys.stdout:
                discard()  # what was not written is not tried again at the end: the service ended well
            self._stream = None

    def _quietly(self, tell: Callable[..., None]) -> Callable[..., None]:
        """The same, but what goes wrong in the log is said there and breaks no session."""

        def told(*what: object) -> None:
            try:
                tell(*what)
            except Exception as why:
                self._say(f"fakeeop: the log broke, the session goes on: {why!r}")

        return told


class SilentLog(ServeLog):
    """What must be said and no more: ready, reloaded, stopped, and trouble."""

    def attach(self, journal: Journal) -> None:
        """Hear of what could not be kept."""
        journal.on_trouble = self._quietly(self.trouble)

    def trouble(self, what: str) -> None:
        """Something could not be written."""
        self._say(f"fakeeop: error: {what}")

    def ready(self, addresses: Sequence[str], forest: Forest, tenant: Path | None, others: Mapping[str, str]) -> None:
        """The one line that scripts wait for."""
        tenants = ", ".join(each.name for each in forest.tenants) or "no tenant"
        source = "the built-in sample" if tenant is None else str(tenant)
        more = "".join(f"; {name} on {where}" for name, where in others.items())
        self._say(f"fakeeop: ready on {', '.join(addresses)} for {tenants} ({source}){more}")

    def reloaded(self, tenant: Path | None) -> None:
        """In force from the next transaction on."""
        self._say(f"fakeeop: {tenant or 'the built-in sample'} read again")

    def not_reloaded(self, why: ConfigError) -> None:
        """Every problem, then what was done about it."""
        for problem in why.problems:
            self._say(str(problem))
        self._say("fakeeop: the tenant file has errors; the old one stays in force")

    def stopping(self, drain: float) -> None:
        """How long it may take."""
        self._say(f"fakeeop: stopping; open sessions have {drain:g} s (ctrl-C again: at once)")

    def stopped(self) -> None:
        """The last line."""
        self._say("fakeeop: stopped")


class HumanLog(SilentLog):
    """One line a recipient; for a refusal, what came nearest and what to do."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._style = Style(stream)

    def attach(self, journal: Journal) -> None:
        """Hear of recipients, and of what went wrong elsewhere in a session when it ends."""
        super().attach(journal)
        journal.on_recipient = self._quietly(self.recipient)
        journal.on_session_end = self._quietly(self.session_end)
        journal.on_report = self._quietly(self.report)

    def ready(self, addresses: Sequence[str], forest: Forest, tenant: Path | None, others: Mapping[str, str]) -> None:
        """With a line on top that says what this is."""
        self._say(f"fakeeop {__version__}: unofficial, not affiliated with Microsoft; delivers no mail")
        super().ready(addresses, forest, tenant, others)

    def recipient(self, record: SessionRecord, judgement: Judgement) -> None:
        """One recipient was judged."""
        style, verdict = self._style, judgement.verdict
        word = style.green("accepted") if verdict.accepted else style.red("rejected")
        attribution = verdict.attribution
        owner = attribution.tenant.name if attribution.tenant else "no tenant"
        if attribution.connector:
            owner += f" / {attribution.connector.name}"
        path = f"<{judgement.reverse_path}> -> <{judgement.recipient}>"
        self._say(
            f"{self._time()} {record.peer.ip} {path} {word}: {verdict.reason.value} ({owner}): {_text(judgement.reply)}"
        )
        if not verdict.accepted:
            self._why(judgement)

    def report(self, record: ReportRecord) -> None:
        """A delivery report was made."""
        whom = ", ".join(f"<{each.final_recipient}> {each.status}" for each in record.recipients[:3])
        more = f" and {len(record.recipients) - 3} more" if len(record.recipients) > 3 else ""
        where = f"{record.outcome}: {record.detail}" if record.detail else record.outcome
        self._say(f"{self._time()} report to <{record.rcpt_to}>: {record.action}: {whom}{more} ({where})")

    def _why(self, judgement: Judgement) -> None:
        trace = judgement.trace()
        for miss in trace.nearest[:1]:
            failed = ", ".join(condition.name for condition in miss.failed)
            self._say(f"    nearest: connector '{miss.connector}' of {miss.tenant}: {failed}")
            self._say(f"    fix: {miss.fix}")
        if not trace.nearest:
            for fix in trace.fixes[:2]:
                self._say(f"    fix: {fix_text(fix)}")
        for line in trace.advice:
            self._say(f"    {line}")

    def _time(self) -> str:
        return self._style.dim(datetime.now().strftime("%H:%M:%S"))

    def session_end(self, record: SessionRecord) -> None:
        """TLS that failed, and refusals that belong to no recipient."""
        start = f"{self._time()} {record.peer.ip}"
        if record.tls_failure:
            self._say(f"{start} {self._style.red('TLS failed')}: {record.tls_failure}")
        for note in record.notes:
            self._say(f"{start} {self._style.red('turned away')}: {note}")
        for stage, label, count in record.faults:
            self._say(
                f"{start} a fault, set on purpose, at {stage}: {label.removeprefix(f'at {stage}: ')} (match {count})"
            )
        for stage, reply, reason in record.refusals:
            what = f"{stage}: {reason or 'refused'}"
            self._say(f"{start} {self._style.red('rejected')} at {what}: {_text(reply)}")
            for sentence in CODE_ADVICE.get(reason or "", ())[:1]:
                self._say(f"    fix: {sentence}")


class JsonLog(ServeLog):
    """One object a line; ``event`` says which.

    ready, recipient, refusal, report, tls-failure, turned-away, fault, reloaded, not-reloaded, trouble, stopping,
    stopped.
    """

    def __init__(self, stream: TextIO, *, recipients: bool = True) -> None:
        super().__init__(stream)
        self._recipients = recipients

    def attach(self, journal: Journal) -> None:
        """As HumanLog."""
        journal.on_trouble = self._quietly(self.trouble)
        if self._recipients:
            journal.on_recipient = self._quietly(self.recipient)
            journal.on_session_end = self._quietly(self.session_end)
            journal.on_report = self._quietly(self.report)

    def ready(self, addresses: Sequence[str], forest: Forest, tenant: Path | None, others: Mapping[str, str]) -> None:
        """``addresses``: HOST:PORT each, as the listeners stand; ``dns``, ``admin``, ``submission``: where, or null."""
        names = [each.name for each in forest.tenants]
        file = None if tenant is None else str(tenant)
        self._event(
            "ready",
            addresses=list(addresses),
            tenants=names,
            file=file,
            **{"dns": None, "admin": None, "submission": None, **others},
        )

    def reloaded(self, tenant: Path | None) -> None:
        """The file is in force from the next transaction on."""
        self._event("reloaded", file=None if tenant is None else str(tenant))

    def not_reloaded(self, why: ConfigError) -> None:
        """``problems``: one text each."""
        self._event("not-reloaded", problems=[str(problem) for problem in why.problems])

    def trouble(self, what: str) -> None:
        """Something could not be written: ``what``."""
        self._event("trouble", what=what)

    def stopping(self, drain: float) -> None:
        """``drain`` in seconds."""
        self._event("stopping", drain=drain)

    def stopped(self) -> None:
        """The last line."""
        self._event("stopped")

    def recipient(self, record: SessionRecord, judgement: Judgement) -> None:
        """One recipient was judged; ``nearest`` only of refusals."""
        verdict, attribution = judgement.verdict, judgement.verdict.attribution
        trace = None if verdict.accepted else judgement.trace()
        self._event(
            "recipient",
            **_session(record),
            **{
                "transaction": judgement.transaction,
                "mail-from": str(judgement.reverse_path) or "<>",
                "rcpt-to": str(judgement.recipient),
                "accepted": verdict.accepted,
                "verdict": verdict.reason.value,
                "reply": _text(judgement.reply),
                "tenant": attribution.tenant.name if attribution.tenant else None,
                "connector": attribution.connector.name if attribution.connector else None,
                "by": attribution.by.value if attribution.by else None,
                "nearest": [_miss(miss) for miss in trace.nearest] if trace is not None else [],
                "fixes": [fix_tree(fix) for fix in trace.fixes] if trace is not None else [],
            },
        )

    def session_end(self, record: SessionRecord) -> None:
        """TLS that failed, and refusals that belong to no recipient."""
        if record.tls_failure:
            self._event("tls-failure", **_session(record), why=record.tls_failure)
        for note in record.notes:
            self._event("turned-away", **_session(record), why=note)
        for stage, label, count in record.faults:
            self._event("fault", **_session(record), stage=stage, fault=label, match=count)
        for stage, reply, reason in record.refusals:
            self._event("refusal", **_session(record), stage=stage, verdict=reason, reply=_text(reply))

    def report(self, record: ReportRecord) -> None:
        """A delivery report was made, and went where ``outcome`` says."""
        tree = report_tree(record, content=False)
        names = ("id", "action", "rcpt-to", "recipients", "envid", "session", "message", "outcome", "detail")
        self._event("report", **{name: tree[name] for name in names})

    def _event(self, event: str, **fields: Any) -> None:
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._say(json.dumps({"event": event, "time": time, **fields}, ensure_ascii=False))


def _session(record: SessionRecord) -> dict[str, Any]:
    return {
        "session": record.id,
        "started": record.started.isoformat(),
        "listener": record.listener,
        "peer": str(record.peer.ip),
        "socket-peer": record.peer.socket_ip,
        "helo": record.helo,
        "tls": _tls(record.tls),
    }


def _tls(facts: TlsFacts | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    certificate = facts.certificate
    names = [] if certificate is None else list(certificate.names)
    problems = [] if certificate is None else [problem.value for problem in certificate.problems]
    return {"version": facts.version, "cipher": facts.cipher, "certificate-names": names, "problems": problems}


def _miss(miss: NearestMiss) -> dict[str, Any]:
    failed = [condition.name for condition in miss.failed]
    return {"tenant": miss.tenant, "connector": miss.connector, "failed": failed, "fix": miss.fix}


def _text(reply: bytes) -> str:
    return reply.decode("utf-8", "replace").strip().replace("\r\n", " | ")
