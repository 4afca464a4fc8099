"""The admin API as the remote target speaks to it: JSON over one kept connection, of the standard library."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from fakeeop.errors import ConfigError, Problem
from harness.errors import TargetError

__all__ = ["Api"]

_PATIENCE = 90.0  # seconds for one answer: more than the longest poll


class Api:
    """Answers as data. Raises ConfigError for broken rules of a tenant file, TargetError for all else."""

    def __init__(self, url: str, token: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname or parts.path not in ("", "/"):
            raise TargetError(f"{url!r} is not the URL of an admin API, such as http://127.0.0.1:8025")
        self._url = url
        self._headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=_PATIENCE)

    def get(self, path: str) -> Any:
        """The answer to GET."""
        return self.call("GET", path)

    def pages(self, path: str, name: str, **query: Any) -> list[dict[str, Any]]:
        """Every element of a list that comes in pages."""
        found: list[dict[str, Any]] = []
        after: dict[str, Any] = {}
        while True:
            page = self.get(f"{path}?{urlencode({**query, **after, 'limit': 1000})}")
            found += page[name]
            if page["next"] is None:
                return found
            after = {"after": page["next"]}

    def call(self, method: str, path: str, body: Any = None, *, path_of_tree: str = "") -> Any:
        """The answer as data, None if it has none. ``path_of_tree`` names the file in problems of a tenant tree."""
        content = None if body is None else json.dumps(body).encode()
        try:
            status, text = self._once(method, path, content)
        except (OSError, http.client.HTTPException):  # a kept connection that the server has closed meanwhile
            self._connection.close()
            try:
                status, text = self._once(method, path, content)
            except (OSError, http.client.HTTPException) as why:
                raise TargetError(f"{self._url} does not answer: {why}") from why
        tree = json.loads(text) if text else None
        if status < 300:
            return tree
        raise self._refusal(method, path, status, tree, path_of_tree)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _once(self, method: str, path: str, content: bytes | None) -> tuple[int, bytes]:
        self._connection.request(method, path, content, self._headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def _refusal(self, method: str, path: str, status: int, tree: Any, file: str) -> Exception:
        told = tree if isinstance(tree, dict) else {}
        problems = told.get("problems") or []
        if status == 422 and file and problems:
            return ConfigError(tuple(_problem(each, file) for each in problems))
        detail = "; ".join([str(told.get("detail") or status), *(str(each.get("message")) for each in problems)])
        return TargetError(f"{self._url}: {method} {path.partition('?')[0]}: {detail}")


def _problem(tree: dict[str, Any], file: str) -> Problem:
    return Problem(
        str(tree["code"]),
        str(tree["message"]),
        str(tree.get("fix") or ""),
        tuple(map(str, tree.get("where") or ())),
        file,
        source=str(tree.get("source") or ""),
    )
