"""``--relay HOST:PORT``: any relay that is up already. It is given mail by SMTP; the result is seen here only."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable, Sequence
from typing import Final

from harness.errors import DriverError
from harness.mtas.base import Mail
from harness.mtas.form import Form, Refused, Relay, RelayRequest, Submitted

__all__ = ["RunningForm", "RunningRelay"]

_TALK: Final = 30.0  # seconds that the relay may take to answer
_STRAGGLERS: Final = 1.0  # seconds in which a second copy is looked for, when all is well


class RunningForm(Form):
    """``relay`` takes mail at HOST, PORT; its smart host must be ``fixed``, where we listen."""

    name = "relay"
    can = frozenset({"many", "content", "null", "sender"})
    sees: frozenset[str] = frozenset()

    def __init__(self, relay: tuple[str, int], fixed: tuple[str, int], mta: str = "generic") -> None:
        self._relay = relay
        self.fixed = fixed
        self.mta = mta
        self.notes = []

    def prepare(self) -> None:
        """Does it answer? Raises DriverError."""
        host, port = self._relay
        try:
            with smtplib.SMTP(host, port, timeout=_TALK) as client:
                client.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as why:
            raise DriverError(f"the relay at {host}:{port}", f"does not answer: {why}") from why

    def open(self, request: RelayRequest) -> Relay:
        """It is up."""
        return RunningRelay(self._relay, request)


class RunningRelay:
    """One case with it."""

    def __init__(self, relay: tuple[str, int], request: RelayRequest) -> None:
        self._relay = relay
        self._request = request
        self._until = time.monotonic() + request.seconds

    def submit(self, mail: Mail) -> Submitted:
        """By SMTP, without TLS and without a sign-in: from this machine, as the printer at its side would."""
        host, port = self._relay
        sender = str(mail.mail_from["address"])
        recipients = tuple(str(each["address"]) for each in mail.recipients)
        try:
            with smtplib.SMTP(host, port, timeout=_TALK) as client:
                said = _hand_over(client, sender, recipients, mail.content)
        except (smtplib.SMTPResponseException, smtplib.SMTPNotSupportedError, UnicodeError) as why:
            raise Refused(_words(why)) from why
        except (OSError, smtplib.SMTPException) as why:
            raise DriverError(f"the relay at {host}:{port}", f"broke off while it was given a message: {why}") from why
        return Submitted(sender, recipients, taken=True, said=said)

    def renewed(self) -> None:
        """Not in our hands; the case is left out."""

    def settle(self, done: Callable[[], bool]) -> bool:
        """Until all is as it should be, or patience is over. Never final: a retry may come in an hour."""
        running = self._request.smart_host
        if running.wait(done, max(self._until - time.monotonic(), 0.001)):
            running.wait(lambda: not done(), _STRAGGLERS)
        running.quiet(_STRAGGLERS)
        return False

    def now(self, submitted: Sequence[Submitted]) -> tuple[tuple[Submitted, ...], tuple[str, ...], list[str]]:
        """Nothing is seen of it."""
        return tuple(submitted), (), []

    def runaway(self) -> int:
        """Not seen here; what comes in is counted by the case."""
        return 0

    def stop(self) -> None:
        """It goes on."""


def _hand_over(client: smtplib.SMTP, sender: str, recipients: tuple[str, ...], content: bytes) -> str:
    """Raises SMTPResponseException for the first refusal."""
    client.ehlo_or_helo_if_needed()
    international = not all(map(str.isascii, (sender, *recipients)))
    if international and not client.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError("it does not offer SMTPUTF8")
    eight = ["BODY=8BITMIME"] if client.has_extn("8bitmime") and not content.isascii() else []
    if international:
        client.command_encoding = "utf-8"
        eight = ["SMTPUTF8", "BODY=8BITMIME"]
    _expect(client.mail(sender, eight))
    for recipient in recipients:
        _expect(client.rcpt(recipient))
    _expect(client.docmd("DATA"), 354)
    lines = content.replace(b"\r\n.", b"\r\n..")
    client.send(lines if not lines.startswith(b".") else b"." + lines)
    client.send(b".\r\n" if lines.endswith(b"\r\n") else b"\r\n.\r\n")
    return _expect(client.getreply())


def _expect(reply: tuple[int, bytes], code: int = 250) -> str:
    text = reply[1].decode("utf-8", "replace")
    if reply[0] not in (code, 251, 252):
        raise smtplib.SMTPResponseException(*reply)
    return f"{reply[0]} {text}"


def _words(why: Exception) -> str:
    if isinstance(why, smtplib.SMTPResponseException):
        text = why.smtp_error.decode("utf-8", "replace") if isinstance(why.smtp_error, bytes) else str(why.smtp_error)
        return f"{why.smtp_code} {text}"
    return str(why)
