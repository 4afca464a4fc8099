"""A running ``fakeeop serve --admin`` as the target: each case becomes its world through the admin API.

One server has one journal and one tenant file, so cases run one after the other. Its listeners are what it was started
with: a case that needs another kind of listener is an error that says how to start it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from harness.errors import DeadlineExceeded, TargetError
from harness.targets.api import Api
from harness.targets.base import JournalView, Later, World
from harness.targets.changes import changed_tree

__all__ = ["RemoteRunning", "RemoteTarget"]

_LONGEST_POLL = 30.0  # seconds; the API allows 60


class RemoteTarget:
    """``url`` is that of the admin API. ``HARNESS_TOKEN`` holds its token, if it asks for one."""

    capabilities = frozenset({"admin", "explain", "faults", "journal", "tenant"})

    def __init__(self, url: str, *, own: bool = False) -> None:
        """``own``: this process has started the server, and nobody else speaks to it."""
        self.name = url
        if not own and int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
            raise TargetError(f"{url} is one server: it runs one case at a time, leave -n out")
        self._api = Api(url, os.environ.get("HARNESS_TOKEN"))
        try:
            self._listeners: list[dict[str, Any]] = self._api.get("/")["listeners"]
        except TargetError:
            self._api.close()
            raise
        self._certificates: dict[str, Any] | None = None

    def open(self, world: World) -> RemoteRunning:
        """Have the server become this world."""
        if len(set(world.sources.values())) < len(world.sources):
            raise TargetError("hosts that share a source address need a listener each: use --target embedded")
        addresses = {"mx": self._listener(world.listener, submission=False)}
        if world.submission:
            addresses["submission"] = self._listener(world.listener, submission=True)
        api = self._api
        if not api.get("/journal/wait?open=0&timeout=10")["reached"]:
            raise TargetError(f"{self.name}: sessions of somebody else are open")
        api.call("PUT", "/tenants", world.tree, path_of_tree=world.path)
        api.call("PUT", "/peers", {world.sources[name]: public for name, public in world.hosts.items()})
        self._certify(world)
        _set_faults(api, world.tree.get("Faults"), world.tree.get("FaultSeed") or 0)
        api.call("POST", "/reset")
        return RemoteRunning(api, world, addresses)

    def close(self) -> None:
        """The server goes on."""
        self._api.close()

    def _listener(self, wanted: Mapping[str, Any], *, submission: bool) -> tuple[str, int]:
        strange = [name for name, value in wanted.items() if value and name not in ("proxy", "xclient")]
        if strange:
            raise TargetError(f"{self.name}: listeners cannot be given {', '.join(strange)}: use --target embedded")
        options = {name: bool(wanted.get(name)) for name in ("proxy", "xclient")} | {"submission": submission}
        for listener in self._listeners:
            if all(bool(listener[name]) is on for name, on in options.items()) and listener["peer"] is None:
                host, _, port = str(listener["address"]).rpartition(":")
                return host.strip("[]"), int(port)
        words = ",".join(["127.0.0.1:0", *(name for name, on in options.items() if on)])
        raise TargetError(f"{self.name} has no such listener: start the server with --listen {words}")

    def _certify(self, world: World) -> None:
        """Send the world's certificates, unless they are those of the case before."""
        if world.certificates is None:
            return
        found = world.certificates()
        tree = {
            "server": found.chain_pem.decode(),
            "key": found.key_pem.decode(),
            "trusted": found.trusted_ca_pem.decode(),
            "revoked": sorted(found.revoked),
        }
        if tree != self._certificates:
            self._api.call("PUT", "/certificates", tree)
            self._certificates = tree


