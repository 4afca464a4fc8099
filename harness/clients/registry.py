"""Every client the harness knows by name, built or not: an unbuilt one grades a case unsupported, never silence."""

from __future__ import annotations

import difflib
import importlib
from functools import cache

from attrs import frozen

from harness.clients.base import Available, Driver, Missing

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
        Known("aiosmtplib", "the asyncio client of Python programs", "pip install 'fakeeop[clients]'", built=True),
        Known("swaks", "the Swiss army knife of SMTP", "apt install swaks", built=True),
        Known("curl", "curl's smtp:// upload", "apt install curl", built=True),
        Known("msmtp", "a sendmail replacement for one account", "apt install msmtp", built=True),
        Known("s-nail", "the mail command of many scripts", "apt install s-nail", built=True),
        Known("net-smtp", "Perl's Net::SMTP", "apt install libio-socket-ssl-perl", built=True),
        Known("nodemailer", "what most Node.js programs send with", "npm install nodemailer", built=True),
        Known("nullmailer", "nullmailer's smtp, as its queue runs it", built=True),
        Known("dma", "the DragonFly mail agent", "bash ci/install-clients.sh", built=True),
        Known("go-smtp", "Go's net/smtp", "apt install golang-go", built=True),
        Known("mono-smtpclient", "System.Net.Mail.SmtpClient on Mono", built=True),
        Known("dotnet-smtpclient", "System.Net.Mail.SmtpClient on .NET Core", built=True),
        Known("javamail", "Java's mail API", "apt install libjavamail-java default-jre-headless"),
        Known("postfix", "the Postfix MTA as a relay", "apt install postfix", built=True),
        Known("exim", "the Exim MTA as a relay", "bash ci/install-clients.sh", built=True),
        Known("opensmtpd", "the OpenSMTPD MTA as a relay", "bash ci/install-clients.sh", built=True),
        Known("sendmail", "the sendmail MTA as a relay", "bash ci/install-clients.sh", built=True),
    )
}

_DRIVERS = {  # name → module:class, imported when first asked for
    "raw": "harness.clients.raw:RawDriver",
    "smtplib": "harness.clients.smtplib_:SmtplibDriver",
    "aiosmtplib": "harness.clients.aiosmtplib_:AiosmtplibDriver",
    "swaks": "harness.clients.swaks:SwaksDriver",
    "curl": "harness.clients.curl:CurlDriver",
    "msmtp": "harness.clients.msmtp:MsmtpDriver",
    "s-nail": "harness.clients.snail:SnailDriver",
    "net-smtp": "harness.clients.perl:PerlDriver",
    "nodemailer": "harness.clients.nodemailer:NodemailerDriver",
    "go-smtp": "harness.clients.go:GoDriver",
    "postfix": "harness.mtas.postfix.driver:PostfixDriver",
    "exim": "harness.mtas.exim.driver:EximDriver",
    "opensmtpd": "harness.mtas.opensmtpd.driver:OpensmtpdDriver",
    "sendmail": "harness.mtas.sendmail.driver:SendmailDriver",
    "dma": "harness.mtas.dma.driver:DmaDriver",
    "nullmailer": "harness.clients.nullmailer:NullmailerDriver",
    "mono-smtpclient": "harness.clients.smtpclient:MonoDriver",
    "dotnet-smtpclient": "harness.clients.smtpclient:DotnetDriver",
}


@cache
def driver(name: str) -> Driver | None:
    """The driver of a known client, None while it is not built. Imported when first asked for."""
    where = _DRIVERS.get(name)
    if where is None:
        return None
    module, _, maker = where.partition(":")
    made: Driver = getattr(importlib.import_module(module), maker)()
    return made


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
