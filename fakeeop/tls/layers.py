"""The TLS layers of one emulator: made at the first STARTTLS, sound ones and those that go wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from fakeeop.model.ports import Clock
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.state import SERVER_NAMES, ServerCertificates
from fakeeop.tls.alert import AlertLayer
from fakeeop.tls.context import ServerTls

if TYPE_CHECKING:
    from fakeeop.server.protocol import TlsServerLayer

__all__ = ["ANY_VERSION", "WRONG_NAME", "TlsLayers", "faulty_certificate", "lab_certificates"]

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
            return AlertLayer
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
    return faulty_certificate(pems.authority() if pems.authority else LabAuthority.create(), fault)


@lru_cache(maxsize=1)
def lab_certificates() -> ServerCertificates:
    """A lab CA and a server certificate for this process, nothing on disk."""
    authority = LabAuthority.create()
    server = authority.server_certificate(SERVER_NAMES)
    return ServerCertificates(server.chain_pem, server.key_pem, authority.certificate_pem, authority=lambda: authority)


WRONG_NAME = "mail.fabrikam.example"


def faulty_certificate(authority: LabAuthority, kind: str) -> tuple[bytes, bytes]:
    """Chain and key, PEM. ``wrong-certificate``: of another name; ``expired-certificate``: a month over its time."""
    if kind == "wrong-certificate":
        made = authority.issue(common_name=WRONG_NAME, dns_names=(WRONG_NAME,))
    else:
        over = datetime.now(UTC) - timedelta(days=30)
        names = tuple(name for name in SERVER_NAMES if not name[0].isdigit() and ":" not in name)
        made = authority.issue(
            common_name=names[0], dns_names=names, not_before=over - timedelta(days=365), not_after=over
        )
    return made.chain_pem, made.key_pem
