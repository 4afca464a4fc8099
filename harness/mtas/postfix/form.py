"""``--postfix DIR``: a private instance of a user's Postfix configuration."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.clients.process import folder_closed, folder_opened
from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.form import SOURCE, Configuration, OwnConfiguration, RelayRequest
from harness.mtas.postfix.config import main_cf
from harness.mtas.postfix.files import main_without
from harness.mtas.postfix.instance import PostfixInstance
from harness.mtas.postfix.programs import PostfixPrograms, postfix_programs
from harness.mtas.postfix.reading import PostfixReading, read_configuration
from harness.mtas.postfix.replaced import configuration_of, master_cf, overrides, shown

__all__ = ["PostfixForm"]


class PostfixForm(OwnConfiguration[PostfixPrograms]):
    """``given``: a folder with main.cf (and master.cf), or the main.cf; Postfix's own tools say what is in force."""

    name = mta = "postfix"
    why_root = "its daemons change to their own users"

    def __init__(self, given: Path) -> None:
        super().__init__(given)
        self._work: Path | None = None
        self._read: PostfixReading | None = None
        self._configuration: Configuration | None = None

    def look(self) -> PostfixPrograms | str:
        """The programs; a sentence if there are none."""
        found = postfix_programs()
        return f"{found}: apt install postfix" if isinstance(found, str) else found

    def read(self) -> None:
        """Have it read. Raises HarnessError: no main.cf, or one that does not parse."""
        self._work = Path(tempfile.mkdtemp(prefix="harness-check-postfix-"))
        folder_opened(self._work, "check-relay --postfix")
        self._work.chmod(0o755)
        self._read = read_configuration(self.given, self._work, self.programs)
        self.notes += [f"Postfix says: {each}" for each in self._read.warnings]
        self.changes |= {f"{each.name} {each.old}": each for each in self._read.moved}
        self._master({})  # does it parse?

    def about(self, sender: str, recipients: tuple[str, ...]) -> None:
        """Whose mail the suite sends: tables are asked for these."""
        self._configuration = configuration_of(self._reading, sender, recipients)

    def configuration(self) -> Configuration | None:
        """Read after ``about``."""
        return self._configuration

    def domain(self) -> str:
        """Of ``mydomain``, ``myorigin`` or ``myhostname``."""
        given, values = self._reading.given, self._reading.values
        if "mydomain" in given:
            return values["mydomain"]
        if "myorigin" in given and "/" not in values["myorigin"] and values["myorigin"] != values["myhostname"]:
            return values["myorigin"]
        host = values["myhostname"] if "myhostname" in given else ""
        return host.partition(".")[2] if host.count(".") >= 2 else ""

    def instance(self, request: RelayRequest) -> PostfixInstance:
        """With settings and services replaced."""
        target = request.smart_host.address

        def files(folder: Path) -> tuple[str, str]:
            routes = self._configuration.routes if self._configuration else ()
            made = overrides(self._reading, folder, SOURCE, target, request.ca_pem, routes)
            self.changed(shown(self._reading, made))
            if request.credential is not None:
                made |= {
                    "smtp_tls_cert_file": str(request.credential.certificate),
                    "smtp_tls_key_file": str(request.credential.key),
                }
                made |= {name: "" for name in ("smtp_tls_chain_files", "smtp_tls_eccert_file", "smtp_tls_eckey_file")}
            return main_without(self._reading.text, made) + main_cf(made), self._master(made)

        return PostfixInstance(Instance("relay", SOURCE, target), self.programs, files)

    def close(self) -> None:
        """Remove our copies."""
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)
            folder_closed(self._work)
            self._work = None

    @property
    def _reading(self) -> PostfixReading:
        if self._read is None:
            raise HarnessError("the configuration has not been read")
        return self._read

    def _master(self, ours: dict[str, str]) -> str:
        reading = self._reading
        text, replaced = master_cf(reading.master, ours, str(reading.folder / "master.cf"), used=reading.text)
        self.changed(replaced)
        return text
