"""``--sendmail FILE``: a private instance of a user's sendmail.mc."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from harness.errors import HarnessError
from harness.mtas.base import Instance, seconds
from harness.mtas.form import SOURCE, Configuration, NextHop, OwnConfiguration, RelayRequest
from harness.mtas.sendmail.instance import SendmailInstance
from harness.mtas.sendmail.programs import SendmailPrograms, sendmail_programs
from harness.mtas.sendmail.replaced import replaced

__all__ = ["SendmailForm", "files", "routes", "time_to_live"]

_HOST: Final = re.compile(r"define\(\s*`?SMART_HOST'?\s*,\s*`?(?P<value>[^')]+)'?\s*\)")
_PORT: Final = re.compile(r"define\(\s*`?E?SMTP_MAILER_ARGS'?\s*,\s*`?TCP \$h (?P<port>\w+)'?\s*\)")
_RETURN: Final = re.compile(r"define\(\s*`?confTO_QUEUERETURN'?\s*,\s*`?(?P<span>\d+[smhdw]?)'?\s*\)")
_DEFINED: Final = re.compile(r"define\(\s*`?(?P<name>\w+)'?\s*,\s*(?P<value>[^)]*?)\s*\)")
_COPIES: Final = {  # of files that a setting names; no word in them is the name of a macro, which m4 would expand
    "confCLIENT_CERT": "shown.pem",
    "confCLIENT_KEY": "shown.key",
    "confCACERT": "trusted.pem",
}
_SETTINGS_DIR: Final = "/etc/mail/"  # MAIL_SETTINGS_DIR, where no file defines it (cf/README)
_DEEP: Final = 5
_DOMAIN: Final = re.compile(r"MASQUERADE_AS\(`?([\w.-]+)'?\)")
_DEFAULT: Final = "5d"  # sendmail's operations guide, Timeout.queuereturn


def _live(text: str) -> str:
    """Without what stands behind ``dnl``."""
    return "\n".join(re.sub(r"^\s*dnl\b.*", "", line) for line in text.split("\n"))


def routes(text: str) -> tuple[NextHop, ...]:
    """The smart host."""
    text = _live(text)
    host, port = _HOST.search(text), _PORT.search(text)
    if host is None:
        return ()
    value = host["value"].strip()
    name = re.sub(r"^\w+:", "", value)
    return (NextHop("SMART_HOST", value, name.strip("[]"), port["port"] if port else "25", name.startswith("[")),)


def files(text: str) -> dict[str, Path]:
    """Certificate, key and authorities by the setting that names each; macros of the file itself are expanded."""
    defined = {"MAIL_SETTINGS_DIR": _SETTINGS_DIR}
    defined |= {each["name"]: re.sub(r"[`']", "", each["value"]) for each in _DEFINED.finditer(_live(text))}
    return {name: Path(_expanded(defined[name], defined)) for name in _COPIES if defined.get(name)}


def _expanded(value: str, defined: dict[str, str], deep: int = 0) -> str:
    if deep == _DEEP:
        return value
    return re.sub(r"[A-Za-z_]\w*", lambda each: _expanded(defined.get(each[0], each[0]), defined, deep + 1), value)


def time_to_live(text: str) -> float | None:
    """Seconds until it gives up."""
    found = _RETURN.search(_live(text))
    return seconds(found["span"] if found else _DEFAULT, "d")


class SendmailForm(OwnConfiguration[SendmailPrograms]):
    """``given`` is the macro file, sendmail.mc."""

    name = mta = "sendmail"

    def look(self) -> SendmailPrograms | str:
        """The program and its macros; a sentence if one is missing."""
        return sendmail_programs()

    def read(self) -> None:
        """Take the file in. Raises HarnessError for one that is not a macro file, too."""
        super().read()
        if not re.search(r"^\s*(?:define|MAILER|FEATURE|OSTYPE)\(", self.text, re.M):
            raise HarnessError(f"{self.given}: this is not a sendmail.mc (give the macro file, not sendmail.cf)")

    def domain(self) -> str:
        """Of ``MASQUERADE_AS``."""
        found = _DOMAIN.search(_live(self.text))
        return found[1] if found else ""

    def configuration(self) -> Configuration:
        """What the text says."""
        certificate = files(self.text).get("confCLIENT_CERT", "")
        return Configuration(routes(self.text), None, None, time_to_live(self.text), (), str(certificate))

    def instance(self, request: RelayRequest) -> SendmailInstance:
        """With the text made private."""
        target = request.smart_host.address

        def text(folder: Path) -> str:
            copies = self._readable(folder, request)
            made, changes = replaced(self.text, target=target, source=SOURCE, folder=folder, files=copies)
            self.changed(changes)
            return made

        return SendmailInstance(Instance("relay", SOURCE, target), self.programs, text)

    def _readable(self, folder: Path, request: RelayRequest) -> dict[str, str]:
        """Copies by setting: sendmail refuses a key that others might write to, by any folder above it. The authority
        of the emulator's certificate joins those that the file trusts.
        """
        instead = {}
        if request.credential is not None:
            instead = {"confCLIENT_CERT": request.credential.certificate, "confCLIENT_KEY": request.credential.key}
        found = {}
        for name, path in files(self.text).items():
            given = instead.get(name, path)
            if not given.is_file():
                continue
            copy = folder / _COPIES[name]
            shutil.copyfile(given, copy)
            copy.chmod(0o600)
            if name == "confCACERT":
                with copy.open("ab") as trusted:
                    trusted.write(b"\n" + request.ca_pem)
            found[name] = str(copy)
        return found
