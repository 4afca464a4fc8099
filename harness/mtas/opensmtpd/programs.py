"""Which OpenSMTPD is here: the installed one, or one that was unpacked and whose accounts do not exist."""

from __future__ import annotations

import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

from attrs import frozen

from harness.clients.process import find_program, run_program
from harness.errors import HarnessError
from harness.mtas.namespace import view_lack

__all__ = ["GROUP", "USERS", "OpensmtpdPrograms", "opensmtpd_programs"]

USERS: Final = ("opensmtpd", "opensmtpq")  # as Debian builds it
GROUP: Final = "opensmtpq"  # smtpctl runs as


@frozen
class OpensmtpdPrograms:
    """The daemon, and the tool that speaks to it."""

    smtpd: Path
    smtpctl: Path
    version: str


@lru_cache(maxsize=1)
def opensmtpd_programs() -> OpensmtpdPrograms | str:
    """The programs; a sentence if there are none. Its folders are built in, so it always needs a view of its own."""
    smtpd = find_program("smtpd", "opensmtpd/usr/sbin/smtpd")
    if smtpd is None:
        return "is not installed"
    with tempfile.TemporaryDirectory(prefix="harness-probe-") as folder:
        try:
            said = run_program([smtpd, "-h"], folder=Path(folder), timeout=30.0).output
        except HarnessError as why:
            return f"does not start: {why}"
    version = re.search(r"OpenSMTPD (\S+)", said)
    if version is None:
        return f"says no version: {said[-200:] or 'nothing'}"
    smtpctl = smtpd.parent / "smtpctl"
    if not smtpctl.exists():
        return f"has no smtpctl next to {smtpd}"
    if find_program("setpriv") is None:
        return "needs the program setpriv (util-linux)"
    return view_lack() or OpensmtpdPrograms(smtpd, smtpctl, version[1])
