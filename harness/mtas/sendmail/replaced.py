"""A user's sendmail.mc, made private: folders, addresses and the smart host are others, the rest is unchanged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from harness.mtas.form import Replaced
from harness.mtas.sendmail.config import NAME, UNSAFE, private

__all__ = ["replaced"]

_DEFINE: Final = re.compile(r"define\(\s*`?(?P<name>\w+)'?\s*,\s*`?(?P<value>[^)]*?)'?\s*\)(?:dnl)?")
_INCLUDE: Final = re.compile(r"^\s*include\(\s*`?[^)]*m4/cf\.m4'?\s*\).*$", re.M)
_OPTIONS: Final = re.compile(r"^\s*CLIENT_OPTIONS\(`?(?P<value>[^')]*)'?\).*$", re.M)
_MAILER: Final = re.compile(r"^\s*MAILER\(", re.M)
_OSTYPE: Final = re.compile(r"^\s*OSTYPE\(", re.M)
_MAILERS: Final = ("SMTP_MAILER_ARGS", "ESMTP_MAILER_ARGS", "SMTP8_MAILER_ARGS", "RELAY_MAILER_ARGS")
_LABORATORY: Final = "the private instance must not touch yours"
_FEATURES: Final = ("nocanonify", "accept_unresolvable_domains")


def replaced(
    text: str, *, target: tuple[str, int], source: str, folder: Path, files: Mapping[str, str]
) -> tuple[str, list[Replaced]]:
    """sendmail.mc for a private instance in ``folder``, and what is not as it was.

    ``files``: setting that names a file → path to read instead.
    """
    ours = {name: str(value) for name, value in private(folder).items()}
    ours |= {"SMART_HOST": f"relay:[{target[0]}]", "confDONT_BLAME_SENDMAIL": UNSAFE, "confMIN_QUEUE_AGE": "0"}
    ours |= {name: f"TCP $h {target[1]}" for name in _MAILERS}
    found: dict[str, str] = {each["name"]: each["value"] for each in _DEFINE.finditer(text)}
    changes = [Replaced(name, found[name], ours[name], _why(name)) for name in ours if name in found]
    changes += [Replaced(name, "", ours[name], _why(name)) for name in ("SMART_HOST",) if name not in found]
    kept = _DEFINE.sub(lambda each: "dnl" if each["name"] in ours else _moved(each, files), text)
    options = _OPTIONS.search(kept)
    if options is not None or source:
        new = f"Family=inet, Address={source}"
        changes.append(Replaced("CLIENT_OPTIONS", options["value"] if options else "", new, "it sends from here"))
    kept = _OPTIONS.sub("dnl", _INCLUDE.sub("dnl", kept))
    name = found.get("confDOMAIN_NAME", NAME)
    first = [f"define(`{each}', `{ours[each]}')dnl" for each in ("confSERVICE_SWITCH_FILE", "confHOSTS_FILE")]
    first.append(f"define(`confDOMAIN_NAME', `{name}')dnl")
    last = [f"define(`{each}', `{value}')dnl" for each, value in ours.items()]
    last += [f"CLIENT_OPTIONS(`Family=inet, Address={source}')dnl"]
    last += [f"FEATURE(`{each}')dnl" for each in _FEATURES if f"`{each}'" not in kept]
    kept = _before(_OSTYPE, kept, first, missing="OSTYPE(`linux')dnl\n")
    return _before(_MAILER, kept, last, missing="MAILER(`local')dnl\nMAILER(`smtp')dnl\n"), changes


def _why(name: str) -> str:
    if name == "SMART_HOST" or name in _MAILERS:
        return "the emulator stands for the service"
    return _LABORATORY


def _moved(define: re.Match[str], files: Mapping[str, str]) -> str:
    other = files.get(define["name"])
    return define[0] if other is None else f"define(`{define['name']}', `{other}')dnl"


def _before(mark: re.Pattern[str], text: str, lines: list[str], missing: str) -> str:
    """``lines`` before the first line that fits; at the end, with ``missing``, if there is none."""
    added = "".join(f"{line}\n" for line in lines)
    found = mark.search(text)
    if found is None:
        return f"{text.rstrip()}\n{added}{missing}"
    return (
        text[: found.start()] + ("\n" if found[0].startswith("\n") else "") + added + text[found.start() :].lstrip("\n")
    )
