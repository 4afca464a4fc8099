"""Files and folders: Get-Content, Set-Content, Out-File, Test-Path, Get-ChildItem, Copy-Item, Remove-Item and their
kin.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any, Final

from exoshell.powershell.commands import Command, Invocation, Param
from exoshell.powershell.conversions import cast, items_of, text_of, written_text
from exoshell.powershell.errors import PsError, Unsupported
from exoshell.powershell.formatting import shown_lines
from exoshell.powershell.library.host import INPUT, ShellHost, made, missing, objects_of
from exoshell.powershell.values import FormatView, PsObject

__all__ = ["codec", "commands", "failed", "folder_commands", "item_of", "written"]

_CODECS: Final = {"ascii": "ascii", "utf8": "utf-8", "utf8bom": "utf-8-sig", "utf8nobom": "utf-8", "unicode": "utf-16",
                  "utf32": "utf-32", "default": "utf-8", "oem": "utf-8", "utf-8": "utf-8"}  # fmt: skip
PATH: Final = Param("Path", mandatory=True, position=0, aliases=("LiteralPath", "PSPath", "FilePath"), about="A file.")
ENCODING: Final = Param("Encoding", "object", about="utf8 unless given; Byte for octets.")


def codec(given: Any) -> str:
    """Python's name of an encoding. Raises PsError."""
    found = _CODECS.get(text_of(given or "utf8").casefold().rpartition("::")[2])
    if found is None:
        raise PsError(f"'{text_of(given)}' is not a supported encoding name.", error_id="InvalidEncoding")
    return found


def failed(command: str, path: Path, why: OSError) -> PsError:
    """In PowerShell's words."""
    if isinstance(why, FileNotFoundError):
        return missing(command, path)
    return PsError(f"{path}: {why.strerror}", error_id=f"{type(why).__name__},{command}", category="WriteError",
                   target=str(path), terminating=False)  # fmt: skip


def written(around: ShellHost, invocation: Invocation, text: str, command: str, *, append: bool = False) -> None:
    """Text into the file of -Path. Errors go to the stream."""
    path = around.path(text_of(invocation.get("Path", invocation.get("FilePath"))))
    if invocation.get("NoClobber") and path.exists() and not append:
        invocation.streams.error(
            PsError(f"The file '{path}' already exists.", error_id=f"NoClobber,Microsoft.PowerShell.Commands.{command}"
                    "Command", category="ResourceExists", target=str(path), terminating=False)
        )  # fmt: skip
        return
    if not invocation.should_process(str(path), "Output to File"):
        return
    try:
        name = codec(invocation.get("Encoding"))
        if append and path.exists() and name in ("utf-16", "utf-32"):
            name += "-le"  # the mark of the order stands at the beginning
        with path.open("ab" if append else "wb") as file:
            file.write(text.encode(name, "replace"))
    except OSError as why:
        invocation.streams.error(failed(command, path, why))


