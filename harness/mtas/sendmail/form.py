"""``--sendmail FILE``: a private instance of a user's sendmail.mc."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Final

from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.form import Relay, Setting
from harness.mtas.queued import QueuedRelay
from harness.mtas.sendmail.instance import SendmailInstance
from harness.mtas.sendmail.programs import SendmailPrograms, sendmail_programs
from harness.mtas.sendmail.replaced import replaced
from harness.relay_check.values import Configuration, Replaced, Route

__all__ = ["SendmailForm", "routes", "time_to_live"]

_SOURCE: Final = "127.0.0.1"
_HOST: Final = re.compile(r"define\(\s*`?SMART_HOST'?\s*,\s*`?(?P<value>[^')]+)'?\s*\)")
_PORT: Final = re.compile(r"define\(\s*`?E?SMTP_MAILER_ARGS'?\s*,\s*`?TCP \$h (?P<port>\w+)'?\s*\)")
_RETURN: Final = re.compile(r"define\(\s*`?confTO_QUEUERETURN'?\s*,\s*`?(?P<number>\d+)(?P<unit>[smhdw]?)'?\s*\)")
_FILE: Final = re.compile(r"define\(\s*`?(confCLIENT_CERT|confCLIENT_KEY|confCACERT)'?\s*,\s*`?([^')]+)'?\s*\)")
_DOMAIN: Final = re.compile(r"MASQUERADE_AS\(`?([\w.-]+)'?\)")
_UNITS: Final = {"": 86400.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DEFAULT: Final = 5 * 86400.0  # sendmail's operations guide, Timeout.queuereturn


def _live(text: str) -> str:
    """Without what stands behind ``dnl``."""
    return "\n".join(re.sub(r"^\s*dnl\b.*", "", line) for line in text.split("\n"))


def routes(text: str) -> tuple[Route, ...]:
    """The smart host."""
    text = _live(text)
    host, port = _HOST.search(text), _PORT.search(text)
    if host is None:
        return ()
    value = host["value"].strip()
    name = re.sub(r"^\w+:", "", value)
    return (Route("SMART_HOST", value, name.strip("[]"), port["port"] if port else "25", name.startswith("[")),)


def time_to_live(text: str) -> float:
    """Seconds until it gives up."""
    found = _RETURN.search(_live(text))
    return _DEFAULT if found is None else int(found["number"]) * _UNITS[found["unit"]]


class SendmailForm:
    """``given``: sendmail.mc. Needs root, sendmail and its macros."""

    name = "sendmail"
    mta = "sendmail"
    can = frozenset({"queue", "retry", "configuration", "swap", "many", "content", "null", "sender"})
    sees = frozenset({"queue", "configuration"})
    fixed: tuple[str, int] | None = None

    def __init__(self, given: Path) -> None:
        self._given = given
        self._text = ""
        self._programs: SendmailPrograms | None = None
        self._replaced: dict[str, Replaced] = {}
        self.notes: list[str] = []

    def prepare(self) -> None:
        """Read it. Raises HarnessError: no sendmail, no root, no file, a file that is no sendmail.mc."""
        found = sendmail_programs()
        if isinstance(found, str):
            raise HarnessError(f"sendmail {found}")
        if os.geteuid() != 0:
            raise HarnessError("sendmail needs root: it changes to its own users (sudo harness check-relay …)")
        self._programs = found
        try:
            self._text = self._given.read_text("utf-8", "surrogateescape")
        except OSError as why:
            raise HarnessError(f"{self._given}: {why.strerror or why}") from why
        if not re.search(r"^\s*(?:define|MAILER|FEATURE|OSTYPE)\(", self._text, re.M):
            raise HarnessError(f"{self._given}: this is no sendmail.mc (give the macro file, not sendmail.cf)")

    def domain(self) -> str:
        """Of ``MASQUERADE_AS``."""
        found = _DOMAIN.search(_live(self._text))
        return found[1] if found else ""

    def about(self, sender: str, recipients: tuple[str, ...]) -> None:
        """Its rules are not asked beforehand."""

    def configuration(self) -> Configuration | None:
        """What the text says."""
        files = dict(_FILE.findall(_live(self._text)))
        certificate = files.get("confCLIENT_CERT", "")
        return Configuration(routes(self._text), None, None, time_to_live(self._text), (), certificate)

    def replaced(self) -> tuple[Replaced, ...]:
        """By the driver's own list."""
        return tuple(self._replaced.values())

    def open(self, setting: Setting) -> Relay:
        """Start one."""
        if self._programs is None:
            raise HarnessError("the configuration has not been read")
        target = setting.running.address

        def text(folder: Path) -> str:
            files = self._readable(folder, setting)
            made, changes = replaced(self._text, target=target, source=_SOURCE, folder=folder, files=files)
            self._replaced |= {each.name: Replaced(each.name, each.old, each.new, each.why) for each in changes}
            return made

        return QueuedRelay(SendmailInstance(Instance("relay", _SOURCE, target), self._programs, text), setting)

    def close(self) -> None:
        """Nothing is left."""

    def _readable(self, folder: Path, setting: Setting) -> dict[str, str]:
        """Copies of certificate and key: sendmail refuses a key that others might write to, by any folder above it."""
        instead = {}
        if setting.pair is not None:
            instead = {"confCLIENT_CERT": setting.pair.certificate, "confCLIENT_KEY": setting.pair.key}
        found = {}
        for name, path in _FILE.findall(_live(self._text)):
            given = instead.get(name, Path(path))
            if given.is_file():
                copy = folder / f"{name}.pem"
                shutil.copyfile(given, copy)
                copy.chmod(0o600)
                found[path] = str(copy)
        return found
