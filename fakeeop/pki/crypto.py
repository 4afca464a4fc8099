"""The libraries of certificates and of TLS: cryptography, pyOpenSSL and trustme, each loaded when it is first used.

They take longer to load than all of fakeeop, and most commands never need them. So pki and tls reach them through this
module only: ``from fakeeop.pki import crypto``, then ``crypto.x509.Certificate`` inside functions and in annotations.
At the top of a module, outside of annotations, such a name would load the library (PEP 562).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import trustme
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        KeySerializationEncryption,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
        pkcs12,
    )
    from cryptography.utils import CryptographyDeprecationWarning
    from cryptography.x509.oid import NameOID
    from OpenSSL import SSL
    from OpenSSL import crypto as openssl

__all__ = [
    "SSL",
    "BestAvailableEncryption",
    "CryptographyDeprecationWarning",
    "Encoding",
    "InvalidSignature",
    "KeySerializationEncryption",
    "NameOID",
    "NoEncryption",
    "PrivateFormat",
    "PrivateKeyTypes",
    "UnsupportedAlgorithm",
    "ec",
    "hashes",
    "load_pem_private_key",
    "openssl",
    "pkcs12",
    "rsa",
    "trustme",
    "x509",
]

_PRIMITIVES = "cryptography.hazmat.primitives"
_HOMES = {  # name → its module, and behind a colon what it is in there
    "SSL": "OpenSSL.SSL",
    "BestAvailableEncryption": f"{_PRIMITIVES}.serialization:BestAvailableEncryption",
    "CryptographyDeprecationWarning": "cryptography.utils:CryptographyDeprecationWarning",
    "Encoding": f"{_PRIMITIVES}.serialization:Encoding",
    "KeySerializationEncryption": f"{_PRIMITIVES}.serialization:KeySerializationEncryption",
    "NameOID": "cryptography.x509.oid:NameOID",
    "NoEncryption": f"{_PRIMITIVES}.serialization:NoEncryption",
    "PrivateFormat": f"{_PRIMITIVES}.serialization:PrivateFormat",
    "PrivateKeyTypes": f"{_PRIMITIVES}.asymmetric.types:PrivateKeyTypes",
    "InvalidSignature": "cryptography.exceptions:InvalidSignature",
    "UnsupportedAlgorithm": "cryptography.exceptions:UnsupportedAlgorithm",
    "ec": f"{_PRIMITIVES}.asymmetric.ec",
    "hashes": f"{_PRIMITIVES}.hashes",
    "load_pem_private_key": f"{_PRIMITIVES}.serialization:load_pem_private_key",
    "openssl": "OpenSSL.crypto",
    "pkcs12": f"{_PRIMITIVES}.serialization.pkcs12",
    "rsa": f"{_PRIMITIVES}.asymmetric.rsa",
    "trustme": "trustme",
    "x509": "cryptography.x509",
}


def load() -> None:
    """Load all of it now: for a thread of its own, before somebody waits for it."""
    for name in _HOMES:
        __getattr__(name)


def __getattr__(name: str) -> object:
    """Load what a name stands for, and keep it here (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, inside = _HOMES[name].partition(":")
    value: object = import_module(module)
    if inside:
        value = getattr(value, inside)
    globals()[name] = value
    return value
