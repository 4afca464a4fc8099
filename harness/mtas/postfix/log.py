"""What Postfix logs, read: which messages are queued, what happened to each recipient. Lines in, no I/O."""

from __future__ import annotations

import re
from typing import Final

from attrs import define

from harness.mtas.base import STATUSES, DeliveryStatus
from harness.mtas.ledger import MtaLedger

__all__ = ["PostfixLedger", "reply_of", "stage_of"]

_LINE: Final = re.compile(r"\S+\s+\d+ [\d:.]+ \S+ \S+/(?P<daemon>[\w-]+)\[(?P<pid>\d+)\]: (?P<text>.*)")
_ID: Final = re.compile(r"(?P<id>[0-9A-Za-z]{6,}): (?P<text>.*)")
_NO_ID: Final = frozenset({"warning", "statistics", "fatal", "panic", "error", "connect", "disconnect"})
_STATUS: Final = re.compile(
    r"to=<(?P<to>.*?)>, (?:orig_to=<.*?>, )?relay=(?P<relay>.+?), (?:conn_use=\d+, )?delay=[^,]+, delays=[^,]+, "
    r"dsn=(?P<dsn>\d\.\d+\.\d+), status=(?P<status>\w+) \((?P<said>.*)\)"
)
_TLS: Final = re.compile(
    r"(?P<trust>\w+) TLS connection established to \S+: (?P<version>\S+) with cipher (?P<cipher>\S+)"
)
_ACTIVE: Final = re.compile(r"from=<.*?>, size=\d+, nrcpt=(\d+) ")
_SAID: Final = re.compile(
    r"host \S+ (?:said|refused to talk to me): (?P<reply>\d{3}[ -].*?)(?P<where> \(in reply to .*\))?"
)
_SOFT: Final = {"SOFTBOUNCE": "deferred"}  # soft_bounce = yes: refused for good, kept all the same
_STAGES: Final = (  # Postfix's words → ours
    (r"refused to talk to me|initial server greeting", "greeting"),
    (r"in reply to (?:EHLO|HELO)|performing the (?:EHLO|HELO)", "ehlo"),
    (r"STARTTLS|start TLS|TLS is required|[Cc]ertificate|TLS", "starttls"),
    (r"AUTH|SASL", "auth"),
    (r"in reply to MAIL|sending MAIL", "mail"),
    (r"in reply to RCPT|sending RCPT", "rcpt"),
    (r"in reply to DATA|sending DATA", "data"),
    (r"in reply to end of DATA|end of data|message body", "message"),
    (r"^connect to ", "connect"),
)


def reply_of(said: str) -> str | None:
    """The server's reply in what Postfix says of a recipient, lines joined by newline; None if there is none."""
    found = _SAID.fullmatch(said)
    text = found["reply"] if found else said if re.match(r"\d{3}[ -]", said) else None
    if text is None:
        return None
    return re.sub(rf" (?={text[:3]}[ -])", "\n", text) if text[3] == "-" else text


def stage_of(status: str, said: str) -> str | None:
    """Where it was decided; None where Postfix does not say."""
    if status == "sent":
        return "message"
    found = _SAID.fullmatch(said)
    where = (found["where"] or "refused to talk to me") if found else said
    return next((stage for pattern, stage in _STAGES if re.search(pattern, where)), None)


@define
class PostfixLedger(MtaLedger):
    """``starts`` counts how often the daemon has come up; ``fatal`` is a setting that a daemon cannot read."""

    starts: int = 0

    def feed(self, line: str) -> None:
        """Take one line."""
        self.text.append(line)
        found = _LINE.match(line)
        if found is None:
            return
        text = found["text"]
        if found["daemon"] == "master" and text.startswith("daemon started"):
            self.starts += 1
            self.fatal = ""
        if text.startswith("fatal: ") and not self.fatal:
            self.fatal = f"{found['daemon']}: {text}"
        tls = _TLS.match(text)
        if tls and found["daemon"] == "smtp":
            verified = tls["trust"] == "Verified"  # Trusted: by its authority, whoever it is
            self.tls = {"version": tls["version"], "cipher": tls["cipher"], "verified": verified}
        about = _ID.match(text)
        if (
            about and about["id"] not in _NO_ID and found["daemon"] != "smtpd"
        ):  # before cleanup has it, it may come to nothing
            self._note(about["id"], about["text"])

    def _note(self, queue_id: str, text: str) -> None:
        one = self.message(queue_id)
        status, active = _STATUS.fullmatch(text), _ACTIVE.match(text)
        if status and _SOFT.get(status["status"], status["status"]) in STATUSES:
            self.attempt(queue_id, _status(status))
        elif active:
            one.recipients = int(active[1])
        elif text == "removed":
            one.removed = True
        elif "status=expired" in text:
            self.expired(queue_id)


def _status(found: re.Match[str]) -> DeliveryStatus:
    return DeliveryStatus(
        recipient=found["to"],
        status=_SOFT.get(found["status"], found["status"]),
        dsn=found["dsn"],
        relay=found["relay"],
        said=found["said"],
        reply=reply_of(found["said"]),
        stage=stage_of(found["status"], found["said"]),
    )
