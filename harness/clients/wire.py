"""The client side of SMTP, byte by byte: a sans-io reply reader, and a socket connection that keeps a transcript."""

from __future__ import annotations

import base64
import socket
import ssl
import time
from typing import Final

from attrs import define, field

from harness.errors import DeadlineExceeded, DriverError

__all__ = ["ConnectionClosed", "ReplyReader", "SmtpConnection", "reply_code"]

_LONGEST_LINE: Final = 1 << 20


class ConnectionClosed(Exception):
    """The server closed the connection while a reply was due; ``partial`` is what had arrived."""

    def __init__(self, partial: str = "") -> None:
        self.partial = partial
        super().__init__("the server closed the connection")


def reply_code(reply: str) -> int:
    """The three digits of a reply as a number; 0 when it has none."""
    return int(reply[:3]) if len(reply) >= 3 and reply[:3].isdigit() else 0


@define
class ReplyReader:
    """Bytes in, whole replies out (RFC 5321 section 4.2). No I/O.

    A reply is text: its lines as they came, without CRLF, joined by newline; bytes that are not UTF-8 are shown as
    ``\\xNN``. A line that is not of the form ``250-text`` or ``250 text`` ends a reply: it is shown as it is.
    """

    _buffer: bytearray = field(factory=bytearray)
    _lines: list[str] = field(factory=list)

    def feed(self, data: bytes) -> None:
        """Take what the server sent."""
        self._buffer += data

    def next(self) -> str | None:
        """The next whole reply, or None until more is fed."""
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[:end]).removesuffix(b"\r").decode("utf-8", "backslashreplace")
            del self._buffer[: end + 1]
            self._lines.append(line)
            if not (line[:3].isdigit() and line[3:4] == "-"):
                reply, self._lines = "\n".join(self._lines), []
                return reply
        return None

    @property
    def rest(self) -> str:
        """What has arrived of a reply that is not whole yet."""
        return "\n".join([*self._lines, self._buffer.decode("utf-8", "backslashreplace")]).strip("\n")


@define
class SmtpConnection:
    """One TCP connection to the server. ``deadline`` is on the monotonic clock; Nagle is off.

    Every method raises DeadlineExceeded when the deadline passes, with the last line seen.
    """

    sock: socket.socket
    deadline: float
    transcript: list[str] = field(factory=list)
    tls: dict[str, object] | None = None
    eof: bool = False
    began: float = field(factory=time.monotonic)
    _reader: ReplyReader = field(factory=ReplyReader)

    @classmethod
    def open(cls, address: tuple[str, int], source: str, deadline: float) -> SmtpConnection:
        """Connect from ``source`` (empty: any). Raises DriverError with the reason when that is not possible."""
        bind = (source, 0) if source else None
        timeout = max(deadline - time.monotonic(), 0.001)
        try:
            sock = socket.create_connection(address, timeout=timeout, source_address=bind)
        except OSError as why:
            place = f"{address[0]}:{address[1]}"
            raise DriverError(f"connect {place}", f"{why.strerror or why} (from {source or 'any address'})") from why
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(sock, deadline)

    def note(self, line: str) -> None:
        """Add one line to the transcript."""
        self.transcript.append(line)

    def send(self, data: bytes, shown: str | None = None) -> None:
        """Write bytes as they are; ``shown`` replaces them in the transcript. A peer that is gone shows on reading."""
        self.transcript.extend(_shown(data) if shown is None else [shown])
        self._arm("to write")
        try:
            self.sock.sendall(data)
        except TimeoutError as why:
            raise self._late("the server to take what was written") from why
        except OSError:
            self.note("* the server has closed; not all was written")

    def reply(self, awaited: str = "a reply") -> str:
        """The next whole reply. Raises ConnectionClosed when the connection ends first."""
        while (reply := self._reader.next()) is None:
            if not self._receive(awaited):
                raise ConnectionClosed(self._reader.rest)
        self.transcript.extend(f"S: {line}" for line in reply.split("\n"))
        return reply

    def arrived(self) -> list[str]:
        """The whole replies that are here already, without waiting."""
        found = []
        self.sock.setblocking(False)
        try:
            while data := self._take():
                self._reader.feed(data)
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        finally:
            self.sock.setblocking(True)
        while (reply := self._reader.next()) is not None:
            self.transcript.extend(f"S: {line}" for line in reply.split("\n"))
            found.append(reply)
        return found

    def wait_closed(self) -> None:
        """Read until the server closes."""
        while self._receive("the server to close"):
            pass

    def starttls(self, context: ssl.SSLContext, server_name: str) -> None:
        """Do the TLS handshake. Raises ssl.SSLError or OSError when it fails; the facts are in ``tls`` after it."""
        self._arm("the TLS handshake")
        self.sock = context.wrap_socket(self.sock, server_hostname=server_name or None)
        self.tls = tls_facts(self.sock, context)
        self.note(f"* TLS established {self.tls['version']} {self.tls['cipher']}")
        self._reader = ReplyReader()

    def half_close(self) -> None:
        """Say that nothing more will be written."""
        self.note("* half-closed by the client")
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.note("* the server has closed already")

    def close(self) -> None:
        """Close, without QUIT. Harmless when closed already."""
        self.sock.close()

    def _receive(self, awaited: str) -> bool:
        if self.eof:
            return False
        self._arm(awaited)
        try:
            data = self._take()
        except TimeoutError as why:
            raise self._late(awaited) from why
        self._reader.feed(data)
        return bool(data)

    def _take(self) -> bytes:
        try:
            data = self.sock.recv(65536)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError):
            data = b""
        if not data:
            self.eof = True
            self.note("* closed by the server")
        return data

    def _arm(self, awaited: str) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise self._late(awaited)
        self.sock.settimeout(left)

    def _late(self, awaited: str) -> DeadlineExceeded:
        last = self.transcript[-1] if self.transcript else "connected, nothing received"
        return DeadlineExceeded(awaited, round(time.monotonic() - self.began, 3), last)


def tls_facts(sock: ssl.SSLSocket, context: ssl.SSLContext) -> dict[str, object]:
    """The TLS layer as the client sees it: version, cipher, verified."""
    cipher = sock.cipher()
    verified = context.verify_mode is ssl.CERT_REQUIRED
    return {"version": sock.version() or "", "cipher": cipher[0] if cipher else "", "verified": verified}


def _shown(data: bytes) -> list[str]:
    if len(data) > _LONGEST_LINE:
        return [f"C: <{len(data)} bytes>"]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [f"C: <{len(data)} bytes: {base64.b64encode(data[:48]).decode()}…>"]
    whole, tail = text.rpartition("\r\n")[::2]
    lines = [*whole.split("\r\n")] if "\r\n" in text else []
    lines += [tail + " (no CRLF)"] if tail else []
    return [f"C: {line}" for line in lines]
