"""The client ``smtplib``: Python's own, as an application uses it, with ears on the line."""

from __future__ import annotations

import smtplib
import socket
import ssl
import sys
from typing import Any

from harness.clients.auth import shown, xoauth2
from harness.clients.base import Available, Plan, Unavailable
from harness.clients.contexts import client_context
from harness.clients.outcome import ClientDialogue, capabilities_of, mail_parameters, rcpt_parameters
from harness.clients.raw import path_of, tls_reason
from harness.clients.wire import tls_facts
from harness.errors import DeadlineExceeded, DriverError
from harness.model.result import Observation

__all__ = ["SmtplibDriver"]


class _Listening(smtplib.SMTP):
    """smtplib.SMTP that notes every command and reply, and connects to the plan's address under the server's name."""

    def __init__(self, plan: Plan, note: ClientDialogue) -> None:
        self.plan = plan
        self.note = note
        self.signing_in = False  # what is said is not shown
        super().__init__(
            plan.server_name or plan.host,
            plan.port,
            plan.helo,  # given, or smtplib asks the DNS for our own name
            plan.timeout,
            (plan.source, 0) if plan.source else None,
        )

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002  smtplib's signature
        # the documented SMTP_SSL overrides the same hook; no other way keeps the name for SNI without a DNS look-up
        sock = socket.create_connection((self.plan.host, port), timeout, self.source_address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def putcmd(self, cmd: str, args: str = "") -> None:
        said = f"C: {cmd} {args}" if args else f"C: {cmd}"
        if self.signing_in:
            last = self.note.replies[-1] if self.note.replies else None
            said = shown(said.removeprefix("C: ").encode(), last) or said
        self.note.transcript.append(said)
        super().putcmd(cmd, args)

    def getreply(self) -> tuple[int, bytes]:
        code, text = super().getreply()
        lines = text.decode("utf-8", "backslashreplace").split("\n")
        marked = [f"{code}-{line}" for line in lines[:-1]] + [f"{code} {lines[-1]}".rstrip()]
        if code == -1:  # smtplib's word for an unreadable reply
            marked = [f"<no reply code> {text!r}"]
        self.note.transcript.extend(f"S: {line}" for line in marked)
        self.note.replies.append("\n".join(marked))
        return code, text

    @property
    def last(self) -> str:
        """The last whole reply."""
        return self.note.replies[-1]


class SmtplibDriver:
    """One transaction as ``SMTP.sendmail`` does it, with the parameters of each recipient."""

    name = "smtplib"
    capabilities = frozenset(
        {
            "auth",
            "certificate-chain",
            "dsn-notify",
            "dsn-parameters",
            "dsn-return",
            "helo-name",
            "null-sender",
            "partial-delivery",
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
        """Always here; its version is Python's."""
        return Available(".".join(map(str, sys.version_info[:3])))

    def run(self, plan: Plan) -> Observation:
        """Perform the transaction."""
        note = ClientDialogue()
        try:
            client = _Listening(plan, note)
        except smtplib.SMTPConnectError:
            note.refused("connect", note.replies[-1])
        except smtplib.SMTPServerDisconnected as why:
            self._cut(why, "connect", plan, note)
        except OSError as why:
            place = f"{plan.host}:{plan.port}"
            raise DriverError(f"smtplib to {place}", f"{why.strerror or why} (from {plan.source or 'any'})") from why
        else:
            self._talk(client, plan, note)
        return note.observation(f"smtplib.SMTP({plan.host!r}, {plan.port})")

    def _talk(self, client: _Listening, plan: Plan, note: ClientDialogue) -> None:
        steps = _Steps(client, plan, note)
        try:
            if steps.hello() and steps.secure() and steps.sign_in() and steps.envelope():
                steps.content()
            steps.stage = "quit"
            client.quit()
        except smtplib.SMTPServerDisconnected as why:
            self._cut(why, steps.stage, plan, note)
        except UnicodeEncodeError:
            note.end("not-attempted", steps.stage, "smtplib: the address is not ASCII and SMTPUTF8 is not offered")
        except OSError as why:
            note.transcript.append(f"* TLS failed: {tls_reason(why)}")
            note.end("tls-failed" if steps.stage == "starttls" else "disconnected", steps.stage, tls_reason(why))
        finally:
            client.close()

    def _cut(self, why: smtplib.SMTPServerDisconnected, stage: str, plan: Plan, note: ClientDialogue) -> None:
        if isinstance(why.__context__, TimeoutError):  # smtplib makes "disconnected" of it
            last = note.transcript[-1] if note.transcript else "nothing"
            raise DeadlineExceeded(f"the reply at {stage}", plan.timeout, last) from why
        note.closed_by = "server"
        note.transcript.append("* closed by the server")
        note.end("disconnected", stage)


class _Steps:
    def __init__(self, client: _Listening, plan: Plan, note: ClientDialogue) -> None:
        self.client = client
        self.plan = plan
        self.note = note
        self.stage = "ehlo"

    def hello(self) -> bool:
        """EHLO, and HELO where EHLO is refused, as sendmail() does it."""
        self.stage = "ehlo"
        if not 200 <= self.client.ehlo()[0] <= 299:
            code, _ = self.client.helo()
            if not 200 <= code <= 299:
                self.note.refused("ehlo", self.client.last)
                return False
            return True
        self.note.capabilities = capabilities_of(self.client.last)
        return True

    def secure(self) -> bool:
        """``starttls()``; True to go on."""
        if self.plan.tls == "none":
            return True
        self.stage = "starttls"
        if not self.client.has_extn("starttls"):
            if self.plan.tls == "required":
                self.note.end("not-attempted", "starttls")
                return False
            return True
        context = client_context(self.plan.credential, self.plan.trust, self.plan.tls_version)
        try:
            self.client.starttls(context=context)
        except smtplib.SMTPResponseException:
            self.note.refused("starttls", self.client.last)
            return False
        assert isinstance(self.client.sock, ssl.SSLSocket)  # noqa: S101  starttls() has seen to it
        self.note.tls = tls_facts(self.client.sock, context)
        self.note.transcript.append(f"* TLS established {self.note.tls['version']} {self.note.tls['cipher']}")
        return self.hello()

    def sign_in(self) -> bool:
        """``login()``, or ``auth("XOAUTH2", ...)`` for a token; True to go on."""
        auth = self.plan.auth
        if auth is None:
            return True
        self.stage = "auth"
        self.client.signing_in = True
        try:
            if auth.token is not None:
                self.client.auth("XOAUTH2", lambda _challenge=None: xoauth2(auth))
            else:
                self.client.login(auth.user, auth.password or "")
        except smtplib.SMTPNotSupportedError as why:
            self.note.end("not-attempted", "auth", f"smtplib: {why}")
            return False
        except smtplib.SMTPAuthenticationError:
            self.note.refused("auth", self.client.last)
            return False
        finally:
            self.client.signing_in = False
        return True

    def envelope(self) -> bool:
        """MAIL and one RCPT after the other; True if there is somebody to send to."""
        offered = tuple(word.split(" ")[0] for word in self.note.capabilities)
        self.stage = "mail"
        code, _ = self.client.mail(path_of(str(self.plan.mail_from["address"])), self._mail_options(offered))
        if code != 250:
            self.note.refused("mail", self.client.last)
            return False
        self.stage = "rcpt"
        for recipient in self.plan.recipients:
            options = rcpt_parameters(recipient, offered)
            code, _ = self.client.rcpt(path_of(str(recipient["address"])), options)
            self.note.recipients[str(recipient["address"])] = self.client.last
            if code == 421:
                break
        return not self.note.no_recipient()

    def _mail_options(self, offered: tuple[str, ...]) -> Any:
        options = mail_parameters(self.plan.mail_from, offered)
        if "SIZE" in offered and "size" not in self.plan.mail_from:
            options.insert(0, f"size={len(self.plan.message)}")
        addresses = [self.plan.mail_from, *self.plan.recipients]
        if not all(str(each["address"]).isascii() for each in addresses) and "SMTPUTF8" in offered:
            options += [word for word in ("SMTPUTF8", "BODY=8BITMIME") if word not in options]
            self.client.command_encoding = "utf-8"
        return options

    def content(self) -> None:
        """DATA and the message."""
        self.stage = "data"
        self.note.transcript.append(f"C: <{len(self.plan.message)} bytes> follow DATA")
        try:
            self.client.data(self.plan.message)
        except smtplib.SMTPDataError:
            self.note.refused("data", self.client.last)
            return
        self.stage = "message"
        self.note.final(self.client.last)
