"""Who may call the admin API: before any route, for every request.

A page in a browser can reach loopback addresses. Three things keep it out: the name in ``Host`` must be one of ours
(DNS rebinding), ``Origin`` must be our own if there is one (no CORS), and no answer may be rendered or sniffed.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fakeeop.admin.problems import ApiProblem, problem_response
from fakeeop.admin.settings import AdminSettings

__all__ = ["BODY_MAX", "OPEN_PATHS", "AccessGuard"]

BODY_MAX = 4 * 1024 * 1024  # octets of a request's body: a tenant file of some 10,000 connectors
OPEN_PATHS = frozenset({"/health", "/ready"})  # probes carry no token

_SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class AccessGuard:
    """ASGI: checks a request's head, bounds its body, marks every answer."""

    def __init__(self, app: ASGIApp, settings: AdminSettings) -> None:
        self._app = app
        self._token = settings.token
        self._names = {"localhost", settings.host.lower().strip("[]"), *(name.lower() for name in settings.names)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def marked(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _SAFETY.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            headers = Headers(scope=scope)
            self._check(headers, scope["path"])
            await self._app(scope, _bounded(headers, receive), marked)
        except ApiProblem as why:
            if started:
                raise
            await problem_response(why.status, why.detail, why.problems, why.headers)(scope, receive, marked)

    def _check(self, headers: Headers, path: str) -> None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise ApiProblem(403, f"Host: {host[:200]!r} is not a name of this server; --admin-name NAME allows a name")
        origin = headers.get("origin")
        if origin is not None and urlsplit(f"//{host}").netloc != _netloc(origin):
            raise ApiProblem(403, "requests of web pages are refused: the Origin is another one")
        if self._token is not None and path not in OPEN_PATHS:
            scheme, _, given = headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not _equal(given.strip(), self._token):
                challenge = {"WWW-Authenticate": 'Bearer realm="fakeeop"'}
                raise ApiProblem(401, "send the token: Authorization: Bearer TOKEN", headers=challenge)

    def _is_ours(self, host: str) -> bool:
        """True for an IP address, which no DNS can point elsewhere, and for the names that we have."""
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _equal(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("latin-1", "replace"), token.encode())


def _bounded(headers: Headers, receive: Receive) -> Receive:
    """The same body, but never more of it than BODY_MAX, whatever its length is said to be."""
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > BODY_MAX:
        raise _too_large()
    taken = 0

    async def limited() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > BODY_MAX:
                raise _too_large()
        return message

    return limited


def _too_large() -> ApiProblem:
    return ApiProblem(413, f"a request's body may have {BODY_MAX} octets", headers={"Connection": "close"})
