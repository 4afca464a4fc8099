"""Every client the harness knows by name, built or not: an unbuilt one grades a case unsupported, never silence.

Drivers are named as strings and imported when they are first asked for; MTAs have a table of their own, whose rows are
taken in here.
"""

from __future__ import annotations

import difflib
import importlib
from functools import cache
from typing import Any, Final

from attrs import frozen

from harness.clients.base import Available, Driver, Unavailable

__all__ = ["KNOWN", "KnownClient", "driver", "status", "unknown_client"]

_MTAS: Final = "harness.mtas.registry:MTAS"


@frozen
class KnownClient:
    """One client: what it is, its driver as module:class (empty: not built yet), how to install it."""

    about: str
    driver: str = ""
    install: str = ""

    @property
    def built(self) -> bool:
        """Is there a driver?"""
        return bool(self.driver)


def _loaded(at: str) -> Any:
    module, _, name = at.partition(":")
    return getattr(importlib.import_module(module), name)


KNOWN: Final[dict[str, KnownClient]] = {
    "raw": KnownClient("our own client: any dialogue, pipelining, BDAT", "harness.clients.raw:RawDriver"),
    "smtplib": KnownClient("Python's standard library client", "harness.clients.smtplib_:SmtplibDriver"),
    "aiosmtplib": KnownClient(
        "the asyncio client of Python programs",
        "harness.clients.aiosmtplib_:AiosmtplibDriver",
        "pip install 'fakeeop[clients]'",
    ),
    "swaks": KnownClient("the Swiss army knife of SMTP", "harness.clients.swaks:SwaksDriver", "apt install swaks"),
    "curl": KnownClient("curl's smtp:// upload", "harness.clients.curl:CurlDriver", "apt install curl"),
    "msmtp": KnownClient(
        "a sendmail replacement for one account", "harness.clients.msmtp:MsmtpDriver", "apt install msmtp"
    ),
    "s-nail": KnownClient(
        "the mail command of many scripts", "harness.clients.snail:SnailDriver", "apt install s-nail"
    ),
    "net-smtp": KnownClient("Perl's Net::SMTP", "harness.clients.perl:PerlDriver", "apt install libio-socket-ssl-perl"),
    "nodemailer": KnownClient(
        "what most Node.js programs send with", "harness.clients.nodemailer:NodemailerDriver", "npm install nodemailer"
    ),
    "nullmailer": KnownClient("nullmailer's smtp, as its queue runs it", "harness.clients.nullmailer:NullmailerDriver"),
    "go-smtp": KnownClient("Go's net/smtp", "harness.clients.go:GoDriver", "apt install golang-go"),
    "mono-smtpclient": KnownClient("System.Net.Mail.SmtpClient on Mono", "harness.clients.smtpclient:MonoDriver"),
    "dotnet-smtpclient": KnownClient(
        "System.Net.Mail.SmtpClient on .NET Core", "harness.clients.smtpclient:DotnetDriver"
    ),
    "javamail": KnownClient("Java's mail API", install="apt install libjavamail-java default-jre-headless"),
    **{name: KnownClient(each.about, each.driver, each.install) for name, each in _loaded(_MTAS).items()},
}


@cache
def driver(name: str) -> Driver | None:
    """The driver of a known client, None while it is not built. Imported when first asked for."""
    known = KNOWN.get(name)
    if known is None or not known.built:
        return None
    made: Driver = _loaded(known.driver)()
    return made


@cache
def status(name: str) -> Available | Unavailable:
    """Is the client here? Probed once a process. Raises KeyError for a name that is not known."""
    known = KNOWN[name]
    built = driver(name)
    if built is None:
        return Unavailable("has no driver yet", known.install)
    return built.probe()


def unknown_client(name: str) -> str | None:
    """The message for a client nobody knows, None for a known one."""
    if name in KNOWN:
        return None
    near = difflib.get_close_matches(name, KNOWN, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown client {name!r}: {hint}known are {', '.join(KNOWN)}"