class RemoteRunning:
    """The server while it is one case's world."""

    def __init__(self, api: Api, world: World, addresses: Mapping[str, tuple[str, int]]) -> None:
        self._api = api
        self._world = world
        self._addresses = addresses
        self._tree = world.tree

    def address(self, host: str, endpoint: str = "mx") -> tuple[str, int]:  # noqa: ARG002  told by its source address
        """The listener of the endpoint."""
        return self._addresses[endpoint]

    def journal(self) -> JournalView:
        """Read now, page by page."""
        sessions = self._api.pages("/journal/sessions", "sessions", transcript=True)
        messages = self._api.pages("/journal/messages", "messages", content=True)
        whole = [self._api.get(f"/journal/messages/{each['id']}") if each["raw"] is None else each for each in messages]
        reports = self._api.pages("/journal/reports", "reports", content=True)
        delivered = Later(lambda: self._delivered(messages))
        return JournalView(sessions, whole, reports, delivered, Later(self._trace))

    def _delivered(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One request for each message."""
        places = (f"/journal/messages/{each['id']}/deliveries?content=true" for each in messages)
        return [tree for place in places for tree in self._api.get(place)["deliveries"]]

    def _trace(self) -> list[dict[str, Any]]:
        """One request, and one for each row."""
        rows: list[dict[str, Any]] = self._api.get("/message-trace?ResultSize=5000")["rows"]
        for row in rows:
            place = f"{quote(row['MessageTraceId'], safe='')}/{quote(row['RecipientAddress'], safe='')}"
            query = urlencode({"Organization": row["Organization"]})
            row["Events"] = self._api.get(f"/message-trace/{place}?{query}")["events"]
        return rows

    def wait_quiet(self, seconds: float, still_open: int = 0) -> None:
        """By long polls."""
        if self._poll(lambda seen: seen["open"] <= still_open, seconds)["open"] <= still_open:
            return
        sessions = self._api.pages("/journal/sessions", "sessions", transcript=True, open=True)
        lines = [line for each in sessions[:1] for line in each["transcript"][-1:]]
        raise DeadlineExceeded(f"{len(sessions)} sessions to end", seconds, lines[0] if lines else "nothing said")

    def wait_until(self, holds: Callable[[int, int], bool], seconds: float) -> tuple[int, int]:
        """By long polls; the two counts at the end."""
        seen = self._poll(lambda seen: holds(seen["ended"], seen["messages"]), seconds)
        return seen["ended"], seen["messages"]

    def admin(self, arguments: Mapping[str, Any]) -> None:
        """As the embedded target does it, through PUT /tenants."""
        if arguments.get("clear-journal"):
            self._api.call("DELETE", "/journal")
            return
        if "set-flag" in arguments:
            self._api.call("PUT", f"/faults/flags/{quote(str(arguments['set-flag']), safe='')}")
            return
        if "set-faults" in arguments or "clear-faults" in arguments:
            _set_faults(self._api, arguments.get("set-faults"), 0)
            return
        tree = changed_tree(self._tree, arguments)
        self._api.call("PUT", "/tenants", tree, path_of_tree=self._world.path)
        self._tree = tree

    def advance(self, seconds: float) -> None:  # noqa: ARG002  as others
        """Not from here."""
        raise TargetError("the time of a server elsewhere is not ours to advance")

    def wait_returned(self, seconds: float) -> None:
        """It gives none back to a relay of the harness."""

    def explain(self) -> str:
        """The trace of the last refused recipient as text."""
        for session in reversed(self._api.pages("/journal/sessions", "sessions")):
            for recipient in reversed(session["recipients"]):
                if recipient["reply"][:1] in ("4", "5"):
                    query = urlencode({"recipient": recipient["rcpt-to"]})
                    return str(self._api.get(f"/journal/sessions/{session['id']}/trace?{query}")["text"])
        return ""

    def close(self) -> None:
        """The server stays; the next case makes it another world."""

    def _poll(self, holds: Callable[[Mapping[str, Any]], bool], seconds: float) -> dict[str, Any]:
        """Woken by each change of the journal, until ``holds`` or the time is over."""
        deadline = time.monotonic() + seconds
        seen: dict[str, Any] = self._api.get("/journal/wait?timeout=0")
        while not holds(seen):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            poll = f"changes={seen['changes'] + 1}&timeout={min(left, _LONGEST_POLL):.3f}"
            seen = self._api.get(f"/journal/wait?{poll}")
        return seen


def _set_faults(api: Api, faults: Any, seed: int) -> None:
    """Those of a world, or none: what an earlier case set must not affect this one."""
    if not faults:
        api.call("DELETE", "/faults")
        return
    listed = [faults] if isinstance(faults, Mapping) else list(faults)
    api.call("PUT", "/faults", {"Faults": listed, "FaultSeed": int(seed)}, path_of_tree="<faults>")
