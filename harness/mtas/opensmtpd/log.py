"""What OpenSMTPD logs with ``-v -T mta``, read: which messages are queued, what happened to each recipient. No I/O.

The message id is the first half of the envelope ids of its recipients. OpenSMTPD logs no enhanced status code of its
own: it is taken from the server's reply, else it is that of the outcome alone (2.0.0, 4.0.0, 5.0.0).
"""

from __future__ import annotations

import re
from typing import Final

from attrs import define, field

from harness.mtas.base import DeliveryStatus
from harness.mtas.ledger import MtaLedger

__all__ = ["OpensmtpdLedger"]

_ENVELOPE: Final = re.compile(r"\w{16} smtp envelope evpid=(?P<id>\w{16}) from=<(?P<from>.*?)> to=<(?P<to>.*?)>")
_DELIVERY: Final = re.compile(
    r"(?P<session>\w{16}) m[td]a delivery evpid=(?P<id>\w{16}) from=<(?P<from>.*?)> to=<(?P<to>.*?)> "
    r'(?:rcpt=<(?P<rcpt>.*?)> )?.*?(?:relay="(?P<relay>[^"]*)" )?delay=\S+ result="?(?P<result>\w+)"? '
    r'stat="?(?P<said>.*?)"?'
)
_CONNECTING: Final = re.compile(r"(?P<session>\w{16}) mta connecting address=[\w+]+://(?P<address>\S+)")
_ERROR: Final = re.compile(r"(?P<session>\w{16}) mta error reason=(?P<reason>.*)")
_TLS: Final = re.compile(r"\w{16} mta tls ciphers=(?P<version>[^:]+):(?P<cipher>\S+)")
_CHECK: Final = re.compile(r'\w{16} mta server-cert-check result="(?P<result>\w+)"')
_STATE: Final = re.compile(r"mta: (?P<place>0x\w+): MTA_(?P<before>\w+) -> MTA_(?P<state>\w+)")
_DRAINING: Final = re.compile(r"debug: mta: draining \[(?P<relay>relay:[^\]]*)\]")
_FREED: Final = re.compile(r"debug: mta: freeing \[(?P<relay>relay:[^\]]*)\]")
_NO_SESSION: Final = "0" * 16  # given up without a connection, because the last one failed
_STATUSES: Final = {"Ok": "sent", "TempFail": "deferred", "PermFail": "bounced", "Expire": "expired"}
_STATUS_CODE: Final = re.compile(r"\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b")
_STAGES: Final = {  # OpenSMTPD's states → ours
    "INIT": "connect",
    "BANNER": "greeting",
    "EHLO": "ehlo",
    "HELO": "ehlo",
    "STARTTLS": "starttls",
    "MAIL": "mail",
    "RCPT": "rcpt",
    "DATA": "data",
    "BODY": "message",
    "EOM": "message",
    "LMTP_EOM": "message",
}


@define
class _Connection:
    """One connection to a server, and the state that its session is in."""

    address: str = ""
    state: str = "INIT"

    @property
    def stage(self) -> str | None:
        return "auth" if self.state.startswith("AUTH") else _STAGES.get(self.state)


@define
class OpensmtpdLedger(MtaLedger):
    """``quiet`` holds pairs of message and recipient that no report is made for: its sender wants none.

    ``relays`` are the routes that it has in hand; it forgets one a second or so after the last connection.
    """

    quiet: set[tuple[str, str]] = field(factory=set)
    relays: set[str] = field(factory=set)
    _envelopes: dict[str, set[str]] = field(factory=dict)  # message → envelopes that are not finished
    _owed: dict[str, str] = field(factory=dict)  # message that was refused → sender who has no report yet
    _connections: dict[str, _Connection] = field(factory=dict)  # by the id of the session
    _places: dict[str, _Connection] = field(factory=dict)  # by the address in memory, which states are logged with
    _newest: _Connection = field(factory=_Connection)
    _error: tuple[str, str | None] = ("", None)  # the reason why a connection failed, and its stage

    def feed(self, line: str) -> None:
        """Take one line. Those that are for debugging are read, and not kept."""
        if line.startswith("debug: "):
            if found := _DRAINING.match(line):
                self.relays.add(found["relay"])
            elif found := _FREED.match(line):
                self.relays.discard(found["relay"])
            return
        self.text.append(line)
        if found := _STATE.fullmatch(line):
            self._moved(found)
        elif found := _CONNECTING.match(line):
            self._newest = self._connections[found["session"]] = _Connection(found["address"])
            self.tls = None
        elif found := _TLS.match(line):
            self.tls = {"version": found["version"], "cipher": found["cipher"], "verified": False}
        elif found := _CHECK.match(line):
            self.tls = {**(self.tls or {}), "verified": found["result"] == "success"}
        elif found := _ERROR.match(line):
            reason = found["reason"]
            stage = self._connection(found["session"]).stage
            self._error = (reason, "starttls" if re.search(r"TLS|SSL", reason) else stage)
        elif found := _ENVELOPE.match(line):
            self._queued(found)
        elif found := _DELIVERY.fullmatch(line):
            self._tried(found)
        elif line.startswith("fatal: ") and not self.fatal:
            self.fatal = line

    def open(self) -> tuple[str, ...]:
        """The ids of messages that are not finished, and reports that are still to be made."""
        return (*self.messages(), *(f"report on {key} to {sender}" for key, sender in list(self._owed.items())))

    def messages(self) -> tuple[str, ...]:
        """The ids of messages that are not finished."""
        return super().open()

    def _connection(self, session: str) -> _Connection:
        return self._connections.get(session) or _Connection()

    def _moved(self, found: re.Match[str]) -> None:
        if found["before"] == found["state"] == "INIT":  # follows the line that names the session
            self._places[found["place"]] = self._newest
        self._places.setdefault(found["place"], self._newest).state = found["state"]

    def _queued(self, found: re.Match[str]) -> None:
        key = found["id"][:8]
        self.taken(key)
        self._envelopes.setdefault(key, set()).add(found["id"])
        if not found["from"]:  # a report: the oldest that this sender has not got
            mine = [refused for refused, sender in self._owed.items() if sender == found["to"]]
            for refused in mine[:1]:
                del self._owed[refused]

    def _tried(self, found: re.Match[str]) -> None:
        key, status = found["id"][:8], _STATUSES.get(found["result"])
        if status is None:
            return
        recipient = found["to"] if found["rcpt"] in (None, "-") else found["rcpt"]
        self.attempt(key, self._status(found, status, recipient))
        if status == "deferred":
            return
        envelopes = self._envelopes.setdefault(key, set())
        envelopes.discard(found["id"])
        self.message(key).removed = not envelopes
        if status != "sent" and found["from"] and (key, recipient) not in self.quiet:
            self._owed[key] = found["from"]

    def _status(self, found: re.Match[str], status: str, recipient: str) -> DeliveryStatus:
        connection = self._connection(found["session"])
        said, stage = found["said"], connection.stage
        if status == "sent":
            stage = "message"
        elif found["session"] == _NO_SESSION:
            reason, stage = self._error
            said = f"{said}: {reason}" if reason else said
        reply = said if re.match(r"\d{3}[ -]", said) else None
        code = _STATUS_CODE.match(reply or "")
        plain = {"sent": "2.0.0", "deferred": "4.0.0"}.get(status, "5.0.0")
        relay = connection.address or found["relay"] or "none"
        return DeliveryStatus(recipient, status, code[1] if code else plain, relay, said, reply, stage)
