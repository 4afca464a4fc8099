"""The diagnostic dump inside 5.2.252 and its like: hexadecimal, long, and the same for the same mailbox.

What the numbers mean in the service is not known; only their look and length are reproduced (wire §1.7 D: the reply is
one line of more than 512 octets).
"""

from __future__ import annotations

__all__ = ["dump"]

_WORDS = 72  # of 8 digits and a blank: 648 octets


def dump(seed: str) -> str:
    """Made-up words of 8 hexadecimal digits (FNV-1a over the seed, then a linear congruence)."""
    number = 0x811C9DC5
    for octet in seed.encode("utf-8", "replace"):
        number = (number ^ octet) * 0x01000193 & 0xFFFFFFFF
    words = []
    for _ in range(_WORDS):
        number = (number * 1664525 + 1013904223) & 0xFFFFFFFF
        words.append(f"{number:08X}")
    return " ".join(words)
