"""What lies in a folder: Get-ChildItem, Get-Item, Copy-Item, Move-Item, Rename-Item."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, Final

from exoshell.powershell.conversions import items_of, text_of
from exoshell.powershell.errors import PsError
from exoshell.powershell.host import Command, Invocation, Parameter
from exoshell.powershell.library.surroundings import Surroundings, made
from exoshell.powershell.values import PsObject, View

__all__ = ["commands", "item_of"]

_VIEW: Final = View(("Mode", "LastWriteTime", "Length", "Name"))


def item_of(path: Path) -> PsObject:
    """A FileInfo or a DirectoryInfo; its text is its path (assumption: always the full one)."""
    folder = path.is_dir()
    found = path.stat()
    changed = datetime.fromtimestamp(found.st_mtime, UTC).astimezone()
    made_of = PsObject.of(
        {
            "Mode": "d-----" if folder else "-a----", "LastWriteTime": changed,
            **({} if folder else {"Length": found.st_size}),
            "Name": path.name, "FullName": str(path), "BaseName": path.name if folder else path.stem,
            "Extension": path.suffix, "DirectoryName": str(path.parent), "PSIsContainer": folder, "Exists": True,
            "PSPath": str(path), "CreationTime": datetime.fromtimestamp(found.st_ctime, UTC).astimezone(),
        },
        "System.IO.DirectoryInfo" if folder else "System.IO.FileInfo",
        _VIEW,
    )  # fmt: skip
    made_of.methods["ToString"] = lambda: str(path)
    return made_of


def _children(around: Surroundings, invocation: Invocation) -> Iterator[Any]:
    if not invocation.given("Path"):
        invocation.bound["Path"] = ["."]
    patterns = [text_of(each).casefold() for each in items_of(invocation.get("Filter"))]
    patterns += [text_of(each).casefold() for each in items_of(invocation.get("Include"))]
    without = [text_of(each).casefold() for each in items_of(invocation.get("Exclude"))]
    wild = any(mark in text_of(each) for each in items_of(invocation.get("Path")) for mark in "*?[")
    for path in around.paths(invocation, "GetChildItem"):
        listed = [path] if wild or path.is_file() else path.rglob("*") if invocation.get("Recurse") else path.iterdir()
        for each in sorted(listed, key=lambda one: (one.is_file(), str(one).casefold())):
            name = each.name.casefold()
            if (invocation.get("File") and each.is_dir()) or (invocation.get("Directory") and each.is_file()):
                continue
            if all(fnmatchcase(name, one) for one in patterns) and not any(fnmatchcase(name, one) for one in without):
                yield each.name if invocation.get("Name") else item_of(each)


def _item(around: Surroundings, invocation: Invocation) -> Iterator[Any]:
    yield from (item_of(path) for path in around.paths(invocation, "GetItem"))


def _carried(around: Surroundings, invocation: Invocation, *, copy: bool) -> Iterator[Any]:
    """To -Destination, inside the working folder."""
    verb = "Copy" if copy else "Move"
    for path in around.paths(invocation, f"{verb}Item"):
        given = text_of(invocation.get("Destination", invocation.get("NewName")))
        target = path.parent / given if invocation.given("NewName") else around.path(given)
        target = target / path.name if target.is_dir() else target
        home = around.folder().resolve()
        if home not in target.resolve().parents or (not copy and home not in path.resolve().parents):
            raise PsError(f"{invocation.command.name} works inside {home} only; {target} does not lie there",
                          error_id="OutsideFolder", category="PermissionDenied", target=str(target))  # fmt: skip
        if target.exists() and not (copy or invocation.get("Force")):
            raise PsError("Cannot create a file when that file already exists.",
                          error_id=f"{verb}FileInfoItemIOError,{verb}Item", category="WriteError")  # fmt: skip
        if path.is_dir() and copy:
            raise PsError(f"{path} is a folder: Copy-Item copies files here", error_id="CopyDirectory")
        if invocation.should_process(f"Item: {path} Destination: {target}", f"{verb} File"):
            shutil.copyfile(path, target) if copy else shutil.move(path, target)
            if invocation.get("PassThru"):
                yield item_of(target)


def commands(around: Surroundings) -> tuple[Command, ...]:
    """The family."""
    family = "files"
    path = Parameter("Path", "strings", mandatory=True, position=0, aliases=("LiteralPath", "PSPath"),
                     from_pipeline="value")  # fmt: skip
    force, passed = Parameter("Force", "switch"), Parameter("PassThru", "switch")
    to = Parameter("Destination", mandatory=True, position=1)
    return (
        made("Get-ChildItem", partial(_children, around), (Parameter("Path", "strings", position=0,
             aliases=("LiteralPath", "PSPath")), Parameter("Filter", position=1), Parameter("Include", "strings"),
             Parameter("Exclude", "strings"), *(Parameter(each, "switch") for each in ("Recurse", "File", "Directory",
             "Name", "Force"))), "What lies in a folder.", aliases=("gci", "dir", "ls"), family=family),
        made("Get-Item", partial(_item, around), (path, force), "A file or a folder.", aliases=("gi",), family=family),
        made("Copy-Item", partial(_carried, around, copy=True), (path, to, force, passed),
             "Copies a file inside the working folder.", aliases=("copy", "cp", "cpi"), family=family,
             supports_what_if=True),
        made("Move-Item", partial(_carried, around, copy=False), (path, to, force, passed),
             "Moves inside the working folder.", aliases=("move", "mv", "mi"), family=family, supports_what_if=True),
        made("Rename-Item", partial(_carried, around, copy=False), (path,
             Parameter("NewName", mandatory=True, position=1), force, passed), "Another name, in the same folder.",
             aliases=("ren", "rni"), family=family, supports_what_if=True),
    )  # fmt: skip
