"""A tenant file that is changed: every change is checked and written at once, the file being replaced in one step.

So there is never a change that is said to be made and is not on disk, whenever the process ends, and who reads the file
sees all of a change or nothing of it. Processes that change it by these means wait for each other.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from yaml.nodes import SequenceNode

from fakeeop.config.editor.changes import (
    Add,
    Change,
    Configure,
    NoSuchElement,
    Put,
    Remove,
    Update,
    applied,
    choose,
    find,
    listed,
    within,
)
from fakeeop.config.editor.pieces import Pieces, changed_whole
from fakeeop.config.editor.text import Editor, Way
from fakeeop.config.editor.tree import prepared
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked, read_text
from fakeeop.config.parameters.kinds import ValueKind
from fakeeop.config.parameters.tables import TENANT
from fakeeop.errors import ConfigError, Problem, StoreError

__all__ = ["TenantFile", "edited", "replace_file"]

_FILES = tuple(row.name.casefold() for row in TENANT.parameters if row.kind is ValueKind.FILE)


class TenantFile:
    """One tenant of a file; ``place`` is the path.

    Raises ConfigError if the file is wrong as it is, or nobody said which tenant.
    """

    def __init__(self, path: str, organization: str | None = None) -> None:
        self.place = path
        self._path = Path(path)
        self._more_files = False  # it names others, which may change by themselves
        self._known: tuple[bytes, dict[str, Any]] | None = None  # what was read last, and what it says
        self._pieces: tuple[bytes, str, Pieces | None] | None = None  # of these octets, one list
        self.organization = choose(self.whole(), organization, path)

    def whole(self) -> dict[str, Any]:
        """As the file is now; not for changing."""
        return self._sound(self._octets())

    def tenant(self) -> dict[str, Any]:
        """Likewise."""
        return within(self.whole(), self.organization)

    def change(self, *changes: Change) -> None:
        """Nothing is written unless the whole result is right. Raises ConfigError, NoSuchElement, StoreError."""
        with _alone(self._path):
            octets = self._octets()
            whole = self._sound(octets)
            if len(changes) == 1 and self._change_quickly(octets, whole, changes[0]):
                return
            text = read_text(octets, self.place)
            new = edited(text, self.place, self.organization, changes)
            if new != text:
                self._write(octets, new, self._checked(new))

    def _change_quickly(self, octets: bytes, whole: dict[str, Any], change: Change) -> bool:
        """In its own lines, the rest being known; False: that does not do."""
        kind = getattr(change, "kind", "")
        if self._more_files or not kind:
            return False
        assert self._known is not None  # noqa: S101  it was read just now
        pieces = self._pieces_of(self._known[0], kind)
        found = changed_whole(whole, self.organization, pieces, change) if pieces is not None else None
        if found is None:
            return False
        self._write(octets, str(found[1]), found[0])
        self._pieces = self._known[0], kind, found[1]
        return True

    def _pieces_of(self, octets: bytes, kind: str) -> Pieces | None:
        if self._pieces is None or self._pieces[0] is not octets or self._pieces[1] != kind:
            text = read_text(octets, self.place)
            way = _tenant_way(text, self.place, self.organization)
            self._pieces = octets, kind, Pieces.of(text, (*way, kind))
        return self._pieces[2]

    def _write(self, octets: bytes, text: str, whole: dict[str, Any]) -> None:
        """``octets`` are what it was made of."""
        written = _encoded(text, octets)
        if self._octets() != octets:
            raise StoreError(f"{self.place}: somebody else changed it meanwhile; nothing was written, try again")
        if written != octets:
            if not os.access(self._path, os.W_OK):  # a new file in its place would not ask
                raise StoreError(f"{self.place}: it is write-protected; it is as it was")
            replace_file(self._path, written)
        self._known = written, whole

    def _octets(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError as why:
            problem = Problem("unreadable", f"cannot be read: {why.strerror}", "check the path", (), self.place)
            raise ConfigError((problem,)) from why

    def _sound(self, octets: bytes) -> dict[str, Any]:
        if self._known is None or self._known[0] != octets or self._more_files:
            self._known = octets, self._checked(read_text(octets, self.place))
        return self._known[1]

    def _checked(self, text: str) -> dict[str, Any]:
        tree = _tree(text, self.place)
        forest_from_tree(tree, self.place)
        tenants = listed(_tenants(tree))
        self._more_files = any(key.casefold() in _FILES for tenant in tenants for key in tenant)
        return prepared(tree, self.place)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else who asks for this changes the file meanwhile. The lock is a file in the folder for temporary files,
    which stays there; where none can be made nobody waits.
    """
    name = hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:32]
    lock = FileLock(Path(tempfile.gettempdir()) / f"fakeeop-{name}.lock")
    try:
        lock.acquire()
    except (OSError, NotImplementedError):
        yield
        return
    try:
        yield
    finally:
        lock.release()


