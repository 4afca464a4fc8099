"""What the lint of a relay's configuration is made of: settings with their places, the route, findings. Values only.

``harness.mtas.<name>.lint`` reads the configuration of one MTA into a ``Route`` and adds the rules that are its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

from attrs import asdict, evolve, field, frozen

from harness.errors import HarnessError

__all__ = [
    "ERROR",
    "NOTE",
    "WARNING",
    "ConfigurationError",
    "Expected",
    "LintFinding",
    "PlacedSetting",
    "Purpose",
    "Route",
    "Severity",
    "TlsLevel",
    "configuration_text",
    "unread",
]

Severity = Literal["error", "warning", "note"]
ERROR: Final = "error"  # mail will be refused, or will not leave
WARNING: Final = "warning"  # it depends, or it will fail one day
NOTE: Final = "note"  # good to know
TlsLevel = Literal["none", "may", "must", "verify", "unknown"]


class Purpose(StrEnum):
    """What a relay is for, as far as its configuration and the connectors tell; rules fire for some of them only."""

    ADDRESS = "relay through a connector by address"
    CERTIFICATE = "relay through a connector by certificate"
    CONNECTOR = "relay through a connector, by address or by certificate"  # which one is not known
    DIRECT_SEND = "Direct Send, to the tenant's own recipients"
    SUBMISSION = "submission with sign-in"
    HIGH_VOLUME = "High Volume Email"
    LEGACY = "submission at the host for old TLS"
    ELSEWHERE = "another server than Exchange Online"
    NONE = "no smart host"
    UNKNOWN = "a smart host that cannot be read from here"


class ConfigurationError(HarnessError):
    """A configuration that cannot be read at all; the message names file and line."""


def configuration_text(path: Path) -> str:
    """The file, octets that are not UTF-8 kept. Raises ConfigurationError."""
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as why:
        raise ConfigurationError(f"{path}: cannot be read: {why.strerror or why}") from why


@frozen
class PlacedSetting:
    """A value and where it stands. ``line`` 0: it stands nowhere, this is the default."""

    name: str
    value: str
    path: str
    line: int = 0

    def of(self, value: str) -> PlacedSetting:
        """The same place, another reading of it."""
        return evolve(self, value=value)


@frozen
class Route:
    """``fixes``: rule → what to write in the words of this MTA; ``host`` None: mail goes to the MX of each domain, or,
    with ``hidden``, somewhere that cannot be read from here.

    ``certificate`` and ``key`` are paths of PEM files, what is shown as a client; ``server_certificate`` is what it
    shows to its own clients. ``life`` is in hours, how long it tries. ``tls_new`` tells whether TLS 1.2 or newer can be
    spoken at all.
    """

    mta: str
    fixes: Mapping[str, str]
    host: PlacedSetting | None
    port: int
    port_setting: PlacedSetting
    tls: TlsLevel
    tls_setting: PlacedSetting
    certificate: PlacedSetting
    key: PlacedSetting
    server_certificate: PlacedSetting
    bracketed: bool = True  # the host is taken as it is, no MX is looked up
    wrapped: PlacedSetting | None = None  # TLS from the first octet
    roots: PlacedSetting | None = None  # what it verifies servers by
    sign_in: PlacedSetting | None = None  # it signs in to the smart host
    tls_new: PlacedSetting | None = None  # set: neither TLS 1.2 nor 1.3 is allowed, by this setting
    six: PlacedSetting | None = None  # set: it may connect by IPv6
    life: tuple[float, PlacedSetting] | None = None
    no_bounces: PlacedSetting | None = None  # set: a refusal for good is tried again
    origin: PlacedSetting | None = None  # the domain that it adds to bare senders
    source: PlacedSetting | None = None  # the address that it sends from
    clear_again: PlacedSetting | None = None  # set: it tries in clear text after a failed handshake
    hidden: PlacedSetting | None = None  # set: this decides where mail goes, and cannot be read
    partial: PlacedSetting | None = None  # set: only some mail takes the smart host
    own_domains_only: bool = False  # of recipients in domains that are named
    perhaps_signs_in: PlacedSetting | None = None  # set: whether it signs in is decided by something not read here
    password_in_clear: PlacedSetting | None = None  # set: without TLS it would still send the password
    token: bool = False  # it signs in with OAuth
    sign_in_faults: tuple[LintFinding, ...] = ()  # why it could not sign in to the service
    retry: tuple[float, PlacedSetting] | None = None  # hours until mail is tried again
    rewritten: tuple[PlacedSetting, ...] = ()  # sender addresses that it puts in place of others
    more: Mapping[str, PlacedSetting] = field(factory=dict)


@frozen
class LintFinding:
    """One thing to look at. ``line`` 0: the setting is not there, what counts is its default.

    ``then`` is the result: the reply, or what happens instead of one.
    """

    rule: str
    severity: Severity
    path: str
    line: int
    setting: str
    message: str
    fix: str
    then: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        then = f"\n    then: {self.then}" if self.then else ""
        return f"{place}: {self.severity}: {self.message} [{self.rule}]{then}\n    fix: {self.fix}"

    def tree(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


@frozen
class Expected:
    """What the connectors ask for. ``names`` are patterns of ``TlsSenderCertificateName``, empty if none is known.

    ``by_address`` and ``by_certificate``: is there such an OnPremises connector? None: not known. ``domains`` are the
    accepted domains, with ``*.`` in front where the domains below count too. ``roots`` is PEM of trusted authorities;
    ``root`` is put in front of absolute paths (a configuration copied from another machine). ``now`` is aware.
    """

    now: datetime
    names: tuple[str, ...] = ()
    by_address: bool | None = None
    by_certificate: bool | None = None
    domains: tuple[str, ...] = ()
    roots: bytes = b""
    root: Path | None = None
    days: int = 30
    complete: bool = False  # every file that the configuration names must be here
    tls_required: bool = False  # one of the connectors refuses mail without TLS

    def of(self, configuration: Path) -> Expected:
        """For this configuration: is it used here, or a whole copy (``root``), so that its files must exist?"""
        lives = any(configuration.resolve().is_relative_to(each) for each in _SYSTEM)
        return evolve(self, complete=lives or self.root is not None)

    def at(self, path: str) -> Path:
        """Where a file of the configuration is on this machine.

        The system's files of a configuration from elsewhere are not this machine's: their place does not exist.
        """
        given = Path(path)
        if self.root is not None:
            return self.root / given.relative_to(given.anchor)
        if not self.complete and any(given.is_relative_to(each) for each in _SYSTEM):
            return _NOWHERE / given.relative_to(given.anchor)
        return given

    def present(self, path: str) -> bool:
        """Is this file of the configuration here?"""
        try:
            return self.at(path).is_file()
        except (OSError, ValueError):  # no path at all: too long, or with octets that none can have
            return False


_SYSTEM: Final = ("/etc", "/usr", "/opt", "/var")
_NOWHERE: Final = Path("/dev/null")  # below a file there is nothing


def unread(setting: PlacedSetting, what: str, tells: str) -> LintFinding:
    """The note that something decides here and is not known; ``tells`` is what would tell."""
    message = f"cannot be read from here: {what}"
    return LintFinding("cannot-be-read", NOTE, setting.path, setting.line, setting.name, message, tells)
