"""A little colour for terminals; none with NO_COLOR (no-color.org), or when the output is not a terminal."""

from __future__ import annotations

import os
from typing import TextIO

__all__ = ["Style"]


class Style:
    """Wraps text in ANSI colours if ``stream`` shows them. FORCE_COLOR switches them on, NO_COLOR wins over it."""

    def __init__(self, stream: TextIO) -> None:
        if os.environ.get("NO_COLOR"):
            self.on = False
        elif os.environ.get("FORCE_COLOR"):
            self.on = True
        else:
            self.on = stream.isatty() and os.environ.get("TERM") != "dumb"

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text

    def bold(self, text: str) -> str:
        """Heads and names."""
        return self._paint("1", text)

    def dim(self, text: str) -> str:
        """What may be skipped."""
        return self._paint("2", text)

    def red(self, text: str) -> str:
        """Refused, wrong."""
        return self._paint("31", text)

    def green(self, text: str) -> str:
        """Accepted, good."""
        return self._paint("32", text)

    def yellow(self, text: str) -> str:
        """Doubtful."""
        return self._paint("33", text)
