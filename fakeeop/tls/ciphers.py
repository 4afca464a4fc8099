"""OpenSSL's cipher names in the IANA spelling that the service's Received headers use (facts wire §4)."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["iana_cipher"]

_OPENSSL = re.compile(
    r"(?:(?P<exchange>ECDHE|DHE)-(?P<auth>RSA|ECDSA)-)?"
    r"(?:AES(?P<bits>128|256)(?P<gcm>-GCM)?-(?P<mac>SHA\d*)|(?P<chacha>CHACHA20-POLY1305))\Z"
)


@lru_cache(maxsize=64)
def iana_cipher(name: str) -> str:
    """``ECDHE-RSA-AES256-GCM-SHA384`` → ``TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384``; an unknown name stays as it is."""
    parts = _OPENSSL.match(name)
    if parts is None:
        return name
    exchange = f"{parts['exchange']}_{parts['auth']}" if parts["exchange"] else "RSA"
    if parts["chacha"]:
        return f"TLS_{exchange}_WITH_CHACHA20_POLY1305_SHA256"
    return f"TLS_{exchange}_WITH_AES_{parts['bits']}_{'GCM' if parts['gcm'] else 'CBC'}_{parts['mac']}"
