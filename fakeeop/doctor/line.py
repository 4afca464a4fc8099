"""One connection as a client: replies with a deadline, and TLS that notices what the server asks for."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Sequence

from attrs import field, frozen

from fakeeop.pki import crypto

__all__ = ["Handshake", "NotSmtp", "ServerClosed", "Silent", "TlsTrouble", "WalkConnection", "client_context"]

_REPLY_LINE = re.compile(rb"\d{3}(?:[ -].*)?$", re.S)
_BEGIN = re.compile(rb"\d{3}[ \r\n-]")
_LONGEST = 65_536  # octets of one reply


class Silent(Exception):
    """No answer in time."""


class ServerClosed(Exception):
    """The server closed, or reset, the connection; ``partial`` is what it said of a reply."""

    def __init__(self, partial: str = "") -> None:
        self.partial = partial
        super().__init__("the server closed the connection")


class NotSmtp(Exception):
    """What came is not a reply; ``octets`` are the first of it."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        super().__init__(f"no SMTP reply: {octets[:60]!r}")


class TlsTrouble(Exception):
    """The handshake did not work out; the text says why."""


@frozen
class Handshake:
    """What a client can see. ``requested``: the server asked for a client certificate; ``chain_der``: its own."""

    version: str
    cipher: str
    chain_der: tuple[bytes, ...]
    requested: bool


@frozen
class _States:
    """The states that OpenSSL went through; a request for a certificate shows there and nowhere else."""

    seen: list[str] = field(factory=list)

    def note(self, connection: crypto.SSL.Connection, _where: int, _result: int) -> None:
        self.seen.append(connection.get_state_string().decode("ascii", "replace"))

    @property
    def requested(self) -> bool:
        return any("read server certificate request" in state for state in self.seen)


def client_context(
    chain: Sequence[crypto.x509.Certificate] = (),
    key: crypto.rsa.RSAPrivateKey | crypto.ec.EllipticCurvePrivateKey | None = None,
) -> crypto.SSL.Context:
    """A context that takes any server certificate: it is looked at afterwards. ``chain``: what to send, leaf first.

    Raises ValueError if certificate and key cannot be used.
    """
    context = crypto.SSL.Context(crypto.SSL.TLS_CLIENT_METHOD)
    if chain and key is not None:
        try:
            context.use_certificate(chain[0])
            for above in chain[1:]:
                context.add_extra_chain_cert(above)
            context.use_privatekey(key)
        except crypto.SSL.Error as why:
            raise ValueError(f"OpenSSL does not take the certificate: {_words(why)}") from why
    return context


class WalkConnection:
    """A connected socket. ``timeout``: seconds that one answer, or the handshake, may take. Close it at the end."""

    def __init__(self, sock: socket.socket, timeout: float) -> None:
        self._sock = sock
        self._timeout = timeout
        self._tls: crypto.SSL.Connection | None = None
        self._buffer = b""

    def close(self) -> None:
        """Close without a word."""
        self._sock.close()

    def say(self, command: str) -> str:
        """Send a command; the whole reply, its lines joined by newlines. Raises Silent, ServerClosed, NotSmtp."""
        self._write(command.encode("utf-8") + b"\r\n")
        return self.reply()

    def reply(self) -> str:
        """The next reply."""
        lines: list[str] = []
        deadline = time.monotonic() + self._timeout
        while True:
            line, found, rest = self._buffer.partition(b"\n")
            if not found:
                self._buffer += self._read(deadline, "\n".join(lines))
                strange = len(self._buffer) >= 4 and not _BEGIN.match(self._buffer)
                if strange or len(self._buffer) > _LONGEST:
                    raise NotSmtp(self._buffer)
                continue
            self._buffer = rest
            line = line.removesuffix(b"\r")
            if not _REPLY_LINE.match(line):
                raise NotSmtp(line)
            lines.append(line.decode("utf-8", "backslashreplace"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    def handshake(self, context: crypto.SSL.Context, server_name: str | None) -> Handshake:
        """TLS from here on. Raises TlsTrouble, Silent."""
        states = _States()
        context.set_info_callback(states.note)
        self._buffer = b""
        tls = crypto.SSL.Connection(context, None)
        if server_name:
            tls.set_tlsext_host_name(server_name.encode("idna"))
        tls.set_connect_state()
        deadline = time.monotonic() + self._timeout
        while not self._attempt(tls.do_handshake, tls, deadline):
            pass
        self._flush(tls)
        self._tls = tls
        chain = tls.get_peer_cert_chain(as_cryptography=True) or []
        return Handshake(
            tls.get_protocol_version_name(),
            tls.get_cipher_name() or "",
            tuple(each.public_bytes(crypto.Encoding.DER) for each in chain),
            states.requested,
        )

    def _attempt(self, work: Callable[[], None], tls: crypto.SSL.Connection, deadline: float) -> bool:
        """True when it is done; else the server's next octets are in."""
        try:
            work()
        except crypto.SSL.WantReadError:
            self._flush(tls)
        except crypto.SSL.Error as why:
            self._flush(tls)
            raise TlsTrouble(_words(why)) from why
        else:
            return True
        try:
            octets = self._receive(deadline)
        except ServerClosed as why:
            raise TlsTrouble("the server closed the connection in the handshake") from why
        tls.bio_write(octets)
        return False

    def _flush(self, tls: crypto.SSL.Connection) -> None:
        while True:
            try:
                octets = tls.bio_read(65_536)
            except crypto.SSL.WantReadError:
                return
            self._send(octets)

    def _write(self, octets: bytes) -> None:
        if self._tls is None:
            self._send(octets)
            return
        try:
            self._tls.sendall(octets)
        except crypto.SSL.Error as why:
            raise ServerClosed from why
        self._flush(self._tls)

    def _send(self, octets: bytes) -> None:
        self._sock.settimeout(self._timeout)
        try:
            self._sock.sendall(octets)
        except TimeoutError as why:
            raise Silent from why
        except OSError:  # it shows on reading, and what was said before can still be read
            return

    def _read(self, deadline: float, partial: str) -> bytes:
        while True:
            if self._tls is not None:
                try:
                    return self._tls.recv(65_536)
                except crypto.SSL.WantReadError:
                    self._flush(self._tls)
                except crypto.SSL.ZeroReturnError as why:
                    raise ServerClosed(partial) from why
                except crypto.SSL.Error as why:
                    raise ServerClosed(f"TLS: {_words(why)}") from why
            octets = self._receive(deadline, partial)
            if self._tls is None:
                return octets
            self._tls.bio_write(octets)

    def _receive(self, deadline: float, partial: str = "") -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Silent
        self._sock.settimeout(left)
        try:
            octets = self._sock.recv(65_536)
        except TimeoutError as why:
            raise Silent from why
        except OSError as why:
            raise ServerClosed(partial) from why
        if not octets:
            raise ServerClosed(partial)
        return octets


def _words(why: crypto.SSL.Error) -> str:
    """OpenSSL's reasons."""
    if isinstance(why, crypto.SSL.SysCallError):
        return "the connection broke"
    queue = why.args[0] if why.args and isinstance(why.args[0], list) else []
    return "; ".join(str(entry[-1]) for entry in queue) or "the connection broke"
