"""From an envelope to a real SMTP session over a real socket, as System.Net.Mail.SmtpClient goes about it.

EHLO names the machine, nothing is pipelined, a recipient that is refused does not stop the others, and the message goes
to whom is left before the exception tells of it (seen on .NET Core 3.1). Names of scripts lead to the lab's listeners.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from exoshell.dotnet.errors import failed_recipient, failed_recipients, smtp_error
from exoshell.dotnet.protocols import limit
from exoshell.dotnet.wire import Envelope, written
from exoshell.powershell.errors import NetError

__all__ = ["ClientCertificate", "Post", "Sending"]

# RCPT replies that concern the recipient alone; any other ends the session (seen).
_OF_RECIPIENT: Final = frozenset({450, 452, 550, 551, 552, 553})
_OK: Final = frozenset({250, 251})
Resolve = Callable[[str, int], tuple[str, int]]


@frozen
class ClientCertificate:
    """PEM of the leaf and its key; the leaf is sent, and by OpenSSL the trusted root, if that signed it."""

    certificate: bytes
    key: bytes


@frozen
class Sending:
    """One server and how to talk to it. ``timeout`` in seconds."""

    host: str
    port: int = 25
    tls: bool = False
    certificate: ClientCertificate | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 100.0


@define
class Post:
    """``resolve`` maps what a script names to where a listener is; raises NetError. ``trusted`` gives the PEM of whom
    server certificates must come from. ``source`` is the address to send from. ``now`` is the clock. ``protocols`` are
    the bits of [Net.ServicePointManager]::SecurityProtocol, 0: those of the system.
    """

    resolve: Resolve
    trusted: Callable[[], bytes]
    source: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone()
    protocols: int = 0

    def send(self, sending: Sending, envelope: Envelope) -> None:
        """Send. Raises NetError with .NET's texts."""
        message = written(envelope, self.now())
        with _Session(self, sending) as session:
            session.begin()
            session.transaction(envelope, message)


class _Session:
    """smtplib for the dialogue; the commands in .NET's spelling."""

    def __init__(self, post: Post, sending: Sending) -> None:
        self._post = post
        self._sending = sending
        self._smtp = smtplib.SMTP(local_hostname=socket.gethostname() or "localhost", timeout=sending.timeout)

    def __enter__(self) -> _Session:
        target = self._post.resolve(self._sending.host, self._sending.port)
        source = (self._post.source, 0) if self._post.source else None
        try:
            self._smtp.sock = socket.create_connection(target, self._sending.timeout, source)
        except OSError as why:
            host, port = self._sending.host, self._sending.port
            advice = f"{host}:{port} is {target[0]}:{target[1]} here: {why.strerror or why}"
            raise _failure(why, advice) from why
        return self

    def __exit__(self, *_: object) -> None:
        self._smtp.close()

    def begin(self) -> None:
        """Greeting, EHLO, STARTTLS, AUTH."""
        try:
            code, text = _reply(self._smtp.getreply())
            if code != 220:
                raise smtp_error(text, code)
            self._hello()
            if self._sending.tls:
                self._start_tls()
            if self._sending.user:
                self._sign_in()
        except (OSError, smtplib.SMTPException) as why:
            raise _failure(why) from why

    def transaction(self, envelope: Envelope, message: bytes) -> None:
        """MAIL, RCPT, DATA."""
        try:
            failed = self._envelope(envelope)
            if len(failed) < len(envelope.recipients):
                self._expect(354, "DATA")
                stuffed = message.replace(b"\r\n.", b"\r\n..")
                self._smtp.send(stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"))
                code, text = _reply(self._smtp.getreply())
                if code != 250:
                    raise smtp_error(text, code)
            self._smtp.docmd("QUIT")
        except OSError as why:
            raise _failure(why) from why
        if failed:
            raise failed_recipients(failed, every=len(failed) == len(envelope.recipients))

    def _envelope(self, envelope: Envelope) -> list[NetError]:
        sender = envelope.reverse_path or envelope.sender.address
        eight = " SMTPUTF8" if not sender.isascii() and self._smtp.has_extn("smtputf8") else ""
        self._expect(250, f"MAIL FROM:<{sender}>{eight}")
        notify = f" NOTIFY={','.join(envelope.notify)}" if envelope.notify and self._smtp.has_extn("dsn") else ""
        failed = []
        for each in envelope.recipients:
            code, text = self._command(f"RCPT TO:<{each}>{notify}")
            if code in _OF_RECIPIENT:
                failed.append(failed_recipient(code, text, each))
            elif code not in _OK:
                raise smtp_error(text, code)
        return failed

    def _hello(self) -> None:
        self._smtp.ehlo()
        if not self._smtp.does_esmtp:
            code, text = _reply(self._smtp.helo())
            if code != 250:
                raise smtp_error(text, code)

    def _start_tls(self) -> None:
        if not self._smtp.has_extn("starttls"):
            raise smtp_error("Server does not support secure connections.")
        self._expect(220, "STARTTLS")
        context = self._context()
        try:
            plain: Any = self._smtp.sock
            self._smtp.sock = context.wrap_socket(plain, server_hostname=self._sending.host)
        except ssl.SSLCertVerificationError as why:
            types = ("System.Security.Authentication.AuthenticationException", "System.Exception")
            text = "The remote certificate is invalid according to the validation procedure."
            advice = (
                f"the server's certificate: {why.verify_message}; --state names the folder of the lab CA it is from"
            )
            raise NetError(text, types, advice=advice) from why
        except ssl.SSLError as why:
            types = ("System.Security.Authentication.AuthenticationException", "System.Exception")
            raise NetError("Authentication failed, see inner exception.", types, inner=(why,), advice=str(why)) from why
        self._smtp.file = None
        self._smtp.ehlo_resp = self._smtp.helo_resp = None
        self._smtp.esmtp_features = {}
        self._hello()

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self._post.trusted().decode("ascii"))
        if self._post.protocols:
            limit(context, self._post.protocols)
        if self._sending.certificate is not None:
            # The module reads files only; this one is gone as soon as it was read, and nobody else may open it.
            with tempfile.TemporaryDirectory(prefix="fakeeop-") as folder:
                path = Path(folder) / "client.pem"
                path.touch(mode=0o600)
                path.write_bytes(self._sending.certificate.key + self._sending.certificate.certificate)
                context.load_cert_chain(path)
        return context

    def _sign_in(self) -> None:
        """AUTH LOGIN where the server offers it. .NET goes on if that fails, and MAIL FROM tells (seen)."""
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "LOGIN" not in offered:
            return
        first = base64.b64encode(self._sending.user.encode()).decode()
        code, _ = self._command(f"AUTH login {first}")
        if code == 334:
            self._command(base64.b64encode(self._sending.password.encode()).decode())

    def _expect(self, wanted: int, command: str) -> None:
        code, text = self._command(command)
        if code != wanted:
            raise smtp_error(text, code)

    def _command(self, command: str) -> tuple[int, str]:
        verb, _, rest = command.partition(" ")
        return _reply(self._smtp.docmd(verb, rest))


def _reply(answer: tuple[int, bytes]) -> tuple[int, str]:
    """.NET tells the first line of a reply only."""
    return answer[0], answer[1].split(b"\n")[0].decode("utf-8", "replace")


def _failure(why: Exception, advice: str = "") -> NetError:
    """``Failure sending mail.`` with its cause inside."""
    if isinstance(why, TimeoutError):
        return smtp_error("The operation has timed out.", inner=(why,), advice=advice)
    return smtp_error("Failure sending mail.", inner=(why,), advice=advice or str(why))
