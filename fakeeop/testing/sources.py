"""Local addresses that stand for public ones, so that a client can come from where a connector wants it."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from functools import lru_cache

from fakeeop.model.addresses import parse_ip

__all__ = ["LOCAL", "have_aliases", "new_source"]

LOCAL = ("127.0.0.1", "::1")


def new_source(public: str, taken: Mapping[str, str]) -> str:
    """A loopback address for a public one that is not taken: 127.0.113.25 for 203.0.113.25, where that is free.

    Raises ValueError for what is not an address, RuntimeError where this machine has one loopback address only.
    """
    if not have_aliases():
        raise RuntimeError(
            "this machine has no loopback address but 127.0.0.1 ('sudo ifconfig lo0 alias 127.0.0.2' makes one); "
            "use clients_come_from(), or Listener(host, 0, peer=ADDRESS)"
        )
    low = int(parse_ip(public)) & 0xFFFF or 2
    base = int(ipaddress.IPv4Address("127.0.0.0"))
    for step in range(0x10000):
        source = str(ipaddress.IPv4Address(base + (low + step) % 0x10000))
        if source not in taken and source not in LOCAL and not source.endswith((".0", ".255")):
            return source
    raise RuntimeError("no loopback address is left")


@lru_cache(maxsize=1)
def have_aliases() -> bool:
    """True if any address of 127/8 can be bound to, as on Linux."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.64.0.1", 0))
        except OSError:
            return False
    return True
