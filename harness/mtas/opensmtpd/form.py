"""``--opensmtpd FILE``: a private instance of a user's smtpd.conf."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from harness.mtas.base import Instance, seconds
from harness.mtas.form import SOURCE, Configuration, NextHop, OwnConfiguration, RelayRequest
from harness.mtas.opensmtpd.instance import OpensmtpdInstance
from harness.mtas.opensmtpd.programs import OpensmtpdPrograms, opensmtpd_programs
from harness.mtas.opensmtpd.replaced import replaced

__all__ = ["OpensmtpdForm", "routes", "time_to_live"]

_HOST: Final = re.compile(r'\brelay\b[^#\n]*\bhost\s+"?(?P<url>[^"\s]+)"?')
_URL: Final = re.compile(r"(?:(?P<scheme>[\w+]+)://)?(?:[^@/]+@)?\[?(?P<host>[\w.-]+)\]?(?::(?P<port>\w+))?")
_SECURE: Final = ("smtp+tls://", "smtps://")  # smtpd.conf(5): never in clear text
_PORTS: Final = {"smtps": "465"}  # smtpd.conf(5); every other scheme: 25
_TTL: Final = re.compile(r"^\s*queue\s+ttl\s+(?P<span>\d+[smhd]?)", re.M)
_DEFAULT: Final = "4d"  # smtpd.conf(5), queue ttl


def routes(text: str) -> tuple[NextHop, ...]:
    """The hosts of relay actions."""
    found = []
    for line in _HOST.finditer(text):
        url = _URL.fullmatch(line["url"])
        if url is not None:
            port = url["port"] or _PORTS.get(url["scheme"] or "", "25")
            found.append(NextHop("relay host", line["url"], url["host"], port))
    return tuple(found)


def time_to_live(text: str) -> float | None:
    """Seconds until it gives up."""
    found = _TTL.search(text)
    return seconds(found["span"] if found else _DEFAULT)


class OpensmtpdForm(OwnConfiguration[OpensmtpdPrograms]):
    """``given`` is smtpd.conf. A renewed certificate is not a case: it shows none (see the driver)."""

    name = mta = "opensmtpd"
    can = OwnConfiguration.can - {"swap"}

    def look(self) -> OpensmtpdPrograms | str:
        """The daemon and its tool; a sentence if they are not here."""
        return opensmtpd_programs()

    def configuration(self) -> Configuration:
        """What the text says."""
        certificate = re.search(r'^\s*pki\s+\S+\s+cert\s+"?([^"\s]+)"?', self.text, re.M)
        used = re.search(r"^\s*action\b.*\brelay\b.*\bpki\b", self.text, re.M)
        name = certificate[1] if certificate and used else ""
        urls = [each["url"] for each in _HOST.finditer(self.text)]
        demanded = bool(urls) and all(each.startswith(_SECURE) for each in urls)
        tls = f"relay host {urls[0]}" if demanded else ""
        return Configuration(routes(self.text), None, None, time_to_live(self.text), (), name, tls)

    def instance(self, request: RelayRequest) -> OpensmtpdInstance:
        """With the text made private."""
        target = request.smart_host.address

        def text(folder: Path, listen: str) -> str:  # noqa: ARG001  nothing of the user's lies there
            made, changes = replaced(self.text, target=target, source=SOURCE, listen=listen)
            self.changed(changes)
            return made

        roots = request.folder / "roots.pem"  # it verifies by the system's list, in place of which it sees this one
        roots.write_bytes(request.ca_pem)
        request.folder.chmod(0o711)
        return OpensmtpdInstance(Instance("relay", SOURCE, target), self.programs, text, roots)
