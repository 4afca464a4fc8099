"""A TLS server of the lab, and clients of the standard library and of pyOpenSSL, on memory BIOs."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import write_issued
from fakeeop.pki.issue import Issued
from fakeeop.tls.context import ServerTls, TlsConnection

VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


class SettableClock:
    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0


class MemoryClient:
    """The standard library's client, joined to a TlsConnection; ``step`` carries bytes both ways."""

    def __init__(self, server: TlsConnection, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> None:
        self.server = server
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost", session=session)

    def exchange(self) -> bytes:
        """Everything the client has goes to the server, the answer comes back; the plaintext the server got."""
        plaintext = self.server.feed(self.outgoing.read())
        self.incoming.write(self.server.take())
        return plaintext

    def handshake(self) -> None:
        for _ in range(8):
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self.exchange()
                continue
            self.exchange()
            break
        assert self.server.established

    def say(self, plaintext: bytes) -> bytes:
        self.tls.write(plaintext)
        return self.exchange()


class TlsLab:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = LabAuthority.create()
        self.clock = SettableClock()
        self.revoked: set[str] = set()
        server = self.authority.server_certificate(["localhost"])
        self.server = ServerTls(
            server.chain_pem, server.key_pem, self.authority.certificate_pem, self.clock, revoked=self.revoked
        )

    def context(self, issued: Issued | None = None, version: str | None = None) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # so that the client loads weak keys and speaks old versions
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # no store: nothing is added to the chain
        if version:
            context.minimum_version = context.maximum_version = VERSIONS[version]
        if issued is not None:
            paths = write_issued(self.folder, issued.serial, issued, pfx=False)
            context.load_cert_chain(paths.certificate, paths.key)
        return context

    def connect(self, issued: Issued | None = None, version: str | None = None) -> MemoryClient:
        client = MemoryClient(self.server.connection(), self.context(issued, version))
        client.handshake()
        return client


@pytest.fixture
def tls_lab(tmp_path: Path) -> TlsLab:
    return TlsLab(tmp_path)
