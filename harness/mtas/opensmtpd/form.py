"""``--opensmtpd FILE``: a private instance of a user's smtpd.conf."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.form import Relay, Setting
from harness.mtas.opensmtpd.instance import OpensmtpdInstance
from harness.mtas.opensmtpd.programs import OpensmtpdPrograms, opensmtpd_programs
from harness.mtas.opensmtpd.replaced import replaced
from harness.mtas.queued import QueuedRelay
from harness.relay_check.values import Configuration, Replaced, Route

__all__ = ["OpensmtpdForm", "routes", "time_to_live"]

_SOURCE: Final = "127.0.0.1"
_HOST: Final = re.compile(r'\brelay\b[^#\n]*\bhost\s+"?(?P<url>[^"\s]+)"?')
_URL: Final = re.compile(r"(?:(?P<scheme>[\w+]+)://)?(?:[^@/]+@)?\[?(?P<host>[\w.-]+)\]?(?::(?P<port>\w+))?")
_PORTS: Final = {"smtps": "465"}  # smtpd.conf(5); every other scheme: 25
_TTL: Final = re.compile(r"^\s*queue\s+ttl\s+(?P<number>\d+)(?P<unit>[smhd]?)", re.M)
_UNITS: Final = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DEFAULT: Final = 4 * 86400.0  # smtpd.conf(5), queue ttl


def routes(text: str) -> tuple[Route, ...]:
    """The hosts of relay actions."""
    found = []
    for line in _HOST.finditer(text):
        url = _URL.fullmatch(line["url"])
        if url is not None:
            port = url["port"] or _PORTS.get(url["scheme"] or "", "25")
            found.append(Route("relay host", line["url"], url["host"], port))
    return tuple(found)


def time_to_live(text: str) -> float:
    """Seconds until it gives up."""
    found = _TTL.search(text)
    return _DEFAULT if found is None else int(found["number"]) * _UNITS[found["unit"]]


class OpensmtpdForm:
    """``given``: smtpd.conf. Needs root and OpenSMTPD."""

    name = "opensmtpd"
    mta = "opensmtpd"
    can = frozenset({"queue", "retry", "configuration", "many", "content", "null", "sender"})
    sees = frozenset({"queue", "configuration"})
    fixed: tuple[str, int] | None = None

    def __init__(self, given: Path) -> None:
        self._given = given
        self._text = ""
        self._programs: OpensmtpdPrograms | None = None
        self._replaced: dict[str, Replaced] = {}
        self.notes: list[str] = []

    def prepare(self) -> None:
        """Read it. Raises HarnessError: no OpenSMTPD, no root, no file."""
        found = opensmtpd_programs()
        if isinstance(found, str):
            raise HarnessError(f"opensmtpd {found}")
        if os.geteuid() != 0:
            raise HarnessError("opensmtpd needs root: it changes to its own users (sudo harness check-relay …)")
        self._programs = found
        try:
            self._text = self._given.read_text("utf-8", "surrogateescape")
        except OSError as why:
            raise HarnessError(f"{self._given}: {why.strerror or why}") from why

    def domain(self) -> str:
        """Its file does not say."""
        return ""

    def about(self, sender: str, recipients: tuple[str, ...]) -> None:
        """Its rules are not asked beforehand."""

    def configuration(self) -> Configuration | None:
        """What the text says."""
        certificate = re.search(r'^\s*pki\s+\S+\s+cert\s+"?([^"\s]+)"?', self._text, re.M)
        used = re.search(r"^\s*action\b.*\brelay\b.*\bpki\b", self._text, re.M)
        name = certificate[1] if certificate and used else ""
        return Configuration(routes(self._text), None, None, time_to_live(self._text), (), name)

    def replaced(self) -> tuple[Replaced, ...]:
        """By the driver's own list."""
        return tuple(self._replaced.values())

    def open(self, setting: Setting) -> Relay:
        """Start one."""
        if self._programs is None:
            raise HarnessError("the configuration has not been read")
        target = setting.running.address

        def text(folder: Path, listen: str) -> str:  # noqa: ARG001  nothing of his lies there
            made, changes = replaced(self._text, target=target, source=_SOURCE, listen=listen)
            self._replaced |= {each.name: Replaced(each.name, each.old, each.new, each.why) for each in changes}
            return made

        roots = setting.folder / "roots.pem"  # it verifies by the system's list, in place of which it sees this one
        roots.write_bytes(setting.ca_pem)
        setting.folder.chmod(0o711)
        mta = OpensmtpdInstance(Instance("relay", _SOURCE, target), self._programs, text, roots)
        return QueuedRelay(mta, setting)

    def close(self) -> None:
        """Nothing is left."""
