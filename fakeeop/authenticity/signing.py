"""The DKIM signature of a copy that leaves (RFC 6376), in the form of sample 01.

dkimpy would put the time of signing into it; a copy has to read the same each time.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache, partial

from fakeeop.message.fields import Field, Head, fold

__all__ = ["sign"]

_SIGNED = (  # the fields that sample 01 signs, in its order
    *("From", "Date", "Subject", "Message-ID", "Content-Type", "MIME-Version"),
    "X-MS-Exchange-SenderADCheck",
)
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_THE_END = re.compile(rb"(?<![ \t])[ \t]+(?=\r\n|\Z)")


def sign(content: bytes, domain: str, selector: str, key_pem: bytes) -> bytes:
    """The DKIM-Signature field of a message, its line end included. Raises ValueError for a bad key."""
    signer = _signer(key_pem)
    if signer is None:
        raise ValueError(f"the key of {domain} is not an RSA key")
    head = Head.of(content)
    last = {field.key: field for field in head.fields}
    chosen = [name for name in _SIGNED if name.lower() in last]
    digest = hashlib.sha256(_relaxed_body(_body(content, head))).digest()
    parts = (
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};",
        f" s={selector};",
        f" h={':'.join(chosen)};",
        f" bh={base64.b64encode(digest).decode()};",
        " b=",
    )
    unsigned = "\r\n".join(fold(part) if number == 0 else part for number, part in enumerate(parts)).encode()
    signed = b"".join(_relaxed(last[name.lower()]) + b"\r\n" for name in chosen)
    signed += _relaxed(Field("DKIM-Signature", unsigned))
    return unsigned + base64.b64encode(signer(signed)) + b"\r\n"


@lru_cache(maxsize=64)
def _signer(pem: bytes) -> Callable[[bytes], bytes] | None:
    """Reading a key takes thirty times as long as signing: OpenSSL looks whether its numbers are primes."""
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415  heavy: start-up time
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  as above

    key = load_pem_private_key(pem, None)
    return (
        partial(key.sign, padding=padding.PKCS1v15(), algorithm=SHA256())
        if isinstance(key, rsa.RSAPrivateKey)
        else None
    )


def _body(content: bytes, head: Head) -> bytes:
    """What follows the empty line; what is not a field in the header belongs to it."""
    if head.rest:
        return head.rest + content[head.end :]
    return re.sub(rb"\A\r?\n", b"", content[head.end :])


def _relaxed(field: Field) -> bytes:
    """RFC 6376 section 3.4.2."""
    value = field.raw.partition(b":")[2].replace(b"\r\n", b"").replace(b"\n", b"")
    return field.key.encode() + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.4."""
    text = _BLANKS.sub(b" ", _BLANKS_AT_THE_END.sub(b"", body))
    end = len(text)
    while text.endswith(b"\r\n", 0, end):
        end -= 2
    return text[:end] + b"\r\n" if end else b""
