"""What ``sendmail -v`` tells while it delivers, read: its dialogue with the server, and its own word on recipients.

Lines in, no I/O. Commands are told before their replies, several at once where they are pipelined; replies come in the
order of the commands. So a queue of commands says which command each reply is for.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

from attrs import define, field

from harness.mtas.base import DeliveryStatus
from harness.mtas.ledger import MtaLedger

__all__ = ["DeliveryProcess", "SendmailLedger"]

_RUN: Final = re.compile(r"Running \S*/(\w+) \(sequence")
_TO: Final = re.compile(r"(\S.*?@\S+)\.\.\. (.*)")
_COMMAND: Final = re.compile(r">>> (\S+)(.*)")
_REPLY: Final = re.compile(r"(\d{3})([ -])(.*)")
_PATH: Final = re.compile(r"(?:From|To):<([^>]*)>")
_STAGES: Final = {
    **{"EHLO": "ehlo", "HELO": "ehlo", "STARTTLS": "starttls", "AUTH": "auth", "MAIL": "mail", "RCPT": "rcpt"},
    **{"DATA": "data", ".": "message"},
}
_LATER: Final = (r"^Deferred", r"^Connection (?:timed out|refused|reset)", r"reset by|lost input")


@define
class SendmailLedger(MtaLedger):
    """What all deliveries together have told; ``relay`` is where the last one went."""

    relay: str = ""


@define
class DeliveryProcess:
    """One process that delivers: its lines, into the ledger of all."""

    ledger: SendmailLedger
    _id: str = ""
    _waiting: deque[str] = field(factory=lambda: deque([""]))  # commands without a reply so far, the first: the banner
    _mailed: bool = False
    _asked: deque[str] = field(factory=deque)  # recipients whose RCPT has no reply so far
    _taken: list[str] = field(factory=list)
    _lines: list[str] = field(factory=list)

    def feed(self, line: str) -> None:
        """Take one line."""
        self.ledger.text.append(line)
        run, command, reply = _RUN.match(line), _COMMAND.match(line), _REPLY.match(line)
        if run is not None:
            self._id = run[1]
            self._mailed = False
            self.ledger.message(self._id)
        elif command is not None:
            self._said(command[1], command[2])
        elif reply is not None:
            self._lines.append(line)
            if reply[2] == " ":
                whole, self._lines = "\n".join(self._lines), []
                self._answered(self._waiting.popleft() if self._waiting else "", whole)
        else:
            self._told(line)

    def _connected(self) -> None:
        self._waiting.clear()
        self._waiting.append("")  # the banner
        self._lines.clear()
        self._asked.clear()
        self._taken.clear()

    def _said(self, word: str, rest: str) -> None:
        path = _PATH.search(rest)
        if word == "MAIL":
            self._asked.clear()
            self._taken.clear()
            if self._mailed and path is not None and not path[1] and self._id:
                self._id = f"{self._id}!"  # the report on this message: sent at once, under an id that is not told
            self._mailed = True
        if word == "RCPT" and path is not None:
            self._asked.append(path[1])
        self._waiting.append(word)

    def _answered(self, word: str, reply: str) -> None:
        """To recipients it is final at RCPT if they are refused, else at the end of data."""
        if word == "RCPT" and self._asked:
            address = self._asked.popleft()
            if reply.startswith("2"):
                self._taken.append(address)
            else:
                self._note(address, reply, "rcpt")
        elif word == "." or (word in ("DATA", "MAIL") and not reply.startswith(("2", "3"))):
            for address in self._taken or list(self._asked):
                self._note(address, reply, _STAGES[word])
            self._taken.clear()

    def _note(self, address: str, reply: str, stage: str) -> None:
        found = re.match(r"\d{3}[ -](\d\.\d+\.\d+)?", reply)
        dsn = (found[1] if found else None) or f"{reply[0]}.0.0"
        status = {"2": "sent", "4": "deferred"}.get(reply[0], "bounced")
        said = reply.replace("\n", " ")
        self._attempt(DeliveryStatus(address, status, dsn, self.ledger.relay, said, reply, stage))

    def _told(self, line: str) -> None:
        """``ann@contoso.com,bob@contoso.com... Deferred: …``, where no reply decided."""
        found = _TO.match(line)
        if found is None:
            return
        names, words = [each.strip("<>") for each in found[1].split(",")], found[2]
        if words.startswith("Connecting to"):
            self._connected()
            self.ledger.relay = words.removeprefix("Connecting to ").split(" via ")[0]
        elif any(re.search(pattern, words) for pattern in _LATER):
            words = "Deferred: lost connection" if words == "Deferred" else words  # it names no reason
            known = {each.recipient for each in self.ledger.statuses(self._id) if each.reply is not None}
            for name in names:
                if name not in known or not re.match(r"Deferred: \d{3}", words):
                    self._attempt(
                        DeliveryStatus(name, "deferred", "4.4.0", self.ledger.relay, words, None, self._stage(words))
                    )

    def _stage(self, words: str) -> str:
        """By the command that had no reply."""
        if "Connection refused" in words:
            return "connect"
        if "TLS" in words:
            return "starttls"
        pending = self._waiting[0] if self._waiting else ""
        return _STAGES.get(pending, "greeting")

    def _attempt(self, status: DeliveryStatus) -> None:
        if self._id:
            self.ledger.attempt(self._id, status)
