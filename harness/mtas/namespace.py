"""A program's own view of the file system: some files and folders are seen where others lie, for it alone.

Linux mount namespaces, made by ``unshare`` (util-linux), as root; nothing outside changes. For programs that have paths
and accounts built in: several side by side, unpacked ones, and nothing below /etc or /var is touched.
"""

from __future__ import annotations

import grp
import pwd
import tempfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from attrs import frozen

from harness.clients.process import find_program, run_program
from harness.errors import HarnessError

__all__ = ["FileView", "accounts", "hosts_file", "view_lack"]

_FIRST_ID: Final = 64_200  # ids that nobody has: below 65534 (nobody), above what systems hand out
_BIND: Final = 'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 97; shift 2; done; shift; exec "$@"'
_NAME: Final = 'echo "$1" > /proc/sys/kernel/hostname || exit 97; shift; '


@frozen
class FileView:
    """``binds`` are pairs: what lies here, and where it is seen. Both must exist. No pairs: the ordinary view.

    ``host_name`` is that of the machine for this program alone; empty: its own.
    """

    binds: tuple[tuple[Path, Path], ...] = ()
    host_name: str = ""

    def argv(self, *command: str | Path) -> list[str | Path]:
        """The command line that runs a command in this view; the process id is the command's own."""
        if not self.binds and not self.host_name:
            return list(command)
        pairs: list[str | Path] = [each for pair in self.binds for each in pair]
        named = ["--uts"] if self.host_name else []
        script = _NAME + _BIND if self.host_name else _BIND
        name = [self.host_name] if self.host_name else []
        spaces = ["unshare", "--mount", *named, "--propagation", "private"]
        return [*spaces, "sh", "-c", script, "sh", *name, *pairs, "--", *command]


@lru_cache(maxsize=1)
def view_lack() -> str:
    """Why there can be no view here; empty if there can."""
    if find_program("unshare") is None:
        return "needs the program unshare (util-linux) for a view of its own"
    with tempfile.TemporaryDirectory(prefix="harness-probe-") as folder:
        path = Path(folder)
        try:
            done = run_program(FileView(((path, path),)).argv("true"), folder=path, timeout=30.0)
        except HarnessError as why:
            return f"cannot have a view of its own: {why}"
    return "" if done.code == 0 else f"may not have a view of its own: {done.output}"


def accounts(
    folder: Path, users: Sequence[str], groups: Sequence[str] = ()
) -> tuple[FileView, dict[str, tuple[int, int]]]:
    """Accounts that the system lacks, for a view: each user with a group of its name, and these groups.

    Files are written to ``folder``. Also the ids of all of them, name → user, group; those that exist are as they are.
    """
    known = {each.pw_name: (each.pw_uid, each.pw_gid) for each in pwd.getpwall()}
    known_groups = {each.gr_name: each.gr_gid for each in grp.getgrall()}
    free = (number for number in range(_FIRST_ID, 65_000) if not _taken(number))
    lines, ids = [], {}
    for name in dict.fromkeys((*users, *groups)):
        if name not in known_groups:
            known_groups[name] = next(free)
            lines.append(f"{name}:x:{known_groups[name]}:\n")
    passwd = []
    for name in dict.fromkeys(users):
        if name not in known:
            known[name] = (known_groups[name], known_groups[name])
            passwd.append(f"{name}:x:{known[name][0]}:{known[name][1]}::/:/bin/false\n")
        ids[name] = known[name]
    ids |= {name: (0, known_groups[name]) for name in groups if name not in ids}
    binds = [_added(folder, Path("/etc/passwd"), passwd), _added(folder, Path("/etc/group"), lines)]
    return FileView(tuple(each for each in binds if each is not None)), ids


def hosts_file(folder: Path, names: Iterable[tuple[str, str]]) -> FileView:
    """Pairs of name and address that are found without DNS."""
    lines = [f"{address} {name}\n" for name, address in names]
    bind = _added(folder, Path("/etc/hosts"), lines, first=True)
    return FileView(() if bind is None else (bind,))


def _added(folder: Path, place: Path, lines: Sequence[str], *, first: bool = False) -> tuple[Path, Path] | None:
    if not lines:
        return None
    made = folder / place.name
    there = place.read_text("utf-8") if place.exists() else ""
    there += "" if there.endswith("\n") or not there else "\n"
    made.write_text("".join([*lines, there] if first else [there, *lines]), "utf-8")
    made.chmod(0o644)
    return made, place


def _taken(number: int) -> bool:
    for look in (pwd.getpwuid, grp.getgrgid):
        try:
            look(number)
        except KeyError:
            continue
        return True
    return False
