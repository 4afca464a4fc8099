"""TLS on memory BIOs: ``context`` (imports OpenSSL: load it late), ``failure`` and ``hello`` (light)."""

from fakeeop.tls.failure import TlsFailed

__all__ = ["TlsFailed"]
