"""What a TLS handshake that did not work out says; light, so that a server can name it without loading OpenSSL."""

from __future__ import annotations

from fakeeop.errors import FakeEopError

__all__ = ["TlsFailed"]


class TlsFailed(FakeEopError):
    """The handshake, or the TLS layer after it, failed; the connection is of no more use.

    ``reason`` is one sentence for the journal. ``offered`` names the protocol versions of the ClientHello, newest first
    (``TLSv1.1, TLSv1.0``); empty when no ClientHello could be read.
    """

    def __init__(self, reason: str, offered: str = "") -> None:
        self.reason = reason
        self.offered = offered
        super().__init__(f"{reason}; the client offered {offered}" if offered else reason)
