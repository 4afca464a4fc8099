"""``--postfix DIR``: a private instance of a user's Postfix configuration."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from harness.clients.process import folder_closed, folder_opened
from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.form import Relay, Setting
from harness.mtas.postfix.config import main_cf
from harness.mtas.postfix.form_files import main_without, master_cf
from harness.mtas.postfix.instance import PostfixInstance
from harness.mtas.postfix.programs import postfix_programs
from harness.mtas.postfix.reading import Reading, read_configuration
from harness.mtas.postfix.replaced import configuration_of, overrides, shown
from harness.mtas.queued import QueuedRelay
from harness.relay_check.values import Configuration, Replaced

__all__ = ["PostfixForm"]

_SOURCE: Final = "127.0.0.1"


class PostfixForm:
    """``given``: a folder with main.cf (and master.cf), or the main.cf. Needs root and Postfix's programs."""

    name = "postfix"
    mta = "postfix"
    can = frozenset({"queue", "retry", "configuration", "swap", "many", "content", "null", "sender"})
    sees = frozenset({"queue", "configuration"})
    fixed: tuple[str, int] | None = None

    def __init__(self, given: Path, sender: str = "app@contoso.com", recipients: tuple[str, ...] = ()) -> None:
        self._given = given
        self._sender = sender
        self._recipients = recipients
        self._work: Path | None = None
        self._read: Reading | None = None
        self._configuration: Configuration | None = None
        self._replaced: dict[str, Replaced] = {}
        self.notes: list[str] = []

    def prepare(self) -> None:
        """Read the configuration. Raises HarnessError: no Postfix, no root, no main.cf, or one that does not parse."""
        programs = postfix_programs()
        if isinstance(programs, str):
            raise HarnessError(f"postfix {programs}: apt install postfix")
        if os.geteuid() != 0:
            raise HarnessError("postfix needs root: its daemons change to their own users (sudo harness check-relay …)")
        self._work = Path(tempfile.mkdtemp(prefix="harness-check-postfix-"))
        folder_opened(self._work, "check-relay --postfix")
        self._work.chmod(0o755)
        self._read = read_configuration(self._given, self._work, programs)
        self.notes += [f"Postfix says: {each}" for each in self._read.warnings]
        self._replaced |= {f"{each.name} {each.old}": each for each in self._read.moved}
        self._master(self._read, {})  # does it parse?

    def about(self, sender: str, recipients: tuple[str, ...]) -> None:
        """Whose mail the suite sends: tables are asked for these."""
        self._sender, self._recipients = sender, recipients
        self._configuration = configuration_of(self._reading, sender, recipients)

    def configuration(self) -> Configuration | None:
        """Read after ``about``."""
        return self._configuration

    def domain(self) -> str:
        """The domain that it sends for, by its own words; empty if it does not say."""
        given, values = self._reading.given, self._reading.values
        if "mydomain" in given:
            return values["mydomain"]
        if "myorigin" in given and "/" not in values["myorigin"] and values["myorigin"] != values["myhostname"]:
            return values["myorigin"]
        host = values["myhostname"] if "myhostname" in given else ""
        return host.partition(".")[2] if host.count(".") >= 2 else ""

    def replaced(self) -> tuple[Replaced, ...]:
        """Settings, paths and services that are not as he has them."""
        return tuple(self._replaced.values())

    def open(self, setting: Setting) -> Relay:
        """Start one."""
        source, target = _SOURCE, setting.running.address
        programs = self._reading.programs

        def files(folder: Path) -> tuple[str, str]:
            routes = self._configuration.routes if self._configuration else ()
            made = overrides(self._reading, folder, source, target, setting.ca_pem, routes)
            self._replaced |= {each.name: each for each in shown(self._reading, made)}
            if setting.pair is not None:
                made |= {
                    "smtp_tls_cert_file": str(setting.pair.certificate),
                    "smtp_tls_key_file": str(setting.pair.key),
                }
                made |= {name: "" for name in ("smtp_tls_chain_files", "smtp_tls_eccert_file", "smtp_tls_eckey_file")}
            return main_without(self._reading.text, made) + main_cf(made), self._master(self._reading, made)

        return QueuedRelay(PostfixInstance(Instance("relay", source, target), programs, files), setting)

    def close(self) -> None:
        """Remove our copies."""
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)
            folder_closed(self._work)
            self._work = None

    @property
    def _reading(self) -> Reading:
        if self._read is None:
            raise HarnessError("the configuration has not been read")
        return self._read

    def _master(self, reading: Reading, ours: dict[str, str]) -> str:
        try:
            text, replaced = master_cf(reading.master, ours)
        except ValueError as why:
            raise HarnessError(f"{reading.folder}/{why}") from why
        self._replaced |= {each.name: each for each in replaced}
        return text
