"""Which Postfix is here: the installed one, or one that was unpacked and belongs to nobody yet."""

from __future__ import annotations

import grp
import pwd
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from attrs import field, frozen

from harness.clients.process import clients_folder, find_program, run_program
from harness.errors import HarnessError

__all__ = ["PostfixPrograms", "postfix_programs"]

_ASKED: Final = ("mail_version", "daemon_directory", "mail_owner", "setgid_group")
_OWNERS: Final = ("daemon", "mail", "news")  # accounts of every system that own no process, for an unpacked Postfix
_GROUPS: Final = ("games", "man", "lp")


@frozen
class PostfixPrograms:
    """``values`` are settings that belong to this Postfix: version, folders, owner, group. ``commands`` is the folder
    of postqueue and postconf; ``variables`` must be in the environment of all of its programs.
    """

    values: Mapping[str, str]
    commands: Path
    variables: Mapping[str, str] = field(factory=dict)

    @property
    def version(self) -> str:
        """As it calls itself."""
        return self.values["mail_version"]

    @property
    def master(self) -> Path:
        """The program that runs all others."""
        return Path(self.values["daemon_directory"]) / "master"


@lru_cache(maxsize=1)
def postfix_programs() -> PostfixPrograms | str:
    """The programs; a sentence if there are none. No file of /etc/postfix is read."""
    postconf = find_program("postconf") or find_program("postconf", "postfix/usr/sbin/postconf")
    if postconf is None:
        return "is not installed"
    root = postconf.parents[2]
    unpacked = root.is_relative_to(clients_folder())
    libraries = root / "usr" / "lib" / "postfix"
    variables = {"LD_LIBRARY_PATH": str(libraries)} if unpacked else {}
    with TemporaryDirectory(prefix="harness-probe-") as folder:
        try:
            done = run_program([postconf, "-d", *_ASKED], folder=Path(folder), timeout=30.0, extra=variables)
        except HarnessError as why:
            return f"does not start: {why}"
    values = dict(line.split(" = ", 1) for line in done.stdout.splitlines() if " = " in line)
    if not set(_ASKED) <= values.keys():
        return f"says nothing of itself: {done.output[-200:]}"
    if unpacked:
        values |= {"daemon_directory": str(libraries / "sbin"), "shlib_directory": str(libraries)}
        values |= {"command_directory": str(postconf.parent), "meta_directory": str(root / "usr" / "share" / "postfix")}
        values |= _accounts(values)
    found = PostfixPrograms(values, postconf.parent, variables)
    return found if found.master.exists() else "has no daemon: only its tools are here"


def _accounts(values: Mapping[str, str]) -> dict[str, str]:
    """Its own owner and group where they exist, else some that nobody uses."""
    owners = {each.pw_name for each in pwd.getpwall()}
    groups = {each.gr_name for each in grp.getgrall()}
    owner = next((each for each in (values["mail_owner"], *_OWNERS) if each in owners), values["mail_owner"])
    group = next((each for each in (values["setgid_group"], *_GROUPS) if each in groups), values["setgid_group"])
    return {"mail_owner": owner, "setgid_group": group}
