"""Raw dialogues: named sessions of our own client, and what one ``send`` is owed in replies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from attrs import define, field

from harness.clients.auth import shown
from harness.clients.outcome import capabilities_of, refusal_outcome
from harness.clients.raw import dot_stuffed
from harness.clients.wire import ConnectionClosed, SmtpConnection, reply_code
from harness.errors import HarnessError
from harness.model.result import Observation

__all__ = ["RawSession"]


@define
class RawSession:
    """One named connection of a scenario. ``taken`` collects the final replies by which a message was accepted."""

    name: str
    connection: SmtpConnection
    taken: list[str] = field(factory=list)
    in_data: bool = False
    index: int = 0  # which connection of the case this is, from 0
    path: str = ""  # the step that opened it
    line: int | None = None
    tls_failed: bool = False
    endpoint: str = "mx"
    last: str | None = None  # the last reply that was taken

    def greeting(self) -> Observation:
        """The reply to the connection."""
        seen: list[str] = []
        self._collect(["the connection"], None, seen)
        return self._observation(seen)

    def send(
        self,
        arguments: Mapping[str, Any],
        replies_wanted: int | None,
        *,
        until_closed: bool = False,
        content: bytes | None = None,
    ) -> Observation:
        """Write what the step says, take the replies it is owed.

        ``replies_wanted`` None: one for each command line, one for each message and BDAT chunk. Otherwise that many,
        and whatever else has arrived by then. Without ``one-write`` each line waits for its reply before the next is
        sent. ``until_closed``: wait for the server to close as well. ``content``: a message for DATA, instead of what
        the arguments say to send. ``splits`` cuts what is sent at these octets into several writes.
        """
        writes, owed = self._writes(arguments, content)
        seen: list[str] = []
        if len(writes) == len(owed) and "splits" not in arguments:
            for write, word in zip(writes, owed, strict=True):
                mask = shown(write, self.last)
                self.connection.send(write) if mask is None else self.connection.send(write, mask)
                self._collect([word], replies_wanted, seen)
        else:
            for write in writes:
                self.connection.send(write)
            self._collect(owed, replies_wanted, seen)
        if arguments.get("half-close"):
            self.connection.half_close()
        self._collect_rest(replies_wanted, seen)
        if until_closed:
            self.connection.wait_closed()
        return self._observation(seen)

    def close(self) -> None:
        """Drop the connection."""
        self.connection.close()

    def _writes(self, arguments: Mapping[str, Any], content: bytes | None) -> tuple[list[bytes], list[str]]:
        """What to write, and for each piece what it is: its first word, ``BDAT`` or ``BDAT LAST``."""
        if content is not None:
            writes, words = [dot_stuffed(content)], ["."]
        elif "bdat" in arguments:
            writes, words = _bdat(arguments["bdat"])
        elif "bytes" in arguments:
            data = _decoded(arguments["bytes"])
            writes, words = [data], _line_words(data)
        else:
            writes = [f"{line}\r\n".encode() for line in _texts(arguments.get("lines"))]
            words = [word for line in writes for word in _line_words(line)]
        if arguments.get("one-write") or "splits" in arguments:
            writes = _cut(b"".join(writes), arguments.get("splits") or ())
        return writes, words

    def _collect(self, owed: Sequence[str], wanted: int | None, seen: list[str]) -> None:
        """The replies to these pieces, into ``seen``; while in DATA only the end mark is owed one."""
        try:
            for word in owed:
                if self.in_data and word != ".":
                    continue
                if wanted is None or len(seen) < wanted:
                    seen.append(self.connection.reply(f"the reply to {word}"))
                    self.last = seen[-1]
                    self._note(word, seen[-1])
        except ConnectionClosed:
            return

    def _collect_rest(self, wanted: int | None, seen: list[str]) -> None:
        """What is wanted beyond what is owed, and what has come beyond what is wanted."""
        if wanted is None:
            return
        try:
            while len(seen) < wanted:
                seen.append(self.connection.reply("one more reply"))
        except ConnectionClosed:
            return
        seen += self.connection.arrived()

    def _note(self, word: str, reply: str) -> None:
        good = reply_code(reply) // 100 == 2
        if word == "DATA" and reply_code(reply) == 354:
            self.in_data = True
        elif self.in_data:
            self.in_data = False
            self.taken += [reply] if good else []
        elif word == "BDAT LAST" and good:
            self.taken.append(reply)

    def _observation(self, seen: Sequence[str]) -> Observation:
        last = seen[-1] if seen else None
        outcome = None
        if last is not None:
            outcome = "accepted" if reply_code(last) // 100 in (2, 3) else refusal_outcome(last)
        elif self.connection.eof:
            outcome = "disconnected"
        return Observation(
            outcome=outcome,
            reply=last,
            replies=tuple(seen),
            capabilities=capabilities_of(last) if last and last.startswith("250") else (),
            tls=self.connection.tls,
            closed_by="server" if self.connection.eof else None,
            transcript=tuple(self.connection.transcript),
        )


def _texts(lines: Any) -> list[str]:
    return [lines] if isinstance(lines, str) else [str(line) for line in lines or ()]


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode("".join(str(text).split()), validate=True)
    except binascii.Error as why:
        raise HarnessError(f"send.bytes is not base64: {why}") from why


def _cut(data: bytes, splits: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(each for each in splits if 0 < each < len(data)), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def _line_words(data: bytes) -> list[str]:
    """The first word of every whole line, upper case; ``.`` only for the end mark. An unfinished one is owed none.

    The octets of a BDAT chunk are not lines.
    """
    words = []
    position = 0
    while (end := data.find(b"\n", position)) >= 0:
        line = data[position:end].strip(b"\r").decode("latin-1")
        position = end + 1
        words.append(_word(line))
        if words[-1].startswith("BDAT"):
            octets = line.split(" ")[1:2]
            position += int(octets[0]) if octets and octets[0].isdecimal() else 0
    return words


def _word(line: str) -> str:
    if line == ".":
        return line
    words = line.upper().split(" ")
    if words[0] == "BDAT" and words[-1] == "LAST":
        return "BDAT LAST"
    return words[0] if words[0] not in ("", ".") else "an empty line"


def _bdat(arguments: Mapping[str, Any]) -> tuple[list[bytes], list[str]]:
    data = _decoded(arguments["bytes"]) if "bytes" in arguments else str(arguments.get("data", "")).encode()
    last = bool(arguments.get("last"))
    head = f"BDAT {len(data)}{' LAST' if last else ''}\r\n".encode()
    return [head + data], ["BDAT LAST" if last else "BDAT"]