def edited(text: str, path: str, organization: str, changes: tuple[Change, ...]) -> str:
    """The text with the changes in it. Raises NoSuchElement, and ConfigError for what stands in another file.

    The result is compared with what the same changes make of the data: a text that cannot be edited is an error and
    never a wrong file.
    """
    for change in changes:
        editor = Editor(text)
        way = _tenant_way(text, path, organization)
        wanted = _expected(text, path, organization, change)
        _edit(editor, way, organization, change, _data(text, path))
        if _data(editor.text, path) != wanted:
            problem = Problem("cannot-edit", f"cannot be edited here: {change}", "edit it by hand", (), path)
            raise ConfigError((problem,))
        text = editor.text
    return text


@lru_cache(maxsize=3)
def _tree(text: str, path: str) -> Any:
    """Read once for each text; nobody changes it."""
    return load_marked(text, path)


@lru_cache(maxsize=3)
def _data(text: str, path: str) -> dict[str, Any]:
    """Prepared, without the files that it names: these are not edited. Nobody changes it."""
    tree = _tree(text, path)
    tenants = [
        {key: value for key, value in each.items() if key.casefold() not in _FILES} for each in listed(_tenants(tree))
    ]
    return prepared(
        {**{key: value for key, value in tree.items() if key.casefold() != "tenants"}, "Tenants": tenants}, path
    )


def _tenants(tree: Any) -> Any:
    return next((value for key, value in tree.items() if key.casefold() == "tenants"), None)


def _expected(text: str, path: str, organization: str, change: Change) -> dict[str, Any]:
    data = _data(text, path)
    try:
        new = applied(within(data, organization), change)
    except NoSuchElement as why:
        files = [f"{key}: {value}" for key, value in _raw(text, path, organization).items() if key.casefold() in _FILES]
        if not files:
            raise
        fix = f"take it into {path}, or edit that file ({', '.join(files)})"
        problem = Problem("in-another-file", f"{why.name!r} is not in this file", fix, (why.kind,), path)
        raise ConfigError((problem,)) from why
    tenants = [new if each is within(data, organization) else each for each in data["Tenants"]]
    return {**data, "Tenants": tenants}


def _raw(text: str, path: str, organization: str) -> dict[str, Any]:
    tree = _tree(text, path)
    found: dict[str, Any] = listed(_tenants(tree))[_index(tree, organization)]
    return found


def _index(tree: Any, organization: str) -> int:
    for index, tenant in enumerate(listed(_tenants(tree))):
        name = next((value for key, value in tenant.items() if key.casefold() == "name"), "")
        if str(name).strip().casefold() == organization.strip().casefold():
            return index
    raise ConfigError((Problem("unknown-tenant", f"there is no tenant {organization!r} any more"),))


def _tenant_way(text: str, path: str, organization: str) -> Way:
    tree = _tree(text, path)
    tenants = _tenants(tree)
    if isinstance(tenants, list):
        return ("Tenants", _index(tree, organization))
    if isinstance(tenants, Mapping) and "value" in {key.casefold() for key in tenants}:
        return ("Tenants", "value", _index(tree, organization))
    return ("Tenants",)


def _edit(editor: Editor, way: Way, organization: str, change: Change, data: dict[str, Any]) -> None:
    tenant = within(data, organization)
    match change:
        case Put():
            _put(editor, way, change.key, change.value)
        case Configure():
            held = tenant.get(change.kind)
            if not held:
                editor.set(way, change.kind, {key: value for key, value in change.patch.items() if value is not None})
                return
            for key, value in change.patch.items():
                _put(editor, (*way, change.kind), key, value)
        case Add():
            editor.append(way, change.kind, change.element)
        case Update() | Remove():
            _element(editor, way, organization, change, listed(tenant.get(change.kind)))


def _element(editor: Editor, way: Way, organization: str, change: Update | Remove, elements: list[Any]) -> None:
    at = find(organization, change.kind, elements, change.name)
    if at is None:
        raise NoSuchElement(change.kind, change.name)
    here = (*way, change.kind)
    if not _is_sequence(editor, here):  # one mapping, or a text with commas: written anew as a list
        editor.set(way, change.kind, elements)
    if isinstance(change, Remove):
        editor.remove(here, at)
        return
    if isinstance(elements[at], str):
        patch = {key: value for key, value in change.patch.items() if value is not None}
        editor.replace((*here, at), {"DomainName": elements[at], **patch})
        return
    for key, value in change.patch.items():
        _put(editor, (*here, at), key, value)


def _is_sequence(editor: Editor, way: Way) -> bool:
    return isinstance(editor.node(way), SequenceNode)


def _put(editor: Editor, way: Way, key: str, value: Any) -> None:
    if value is None:
        editor.unset(way, key)
    else:
        editor.set(way, key, value)


def _encoded(text: str, before: bytes) -> bytes:
    """In the encoding that the file had."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if before.startswith(mark):
            return mark + text.encode(encoding)
    return text.encode("utf-8")


def replace_file(path: Path, octets: bytes) -> None:
    """Write a file in one step: a reader sees the old or the new, never a part. Raises StoreError."""
    target = path.resolve()
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as why:
        raise StoreError(f"{target.parent}: {why.strerror}") from why
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o644)
        Path(name).replace(target)
    except OSError as why:
        Path(name).unlink(missing_ok=True)
        raise StoreError(f"{target}: {why.strerror}; it is as it was") from why
