"""From a message to a real SMTP session over a real socket, as System.Net.Mail.SmtpClient goes about it.

EHLO names the machine, nothing is pipelined, a recipient that is refused does not stop the others, and the message
goes to whom is left before the exception tells of it (seen on .NET Core 3.1). Names of scripts lead to the lab's
listeners. ``[Net.ServicePointManager]::SecurityProtocol`` says which versions of TLS may be spoken.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import tempfile
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from exoshell.dotnet.errors import failed_recipient, failed_recipients, smtp_error
from exoshell.dotnet.wire import MailMessage, written
from exoshell.powershell.errors import NetError
from exoshell.powershell.objects import choice
from exoshell.powershell.values import Flags

__all__ = ["SmtpClientCertificate", "SmtpSettings", "SmtpTransport", "limit", "protocols_of", "shown"]

_BITS: Final = {"SystemDefault": 0, "Ssl3": 48, "Tls": 192, "Tls11": 768, "Tls12": 3072, "Tls13": 12288}
_TYPE: Final = "System.Net.SecurityProtocolType"
_NAMED: Final = choice(_TYPE, *_BITS, flags=True, values=tuple(_BITS.values()))
_VERSIONS: Final = {192: "TLSv1", 768: "TLSv1_1", 3072: "TLSv1_2", 12288: "TLSv1_3"}


def protocols_of(value: Any) -> int:
    """The bits of ``'Tls12'``, ``'Tls11, Tls12'`` or a number. Raises NetError."""
    bits = int(value) if isinstance(value, int) else sum(_BITS[name] for name in _NAMED(value).split(", "))
    if bits and not any(bits & each for each in _VERSIONS):
        raise NetError("The requested security protocol is not supported.", ("System.NotSupportedException",))
    return bits


def shown(bits: int) -> Flags:
    """The bits with their names."""
    names = [name for name, bit in _BITS.items() if bit and bits & bit == bit]
    return Flags(bits, ", ".join(names) or "SystemDefault", _TYPE)


def limit(context: ssl.SSLContext, bits: int) -> None:
    """From the oldest version to the newest of them (assumption: nobody leaves one out between)."""
    versions = [ssl.TLSVersion[name] for bit, name in _VERSIONS.items() if bits & bit]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the script asks for old ones
        context.minimum_version, context.maximum_version = versions[0], versions[-1]


# RCPT replies that concern the recipient alone; any other ends the session (seen).
_OF_RECIPIENT: Final = frozenset({450, 452, 550, 551, 552, 553})
_OK: Final = frozenset({250, 251})
Resolve = Callable[[str, int], tuple[str, int]]


@frozen
class SmtpClientCertificate:
    """PEM of the leaf and its key; the leaf is sent, and by OpenSSL the trusted root, if that signed it."""

    certificate: bytes
    key: bytes


@frozen
class SmtpSettings:
    """One server and how to talk to it. ``timeout`` in seconds."""

    host: str
    port: int = 25
    tls: bool = False
    certificate: SmtpClientCertificate | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 100.0


@define
class SmtpTransport:
    """``resolve`` maps what a script names to where a listener is; raises NetError. ``trusted`` gives the PEM of whom
    server certificates must come from. ``source`` is the address to send from. ``now`` is the clock. ``protocols`` are
    the bits of [Net.ServicePointManager]::SecurityProtocol, 0: those of the system.
    """

    resolve: Resolve
    trusted: Callable[[], bytes]
    source: str = ""
    now: Callable[[], datetime] = lambda: datetime.now(UTC).astimezone()
    protocols: int = 0

    def send(self, settings: SmtpSettings, envelope: MailMessage) -> None:
        """Send. Raises NetError with .NET's texts."""
        message = written(envelope, self.now())
        with _Session(self, settings) as session:
            session.begin()
            session.transaction(envelope, message)


class _Session:
    """smtplib for the dialogue; the commands in .NET's spelling."""

    def __init__(self, transport: SmtpTransport, settings: SmtpSettings) -> None:
        self._transport = transport
        self._settings = settings
        self._smtp = smtplib.SMTP(local_hostname=socket.gethostname() or "localhost", timeout=settings.timeout)

    def __enter__(self) -> _Session:
        target = self._transport.resolve(self._settings.host, self._settings.port)
        source = (self._transport.source, 0) if self._transport.source else None
        try:
            self._smtp.sock = socket.create_connection(target, self._settings.timeout, source)
        except OSError as why:
            host, port = self._settings.host, self._settings.port
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
            if self._settings.tls:
                self._start_tls()
            if self._settings.user:
                self._sign_in()
        except (OSError, smtplib.SMTPException) as why:
            raise _failure(why) from why

    def transaction(self, envelope: MailMessage, message: bytes) -> None:
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

    def _envelope(self, envelope: MailMessage) -> list[NetError]:
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
            self._smtp.sock = context.wrap_socket(plain, server_hostname=self._settings.host)
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
        context.load_verify_locations(cadata=self._transport.trusted().decode("ascii"))
        if self._transport.protocols:
            limit(context, self._transport.protocols)
        if self._settings.certificate is not None:
            # The module reads files only; this one is gone as soon as it was read, and nobody else may open it.
            with tempfile.TemporaryDirectory(prefix="fakeeop-") as folder:
                path = Path(folder) / "client.pem"
                path.touch(mode=0o600)
                path.write_bytes(self._settings.certificate.key + self._settings.certificate.certificate)
                context.load_cert_chain(path)
        return context

    def _sign_in(self) -> None:
        """AUTH LOGIN where the server offers it. .NET goes on if that fails, and MAIL FROM tells (seen)."""
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        if "LOGIN" not in offered:
            return
        first = base64.b64encode(self._settings.user.encode()).decode()
        code, _ = self._command(f"AUTH login {first}")
        if code == 334:
            self._command(base64.b64encode(self._settings.password.encode()).decode())

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
