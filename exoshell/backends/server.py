"""The admin API of a running server as a backend. ``FAKEEOP_TOKEN`` is its token, as for ``fakeeop trace --server``."""

from __future__ import annotations

import json
import os
from http.client import HTTPException
from typing import Any, NamedTuple, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from fakeeop.config.editor.changes import Change, applied, choose, within
from fakeeop.errors import ConfigError, Problem, RemoteError

__all__ = ["RunningServer"]

_SECONDS = 30.0
_TRIES = 5
_MEANWHILE = (409, 412)


class _Answer(NamedTuple):
    tree: Any
    tag: str


class _Refused(RemoteError):
    """An answer that says no; ``problems`` as the server tells them."""

    def __init__(self, url: str, status: int, detail: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{url} says {status}: {detail}")
        self.status = status
        self.problems = problems


class RunningServer:
    """``place`` is the URL. Secrets come masked, and stay as they are when a change goes back.

    Raises ConfigError if nobody said which tenant, RemoteError if it does not answer.
    """

    def __init__(self, url: str, organization: str | None = None, token: str | None = None) -> None:
        self.place = url.rstrip("/")
        self._token = token if token is not None else os.environ.get("FAKEEOP_TOKEN")
        self._known: dict[str, _Answer] = {}  # the last answers that have a tag, by their way; nobody changes them
        self.organization = choose(self.whole(), organization, self.place)

    def whole(self) -> dict[str, Any]:
        """Asked for now; the same object while it is the same there."""
        tree = self._ask("GET", "/tenants").tree
        if not isinstance(tree, dict) or not isinstance(tree.get("Tenants"), list):
            raise RemoteError(f"{self.place} is not an admin API of fakeeop: /tenants gives no Tenants")
        return tree

    def tenant(self) -> dict[str, Any]:
        """Asked for now."""
        return within(self.whole(), self.organization)

    def change(self, *changes: Change) -> None:
        """One request for all: it is refused whole, or in force when this returns."""
        way = f"/tenants/{quote(self.organization, safe='')}"
        for attempt in range(_TRIES):
            held = self._ask("GET", way)
            new = held.tree
            for change in changes:
                new = applied(new, change)
            try:
                self._ask("PUT", way, new, held.tag)
            except _Refused as why:
                if why.problems:
                    raise ConfigError(why.problems) from why
                if why.status not in _MEANWHILE or attempt == _TRIES - 1:
                    raise
            else:
                return

    def trace(self, values: list[tuple[str, str]]) -> dict[str, Any]:
        """``GET /message-trace``."""
        query = f"?{urlencode(values)}" if values else ""
        tree: dict[str, Any] = self._ask("GET", f"/message-trace{query}").tree
        return tree

    def trace_detail(self, trace_id: str, recipient: str, organization: str = "") -> list[dict[str, Any]]:
        """``GET /message-trace/ID/RECIPIENT``."""
        way = f"/message-trace/{quote(trace_id, safe='')}/{quote(recipient, safe='')}"
        if organization:
            way += f"?{urlencode({'Organization': organization})}"
        try:
            events: list[dict[str, Any]] = self._ask("GET", way).tree["events"]
        except _Refused as why:
            if why.status == 404:
                return []
            raise
        return events

    def settle(self) -> None:
        """Every change is in force when the server has answered."""

    def _ask(self, method: str, way: str, body: Any = None, tag: str = "") -> _Answer:
        headers = {"Accept": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            data = json.dumps(body).encode("ascii")
            headers["Content-Type"] = "application/json"
        known = self._known.get(way) if method == "GET" else None
        if tag:
            headers["If-Match"] = tag
        elif known is not None:
            headers["If-None-Match"] = known.tag
        request = Request(f"{self.place}{way}", data, headers, method=method)  # noqa: S310  open_backend takes http(s) only
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  as above
                text = answer.read()
                found = _Answer(json.loads(text) if text else None, answer.headers.get("ETag", ""))
                if method == "GET" and found.tag:
                    self._known[way] = found
                return found
        except HTTPError as why:
            if why.code == 304 and known is not None:
                why.close()
                return known
            self._refused(why)
        except (URLError, OSError, ValueError, HTTPException) as why:
            raise RemoteError(f"{self.place} does not answer: {getattr(why, 'reason', why)}") from why

    def _refused(self, why: HTTPError) -> NoReturn:
        said = why.read()
        try:
            tree = json.loads(said)
            problems = tuple(self._problem(each) for each in tree.get("problems", ()))
            detail = str(tree.get("detail", why.reason))
        except (ValueError, AttributeError, TypeError):
            problems, detail = (), said[:300].decode("utf-8", "replace")
        if why.code == 401:
            detail += " (FAKEEOP_TOKEN holds it)"
        raise _Refused(self.place, why.code, detail, problems) from why

    def _problem(self, tree: dict[str, Any]) -> Problem:
        where = tuple(map(str, tree.get("where", ())))
        return Problem(
            str(tree.get("code", "refused")), str(tree.get("message", "")), str(tree.get("fix", "")), where, self.place,
            source=str(tree.get("source", "")),
        )  # fmt: skip
