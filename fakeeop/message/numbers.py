"""Numbers that ids are made of. Nothing is loaded for them: the server needs ``ticks`` at its start."""

from __future__ import annotations

from datetime import datetime

__all__ = ["mark_of", "mixed", "ticks"]

_TOP = 1 << 64
_TICKS_A_DAY = 864_000_000_000


def ticks(moment: datetime) -> int:
    """.NET ticks: steps of 100 ns since 0001-01-01."""
    past = (moment.hour * 3_600 + moment.minute * 60 + moment.second) * 10_000_000 + moment.microsecond * 10
    return (moment.toordinal() - 1) * _TICKS_A_DAY + past


def mixed(number: int) -> int:
    """64 bits that look like chance, the same ones for the same number (the finaliser of SplitMix64)."""
    number = (number * 0x9E37_79B9_7F4A_7C15) % _TOP
    number = ((number ^ (number >> 30)) * 0xBF58_476D_1CE4_E5B9) % _TOP
    number = ((number ^ (number >> 27)) * 0x94D0_49BB_1331_11EB) % _TOP
    return number ^ (number >> 31)


def mark_of(text: str) -> int:
    """The same for a text."""
    mark = 0
    for octet in text.encode():
        mark = mixed(mark ^ octet)
    return mark
