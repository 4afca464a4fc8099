"""Changes that take a while, as in the service: shown and checked at once, in force some seconds later.

The time runs on this machine's clock, in this process, which therefore waits at its end (``settle``). How long the
service takes is documented for RejectDirectSend (up to 30 minutes, facts §1.6) and for blocked connectors (about an
hour, §1.4); for the rest it is not known.
"""

from __future__ import annotations

import threading
from itertools import chain
from typing import Any

from exoshell.backends.base import Backend, without_masks
from fakeeop.config.editor.changes import Change, applied, within
from fakeeop.config.loader import forest_from_tree

__all__ = ["Propagating"]


class Propagating:
    """A backend whose changes reach ``inner`` ``seconds`` later, in their order."""

    def __init__(self, inner: Backend, seconds: float) -> None:
        self.organization = inner.organization
        self.place = inner.place
        self._inner = inner
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: list[tuple[Change, ...]] = []
        self._timers: list[threading.Timer] = []
        self._failed: list[Exception] = []

    def whole(self) -> dict[str, Any]:
        """As it will be when everything is in force."""
        with self._lock:
            return self._shown(self._waiting)

    def tenant(self) -> dict[str, Any]:
        """Likewise."""
        return within(self.whole(), self.organization)

    def change(self, *changes: Change) -> None:
        """Checked now; in force later. Raises ConfigError, NoSuchElement."""
        with self._lock:
            forest_from_tree(without_masks(self._shown([*self._waiting, changes])), self.place)
            self._waiting.append(changes)
            timer = threading.Timer(self._seconds, self._apply)
            self._timers.append(timer)
            timer.start()

    def trace(self, values: list[tuple[str, str]]) -> dict[str, Any]:
        """As the inner one has it."""
        return self._inner.trace(values)

    def trace_detail(self, trace_id: str, recipient: str, organization: str = "") -> list[dict[str, Any]]:
        """As the inner one has it."""
        return self._inner.trace_detail(trace_id, recipient, organization)

    def settle(self) -> None:
        """Wait for all; raises the first failure: something else changed the tenant meanwhile, or it is gone."""
        for timer in self._timers:
            timer.join()
        self._timers.clear()
        if self._failed:
            raise self._failed.pop(0)
        self._inner.settle()

    def _apply(self) -> None:
        """The oldest of those that wait: timers may ring out of turn."""
        with self._lock:
            try:
                self._inner.change(*self._waiting[0])
            except Exception as why:
                self._failed.append(why)  # raised again by settle, where somebody can hear it
            finally:
                del self._waiting[0]

    def _shown(self, waiting: list[tuple[Change, ...]]) -> dict[str, Any]:
        whole = self._inner.whole()
        tenant = within(whole, self.organization)
        new = tenant
        for change in chain.from_iterable(waiting):
            new = applied(new, change)
        return {**whole, "Tenants": [new if each is tenant else each for each in whole["Tenants"]]}
