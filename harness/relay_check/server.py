"""The emulator under a check: a fresh one for each case, or one for all where the relay cannot be pointed elsewhere."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import FakeEopError
from fakeeop.pki.state import ServerCertificates
from harness.errors import TargetError
from harness.relay_check.site import Site, tenant_tree
from harness.relay_check.values import Case

if TYPE_CHECKING:
    from fakeeop.pki.issue import Issued  # loads cryptography

__all__ = ["Running", "Server", "renewed"]

_SHOWN = 400  # lines of a dialogue that a report has


@frozen
class Certificates:
    """What the emulator shows and trusts, made once a run. ``issue`` makes client certificates that it trusts."""

    server: ServerCertificates
    issue: Callable[..., Issued]


def _certificates(roots: bytes) -> Certificates:
    from fakeeop.pki.authority import LabAuthority  # noqa: PLC0415  loads cryptography: start-up time
    from fakeeop.pki.state import SERVER_NAMES  # noqa: PLC0415  as above

    authority = LabAuthority.create("fakeeop check-relay CA")
    made = authority.server_certificate(SERVER_NAMES)
    server = ServerCertificates(
        made.chain_pem, made.key_pem, authority.certificate_pem, public_roots_pem=roots, authority=lambda: authority
    )
    return Certificates(server, authority.issue)


@frozen
class Running:
    """The emulator while a case runs."""

    emulator: Emulator
    tag: str

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self.emulator.addresses[0]

    def sessions(self) -> list[dict[str, Any]]:
        """Those of this case: what another case's message did is left out."""
        return [each for each in self.emulator.journal.sessions() if self._ours(each)]

    def messages(self) -> list[dict[str, Any]]:
        """Those of this case."""
        return [each for each in self.emulator.journal.messages() if any(self._tagged(one) for one in each["rcpt-to"])]

    def wait(self, holds: Callable[[], bool], seconds: float) -> bool:
        """Look again after every message and every end of a session."""
        return self.emulator.journal.wait(lambda _: holds(), seconds)

    def quiet(self, seconds: float) -> bool:
        """Until no session is open."""
        return self.emulator.journal.wait_for_sessions_to_end(seconds)

    def explain(self) -> str:
        """The trace of the last recipient that was refused; empty if none was."""
        refused = [each for one in self.sessions() for each in one["recipients"] if not each["reply"].startswith("2")]
        return self.emulator.explain_text() if refused else ""

    def transcript(self) -> list[str]:
        """All dialogues of the case, cut where they are long."""
        lines = [
            line for each in self.sessions() for line in (f"--- {each['id']} from {each['peer']}", *each["transcript"])
        ]
        return lines if len(lines) <= _SHOWN else [*lines[:_SHOWN], f"… {len(lines) - _SHOWN} more lines"]

    def _ours(self, session: Mapping[str, Any]) -> bool:
        recipients = session["recipients"]
        return not recipients or any(self._tagged(each["rcpt-to"]) for each in recipients)

    def _tagged(self, address: str) -> bool:
        return f".{self.tag}@" in address.lower()


class Server:
    """``fixed``: HOST, PORT of the one listener of the run; None: a port that the kernel chooses for each case.

    Raises TargetError where it cannot listen, fakeeop's ConfigError for a wrong tenant file.
    """

    def __init__(self, site: Site, fixed: tuple[str, int] | None = None) -> None:
        self.site = site
        self._fixed = fixed
        self._standing: Emulator | None = None
        self._certificates: Certificates | None = None
        self._numbers = itertools.count(1)

    @property
    def certificates(self) -> Certificates:
        """Made when first asked for."""
        if self._certificates is None:
            self._certificates = _certificates(self.site.roots_pem)
        return self._certificates

    def open(self, case: Case) -> Running:
        """The world of a case; end it with ``close``."""
        tag = f"c{next(self._numbers)}p{os.getpid():x}"
        tree = tenant_tree(case, self.site, tag)
        if self._fixed is None:
            return Running(self._start(tree, ("127.0.0.1", 0)), tag)
        if self._standing is None:
            self._standing = self._start(tree, self._fixed)
        self._standing.replace_forest(Emulator.from_tree(tree, self.site.path).forest)
        self._standing.set_faults(tree.get("Faults") or ())
        self._standing.journal.clear()
        return Running(self._standing, tag)

    def listen(self, case: Case) -> tuple[str, int]:
        """For a fixed listener: where it is. It is up from now on."""
        running = self.open(case)
        return running.address

    def close(self, running: Running) -> None:
        """After a case. Raises fakeeop's SessionCrashed for a bug of ours."""
        if running.emulator is not self._standing:
            running.emulator.stop()

    def end(self) -> None:
        """After the run."""
        if self._standing is not None:
            self._standing.stop()
            self._standing = None

    def _start(self, tree: dict[str, Any], where: tuple[str, int]) -> Emulator:
        listener = Listener(*where, peer=self.site.public)
        emulator = Emulator.from_tree(tree, self.site.path, listeners=[listener], certificates=self.certificates.server)
        try:
            emulator.start()
        except FakeEopError as why:
            raise TargetError(f"the emulator cannot listen: {why}") from why
        return emulator


def renewed(names: tuple[str, ...], server: Server, days: int) -> Issued:
    """A client certificate of these names that the emulator trusts, valid for so many days."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415  only for one case

    until = datetime.now(UTC) + timedelta(days=days)
    return server.certificates.issue(common_name=names[0], dns_names=names, not_after=until)
