"""One message given to an MTA by SMTP on a socket that nobody else can reach."""

from __future__ import annotations

import socket
import time

from harness.clients.outcome import mail_parameters, rcpt_parameters
from harness.clients.raw import dot_stuffed
from harness.clients.wire import Closed, Connection, reply_code
from harness.errors import DriverError
from harness.mtas.base import Mail

__all__ = ["Submission"]


class Submission:
    """A context manager over an open socket. ``whose`` names the MTA in errors; ``seconds`` is for all of it."""

    def __init__(self, sock: socket.socket, whose: str, seconds: float) -> None:
        self._whose = whose
        self._connection = Connection(sock, time.monotonic() + seconds)

    def __enter__(self) -> Submission:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def deliver(self, mail: Mail) -> str:
        """The whole transaction; the reply that took it. Raises DriverError when the MTA does not take it."""
        offered = ("DSN",)
        sender = str(mail.mail_from["address"]).strip("<>")
        try:
            self._expect(None, 220)
            self._expect("EHLO application.example", 250)
            parameters = mail_parameters(mail.mail_from, offered)
            if not all(map(str.isascii, (sender, *(str(each["address"]) for each in mail.recipients)))):
                parameters = [*parameters, "SMTPUTF8"]  # RFC 6531 section 3.4
            self._expect(" ".join([f"MAIL FROM:<{sender}>", *parameters]), 250)
            for each in mail.recipients:
                address = str(each["address"]).strip("<>")
                self._expect(" ".join([f"RCPT TO:<{address}>", *rcpt_parameters(each, offered)]), 250)
            self._expect("DATA", 354)
            self._connection.send(dot_stuffed(mail.content))
            taken = self._expect(None, 250)
            self._connection.send(b"QUIT\r\n")
            self._connection.sock.shutdown(socket.SHUT_WR)  # Exim waits 0.2 s for it
            self._expect(None, 221)
        except Closed as why:
            raise DriverError(self._whose, "closed while it was given a message", str(why)) from why
        return taken

    def _expect(self, line: str | None, code: int) -> str:
        if line is not None:
            self._connection.send(f"{line}\r\n".encode())
        reply = self._connection.reply(f"{self._whose} to answer {line or 'us'}")
        if reply_code(reply) != code:
            command = (line or "the message").split(" ")[0]
            raise DriverError(f"{command} to {self._whose}", "it does not take the mail", reply)
        return reply
