"""The PROXY header that a load balancer writes in front of a connection (HAProxy's proxy-protocol.txt, section 2)."""

from __future__ import annotations

import ipaddress

__all__ = ["proxy_header"]

_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_PORTS = (40_000, 25)
_DESTINATIONS = {4: "192.0.2.25", 6: "2001:db8:ffff::25"}


def proxy_header(source: str, version: int = 1) -> bytes:
    """A header that names ``source`` as the client, in version 1 or 2."""
    client = ipaddress.ip_address(source)
    server = ipaddress.ip_address(_DESTINATIONS[client.version])
    if version == 1:
        return f"PROXY TCP{client.version} {client} {server} {_PORTS[0]} {_PORTS[1]}\r\n".encode()
    block = client.packed + server.packed + b"".join(port.to_bytes(2, "big") for port in _PORTS)
    return _SIGNATURE + bytes([0x21, 0x11 if client.version == 4 else 0x21]) + len(block).to_bytes(2, "big") + block