def _get_content(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    octets = text_of(invocation.get("Encoding")).casefold() == "byte" or invocation.get("AsByteStream")
    if invocation.get("ReadCount", 1) not in (0, 1):
        raise Unsupported("Get-Content -ReadCount", invocation.position)
    for path in around.paths(invocation, "GetContent"):
        try:
            data = path.read_bytes()
        except OSError as why:
            invocation.streams.error(failed("GetContent", path, why))
            continue
        if octets:
            yield from [data] if invocation.get("Raw") else data
            continue
        text = data.decode(codec(invocation.get("Encoding")), "replace").removeprefix("\ufeff")
        lines = [text] if invocation.get("Raw") else text.splitlines()
        count, tail = invocation.get("TotalCount"), invocation.get("Tail")
        yield from lines[:count] if count is not None else lines[-tail:] if tail else lines


def _put_content(around: ShellHost, invocation: Invocation, *, append: bool) -> None:
    values = items_of(invocation.get("Value")) if invocation.given("Value") else invocation.input
    if text_of(invocation.get("Encoding")).casefold() == "byte" or invocation.get("AsByteStream"):
        path = around.path(text_of(invocation.get("Path")))
        octets = b"".join(cast(each, "byte[]", invocation.position) or b"" for each in values)
        try:
            path.write_bytes((path.read_bytes() if append and path.exists() else b"") + octets)
        except OSError as why:
            invocation.streams.error(failed("SetContent", path, why))
        return
    end = "" if invocation.get("NoNewline") else "\n"
    text = "".join(f"{written_text(each)}{end}" for each in values)
    written(around, invocation, text, "AddContent" if append else "SetContent", append=append)


def _out_file(around: ShellHost, invocation: Invocation) -> None:
    lines = shown_lines(objects_of(invocation), invocation.get("Width") or around.width())
    text = "".join(f"{line}\n" for line in lines)
    written(around, invocation, text, "OutFile", append=bool(invocation.get("Append")))


def _tee(around: ShellHost, invocation: Invocation) -> list[Any]:
    found = objects_of(invocation)
    if invocation.given("Variable"):
        invocation.context.scopes.put(text_of(invocation.get("Variable")), found)
    else:
        _out_file(around, invocation)
    return found


def _test_path(around: ShellHost, invocation: Invocation) -> Iterator[bool]:
    kind = text_of(invocation.get("PathType", "Any")).casefold()
    for name in items_of(invocation.get("Path")):
        try:
            found = around.matching(text_of(name))
        except Unsupported:
            raise
        except PsError:
            yield False
            continue
        yield any({"leaf": each.is_file, "container": each.is_dir}.get(kind, each.exists)() for each in found)


def _join(invocation: Invocation) -> Iterator[str]:
    first, second = (text_of(invocation.get(name)).replace("\\", "/") for name in ("Path", "ChildPath"))
    yield f"{first.rstrip('/')}/{second.lstrip('/')}" if first else second


def _split(invocation: Invocation) -> Iterator[str]:
    path = Path(text_of(invocation.get("Path")).replace("\\", "/"))
    yield (
        path.name
        if invocation.get("Leaf")
        else path.suffix
        if invocation.get("Extension")
        else (path.stem if invocation.get("LeafBase") else "" if path == Path(path.name) else str(path.parent))
    )


def _new_item(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    name = text_of(invocation.get("Path", "")) or "."
    path = around.path(name) / text_of(invocation.get("Name", ""))
    kind = text_of(invocation.get("ItemType", "File")).casefold()
    if kind not in ("file", "leaf", "directory", "container"):
        raise Unsupported(f"New-Item -ItemType {kind}", invocation.position)
    folder = kind in ("directory", "container")
    if not invocation.should_process(f"Destination: {path}", "Create Directory" if folder else "Create File"):
        return
    if path.exists() and not invocation.get("Force"):
        invocation.streams.error(PsError(f"The file '{path}' already exists.", error_id="NewItemIOError,NewItemCommand",
                                         category="WriteError", target=str(path), terminating=False))  # fmt: skip
        return
    try:
        if folder:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.write_text(text_of(invocation.get("Value", "")), encoding="utf-8")
    except OSError as why:
        invocation.streams.error(failed("NewItem", path, why))
        return
    yield item_of(path)


def _remove_item(around: ShellHost, invocation: Invocation) -> None:
    home = around.folder().resolve()
    for name in items_of(invocation.get("Path")):
        path = around.path(text_of(name)).resolve()
        if home not in path.parents:
            raise PsError(f"Remove-Item takes away only what lies in {home}; {path} does not", error_id="OutsideFolder",
                          category="PermissionDenied", target=str(path))  # fmt: skip
        try:
            if invocation.should_process(str(path), "Remove File", high_impact=True):
                shutil.rmtree(path) if path.is_dir() and invocation.get("Recurse") else (
                    path.rmdir() if path.is_dir() else path.unlink()
                )
        except OSError as why:
            invocation.streams.error(failed("RemoveItem", path, why))


def commands(around: ShellHost) -> tuple[Command, ...]:
    """The family."""
    family = "files"
    paths = Param("Path", "strings", mandatory=True, position=0, aliases=("LiteralPath", "PSPath"),
                      from_pipeline="value")  # fmt: skip
    value = Param("Value", "objects", position=1, from_pipeline="value", nullable=True)
    put = (PATH, value, ENCODING, Param("NoNewline", "switch"), Param("AsByteStream", "switch"),
           Param("Force", "switch"))  # fmt: skip
    to = Param("Path", position=0, aliases=("FilePath", "LiteralPath"))
    out = (to, ENCODING, Param("Width", "int"), Param("Append", "switch"),
           Param("Force", "switch"), Param("NoClobber", "switch"), INPUT)  # fmt: skip
    one = Param("Path", mandatory=True, position=0, from_pipeline="value")
    return (
        made("Get-Content", partial(_get_content, around), (paths, ENCODING, Param("Raw", "switch"),
             Param("AsByteStream", "switch"), Param("TotalCount", "int", aliases=("First", "Head")),
             Param("Tail", "int", aliases=("Last",)), Param("ReadCount", "int")), "The lines of a file.",
             aliases=("gc", "cat", "type"), family=family),
        made("Set-Content", partial(_put_content, around, append=False), put, "Writes a file.", aliases=("sc",),
             family=family, supports_what_if=True),
        made("Add-Content", partial(_put_content, around, append=True), put, "Writes at the end of a file.",
             aliases=("ac",), family=family, supports_what_if=True),
        made("Out-File", partial(_out_file, around), out, "What the screen would show, into a file.", family=family,
             supports_what_if=True),
        made("Tee-Object", partial(_tee, around), (*out, Param("Variable")), "Into a file or variable, and on.",
             aliases=("tee",), family=family),
        made("Test-Path", partial(_test_path, around), (paths, Param("PathType")), "Is it there?", family=family),
        made("Join-Path", _join, (one, Param("ChildPath", mandatory=True, position=1)), "One path of two.",
             family=family),
        made("Split-Path", _split, (one, *(Param(name, "switch") for name in ("Parent", "Leaf", "LeafBase",
             "Extension"))), "A part of a path.", family=family),
        made("New-Item", partial(_new_item, around), (Param("Path", position=0), Param("Name"),
             Param("ItemType", aliases=("Type",)), Param("Value", "object"), Param("Force", "switch")),
             "A file or a folder.", aliases=("ni",), family=family, supports_what_if=True),
        made("Remove-Item", partial(_remove_item, around), (paths, Param("Recurse", "switch"),
             Param("Force", "switch")), "Takes away a file of the working folder; asks.",
             aliases=("ri", "rm", "del"), family=family, supports_what_if=True),
        made("Get-Location", lambda _: [PsObject.of({"Path": str(around.folder())})], (),
             "The working folder.", aliases=("pwd", "gl"), family=family),
    )  # fmt: skip


_VIEW: Final = FormatView(("Mode", "LastWriteTime", "Length", "Name"))


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


def _children(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
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


def _item(around: ShellHost, invocation: Invocation) -> Iterator[Any]:
    yield from (item_of(path) for path in around.paths(invocation, "GetItem"))


def _carried(around: ShellHost, invocation: Invocation, *, copy: bool) -> Iterator[Any]:
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


def folder_commands(around: ShellHost) -> tuple[Command, ...]:
    """The family."""
    family = "files"
    path = Param("Path", "strings", mandatory=True, position=0, aliases=("LiteralPath", "PSPath"),
                     from_pipeline="value")  # fmt: skip
    force, passed = Param("Force", "switch"), Param("PassThru", "switch")
    to = Param("Destination", mandatory=True, position=1)
    return (
        made("Get-ChildItem", partial(_children, around), (Param("Path", "strings", position=0,
             aliases=("LiteralPath", "PSPath")), Param("Filter", position=1), Param("Include", "strings"),
             Param("Exclude", "strings"), *(Param(each, "switch") for each in ("Recurse", "File", "Directory",
             "Name", "Force"))), "What lies in a folder.", aliases=("gci", "dir", "ls"), family=family),
        made("Get-Item", partial(_item, around), (path, force), "A file or a folder.", aliases=("gi",), family=family),
        made("Copy-Item", partial(_carried, around, copy=True), (path, to, force, passed),
             "Copies a file inside the working folder.", aliases=("copy", "cp", "cpi"), family=family,
             supports_what_if=True),
        made("Move-Item", partial(_carried, around, copy=False), (path, to, force, passed),
             "Moves inside the working folder.", aliases=("move", "mv", "mi"), family=family, supports_what_if=True),
        made("Rename-Item", partial(_carried, around, copy=False), (path,
             Param("NewName", mandatory=True, position=1), force, passed), "Another name, in the same folder.",
             aliases=("ren", "rni"), family=family, supports_what_if=True),
    )  # fmt: skip
