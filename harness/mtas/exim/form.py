"""``--exim FILE``: a private instance of a user's Exim configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from harness.mtas.base import Instance, seconds
from harness.mtas.exim.config import own_options
from harness.mtas.exim.instance import EximInstance
from harness.mtas.exim.programs import EximPrograms, exim_programs
from harness.mtas.exim.replaced import replaced
from harness.mtas.form import SOURCE, Configuration, NextHop, OwnConfiguration, RelayRequest

__all__ = ["EximForm", "routes", "schedule"]

_FILE: Final = re.compile(r"^\s*(tls_certificate|tls_privatekey|tls_verify_certificates)\s*=\s*(/\S+)\s*$", re.M)
_ROUTE: Final = re.compile(r"^\s*route_(?:list|data)\s*=\s*(?P<value>.+?)\s*$", re.M)
_HOST: Final = re.compile(r"(?P<host>[\w-]+(?:\.[\w-]+)+)(?:::(?P<port>\d+))?")
_DEMANDED: Final = re.compile(r"^\s*hosts_require_tls\s*=\s*\*\s*$", re.M)
_RULE: Final = re.compile(r"(?P<kind>[FGH]),(?P<until>\d+[smhdw]),(?P<every>\d+[smhdw])")
_OPEN: Final = {  # nobody but the check hands it mail: who may is not asked
    **dict.fromkeys(("acl_smtp_connect", "acl_smtp_helo", "acl_smtp_mail", "acl_smtp_rcpt", "acl_smtp_data"), "accept"),
    "acl_smtp_predata": "accept",
    "trusted_users": "root",
    "untrusted_set_sender": "*",
    "recipients_max": "0",
}


def routes(text: str) -> tuple[NextHop, ...]:
    """The hosts of manualroute routers; a name that a macro or an expansion gives is not seen."""
    found = []
    for line in _ROUTE.finditer(text):
        value = line["value"]
        host = _HOST.search(value.partition(" ")[2] if value.startswith("*") else value)
        if host is not None and "$" not in value:
            found.append(NextHop("route_list", value, host["host"], host["port"] or "25"))
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
    return seconds(found[0]["every"]), seconds(found[-1]["until"])


class EximForm(OwnConfiguration[EximPrograms]):
    """Its main section has accounts, folders and ports, which are ours; what it does with mail is the user's."""

    name = mta = "exim"
    why_root = "it changes to its own user"

    def look(self) -> EximPrograms | str:
        """The programs; a sentence if there are none."""
        return exim_programs()

    def read(self) -> None:
        """Take the file in, and note what will not be seen in it."""
        super().read()
        if ".include" in self.text:
            self.notes.append("an .include is kept as it is: its routers and transports are not replaced")
        if not routes(self.text):
            self.notes.append("no manualroute router with a plain host name: the smart host is not seen")

    def domain(self) -> str:
        """Of ``qualify_domain`` or ``primary_hostname``."""
        found = re.search(r"^\s*qualify_domain\s*=\s*([\w.-]+)\s*$", self.text, re.M)
        if found:
            return found[1]
        host = re.search(r"^\s*primary_hostname\s*=\s*([\w.-]+)\s*$", self.text, re.M)
        return host[1].partition(".")[2] if host and host[1].count(".") >= 2 else ""

    def configuration(self) -> Configuration:
        """What the text says. The certificate of the main section is what Exim shows as a server."""
        first, life = schedule(self.text)
        transports = re.split(r"^begin\s+transports\s*$", self.text, flags=re.M)[-1]
        certificates = [path for name, path in _FILE.findall(transports) if name == "tls_certificate"]
        demanded = _DEMANDED.search(transports)
        return Configuration(
            routes(self.text), first, None, life, (), certificates[0] if certificates else "",
            demanded[0].strip() if demanded else "",
        )  # fmt: skip

    def instance(self, request: RelayRequest) -> EximInstance:
        """With the text made private."""
        shown = request.credential
        instead = {} if shown is None else {"tls_certificate": shown.certificate, "tls_privatekey": shown.key}

        roots = request.folder / "roots.pem"

        def text(folder: Path) -> str:
            files = {
                path: made.readable(instead.get(name, Path(path)))
                for name, path in _FILE.findall(self.text)
                if Path(path).is_file() and name != "tls_verify_certificates"
            }
            roots.write_bytes(request.ca_pem)
            own = {**own_options(folder, self.programs), **_OPEN}
            target = request.smart_host.address
            private, changes = replaced(
                self.text, target=target, source=SOURCE, own=own, programs=self.programs, files=files,
                trusted=made.readable(roots),
            )  # fmt: skip
            self.changed(changes)
            return private

        made = EximInstance(Instance("relay", SOURCE, request.smart_host.address), self.programs, text)
        return made
