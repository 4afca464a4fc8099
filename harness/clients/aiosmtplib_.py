"""The client ``aiosmtplib``: the asyncio client of Python programs."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import importlib.util
from typing import TYPE_CHECKING, Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.contexts import client_context
from harness.clients.outcome import ClientDialogue, capabilities_of, mail_parameters, rcpt_parameters
from harness.clients.raw import path_of, tls_reason
from harness.errors import DeadlineExceeded, DriverError
from harness.model.result import Observation

if TYPE_CHECKING:
    from aiosmtplib import SMTP, SMTPResponse

__all__ = ["AiosmtplibDriver"]

_INSTALL: Final = "pip install 'fakeeop[clients]'"


class AiosmtplibDriver:
    """One transaction as ``SMTP.sendmail`` does it, with the parameters of each recipient."""

    name = "aiosmtplib"
    capabilities = frozenset(
        {
            "certificate-chain",
            "dsn-notify",
            "dsn-parameters",
            "dsn-return",
            "helo-name",
            "null-sender",
            "partial-delivery",
            "raw-message",
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
        """The package, if it is installed."""
        if importlib.util.find_spec("aiosmtplib") is None:
            return Unavailable("is not installed", _INSTALL)
        return Available(importlib.metadata.version("aiosmtplib"))

    def run(self, plan: Plan) -> Observation:
        """One transaction in an event loop of its own."""
        note = ClientDialogue()
        talk = _Talk(plan, note)
        try:
            asyncio.run(asyncio.wait_for(talk.whole(), plan.timeout))
        except TimeoutError as why:
            last = note.transcript[-1] if note.transcript else "nothing"
            raise DeadlineExceeded(f"the reply at {talk.stage}", plan.timeout, last) from why
        return note.observation(f"aiosmtplib.SMTP({plan.host!r}, {plan.port})")


class _Talk:
    """The order of the commands; ``stage`` is where the dialogue stands."""

    def __init__(self, plan: Plan, note: ClientDialogue) -> None:
        self.plan = plan
        self.note = note
        self.stage = "connect"
        self.transport: asyncio.BaseTransport | None = None

    async def whole(self) -> None:
        """Everything up to QUIT."""
        import aiosmtplib  # noqa: PLC0415  an optional package

        plan = self.plan
        client = aiosmtplib.SMTP(
            hostname=plan.host,
            port=plan.port,
            local_hostname=plan.helo,
            source_address=(plan.source, 0) if plan.source else None,
            timeout=plan.timeout,
            start_tls=False,
            use_tls=False,
        )
        try:
            await self._talk(client)
        except aiosmtplib.SMTPConnectResponseError as why:
            self.note.refused("connect", self._noted(why.code, why.message))
        except aiosmtplib.SMTPTimeoutError as why:
            raise TimeoutError from why
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPConnectError) as why:
            self._ended(why)
        finally:
            transport = client.transport or self.transport
            client.close()
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()  # TLS would say goodbye after the end of the loop

    async def _talk(self, client: SMTP) -> None:
        import aiosmtplib  # noqa: PLC0415  an optional package

        try:
            self._heard("", await client.connect())
            self.stage = "ehlo"
            reply = self._heard(f"EHLO {self.plan.helo}", await client.ehlo())
            self.note.capabilities = capabilities_of(reply)
            if await self._secured(client) and await self._enveloped(client):
                self.stage = "message"
                size = f"<{len(self.plan.message)} bytes> by DATA"
                self.note.final(self._heard(size, await client.data(self.plan.message)))
        except aiosmtplib.SMTPConnectResponseError:
            raise
        except aiosmtplib.SMTPResponseException as why:
            self.note.refused(self.stage, self._noted(why.code, why.message))
        self.stage = "quit"
        with contextlib.suppress(aiosmtplib.SMTPResponseException):
            self._heard("QUIT", await client.quit())

    async def _secured(self, client: SMTP) -> bool:
        plan, note = self.plan, self.note
        if plan.tls == "none":
            return True
        self.stage = "starttls"
        if "STARTTLS" not in note.capabilities:
            if plan.tls == "required":
                note.end("not-attempted", "starttls")
                return False
            return True
        context = client_context(plan.credential, plan.trust, plan.tls_version)
        name = plan.server_name or plan.host
        try:
            self._heard("STARTTLS", await client.starttls(tls_context=context, server_hostname=name))
        except OSError as why:  # ssl.SSLError is one
            self._failed(why)
            return False
        self.transport = transport = client.transport
        cipher = transport.get_extra_info("cipher") if transport is not None else None
        version = cipher[1] if cipher else ""
        if transport is not None and (inside := transport.get_extra_info("ssl_object")) is not None:
            version = inside.version() or version
        note.tls = {"version": version, "cipher": cipher[0] if cipher else "", "verified": plan.trust is not None}
        note.transcript.append(f"* TLS established {version}")
        self.stage = "ehlo"
        note.capabilities = capabilities_of(self._heard(f"EHLO {plan.helo}", await client.ehlo()))
        return True

    def _failed(self, why: OSError) -> None:
        self.note.transcript.append(f"* TLS failed: {tls_reason(why)}")
        self.note.end("tls-failed", "starttls", tls_reason(why))

    async def _enveloped(self, client: SMTP) -> bool:
        import aiosmtplib  # noqa: PLC0415  an optional package

        plan, note = self.plan, self.note
        words = tuple(each.split(" ")[0] for each in note.capabilities)
        sender = str(plan.mail_from["address"])
        self.stage = "mail"
        mail = mail_parameters(plan.mail_from, words)
        reply = await client.mail("" if sender == "<>" else sender, options=mail)
        self._heard(" ".join([f"MAIL FROM:{path_of(sender)}", *mail]), reply)
        self.stage = "rcpt"
        for recipient in plan.recipients:
            address, options = str(recipient["address"]), rcpt_parameters(recipient, words)
            said = " ".join([f"RCPT TO:{path_of(address)}", *options])
            try:
                note.recipients[address] = self._heard(said, await client.rcpt(address, options=options))
            except aiosmtplib.SMTPRecipientRefused as why:
                note.recipients[address] = self._noted(why.code, why.message, said)
        return not note.no_recipient()

    def _heard(self, said: str, reply: SMTPResponse) -> str:
        return self._noted(reply.code, reply.message, said)

    def _noted(self, code: int, message: str, said: str = "") -> str:
        """The reply as it was on the wire: the library takes its codes off."""
        lines = message.split("\n")
        marked = "\n".join([*(f"{code}-{line}" for line in lines[:-1]), f"{code} {lines[-1]}".rstrip()])
        self.note.transcript += [f"C: {said}"] if said else []
        self.note.transcript += [f"S: {line}" for line in marked.split("\n")]
        self.note.replies.append(marked)
        return marked

    def _ended(self, why: Exception) -> None:
        cause = why.__cause__ or why.__context__
        if self.stage == "starttls" and isinstance(cause, OSError):
            self._failed(cause)
            return
        if self.stage == "connect" and isinstance(cause, OSError) and not isinstance(cause, ConnectionResetError):
            raise DriverError("aiosmtplib", f"{why} (from {self.plan.source or 'any'})") from why
        self.note.closed_by = "server"
        self.note.transcript.append("* closed by the server")
        self.note.end("disconnected", self.stage)
