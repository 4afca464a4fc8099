"""The client ``raw``: ours. It pipelines the envelope when the server offers it, and its connections do dialogues."""

from __future__ import annotations

import ssl
import time

from harness.clients.auth import MASK, encoded, xoauth2
from harness.clients.base import Available, Plan, Unavailable
from harness.clients.contexts import client_context
from harness.clients.outcome import ClientDialogue, capabilities_of, mail_parameters, rcpt_parameters
from harness.clients.wire import ConnectionClosed, SmtpConnection, reply_code
from harness.model.result import Observation

__all__ = ["RawDriver", "dot_stuffed", "path_of"]


def path_of(address: str) -> str:
    """``<a@b>``; the null reverse-path may be written ``<>`` or as nothing."""
    return "<>" if address in ("", "<>") else f"<{address}>"


def dot_stuffed(message: bytes) -> bytes:
    """Content for DATA, with the end mark (RFC 5321 section 4.5.2)."""
    body = message if message.endswith(b"\r\n") or not message else message + b"\r\n"
    body = body.replace(b"\r\n.", b"\r\n..")
    return (b"." if body.startswith(b".") else b"") + body + b".\r\n"


class RawDriver:
    """One mail transaction, envelope pipelined."""

    name = "raw"
    capabilities = frozenset(
        {
            "auth",
            "bdat",
            "certificate-chain",
            "dialogue",
            "dsn-notify",
            "dsn-parameters",
            "dsn-return",
            "half-close",
            "helo-name",
            "null-sender",
            "partial-delivery",
            "pipelining",
            "raw-message",
            "smtputf8",
            "source-address",
            "starttls",
            "starttls-client-certificate",
            "tls-version",
            "verify-server",
        }
    )
    observes = frozenset(
        {"outcome", "stage", "reply", "replies", "recipients", "capabilities", "tls", "closed-by", "transcript"}
    )

    def probe(self) -> Available | Unavailable:
        """Always here."""
        return Available("built in")

    def run(self, plan: Plan) -> Observation:
        """Connect, EHLO, STARTTLS if wanted, one envelope, DATA, QUIT."""
        note = ClientDialogue()
        connection = SmtpConnection.open((plan.host, plan.port), plan.source, time.monotonic() + plan.timeout)
        note.transcript = connection.transcript
        talk = _Talk(connection, note, plan)
        try:
            talk.whole()
        except ConnectionClosed as why:
            note.closed_by = "server"
            note.end("disconnected", talk.stage, why.partial or None)
        finally:
            note.tls = connection.tls
            connection.close()
        return note.observation(f"raw client to {plan.host}:{plan.port}")


