"""Which protocol versions a ClientHello offers (RFC 8446 section 4.1.2 and 4.2.1). Pure bytes, no OpenSSL."""

from __future__ import annotations

__all__ = ["offered_versions"]

_NAMES = {0x0300: "SSLv3", 0x0301: "TLSv1.0", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
_HANDSHAKE_RECORD = 22
_CLIENT_HELLO = 1
_SUPPORTED_VERSIONS = 43


def offered_versions(sent: bytes) -> tuple[str, ...]:
    """The versions offered in the first bytes a client sent, newest first; empty if they hold no ClientHello.

    A client without the ``supported_versions`` extension names only its highest version; everything below it, down to
    TLS 1.0, counts as offered (RFC 5246 appendix E.1). GREASE values (RFC 8701) are left out.
    """
    try:
        return _versions(_hello_body(sent))
    except IndexError:  # cut short, or no ClientHello
        return ()


def _hello_body(sent: bytes) -> bytes:
    """Join the handshake records; the body of the first handshake message. Raises IndexError if there is none."""
    fragments = bytearray()
    at = 0
    while at + 5 <= len(sent) and sent[at] == _HANDSHAKE_RECORD:
        length = int.from_bytes(sent[at + 3 : at + 5])
        fragments += sent[at + 5 : at + 5 + length]
        at += 5 + length
    if fragments[0] != _CLIENT_HELLO:
        raise IndexError
    return bytes(fragments[4 : 4 + int.from_bytes(fragments[1:4])])


def _versions(body: bytes) -> tuple[str, ...]:
    highest = int.from_bytes(body[0:2])
    at = 34  # legacy_version, random
    at += 1 + body[at]  # legacy_session_id
    at += 2 + int.from_bytes(body[at : at + 2])  # cipher_suites
    at += 1 + body[at]  # legacy_compression_methods
    at += 2  # the length of the extensions; none at all in the oldest clients
    while at + 4 <= len(body):
        kind, length = int.from_bytes(body[at : at + 2]), int.from_bytes(body[at + 2 : at + 4])
        at += 4
        if kind == _SUPPORTED_VERSIONS:
            listed = body[at + 1 : at + length]
            numbers = {int.from_bytes(listed[i : i + 2]) for i in range(0, len(listed), 2)}
            return tuple(_NAMES[number] for number in sorted(numbers, reverse=True) if number in _NAMES)
        at += length
    lowest = min(highest, 0x0301)
    return tuple(_NAMES[number] for number in range(highest, lowest - 1, -1) if number in _NAMES)
