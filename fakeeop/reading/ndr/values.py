"""What is read out of a report or a log line, and how a reply in one is taken apart. Pure."""

from __future__ import annotations

import re

from attrs import evolve, frozen

__all__ = ["OWN_RELAY", "NdrFinding", "NdrReading", "finding", "reply_in", "stage_of"]

OWN_RELAY = "own-relay"

_REPLY = re.compile(r"#?\b([2-5]\d\d)(?:[ ;:#-]+([245]\.\d{1,3}\.\d{1,3}))?\b[ ;:]*(.*)", re.S)
_STATUS = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b[ ;:]*(.*)", re.S)
_ARROW = re.compile(r" -> (?=[245]\d\d\b)")
_INSIDE = re.compile(
    r"\{?\b(?:Message|LED|MSG)=([245]\d\d[^\]}]{3,1000}(?:\[[^\]]{1,200}\])*)"
    r"|responded with:? \"([245]\d\d[^\"]{3,1000})"
)
_FQDN = re.compile(r"\{FQDN=([^}\s]{1,255})\}")
_BLANK = re.compile(r"\s+")
_LONGEST = 2_000  # characters of a reply


@frozen
class NdrFinding:
    """One recipient, or one refusal, of a report or log.

    ``reply`` is what the server said that refused, as it stands; ``outer`` the reply in which another server wrapped
    it. ``code`` and ``status`` are those of ``reply``. ``said_by`` is that server; None: not told, or the server that
    wrote the report. ``stage`` is a stage of the reply table. ``action`` is that of RFC 3464. ``detail``: what went
    wrong, where there was no reply at all. ``refuser``: who refused, where that is not a server to which relays send:
    ``own-relay``, ``sign-in``, ``graph``.
    """

    recipient: str | None = None
    reply: str | None = None
    code: int | None = None
    status: str | None = None
    outer: str | None = None
    said_by: str | None = None
    stage: str | None = None
    action: str | None = None
    detail: str | None = None
    refuser: str | None = None

    def filled(self, other: NdrFinding) -> NdrFinding:
        """The same, with what is missing taken from ``other``."""
        names = ("recipient", "reply", "code", "status", "outer", "said_by", "stage", "action", "detail", "refuser")
        known = {name: getattr(self, name) for name in names}
        if self.reply is not None:  # code and status belong to it
            known.update(code=self.code or 0, status=self.status or "")
        elif other.reply is not None and other.status is not None:
            known["status"] = None
        more = {name: getattr(other, name) for name in names if known[name] is None}
        return evolve(self, **more)


@frozen
class NdrReading:
    """``form`` is a key of ``fakeeop.reading.ndr.report.FORMS``; ``reporter`` is who wrote it, if it says so."""

    form: str
    findings: tuple[NdrFinding, ...] = ()
    reporter: str | None = None


def finding(said: str, **more: str | None) -> NdrFinding:
    """A finding from the text of a reply, wrapped or not; without a reply in it the text becomes the detail."""
    text = _BLANK.sub(" ", said).strip().strip("'\"").rstrip("#").strip()[:_LONGEST]
    outer = None
    pieces = _ARROW.split(text)
    inside = _INSIDE.search(text)
    if len(pieces) > 1:
        outer, text = text, pieces[-1].strip()
    elif inside is not None:
        fqdn = _FQDN.search(text)
        if fqdn is not None and more.get("said_by") is None:
            more["said_by"] = fqdn[1]
        outer, text = text, (inside[1] or inside[2]).strip()
    found = reply_in(text)
    if found is None:
        more.setdefault("detail", text or None)
        return NdrFinding(**more)  # type: ignore[arg-type]  # texts only
    reply, code, status = found
    more.setdefault("status", status)
    return NdrFinding(reply=reply, code=code, outer=outer, **more)


def reply_in(text: str) -> tuple[str, int | None, str | None] | None:
    """The reply that a text begins with, as ``550 5.7.64 words``, its code and status; None if it is not one.

    A client may have cut the code off; then it is None.
    """
    match = _REPLY.match(text)
    if match is not None:
        words = match[3].strip()
        status = f"{match[2]} " if match[2] else ""
        return f"{match[1]} {status}{words}".strip(), int(match[1]), match[2]
    match = _STATUS.match(text)
    if match is not None:
        return f"{match[1]} {match[2].strip()}".strip(), None, match[1]
    return None


_STAGES = (
    (re.compile(r"end of data|final dot|\bBDAT\b|\. command|after sending data|message body", re.I), "message"),
    (re.compile(r"\brcpt\b|recipient", re.I), "rcpt"),
    (re.compile(r"\bmail\b|sender", re.I), "mail"),
    (re.compile(r"\bdata\b", re.I), "data"),
    (re.compile(r"starttls|\btls\b", re.I), "starttls"),
    (re.compile(r"\bauth|login", re.I), "auth"),
    (re.compile(r"\b(?:ehlo|helo|lhlo)\b", re.I), "ehlo"),
    (re.compile(r"initial|connect|banner|greeting", re.I), "connect"),
    (re.compile(r"\bquit\b", re.I), "quit"),
)


def stage_of(words: str) -> str | None:
    """The stage that the words for a command name: ``RCPT TO command``, ``pipelined end of data``; None if none."""
    return next((stage for pattern, stage in _STAGES if pattern.search(words)), None)