class _Talk:
    """The order of the commands; ``stage`` is where the dialogue stands."""

    def __init__(self, connection: SmtpConnection, note: ClientDialogue, plan: Plan) -> None:
        self.connection = connection
        self.note = note
        self.plan = plan
        self.stage = "connect"

    def whole(self) -> None:
        """Everything up to QUIT; a refusal ends it earlier, politely."""
        if self.greeted() and self.secured() and self.signed_in() and self.enveloped():
            self.content()
        self.stage = "quit"
        try:
            self.ask(b"QUIT\r\n")
        except ConnectionClosed:
            self.note.closed_by = "server"

    def ask(self, line: bytes, shown: str | None = None, of: str = "") -> str:
        """Send and take one reply."""
        self.connection.send(line, shown)
        return self.take(of or line.split(b" ")[0].strip().decode("latin-1"))

    def take(self, of: str) -> str:
        """One reply, noted."""
        reply = self.connection.reply(f"the reply to {of}")
        self.note.replies.append(reply)
        return reply

    def greeted(self) -> bool:
        reply = self.take("connect")
        if reply_code(reply) // 100 != 2:
            self.note.refused("connect", reply)
            return False
        return self.hello()

    def hello(self) -> bool:
        self.stage = "ehlo"
        reply = self.ask(f"EHLO {self.plan.helo}\r\n".encode())
        if reply_code(reply) // 100 != 2:
            self.note.refused("ehlo", reply)
            return False
        self.note.capabilities = capabilities_of(reply)
        return True

    def secured(self) -> bool:
        """STARTTLS as the plan wants it; True to go on."""
        if self.plan.tls == "none":
            return True
        self.stage = "starttls"
        if "STARTTLS" not in self.note.capabilities:
            if self.plan.tls == "required":
                self.note.end("not-attempted", "starttls")
                return False
            return True
        reply = self.ask(b"STARTTLS\r\n")
        if reply_code(reply) != 220:
            self.note.refused("starttls", reply)
            return False
        try:
            context = client_context(self.plan.credential, self.plan.trust, self.plan.tls_version)
            self.connection.starttls(context, self.plan.server_name or self.plan.host)
        except OSError as why:  # ssl.SSLError is one
            self.connection.note(f"* TLS failed: {tls_reason(why)}")
            self.note.end("tls-failed", "starttls", tls_reason(why))
            raise ConnectionClosed from why
        return self.hello()

    def signed_in(self) -> bool:
        """AUTH LOGIN, or XOAUTH2 with its initial response, offered or not; True to go on."""
        auth = self.plan.auth
        if auth is None:
            return True
        self.stage = "auth"
        if auth.token is not None:
            line = f"AUTH XOAUTH2 {encoded(xoauth2(auth))}\r\n".encode()
            reply = self.ask(line, f"C: AUTH XOAUTH2 {MASK}")
        else:
            reply = self.ask(b"AUTH LOGIN\r\n")
            for answer in (auth.user, auth.password or ""):
                if reply_code(reply) == 334:
                    reply = self.ask(f"{encoded(answer)}\r\n".encode(), f"C: {MASK}", "AUTH")
        if reply_code(reply) != 235:
            self.note.refused("auth", reply)
            return False
        return True

    def enveloped(self) -> bool:
        """MAIL and RCPT, in one write when the server takes it; True if there is somebody to send to."""
        mail, *rcpts = self.envelope_lines()
        offered = {word.split(" ")[0] for word in self.note.capabilities}
        self.stage = "mail"
        if "PIPELINING" in offered:
            self.connection.send(b"".join([mail, *rcpts]))
            mail_reply = self.take("MAIL")
        else:
            mail_reply = self.ask(mail)
        refused = reply_code(mail_reply) // 100 != 2
        if refused:
            self.note.refused("mail", mail_reply)
        for recipient, line in zip(self.plan.recipients, rcpts, strict=True):
            self.stage = "rcpt"
            if "PIPELINING" in offered:
                reply = self.take("RCPT")
            elif refused:
                continue
            else:
                reply = self.ask(line)
            if not refused:
                self.note.recipients[str(recipient["address"])] = reply
        return not refused and not self.note.no_recipient()

    def envelope_lines(self) -> list[bytes]:
        """MAIL and every RCPT with what the server offers for them."""
        words = tuple(word.split(" ")[0] for word in self.note.capabilities)
        mail_parts = [f"MAIL FROM:{path_of(str(self.plan.mail_from['address']))}"]
        lines = [
            " ".join([f"RCPT TO:{path_of(str(each['address']))}", *rcpt_parameters(each, words)])
            for each in self.plan.recipients
        ]
        given = mail_parameters(self.plan.mail_from, words)
        utf8 = not all(part.isascii() for part in [*mail_parts, *lines]) and "SMTPUTF8" in words
        mail_parts += ["SMTPUTF8"] if utf8 and "SMTPUTF8" not in given else []
        eight_bit = not self.plan.message.isascii() and "8BITMIME" in words
        mail_parts += ["BODY=8BITMIME"] if eight_bit and "body" not in self.plan.mail_from else []
        mail_parts += given
        return [f"{line}\r\n".encode() for line in [" ".join(mail_parts), *lines]]

    def content(self) -> None:
        self.stage = "data"
        reply = self.ask(b"DATA\r\n")
        if reply_code(reply) != 354:
            self.note.refused("data", reply)
            return
        self.stage = "message"
        self.connection.send(dot_stuffed(self.plan.message), f"C: <{len(self.plan.message)} bytes>")
        self.note.final(self.take("the message"))


def tls_reason(why: OSError) -> str:
    """The shortest true words for a failed handshake."""
    if isinstance(why, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted: {why.verify_message}"
    if isinstance(why, ssl.SSLError) and why.reason:
        return why.reason.replace("_", " ").lower()
    return str(why) or type(why).__name__
