"""Where mail of a script goes: the listeners of a running server, or an emulator that starts for it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from attrs import define

from exoshell.dotnet.resolving import Endpoints
from fakeeop.config.loader import forest_from_tree, load_tree
from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import RemoteError
from fakeeop.pki.state import ServerCertificates

__all__ = ["EmbeddedEmulator", "ServerListeners"]

_SECONDS = 30.0


@define
class ServerListeners:
    """``url`` is the admin API of a running server. Raises RemoteError when it is called and does not answer."""

    url: str
    _found: Endpoints | None = None

    def __call__(self) -> Endpoints:
        """Asked for once."""
        if self._found is None:
            self._found = self._ask()
        return self._found

    def _ask(self) -> Endpoints:
        token = os.environ.get("FAKEEOP_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = Request(f"{self.url.rstrip('/')}/", headers=headers)  # noqa: S310  http(s) only, as the backend checks
        try:
            with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  as above
                listeners = json.load(answer)["listeners"]
        except (URLError, OSError, ValueError, KeyError) as why:
            raise RemoteError(f"{self.url} does not tell its listeners: {why}") from why
        found = Endpoints()
        for each in listeners:
            host, _, port = each["address"].rpartition(":")
            address = host.strip("[]"), int(port)
            if each["submission"]:
                found.submission = found.submission or address
            elif not each["proxy"]:
                found.mx = found.mx or address
        return found


@define
class EmbeddedEmulator:
    """An emulator of a tenant file, from the first mail on; it reads the file again for each mail, so that what the
    script changed is in force. ``peers``: source address → the public one that it stands for.
    """

    path: Path
    certificates: Callable[[], ServerCertificates]
    peers: dict[str, str]
    emulator: Emulator | None = None

    def __call__(self) -> Endpoints:
        """Raises ConfigError, ListenError."""
        tree = load_tree(self.path)
        forest = forest_from_tree(tree, str(self.path))
        if self.emulator is None:
            listeners = (Listener("127.0.0.1", 0), Listener("127.0.0.1", 0, submission=True))
            self.emulator = Emulator(
                forest, listeners=listeners, peers=self.peers, certificates=self.certificates(), tree=tree
            )
            self.emulator.start()
        else:
            self.emulator.replace_forest(forest, tree)
        mx, submission = self.emulator.addresses
        return Endpoints(mx, submission)

    def close(self) -> None:
        """Stop it, if it was started."""
        if self.emulator is not None:
            self.emulator.stop()
