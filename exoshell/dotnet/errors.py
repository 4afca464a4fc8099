"""Exceptions of .NET, by their names and texts.

The texts and which reply code brings which were seen: .NET Core 3.1's SmtpClient against a server that gave each code.
"""

from __future__ import annotations

from typing import Any, Final

from exoshell.powershell.errors import NetError

__all__ = ["failed_recipient", "failed_recipients", "smtp_error"]

_SMTP: Final = ("System.Net.Mail.SmtpException", "System.Exception")
_ONE: Final = ("System.Net.Mail.SmtpFailedRecipientException", *_SMTP)
_TEXTS: Final = {
    421: "Service not available, closing transmission channel.",
    450: "Mailbox unavailable.",
    451: "Error in processing.",
    452: "Insufficient system storage.",
    454: "Client does not have permission to submit mail to this server.",
    501: "Syntax error in parameters or arguments.",
    502: "Command not implemented.",
    503: "Bad sequence of commands.",
    504: "Command parameter not implemented.",
    530: "The SMTP server requires a secure connection or the client was not authenticated.",
    550: "Mailbox unavailable.",
    551: "User not local; please try a different path.",
    552: "Exceeded storage allocation.",
    553: "Mailbox name not allowed.",
    554: "Transaction failed.",
}
_UNKNOWN: Final = "Syntax error, command unrecognized."
_VIOLATION: Final = "The server committed a protocol violation."


def smtp_error(text: str, code: int = 0, *, inner: tuple[Exception, ...] = (), advice: str = "") -> NetError:
    """SmtpException; with a code, ``text`` is what the server said."""
    return _with(_said(code, text) if code else text, _SMTP, code, inner=inner, advice=advice)


def failed_recipient(code: int, text: str, address: str) -> NetError:
    """SmtpFailedRecipientException."""
    return _with(_said(code, text), _ONE, code, f"<{address}>")


def failed_recipients(failed: list[NetError], *, every: bool) -> NetError:
    """One is raised as it is, several in a SmtpFailedRecipientsException; ``every``: nobody was left to send to."""
    if len(failed) == 1:
        return failed[0]
    text = "Unable to send to all recipients." if every else "Unable to send to a recipient."
    types = ("System.Net.Mail.SmtpFailedRecipientsException", *_ONE)
    return NetError(text, types, properties=failed[0].properties, inner=tuple(failed))


def _with(text: str, types: tuple[str, ...], code: int, recipient: str = "", **more: Any) -> NetError:
    return NetError(text, types, properties={"StatusCode": code, "FailedRecipient": recipient}, **more)


def _said(code: int, text: str) -> str:
    meaning = _TEXTS.get(code, _UNKNOWN if code >= 400 else _VIOLATION)
    return f"{meaning} The server response was: {text}"
