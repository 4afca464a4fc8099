"""Give a delivery report back to the relay: one SMTP transaction with the null reverse-path, inside the lab only.

A switch of the lab (``--return-reports``); the real service looks up the MX of the sender. Never tried twice.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import deque
from collections.abc import Callable
from ipaddress import ip_address
from typing import NamedTuple

__all__ = ["ReportReturn", "Returned"]

_PATIENCE = 30.0  # seconds for a whole transaction
_WAITING = 1_000  # reports in line
_LONGEST_REPLY = 64 * 1024  # octets
_LONGEST_LINE = 1_000  # characters of a reply that are kept
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_BARE = re.compile(rb"\r\n|\r|\n")


class Returned(NamedTuple):
    """How it went: ``detail`` is the relay's last reply, or what went wrong."""

    taken: bool
    detail: str


class _Refused(Exception):
    """The relay said no."""


class ReportReturn:
    """The way back to one relay: one connection at a time, in the loop that asks. ``host`` is a name or an address.

    What lies elsewhere than on loopback or in a private network is never called.
    """

    def __init__(self, host: str, port: int, patience: float = _PATIENCE) -> None:
        self.host = host
        self.port = port
        self._patience = patience
        self._line: deque[tuple[str, bytes, Callable[[Returned], None]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        """How many are in line, with the one that is under way. May be asked in any thread."""
        return len(self._line)

    def give(self, recipient: str, content: bytes, done: Callable[[Returned], None]) -> None:
        """Put one report in line; ``done`` is told how it went, in the loop's thread, at once if the line is full."""
        if len(self._line) >= _WAITING:
            done(Returned(False, f"{_WAITING} reports are in line already"))
            return
        self._line.append((recipient, content, done))
        if self._worker is None:
            self._worker = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        """Give up what is under way; who waits in line is told."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        while self._line:
            self._line.popleft()[2](Returned(False, "the emulator was closed before"))

    async def _work(self) -> None:
        try:
            await self._empty_line()
        finally:
            self._worker = None

    async def _empty_line(self) -> None:
        while self._line:
            recipient, content, done = self._line[0]
            try:
                async with asyncio.timeout(self._patience):
                    found = Returned(True, await self._transaction(recipient, content))
            except TimeoutError:
                found = Returned(False, f"no answer within {self._patience:g} seconds")
            except (OSError, _Refused, ValueError) as why:
                found = Returned(False, str(why))
            self._line.popleft()
            done(found)

    async def _transaction(self, recipient: str, content: bytes) -> str:
        reader, writer = await asyncio.open_connection(await self._address(), self.port, limit=_LONGEST_REPLY)
        try:
            talk = _Talk(reader, writer)
            await talk.reply("220")
            offered = await talk.say(f"EHLO {socket.gethostname() or 'localhost'}", "250")
            words = {line.partition(" ")[0].upper() for line in offered.split("\n")}
            parameters = " BODY=8BITMIME" if "8BITMIME" in words and not content.isascii() else ""
            if not recipient.isascii():
                parameters += " SMTPUTF8"
            await talk.say(f"MAIL FROM:<>{parameters}", "250")
            await talk.say(f"RCPT TO:<{recipient}>", "25")
            await talk.say("DATA", "354")
            lines = _BARE.sub(b"\r\n", content).replace(b"\r\n.", b"\r\n..")
            writer.write((b"." if lines.startswith(b".") else b"") + lines)
            last = await talk.say("." if lines.endswith(b"\r\n") else "\r\n.", "250")
            writer.write(b"QUIT\r\n")
            return last
        finally:
            writer.close()

    async def _address(self) -> str:
        found = await asyncio.get_running_loop().getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        address = str(found[0][4][0])
        place = ip_address(address.partition("%")[0])
        if not (place.is_loopback or place.is_private):
            raise ValueError(
                f"{self.host} is {address}, neither loopback nor in a private network: nothing is sent there"
            )
        return address


class _Talk:
    """Commands and replies of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def say(self, command: str, wanted: str) -> str:
        self._writer.write(f"{command}\r\n".encode())
        return await self.reply(wanted, command)

    async def reply(self, wanted: str, command: str = "connection") -> str:
        """The lines of a reply without code, joined; the last whole one if there is one only. Raises _Refused."""
        lines: list[str] = []
        while True:
            octets = await self._reader.readline()
            line = _UNPRINTABLE.sub("?", octets.decode("utf-8", "replace").rstrip("\r\n"))[:_LONGEST_LINE]
            if not octets.endswith(b"\n"):
                raise _Refused(f"{command}: the relay closed the connection")
            lines.append(line)
            if line[3:4] != "-" or len(lines) > 100:
                break
        if not lines[-1].startswith(wanted):
            raise _Refused(f"{command}: {lines[-1]}")
        return lines[0] if len(lines) == 1 else "\n".join(line[4:] for line in lines)
