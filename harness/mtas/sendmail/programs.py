"""Which sendmail is here: an installed one, or one that was unpacked."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from attrs import frozen

from harness.clients.process import clients_folder, find_program

__all__ = ["SendmailPrograms", "sendmail_programs"]


@frozen
class SendmailPrograms:
    """The program, and the folder of the macros that make its configuration."""

    sendmail: Path
    macros: Path
    version: str


@lru_cache(maxsize=1)
def sendmail_programs() -> SendmailPrograms | str:
    """The programs; a sentence if one is missing. ``/usr/sbin/sendmail`` may be anybody's, so it is not looked at."""
    places = (Path("/usr/libexec/sendmail/sendmail"), clients_folder() / "sendmail-bin/usr/libexec/sendmail/sendmail")
    program = next((each for each in places if each.exists()), None)
    if program is None:
        return "is not installed"
    folders = (Path("/usr/share/sendmail/cf"), clients_folder() / "sendmail-cf/usr/share/sendmail/cf")
    macros = next((each for each in folders if (each / "m4" / "cf.m4").exists()), None)
    if macros is None:
        return "lacks its macros (package sendmail-cf)"
    missing = [each for each in ("m4", "unshare") if find_program(each) is None]
    if missing:
        return f"lacks {' and '.join(missing)}"
    found = re.search(rb"\b8\.\d\d\.\d[\d.]*", program.read_bytes())
    return SendmailPrograms(program, macros, found[0].decode("ascii") if found else "8")
