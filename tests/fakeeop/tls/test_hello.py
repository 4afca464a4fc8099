from __future__ import annotations

import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.tls.hello import offered_versions


def client_hello(minimum: ssl.TLSVersion, maximum: ssl.TLSVersion) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version, context.maximum_version = minimum, maximum
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


MODERN = client_hello(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def test_the_supported_versions_extension_counts():
    assert offered_versions(MODERN) == ("TLSv1.3", "TLSv1.2")


def test_without_the_extension_the_highest_version_and_all_below_count():
    hello = client_hello(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    assert offered_versions(hello) == ("TLSv1.2", "TLSv1.1", "TLSv1.0")


def test_an_old_hello_without_extensions():
    body = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x02\x00\x2f" + b"\x01\x00"
    hello = b"\x01" + len(body).to_bytes(3) + body
    assert offered_versions(b"\x16\x03\x01" + len(hello).to_bytes(2) + hello) == ("TLSv1.0",)


def test_ssl_3_only():
    body = b"\x03\x00" + bytes(32) + b"\x00" + b"\x00\x02\x00\x2f" + b"\x01\x00"
    hello = b"\x01" + len(body).to_bytes(3) + body
    assert offered_versions(b"\x16\x03\x00" + len(hello).to_bytes(2) + hello) == ("SSLv3",)


def test_a_hello_over_several_records():
    hello = MODERN[5:]
    records = b"".join(
        b"\x16\x03\x01" + len(piece).to_bytes(2) + piece for piece in (hello[:7], hello[7:60], hello[60:])
    )
    assert offered_versions(records) == ("TLSv1.3", "TLSv1.2")


@given(st.binary(max_size=200))
def test_any_bytes_at_all(sent: bytes):
    assert isinstance(offered_versions(sent), tuple)


@given(st.integers(0, len(MODERN)), st.integers(0, len(MODERN) - 1), st.integers(0, 255))
def test_damaged_hellos(cut: int, at: int, value: int):
    damaged = bytearray(MODERN)
    damaged[at] = value
    assert isinstance(offered_versions(bytes(damaged[:cut])), tuple)
