"""Which Exim is here: the installed one, or one that was unpacked and whose account does not exist."""

from __future__ import annotations

import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Final

from attrs import frozen

from harness.clients.process import clients_folder, find_program, run_program
from harness.errors import HarnessError
from harness.mtas.namespace import FileView, accounts, view_lack

__all__ = ["EximPrograms", "exim_programs"]

_NO_ACCOUNT: Final = re.compile(r'failed to find [ug]id for (?:user|group) name "([^"]+)"')
_VERSION: Final = re.compile(r"^Exim version (\S+)", re.M)
_USER: Final = re.compile(r"^exim_user = (\S+)", re.M)
_GROUP: Final = re.compile(r"^exim_group = (\S+)", re.M)


@frozen
class EximPrograms:
    """``user`` and ``group`` are its own; ``absent`` are those accounts that it was built with and that the system
    lacks. ``unpacked``: it lies where its own user may not get to. ``features`` is what it says it supports.
    """

    program: Path
    version: str
    user: str
    group: str
    absent: tuple[str, ...]
    unpacked: bool
    features: frozenset[str]


@lru_cache(maxsize=1)
def exim_programs() -> EximPrograms | str:
    """The program; a sentence if there is none. No file of /etc/exim4 is read."""
    program = find_program("exim4", "exim/usr/sbin/exim4") or find_program("exim")
    if program is None:
        return "is not installed"
    with tempfile.TemporaryDirectory(prefix="harness-probe-") as folder:
        try:
            return _asked(program, Path(folder))
        except HarnessError as why:
            return f"does not start: {why}"


def _asked(program: Path, folder: Path) -> EximPrograms | str:
    absent: list[str] = []
    view = FileView()
    empty = folder / "empty"
    empty.touch()
    for _ in range(3):  # it names one account at a time
        said = run_program(view.argv(program, "-C", empty, "-bV"), folder=folder, timeout=30.0).output
        found = _NO_ACCOUNT.search(said)
        if found is None:
            break
        if view_lack():
            return f"has no user {found[1]} on this host, and {view_lack()}"
        absent.append(found[1])
        view, _ids = accounts(folder, absent)
    version = _VERSION.search(said)
    own = run_program(view.argv(program, "-C", empty, "-bP", "exim_user", "exim_group"), folder=folder, timeout=30.0)
    user, group = _USER.search(own.stdout), _GROUP.search(own.stdout)
    if version is None or user is None or group is None:
        return f"says nothing of itself: {said[-200:] or own.output[-200:]}"
    features = re.findall(r"^(?:Support for|Transports|Routers):(.*)$", said, re.M)
    words = frozenset(word for line in features for word in line.split())
    unpacked = program.is_relative_to(clients_folder())
    if unpacked and view_lack():
        return f"was unpacked, and {view_lack()}"
    return EximPrograms(program, version[1], user[1], group[1], tuple(dict.fromkeys(absent)), unpacked, words)
