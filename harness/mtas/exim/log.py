"""What Exim logs, read: which messages are queued, what happened to each recipient. Lines in, no I/O.

The log format is that of the Exim specification, chapter "Log files". Exim logs no enhanced status code of its own: it
is taken from the server's reply, else it is that of the outcome alone (2.0.0, 4.0.0, 5.0.0).
"""

from __future__ import annotations

import re
from typing import Any, Final

from attrs import define, field

from harness.mtas.base import DeliveryStatus
from harness.mtas.ledger import MtaLedger

__all__ = ["EximLedger", "reply_of", "stage_of"]

_LINE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? (?:[+-]\d{4} )?(?:\[\d+\] )?(?P<text>.*)")
_MESSAGE: Final = re.compile(r"(?P<id>\w{6}-\w{6,11}-\w{2,4}) (?P<text>.*)")
_ATTEMPT: Final = re.compile(
    r"(?P<flag>=>|->|>>|==|\*\*) (?P<name>.+?)(?: <(?P<original>[^>]*)>)?(?: F=<[^>]*>)?(?: P=<[^>]*>)?"
    r"(?P<rest>(?: [A-Z]+=| routing | defer |: ).*)"
)
_CONFIRMED: Final = re.compile(r' C="(?P<reply>(?:[^"\\]|\\.)*)"')
_HOST: Final = re.compile(r" H=(\S+ \[[^\]]+\](?::\d+)?)")
_SMTP_ERROR: Final = re.compile(r"SMTP error from remote mail server after (?P<where>.*?): (?P<reply>\d{3}[ -].*)")
_TLS: Final = re.compile(r"harness: TLS (?P<version>\S*) (?P<cipher>\S*) (?P<verified>[01]?)$")
_OF_DELIVERY: Final = re.compile(r" X=(?P<version>TLS[^: ]*):(?P<cipher>\S+) CV=(?P<verified>\w+)")
_NOT_DUE: Final = "retry time not reached"
_EXPIRED: Final = "retry timeout exceeded"
_STATUS_CODE: Final = re.compile(r"\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b")
_NOISE: Final = "lost privilege for using -C option"  # its programs run under its own account: so they shall
_FATAL: Final = re.compile(r"Exim configuration error|Failed to (?:create|open) spool|Cannot open main log")
_STAGES: Final = (  # Exim's words → ours
    (r"initial connection", "greeting"),
    (r"(?:EHLO|HELO|LHLO)", "ehlo"),
    (r"STARTTLS|\bTLS\b", "starttls"),
    (r"AUTH", "auth"),
    (r"MAIL FROM", "mail"),
    (r"RCPT TO", "rcpt"),
    (r"end of data|sending data block|BDAT|DATA block", "message"),
    (r"DATA", "data"),
    (r"Connection refused|Connection timed out|Cannot assign|No route|unreachable", "connect"),
)


def reply_of(said: str) -> str | None:
    """The server's reply in what Exim says of a recipient, lines joined by newline; None if there is none."""
    found = _SMTP_ERROR.search(said)
    return found["reply"].removesuffix(f": {_EXPIRED}").replace("\\n", "\n") if found else None


def stage_of(said: str) -> str | None:
    """Where it was decided; None where Exim does not say."""
    found = _SMTP_ERROR.search(said)
    where = found["where"] if found else said
    return next((stage for pattern, stage in _STAGES if re.search(pattern, where)), None)


@define
class EximLedger(MtaLedger):
    """``chunked`` holds the ids of messages that were sent by BDAT; ``busy`` those that somebody else was at."""

    chunked: set[str] = field(factory=set)
    busy: set[str] = field(factory=set)
    daemons: int = 0  # how often a daemon has come up

    def feed(self, line: str) -> None:
        """Take one line."""
        found = _LINE.match(line)
        text = found["text"] if found else line
        if _NOISE in text:
            return
        self.text.append(line)
        if "daemon started" in text:
            self.daemons += 1
        if _FATAL.search(text) and not self.fatal:
            self.fatal = text
        about = _MESSAGE.fullmatch(text)
        if about:
            self._note(about["id"], about["text"])

    def _note(self, queue_id: str, text: str) -> None:
        tls, attempt = _TLS.search(text), _ATTEMPT.fullmatch(text)
        if tls:
            self._secured(tls)
        elif text.startswith("<= "):
            self.taken(queue_id)
        elif text.startswith(("Completed", "cancelled by", "removed by")):
            self.message(queue_id).removed = True
        elif "is locked (another process" in text:
            self.busy.add(queue_id)
        elif attempt and _NOT_DUE not in text:
            self.attempt(queue_id, _status(attempt))
            if layer := _OF_DELIVERY.search(attempt["rest"]):
                self.tls = _layer(layer["version"], layer["cipher"], layer["verified"] == "yes")
            if re.search(r" K(?: |$)", _CONFIRMED.sub("", attempt["rest"])):
                self.chunked.add(queue_id)

    def _secured(self, found: re.Match[str]) -> None:
        """An EHLO was answered: in clear text the first time, under TLS the second."""
        cipher = found["cipher"].partition(":")[2] or found["cipher"]
        self.tls = _layer(found["version"], cipher, found["verified"] == "1") if found["version"] else None


def _layer(version: str, cipher: str, verified: bool) -> dict[str, Any]:
    return {"version": re.sub(r"^TLS(?=\d)", "TLSv", version), "cipher": cipher, "verified": verified}


def _status(found: re.Match[str]) -> DeliveryStatus:
    rest, sent = found["rest"], found["flag"] in ("=>", "->", ">>")
    host = _HOST.search(rest)
    if sent:
        confirmed = _CONFIRMED.search(rest)
        reply = _unescaped(confirmed["reply"]) if confirmed else None
        status, said = "sent", reply or rest.strip()
    else:
        said = rest.partition(": ")[2] or rest.strip()
        reply = reply_of(said)
        refused = "expired" if said.endswith(_EXPIRED) else "bounced"
        status = "deferred" if found["flag"] == "==" else refused
    code = _STATUS_CODE.match(reply or "")
    plain = {"sent": "2.0.0", "deferred": "4.0.0"}.get(status, "5.0.0")
    recipient = found["original"] or found["name"]
    stage = "message" if sent else stage_of(said)
    return DeliveryStatus(
        recipient, status, code[1] if code else plain, host[1] if host else "none", said, reply, stage
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)
