"""TLS contexts of our own clients, kept by what they are made of: making one costs more than a whole session."""

from __future__ import annotations

import ssl
import warnings
from functools import lru_cache
from pathlib import Path

from harness.clients.base import Credential
from harness.errors import DriverError

__all__ = ["client_context"]

_VERSIONS = {
    "TLSv1": ssl.TLSVersion.TLSv1,
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}


@lru_cache(maxsize=256)
def client_context(credential: Credential | None, trust: Path | None, version: str | None = None) -> ssl.SSLContext:
    """A client context. ``trust`` None: the server is not verified. ``version``: exactly this one (``TLSv1.2``).

    TLS below 1.2 is for scenarios that show its refusal: the security level is lowered so that OpenSSL offers it.
    Raises DriverError when the certificate cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trust is None:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(trust)
    if version is not None:
        if version not in _VERSIONS:
            raise DriverError("tls", f"unknown version {version!r}; known: {', '.join(_VERSIONS)}")
        _pin(context, _VERSIONS[version])
    if credential is not None:
        try:
            context.load_cert_chain(credential.certificate, credential.key)
        except (OSError, ssl.SSLError) as why:
            raise DriverError("tls", f"cannot use {credential.certificate}: {why}") from why
    return context


def _pin(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the old versions are the point of such a scenario
        context.minimum_version = version
        context.maximum_version = version
