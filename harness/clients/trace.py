"""From the dialogue that a program prints to what the transaction came to. No I/O.

Every program shows the lines it sent and got in a way of its own; a driver makes ``TraceLine`` values of them, ``read``
does the rest the same way for all: which reply answers which command (also when commands were pipelined), which stage
that is, and what the outcome was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import define, field, frozen

from harness.clients.outcome import ClientDialogue, capabilities_of
from harness.clients.wire import reply_code

__all__ = ["TraceLine", "classify", "read", "tls_event"]

_STAGES: Final = {
    "EHLO": "ehlo",
    "HELO": "ehlo",
    "LHLO": "ehlo",
    "STARTTLS": "starttls",
    "AUTH": "auth",
    "MAIL": "mail",
    "RCPT": "rcpt",
    "DATA": "data",
    "RSET": "rset",
    "QUIT": "quit",
    ".": "message",
}
_PATH: Final = re.compile(r"^RCPT\s+TO:\s*<(?P<address>[^>]*)>", re.IGNORECASE)
_TLS_VERSION: Final = re.compile(r"(TLS)v?\s?(1\.[0-3])", re.IGNORECASE)


@frozen
class TraceLine:
    """One line of a dialogue: ``who`` is C, S, or * for an event; an event with ``tls`` is the end of a handshake."""

    who: str
    text: str
    tls: dict[str, object] | None = None


def tls_event(said: str, cipher: str = "") -> TraceLine:
    """A handshake that worked, from the program's words for it: ``TLSv1.3:TLS_AES…``, ``(TLS1.3)-(ECDHE…``."""
    found = _TLS_VERSION.search(said)
    version = f"TLSv{found.group(2)}" if found else ""
    return TraceLine("*", f"TLS established {version} {cipher}".rstrip(), {"version": version, "cipher": cipher})


def classify(output: str, patterns: Iterable[tuple[str, re.Pattern[str]]]) -> list[TraceLine]:
    """The lines of a program's output that a pattern fits, in order; the first group is the text."""
    known = tuple(patterns)
    found = []
    for line in output.splitlines():
        for who, pattern in known:
            matched = pattern.match(line)
            if matched is not None:
                found.append(TraceLine(who, matched.group(1)))
                break
    return found


@define
class _Reader:
    note: ClientDialogue = field(factory=ClientDialogue)
    waiting: list[str] = field(factory=lambda: ["connect"])  # commands whose reply is due
    partial: list[str] = field(factory=list)
    in_content: bool = False
    content_lines: int = 0
    secured: bool = False
    went_on: bool = False  # something was said after the go-ahead to STARTTLS
    go_ahead: bool = False
    greeted: bool = False  # the last EHLO or HELO was taken
    last_hello: str = ""
    data_ahead: bool = False  # DATA was pipelined before a recipient was refused

    def client(self, text: str) -> None:
        if self.in_content:  # until the server answers; not every program shows the end mark, or dots as they are sent
            self.content_lines += 1
            return
        self.note.transcript.append(f"C: {text}")
        if self.go_ahead:
            self.went_on = True
        verb = text.split(" ", 1)[0].strip().upper()
        self.waiting.append(text if verb == "RCPT" else verb)

    def _content_ends(self) -> None:
        shown = f"<{self.content_lines} lines of content>" if self.content_lines else "<the content>"
        self.note.transcript.append(f"C: {shown}")
        self.in_content = False
        self.waiting.append(".")

    def server(self, text: str) -> None:
        if self.in_content and not self.waiting:
            self._content_ends()
        self.note.transcript.append(f"S: {text}")
        self.partial.append(text)
        if text[:3].isdigit() and text[3:4] == "-":
            return
        reply, self.partial = "\n".join(self.partial), []
        self.note.replies.append(reply)
        self._answered(self.waiting.pop(0) if self.waiting else "", reply)

    def event(self, line: TraceLine) -> None:
        self.note.transcript.append(f"* {line.text}")
        if line.tls is not None:
            self.note.tls = dict(line.tls)
            self.secured = True

    def _answered(self, command: str, reply: str) -> None:
        verb = command.split(" ", 1)[0].upper()
        good = reply_code(reply) // 100 == 2
        if verb == "RCPT":
            found = _PATH.match(command)
            self.note.recipients[found.group("address") if found else command] = reply
            self.data_ahead = self.data_ahead or (not good and "DATA" in self.waiting)
        elif verb in ("EHLO", "HELO", "LHLO"):
            self.greeted, self.last_hello = good, reply
            if good:
                self.note.capabilities = capabilities_of(reply) if verb == "EHLO" else ()
        elif verb == "DATA":
            if reply_code(reply) == 354:
                self.in_content = True
            elif any(reply_code(each) // 100 == 2 for each in self.note.recipients.values()):
                self.note.refused("data", reply)
        elif verb == ".":
            self.note.final(reply)
        elif verb == "STARTTLS" and reply_code(reply) == 220:
            self.go_ahead = True
        elif verb in ("CONNECT", "MAIL", "STARTTLS", "AUTH") and reply_code(reply) // 100 not in (2, 3):
            self.note.refused(_STAGES.get(verb, "connect"), reply)


def read(lines: Iterable[TraceLine], *, wants_tls: bool, tls_failure: str = "") -> ClientDialogue:
    """What the dialogue came to.

    ``wants_tls``: the client gives up where STARTTLS is not offered. ``tls_failure``: its own words about a handshake
    that failed, empty if it had none.
    """
    reader = _Reader()
    for line in lines:
        if line.who == "C":
            reader.client(line.text)
        elif line.who == "S":
            reader.server(line.text)
        else:
            reader.event(line)
    _close(reader, wants_tls, tls_failure)
    return reader.note


def _close(reader: _Reader, wants_tls: bool, tls_failure: str) -> None:
    """The outcome of a dialogue that ended before the reply to a message."""
    note = reader.note
    if note.outcome is not None:
        return
    if reader.go_ahead and not reader.went_on and (tls_failure or not reader.secured):
        reason = tls_failure or "the handshake did not end"
        note.transcript.append(f"* TLS failed: {reason}")
        note.end("tls-failed", "starttls", reason)
        return
    if note.replies and not reader.greeted and reader.last_hello:
        note.refused("ehlo", reader.last_hello)
        return
    refused = [reply for reply in note.recipients.values() if reply_code(reply) // 100 != 2]
    due = [command for command in reader.waiting if command not in ("QUIT", "RSET")]
    gave_up = (reader.data_ahead and due == ["DATA"]) or not (due or reader.in_content)
    if refused and gave_up:  # also a client that sends to all of its recipients or to none
        transient = [reply for reply in refused if reply_code(reply) // 100 == 4]
        note.refused("rcpt", (transient or refused)[0])
        return
    if due or reader.in_content:
        verb = due[0].split(" ", 1)[0] if due else "."
        note.closed_by = "server"
        note.end("disconnected", _STAGES.get(verb.upper(), "connect"), "\n".join(reader.partial) or None)
        return
    offered = any(each == "STARTTLS" for each in note.capabilities)
    stage = "starttls" if wants_tls and not offered and not reader.secured else "mail"
    note.end("not-attempted", stage)
