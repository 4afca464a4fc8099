"""Every client the harness knows by name, built or not: an unbuilt one grades a case unsupported, never silence."""

from __future__ import annotations

import difflib
from functools import cache

from attrs import frozen

from harness.drivers.base import Available, Driver, Missing

__all__ = ["KNOWN", "Known", "driver", "status", "unknown_client"]


@frozen
class Known:
    """One client: its name, one sentence, and how to install it."""

    name: str
    about: str
    install: str = ""
    built: bool = False


KNOWN: dict[str, Known] = {
    each.name: each
    for each in (
        Known("raw", "our own client: any dialogue, pipelining, BDAT", built=True),
        Known("smtplib", "Python's standard library client", built=True),
        Known("swaks", "the Swiss army knife of SMTP", "apt install swaks"),
        Known("curl", "curl's smtp:// upload", "apt install curl"),
        Known("msmtp", "a sendmail replacement for one account", "apt install msmtp"),
        Known("postfix", "the Postfix MTA as a relay", "apt install postfix"),
        Known("exim", "the Exim MTA as a relay", "apt install exim4-daemon-light"),
        Known("opensmtpd", "the OpenSMTPD MTA as a relay", "apt install opensmtpd"),
        Known("mono-smtpclient", "System.Net.Mail.SmtpClient on Mono", "apt install mono-runtime"),
        Known("dotnet-smtpclient", "System.Net.Mail.SmtpClient on .NET", "pip install dotnetcore2 pythonnet"),
    )
}


@cache
def driver(name: str) -> Driver | None:
    """The driver of a known client, None while it is not built. Imported when first asked for."""
    if name == "raw":
        from harness.drivers.raw import RawDriver  # noqa: PLC0415  start-up time

        return RawDriver()
    if name == "smtplib":
        from harness.drivers.smtplib_ import SmtplibDriver  # noqa: PLC0415  start-up time

        return SmtplibDriver()
    return None


@cache
def status(name: str) -> Available | Missing:
    """Is the client here? Probed once a process. Raises KeyError for a name that is not known."""
    known = KNOWN[name]
    built = driver(name)
    if built is None:
        return Missing("has no driver yet", known.install)
    return built.probe()


def unknown_client(name: str) -> str | None:
    """The message for a client nobody knows, None for a known one."""
    if name in KNOWN:
        return None
    near = difflib.get_close_matches(name, KNOWN, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown client {name!r}: {hint}known are {', '.join(KNOWN)}"
