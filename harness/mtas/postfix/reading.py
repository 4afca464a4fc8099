"""Asking Postfix's own tools about a user's configuration: effective values, warnings, what a table says."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from attrs import field, frozen

from harness.clients.process import run_program
from harness.errors import DriverError, HarnessError
from harness.mtas.form import Replaced
from harness.mtas.postfix.config import MASTER_CF
from harness.mtas.postfix.files import main_without
from harness.mtas.postfix.programs import PostfixPrograms

__all__ = ["PostfixReading", "read_configuration"]

_PATH: Final = re.compile(r"(?<![\w./$}-])/(?:[\w.+@-]+/)*[\w.+@-]+")
_TABLE: Final = re.compile(r"\b(?P<type>hash|btree|lmdb|cdb|dbm|sdbm):(?P<path>/[\w./+@-]+)")
_COMPILED: Final = {"hash": ".db", "btree": ".db", "lmdb": ".lmdb", "cdb": ".cdb", "dbm": ".pag", "sdbm": ".pag"}
_SECONDS: Final = 30.0


@frozen
class PostfixReading:
    """``text`` is main.cf with its paths resolved, ``master`` master.cf (empty without one). ``given`` are the settings
    that main.cf has, ``values`` all, expanded. ``etc`` is a copy that Postfix's tools are asked with.
    """

    folder: Path
    etc: Path
    programs: PostfixPrograms
    text: str
    master: str
    given: Mapping[str, str] = field(factory=dict)
    values: Mapping[str, str] = field(factory=dict)
    moved: tuple[Replaced, ...] = ()
    warnings: tuple[str, ...] = ()

    def lookup(self, tables: str, keys: Iterable[str]) -> str | None:
        """What the first table that knows one of the keys says (``postmap -q``). Raises DriverError."""
        for key in keys:
            for table in _tables(tables):
                code, out, err = self.run("postmap", "-q", key, table)
                if code not in (0, 1) or "fatal:" in err:
                    raise DriverError(f"postmap -q {key} {table}", "cannot be looked up", err)
                if code == 0 and out.strip():
                    return out.strip()
        return None

    def run(self, program: str, *arguments: str) -> tuple[int, str, str]:
        """One of Postfix's tools with this configuration: exit code, output, errors."""
        return _run(self.programs, self.etc, program, *arguments)


def read_configuration(given: Path, work: Path, programs: PostfixPrograms) -> PostfixReading:
    """``given`` is a folder with main.cf, or that file; ``work`` the harness's own folder.

    Raises HarnessError for what is not there or does not parse, with Postfix's own words.
    """
    main = given / "main.cf" if given.is_dir() else given
    folder = main.parent.resolve()
    try:
        text = main.read_text("utf-8", "surrogateescape")
    except OSError as why:
        raise HarnessError(f"{main}: {why.strerror or why}") from why
    master = folder / "master.cf"
    services = master.read_text("utf-8", "surrogateescape") if master.is_file() else ""
    etc = work / "etc"
    etc.mkdir(exist_ok=True)
    text = re.sub(r"\$(?:config_directory\b|\{config_directory\}|\(config_directory\))", str(folder), text)
    text, moved = _resolved(text, folder)
    text, compiled = _compiled(text, work, programs, etc)
    (etc / "main.cf").write_text(_for_tools(text, programs), "utf-8", "surrogateescape")
    (etc / "master.cf").write_text(services or MASTER_CF, "utf-8", "surrogateescape")
    code, out, err = _run(programs, etc, "postconf", "-n")
    if code != 0 or "fatal:" in err:
        raise DriverError(f"postconf on {main}", "the configuration does not parse", err.replace(str(etc), str(folder)))
    values = _settings(_run(programs, etc, "postconf", "-x")[1])
    ours = {name: value for name, value in _settings(out).items() if name in _names(text)}
    warnings = [line.replace(str(etc), str(folder)) for line in err.splitlines() if "warning:" in line]
    return PostfixReading(folder, etc, programs, text, services, ours, values, (*moved, *compiled), tuple(warnings))


def _tables(text: str) -> list[str]:
    """By commas and space outside of braces; without ``proxy:``, which needs a daemon."""
    found, depth = [""], 0
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if depth == 0 and letter in ", \t\n":
            found.append("")
        else:
            found[-1] += letter
    return [each.removeprefix("proxy:") for each in found if each]


def _for_tools(text: str, programs: PostfixPrograms) -> str:
    """With the folders of the Postfix that is here."""
    ours = {name: value for name, value in programs.values.items() if name != "mail_version"}
    return main_without(text, ours) + "".join(f"{name} = {value}\n" for name, value in ours.items())


def _run(programs: PostfixPrograms, etc: Path, program: str, *arguments: str) -> tuple[int, str, str]:
    variables = {"MAIL_CONFIG": str(etc), **programs.variables}
    argv = [str(programs.commands / program), "-c", str(etc), *arguments]
    done = run_program(argv, folder=etc, timeout=_SECONDS, extra=variables)
    return done.code, done.stdout, done.stderr


def _settings(text: str) -> dict[str, str]:
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            found[name.strip()] = value.strip()
    return found


def _names(text: str) -> set[str]:
    return {line.partition("=")[0].strip() for line in text.splitlines() if line[:1] not in ("#", " ", "\t", "")}


def _resolved(text: str, folder: Path) -> tuple[str, list[Replaced]]:
    """A file that is not where main.cf says, and lies next to main.cf: there."""
    moved: dict[str, Replaced] = {}

    def there(found: re.Match[str]) -> str:
        path = Path(found[0])
        beside = folder / path.name
        if path.exists() or not beside.is_file() or any(Path(f"{path}{each}").exists() for each in _COMPILED.values()):
            return found[0]
        moved[found[0]] = Replaced("path", found[0], str(beside), "it is not there, and lies next to main.cf")
        return str(beside)

    lines = [line if line.lstrip().startswith("#") else _PATH.sub(there, line) for line in text.splitlines()]
    return "\n".join(lines) + "\n", list(moved.values())


def _compiled(text: str, work: Path, programs: PostfixPrograms, etc: Path) -> tuple[str, list[Replaced]]:
    """A table that postmap has not made yet is made in the harness's own folder; the user's is not touched."""
    made: list[Replaced] = []
    for found in list(_TABLE.finditer(text)):
        path = Path(found["path"])
        if not path.is_file() or Path(f"{path}{_COMPILED[found['type']]}").exists():
            continue
        copy = work / f"{len(made)}-{path.name}"
        copy.write_bytes(path.read_bytes())
        os.chmod(copy, 0o644)
        (etc / "main.cf").write_text(_for_tools("", programs), "utf-8")
        code, out, err = _run(programs, etc, "postmap", f"{found['type']}:{copy}")
        if code != 0:
            raise DriverError(f"postmap {found[0]}", "the table does not compile", f"{out}{err}")
        text = text.replace(found[0], f"{found['type']}:{copy}")
        made.append(Replaced("table", found[0], f"{found['type']}:{copy}", "it has not been compiled with postmap"))
    return text, made
