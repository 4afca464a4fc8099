"""``--exim FILE``: a private instance of a user's Exim configuration."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.exim.config import own_options
from harness.mtas.exim.instance import EximInstance
from harness.mtas.exim.programs import exim_programs
from harness.mtas.exim.replaced import replaced
from harness.mtas.form import Relay, Setting
from harness.mtas.queued import QueuedRelay
from harness.relay_check.values import Configuration, Replaced, Route

__all__ = ["EximForm", "routes", "schedule"]

_SOURCE: Final = "127.0.0.1"
_FILE: Final = re.compile(r"^\s*(tls_certificate|tls_privatekey|tls_verify_certificates)\s*=\s*(/\S+)\s*$", re.M)
_ROUTE: Final = re.compile(r"^\s*route_(?:list|data)\s*=\s*(?P<value>.+?)\s*$", re.M)
_HOST: Final = re.compile(r"(?P<host>[\w-]+(?:\.[\w-]+)+)(?:::(?P<port>\d+))?")
_RULE: Final = re.compile(r"(?P<kind>[FGH]),(?P<until>\d+[smhdw]),(?P<every>\d+[smhdw])")
_OPEN: Final = {  # nobody but the check hands it mail: who may is not asked
    **dict.fromkeys(("acl_smtp_connect", "acl_smtp_helo", "acl_smtp_mail", "acl_smtp_rcpt", "acl_smtp_data"), "accept"),
    "acl_smtp_predata": "accept",
    "trusted_users": "root",
    "untrusted_set_sender": "*",
    "recipients_max": "0",
}
_UNITS: Final = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def routes(text: str) -> tuple[Route, ...]:
    """The hosts of manualroute routers; a name that a macro or an expansion gives is not seen."""
    found = []
    for line in _ROUTE.finditer(text):
        value = line["value"]
        host = _HOST.search(value.partition(" ")[2] if value.startswith("*") else value)
        if host is not None and "$" not in value:
            found.append(Route("route_list", value, host["host"], host["port"] or "25"))
    return tuple(found)


def schedule(text: str) -> tuple[float | None, float | None]:
    """Seconds until the first retry, and until it gives up, by the retry rule for all; None for what is not seen."""
    section = re.split(r"^begin\s+retry\s*$", text, flags=re.M)
    if len(section) < 2:
        return None, None
    rules = [line for line in section[1].partition("\nbegin ")[0].splitlines() if line.lstrip().startswith("*")]
    found = [each for line in rules[:1] for each in _RULE.finditer(line)]
    if not found:
        return None, 0.0  # without a rule Exim bounces at the first temporary failure
    return _seconds(found[0]["every"]), _seconds(found[-1]["until"])


def _seconds(text: str) -> float:
    return int(text[:-1]) * _UNITS[text[-1]]


class EximForm:
    """``given``: the configuration file. Needs root and Exim."""

    name = "exim"
    mta = "exim"
    can = frozenset({"queue", "retry", "configuration", "swap", "many", "content", "null", "sender"})
    sees = frozenset({"queue", "configuration"})
    fixed: tuple[str, int] | None = None

    def __init__(self, given: Path) -> None:
        self._given = given
        self._text = ""
        self._replaced: dict[str, Replaced] = {}
        self.notes: list[str] = []

    def prepare(self) -> None:
        """Read it. Raises HarnessError: no Exim, no root, no file."""
        found = exim_programs()
        if isinstance(found, str):
            raise HarnessError(f"exim {found}")
        if os.geteuid() != 0:
            raise HarnessError("exim needs root: it changes to its own user (sudo harness check-relay …)")
        try:
            self._text = self._given.read_text("utf-8", "surrogateescape")
        except OSError as why:
            raise HarnessError(f"{self._given}: {why.strerror or why}") from why
        if ".include" in self._text:
            self.notes.append("an .include is kept as it is: its routers and transports are not replaced")
        if not routes(self._text):
            self.notes.append("no manualroute router with a plain host name: the smart host is not seen")

    def domain(self) -> str:
        """Of ``qualify_domain`` or ``primary_hostname``."""
        found = re.search(r"^\s*qualify_domain\s*=\s*([\w.-]+)\s*$", self._text, re.M)
        if found:
            return found[1]
        host = re.search(r"^\s*primary_hostname\s*=\s*([\w.-]+)\s*$", self._text, re.M)
        return host[1].partition(".")[2] if host and host[1].count(".") >= 2 else ""

    def about(self, sender: str, recipients: tuple[str, ...]) -> None:
        """Its routers are not asked beforehand."""

    def configuration(self) -> Configuration | None:
        """What the text says."""
        first, life = schedule(self._text)
        certificates = [path for name, path in _FILE.findall(self._transports()) if name == "tls_certificate"]
        certificate = certificates[0] if certificates else ""
        return Configuration(routes(self._text), first, None, life, (), certificate)

    def replaced(self) -> tuple[Replaced, ...]:
        """By the driver's own list."""
        return tuple(self._replaced.values())

    def open(self, setting: Setting) -> Relay:
        """Start one."""
        programs = exim_programs()
        if isinstance(programs, str):
            raise HarnessError(f"exim {programs}")
        target = setting.running.address

        def text(folder: Path) -> str:
            made_for = {} if setting.pair is None else {
                "tls_certificate": setting.pair.certificate, "tls_privatekey": setting.pair.key,
            }  # fmt: skip
            files = {
                path: instance.readable(made_for.get(name, Path(path)))
                for name, path in _FILE.findall(self._text)
                if Path(path).is_file()
            }
            own = {**own_options(folder, programs), **_OPEN}
            made, changes = replaced(self._text, target=target, source=_SOURCE, own=own, programs=programs, files=files)
            self._replaced |= {each.name: Replaced(each.name, each.old, each.new, each.why) for each in changes}
            return made

        instance = EximInstance(Instance("relay", _SOURCE, target), programs, text)
        return QueuedRelay(instance, setting)

    def close(self) -> None:
        """Nothing is left."""

    def _transports(self) -> str:
        """The certificate of the main section is what Exim shows as a server."""
        return re.split(r"^begin\s+transports\s*$", self._text, flags=re.M)[-1]
