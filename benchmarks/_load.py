"""Load: Postfix's smtp-source where it is installed, else a bare client of our own; STARTTLS always by our own."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

from _processes import Measured
from _servers import RECIPIENT, SENDER

__all__ = ["LOAD", "blast", "starttls_blast"]

SESSIONS = 10
LOAD = shutil.which("smtp-source") or shutil.which("smtp-source", path="/usr/sbin:/usr/lib/postfix/sbin")


def blast(server: Measured, messages: int, octets: int, *, reuse: bool, sessions: int = SESSIONS) -> None:
    """Send ``messages`` of about ``octets`` each, in ten sessions at once or over ten reused connections."""
    if LOAD is None:
        _own_blast(server, messages, octets, reuse)
        return
    command = [LOAD, "-s", str(sessions), "-l", str(octets), "-m", str(messages), "-f", SENDER, "-t", RECIPIENT]
    command += ["-d"] if reuse else []  # do not disconnect
    subprocess.run([*command, f"{server.host}:{server.port}"], check=True, timeout=600)


def _own_blast(server: Measured, messages: int, octets: int, reuse: bool) -> None:
    content = _content(octets)
    session: _Session | None = None
    for _ in range(messages):
        if session is None:
            session = _Session(server)
            session.say(b"HELO localhost\r\n", b"250")
        session.message(content)
        if not reuse:
            session.close()
            session = None
    if session is not None:
        session.close()


def starttls_blast(server: Measured, messages: int, octets: int, certificate: tuple[Path, Path] | None) -> None:
    """One TLS session for each message, one after the other; TLS 1.3, with a client certificate if given."""
    content = _content(octets)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate is not None:
        context.load_cert_chain(*certificate)
    for _ in range(messages):
        session = _Session(server)
        session.say(b"EHLO localhost\r\n", b"250")
        session.say(b"STARTTLS\r\n", b"220")
        session.socket = context.wrap_socket(session.socket)
        session.say(b"EHLO localhost\r\n", b"250")
        session.message(content)
        session.close()


def _content(octets: int) -> bytes:
    line = b"X" * 68 + b"\r\n"
    header = f"From: <{SENDER}>\r\nTo: <{RECIPIENT}>\r\nMessage-ID: <1@benchmark.example>\r\n\r\n".encode()
    return header + line * max(1, (octets - len(header)) // len(line)) + b".\r\n"


class _Session:
    def __init__(self, server: Measured) -> None:
        self.socket = socket.create_connection((server.host, server.port), 60)
        self._expect(b"220")

    def _expect(self, code: bytes) -> None:
        reply = b""
        while True:
            piece = self.socket.recv(65536)
            if not piece:
                raise RuntimeError(f"the server closed the connection; {code.decode()} was expected")
            reply += piece
            last = reply.rstrip(b"\r\n").rpartition(b"\n")[2]
            if reply.endswith(b"\n") and last[3:4] == b" ":
                break
        if not reply.startswith(code):
            raise RuntimeError(f"expected {code.decode()}, got {reply.decode(errors='replace')}")

    def say(self, octets: bytes, code: bytes) -> None:
        self.socket.sendall(octets)
        self._expect(code)

    def message(self, content: bytes) -> None:
        self.say(f"MAIL FROM:<{SENDER}>\r\n".encode(), b"250")
        self.say(f"RCPT TO:<{RECIPIENT}>\r\n".encode(), b"250")
        self.say(b"DATA\r\n", b"354")
        self.say(content, b"250")

    def close(self) -> None:
        self.say(b"QUIT\r\n", b"221")
        self.socket.close()
