"""The event loop of a process that serves, and its garbage collector. Light: nothing heavy is imported here."""

from __future__ import annotations

import asyncio
import gc

__all__ = ["calm_collector", "new_event_loop"]


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A uvloop loop, or asyncio's own where uvloop is not installed."""
    try:
        import uvloop  # noqa: PLC0415  optional
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


def calm_collector() -> None:
    """Tune Python's garbage collector for a process of our own: call it once, when everything is set up.

    What exists now stays for good and is not looked at again; what comes is counted in tens of thousands, because the
    journal keeps most of it and next to nothing is in cycles. Not for a process that is somebody else's.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
