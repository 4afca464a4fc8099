"""A bare SMTP client for loads that smtp-source cannot make: pipelining, BDAT, TLS, very large messages."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

from _processes import Measured
from _servers import RECIPIENT, SENDER

__all__ = ["Sender", "blocks", "content_of", "trusting_context"]

_LINE = b"X" * 68 + b"\r\n"
_BLOCK = _LINE * 3_744  # about 256 KiB
_ENVELOPE = f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{RECIPIENT}>\r\n".encode()


def content_of(octets: int) -> bytes:
    """A message of about so many octets, without the end mark."""
    header = f"From: <{SENDER}>\r\nTo: <{RECIPIENT}>\r\nMessage-ID: <1@benchmark.example>\r\n\r\n".encode()
    return header + _LINE * max(1, (octets - len(header)) // len(_LINE))


def blocks(octets: int) -> Iterator[bytes]:
    """The same a block at a time, the last one shorter, for messages that nobody wants to hold in memory."""
    block = content_of(len(_BLOCK))
    while octets > 0:
        yield block[:octets] if octets < len(block) else block
        octets -= len(block)
        block = _BLOCK


def trusting_context(certificate: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    """A client that takes any server, and shows a certificate if it has one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context


class Sender:
    """One session, greeted and past EHLO. RuntimeError for a reply that was not expected."""

    def __init__(self, server: Measured, context: ssl.SSLContext | None = None) -> None:
        self.socket: socket.socket = socket.create_connection((server.host, server.port), 120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = b""
        self.expect(b"220")
        self.say(b"EHLO localhost\r\n", b"250")
        if context is not None:
            self.say(b"STARTTLS\r\n", b"220")
            self.socket = context.wrap_socket(self.socket)
            self.say(b"EHLO localhost\r\n", b"250")

    def expect(self, *codes: bytes) -> None:
        """Take one reply for each code."""
        for code in codes:
            while True:
                line, end, rest = self._read.partition(b"\n")
                if not end:
                    piece = self.socket.recv(65_536)
                    if not piece:
                        raise RuntimeError(f"the server closed the connection; {code.decode()} was expected")
                    self._read += piece
                    continue
                self._read = rest
                if line[3:4] == b"-":
                    continue
                if not line.startswith(code):
                    raise RuntimeError(f"expected {code.decode()}, got {line.decode(errors='replace')}")
                break

    def say(self, octets: bytes, *codes: bytes) -> None:
        """Send, and take one reply for each code."""
        self.socket.sendall(octets)
        self.expect(*codes)

    def data(self, content: bytes) -> None:
        """One message, each command waited for."""
        mail, rcpt = _ENVELOPE.splitlines(keepends=True)
        self.say(mail, b"250")
        self.say(rcpt, b"250")
        self.say(b"DATA\r\n", b"354")
        self.say(content + b".\r\n", b"250")

    def bdat(self, content: bytes) -> None:
        """The same in one chunk."""
        mail, rcpt = _ENVELOPE.splitlines(keepends=True)
        self.say(mail, b"250")
        self.say(rcpt, b"250")
        self.say(b"BDAT %d LAST\r\n%b" % (len(content), content), b"250")

    def pipelined(self, content: bytes) -> None:
        """The envelope and DATA in one write (RFC 2920)."""
        self.say(_ENVELOPE + b"DATA\r\n", b"250", b"250", b"354")
        self.say(content + b".\r\n", b"250")

    def large(self, octets: int, *, chunked: bool) -> None:
        """A message that is never whole in memory, by DATA or in chunks of one block."""
        self.say(_ENVELOPE, b"250", b"250")
        if not chunked:
            self.say(b"DATA\r\n", b"354")
        for block in blocks(octets):
            if chunked:
                self.say(b"BDAT %d\r\n%b" % (len(block), block), b"250")
            else:
                self.socket.sendall(block)
        self.say(b"BDAT 0 LAST\r\n" if chunked else b"\r\n.\r\n", b"250")

    def close(self) -> None:
        """QUIT."""
        self.say(b"QUIT\r\n", b"221")
        self.socket.close()
