"""The tenants as the API changes them: one tree, checked whole by the rules of the tenant file before it is served."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from typing import Any

from fakeeop.admin.problems import ApiProblem, problem_tree
from fakeeop.admin.subject import Subject
from fakeeop.config.editor.tree import find, prepared, refused_files
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.secrets import restored
from fakeeop.errors import ConfigError

__all__ = ["TenantStore", "element_of", "index_of"]

Tree = dict[str, Any]
BODY = "<body>"  # the file name of what a request brought


class TenantStore:
    """Reads and changes the emulator's tenants; one change at a time."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._key = os.urandom(16)  # a tag must not tell a secret's hash
        self._source: Any = None
        self._tree: Tree = {}
        self._lock = asyncio.Lock()

    def tree(self) -> Tree:
        """The tree in force, in right spellings. 409 if the emulator was made from objects."""
        source = self._subject.tree
        if source is None:
            raise ApiProblem(409, "this emulator was not made from a tenant file: PUT /tenants gives it one")
        if source is not self._source:
            try:
                self._tree = prepared(source, self._subject.tree_path)
            except (OSError, ValueError, ConfigError) as why:
                raise ApiProblem(409, f"a file that the tenant file names cannot be read any more: {why}") from why
            self._source = source
        return self._tree

    def tag(self, tree: Any) -> str:
        """The entity tag of a part: equal parts have equal tags, while the process lives."""
        content = json.dumps(tree, sort_keys=True).encode("ascii")
        return f'"{hashlib.blake2b(content, digest_size=12, key=self._key).hexdigest()}"'

    def demand(self, part: Any, if_match: str | None) -> None:
        """412 unless ``If-Match`` names the part as it is; ``part`` is None where there is none."""
        if if_match is None:
            return
        tags = {tag.strip() for tag in if_match.split(",")}
        if part is None or ("*" not in tags and self.tag(part) not in tags):
            raise ApiProblem(412, "it was changed meanwhile: GET it again, and repeat the change")

    async def replace(self, tree: Any, if_match: str | None) -> Tree:
        """Serve a whole tenant tree, with the marks of its lines."""
        async with self._lock:
            before = None if self._subject.tree is None else self.tree()
            self.demand(before, if_match)
            await self._serve(tree, before)
        return self.tree()

    async def change(self, edit: Callable[[Tree], Tree]) -> Tree:
        """Serve what ``edit`` makes of the tree. 422 with every broken rule, 409 if the file was reloaded meanwhile."""
        async with self._lock:
            before = self.tree()
            await self._serve(edit(before), before)
        return self.tree()

    async def _serve(self, tree: Any, before: Tree | None) -> None:
        if tree is before:
            return
        refused = refused_files(tree)
        if refused:
            raise ApiProblem(422, "the API reads no files of the server's machine", refused)
        try:
            restored(tree, before)
        except LookupError as why:
            raise ApiProblem(422, f"{why.args[0]} is masked, and there is no value that it could stand for") from why
        served = self._subject.tree
        try:  # in a thread: a thousand tenants take a while, and mail goes on
            forest = await asyncio.to_thread(forest_from_tree, tree, BODY)
        except ConfigError as why:
            many = "a mistake" if len(why.problems) == 1 else f"{len(why.problems)} mistakes"
            detail = f"the tenant file would have {many}; nothing was changed"
            raise ApiProblem(422, detail, map(problem_tree, why.problems)) from why
        if self._subject.tree is not served:
            raise ApiProblem(409, "the tenants were replaced meanwhile: GET them again, and repeat the change")
        self._subject.replace_forest(forest, tree)


def index_of(elements: list[Any], kind: str, name: str) -> int:
    """The place of an element; 404 if there is none."""
    found = find(elements, kind, name)
    if found is None:
        raise ApiProblem(404, f"{kind} has no {name[:200]!r}")
    return found


def element_of(elements: list[Any], kind: str, name: str) -> Any:
    """An element as a mapping: a domain that is only a name becomes one. 404 if there is none."""
    element = elements[index_of(elements, kind, name)]
    return {"DomainName": element} if isinstance(element, str) else element
