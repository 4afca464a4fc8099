"""One mail transaction as it grows, and the transcript of a session. Both are kept cheap: they are on the hot path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fakeeop.model import Envelope, Recipient
from fakeeop.model.addresses import Mailbox
from fakeeop.smtp.framing import ContentBuffer
from fakeeop.smtp.grammar import MailCommand

__all__ = ["CLIENT", "CONTENT", "MASK", "NOTE", "SERVER", "Transaction", "Transcript"]

CLIENT, SERVER, CONTENT, NOTE = range(4)
MASK = b"<credentials>"  # in place of a password or a token
_CUT = "the transcript is cut here"
TRANSCRIPT_LIMIT = 262_144  # octets of commands and replies kept of one session


class Transaction:
    """From an accepted MAIL to the end of the content. ``started`` is when DATA or the first BDAT came."""

    __slots__ = ("chunks", "command", "earlier", "recipients", "started")

    def __init__(self, command: MailCommand) -> None:
        self.command = command
        self.recipients: list[Recipient] = []
        self.earlier: tuple[Mailbox, ...] = ()
        self.chunks: ContentBuffer | None = None  # what the first BDAT began
        self.started = 0.0

    def add(self, recipient: Recipient) -> None:
        """One more accepted recipient."""
        self.recipients.append(recipient)
        self.earlier = (*self.earlier, recipient.mailbox)

    def envelope(self) -> Envelope:
        """All that MAIL and the accepted RCPTs said."""
        said = self.command
        return Envelope(
            said.reverse_path, tuple(self.recipients), said.body, said.size, said.smtputf8, said.ret, said.envid
        )


class Transcript:
    """What went over the wire, as references to the octets. Lines are made when somebody reads.

    After ``TRANSCRIPT_LIMIT`` octets no more is kept. The entries lie flat in one sequence, a kind and then its octets,
    count or text: a tuple for each would keep the garbage collector busy.
    """

    __slots__ = ("_echoes", "_flat", "_hidden", "_room")

    _flat: Any  # a list while it grows, a tuple afterwards

    def __init__(self) -> None:
        self._flat = []
        self._room = TRANSCRIPT_LIMIT
        self._hidden: list[tuple[bytes, bytes]] | None = None
        self._echoes: list[bytes] | None = None

    @property
    def flat(self) -> Sequence[Any]:
        """All of it as one sequence: a kind, then its octets, count or text, and so on."""
        return tuple(self._flat)

    @property
    def entries(self) -> list[tuple[int, bytes | int | str]]:
        """``(kind, octets, count or text)``, in order."""
        flat = self.flat
        return list(zip(flat[::2], flat[1::2], strict=False))

    @property
    def octets(self) -> int:
        """About how much it holds."""
        return TRANSCRIPT_LIMIT - self._room

    def note(self, kind: int, what: bytes | int | str) -> None:
        """``CLIENT`` or ``SERVER`` octets, a ``CONTENT`` length, or a ``NOTE`` of ours."""
        if isinstance(what, bytes):
            if kind == CLIENT and self._hidden:
                what = self._said(what)
            elif kind == SERVER and self._echoes:
                what = self._answered(what)
        room = self._room
        if room > 0:
            self._flat += (kind, what)
            self._room = room = room - (16 if isinstance(what, int) else len(what))
            if room <= 0:
                self._flat += (NOTE, _CUT)

    def exchange(self, said: bytes, reply: bytes) -> None:
        """What the client said, and what was written for it."""
        if self._hidden:
            said = self._said(said)
        if self._echoes:
            reply = self._answered(reply)
        room = self._room
        if room > 0:
            self._flat += (CLIENT, said, SERVER, reply)
            self._room = room = room - len(said) - len(reply)
            if room <= 0:
                self._flat += (NOTE, _CUT)

    def hide(self, line: bytes, shown: bytes = MASK, echo: bytes = b"") -> None:
        """``line``, which has just come and is not noted yet, holds a secret; ``echo`` is what its reply repeats."""
        self._hidden = [*(self._hidden or ()), (line, shown)]
        if echo:
            self._echoes = [*(self._echoes or ()), echo]

    def _said(self, said: bytes) -> bytes:
        hidden, self._hidden = self._hidden or (), None
        lines = said.split(b"\n")
        start = 0
        for secret, shown in hidden:  # each once, in order
            at = next((at for at in range(start, len(lines)) if lines[at].removesuffix(b"\r") == secret), None)
            if at is not None:
                lines[at] = lines[at].replace(secret, shown, 1)
                start = at + 1
        return b"\n".join(lines)

    def _answered(self, reply: bytes) -> bytes:
        echoes, self._echoes = self._echoes or (), None
        for echo in echoes:
            reply = reply.replace(b"'%b'" % echo, b"'%b'" % MASK)
        return reply

    def end(self) -> None:
        """No more will come: take less room."""
        self._flat = tuple(self._flat)
