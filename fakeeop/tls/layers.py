"""The TLS layers of one emulator: made at the first STARTTLS, sound ones and those that go wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from fakeeop.model.ports import Clock

if TYPE_CHECKING:
    from fakeeop.pki.state import ServerCertificates
    from fakeeop.server.protocol import TlsServerLayer

__all__ = ["ANY_VERSION", "TlsLayers", "lab_certificates"]

ANY_VERSION = "any-version"  # no fault: TLS 1.0 and 1.1 as well


class TlsLayers:
    """``certificates`` is asked once. A certificate that is wrong on purpose is issued by the lab's own CA where its
    key is known, else by one that nobody trusts.
    """

    def __init__(self, certificates: Callable[[], ServerCertificates], clock: Clock) -> None:
        self._certificates = certificates
        self._clock = clock
        self._made: dict[str, Callable[[], TlsServerLayer]] = {}

    def layer(self, fault: str = "") -> TlsServerLayer:
        """A new layer; ``fault`` is a key of ``fakeeop.model.fault.HANDSHAKE_ACTIONS``, ``ANY_VERSION``, or empty."""
        make = self._made.get(fault)
        if make is None:
            make = self._made[fault] = self._maker(fault)
        return make()

    def forget(self) -> None:
        """Ask for the certificates again when the next layer is made. May be called from any thread."""
        self._made = {}

    def _maker(self, fault: str) -> Callable[[], TlsServerLayer]:
        if fault == "tls-alert":
            from fakeeop.tls.alert import AlertLayer  # noqa: PLC0415  few need it: start-up time

            return AlertLayer
        from fakeeop.tls.context import ServerTls  # noqa: PLC0415  loads OpenSSL: start-up time

        pems = self._certificates()
        chain, key = pems.chain_pem, pems.key_pem
        if fault.endswith("-certificate"):
            chain, key = _faulty(pems, fault)
        return ServerTls(
            chain,
            key,
            pems.trusted_ca_pem,
            self._clock,
            revoked=pems.revoked,
            public_roots_pem=pems.public_roots_pem,
            old_versions=fault == "old-tls",
            any_version=fault == ANY_VERSION,
        ).connection


def _faulty(pems: ServerCertificates, fault: str) -> tuple[bytes, bytes]:
    from fakeeop.pki.authority import LabAuthority  # noqa: PLC0415  loads cryptography: start-up time
    from fakeeop.pki.faulty import faulty_certificate  # noqa: PLC0415  as above

    return faulty_certificate(pems.authority() if pems.authority else LabAuthority.create(), fault)


@lru_cache(maxsize=1)
def lab_certificates() -> ServerCertificates:
    """A lab CA and a server certificate for this process, nothing on disk."""
    from fakeeop.pki.authority import LabAuthority  # noqa: PLC0415  loads OpenSSL: start-up time
    from fakeeop.pki.state import SERVER_NAMES, ServerCertificates  # noqa: PLC0415  as above

    authority = LabAuthority.create()
    server = authority.server_certificate(SERVER_NAMES)
    return ServerCertificates(server.chain_pem, server.key_pem, authority.certificate_pem, authority=lambda: authority)
