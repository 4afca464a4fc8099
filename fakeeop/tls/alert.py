"""A TLS layer that answers the first octets with a fatal alert, and nothing else: for faults."""

from __future__ import annotations

from fakeeop.model import TlsFacts
from fakeeop.tls.failure import TlsFailed

__all__ = ["AlertLayer"]

_HANDSHAKE_FAILURE = b"\x15\x03\x03\x00\x02\x02\x28"  # alert, TLS 1.2, two octets, fatal, 40 (RFC 8446 section 6)


class AlertLayer:
    """Stands where a TLS connection would."""

    established = False
    closed = False
    facts: TlsFacts | None = None

    def __init__(self) -> None:
        self._out = b""

    def feed(self, ciphertext: bytes) -> bytes:
        """Raises TlsFailed; the alert is to be taken."""
        self._out = _HANDSHAKE_FAILURE
        raise TlsFailed(f"a fault: handshake_failure in answer to {len(ciphertext)} octets")

    def send(self, plaintext: bytes) -> None:
        """Nobody can read it."""

    def take(self) -> bytes:
        """The alert, once."""
        out, self._out = self._out, b""
        return out

    def shutdown(self) -> None:
        """There is nothing to end."""
