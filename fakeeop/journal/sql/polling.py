"""Looks, now and then and only while somebody waits, for what other front ends wrote into a journal."""

from __future__ import annotations

import threading
from collections.abc import Callable

from fakeeop.errors import StoreError

__all__ = ["LOOK", "Poller"]

LOOK = 0.25  # seconds between two looks


class Poller:
    """A thread, from the first ``start`` to ``close``. ``look`` may raise StoreError: ``trouble`` hears of it once."""

    def __init__(
        self, waited_for: Callable[[], bool], look: Callable[[], None], trouble: Callable[[str], None]
    ) -> None:
        self._waited_for = waited_for
        self._look = look
        self._trouble = trouble
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Somebody waits from now on."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="fakeeop-journal-polling", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """No more."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        told = ""
        while not self._closing.wait(LOOK):
            if not self._waited_for():
                continue
            try:
                self._look()
            except StoreError as why:
                if str(why) != told:
                    told = str(why)
                    self._trouble(f"other front ends cannot be looked for: {told}")
