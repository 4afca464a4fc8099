"""A real SMTP server that is not ours: aiosmtpd, on a kernel-chosen port, in a thread."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from harness.clients.base import Credential, Plan


class Taker:
    """A handler that refuses what is called refuse or defer, and keeps the rest."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, tuple[str, ...], bytes]] = []
        self.peers: list[str] = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802, ARG002  aiosmtpd's names
        if address.startswith("refuse"):
            return "550 5.7.64 TenantAttribution; Relay Access Denied"
        if address.startswith("defer"):
            return "451 4.7.500 Server busy"
        if address.startswith("bye"):
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802, ARG002
        if b"refuse me" in envelope.content:
            return "554 5.6.0 no"
        self.messages.append((envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content))
        self.peers.append(session.peer[0])
        return "250 2.6.0 queued"


class Peer:
    """The running server: where it is, what it took."""

    def __init__(self, tls_context: ssl.SSLContext | None = None, **options: Any) -> None:
        self.handler = Taker()
        self.loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._options = {"tls_context": tls_context, "hostname": "peer.example", **options}
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)

        async def start() -> None:
            server = await self.loop.create_server(
                lambda: SMTP(self.handler, loop=self.loop, **self._options), "127.0.0.1", 0
            )
            self.port = server.sockets[0].getsockname()[1]
            self.server = server

        self.loop.run_until_complete(start())
        self._started.set()
        self.loop.run_forever()
        self.server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)


@pytest.fixture
def peer():
    """aiosmtpd without TLS."""
    running = Peer()
    yield running
    running.stop()


@pytest.fixture
def porter():
    """aiosmtpd with AUTH LOGIN, in clear text."""

    def authenticate(server, session, envelope, mechanism, data):  # noqa: ARG001  aiosmtpd's signature
        good = isinstance(data, LoginPassword) and data.password == b"Pa55word-of-printer"
        return AuthResult(success=good, handled=False)

    running = Peer(authenticator=authenticate, auth_require_tls=False, auth_exclude_mechanism=["PLAIN"])
    yield running
    running.stop()


@pytest.fixture(scope="session")
def lab_ca(tmp_path_factory):
    """A CA, its file, and a client credential on disk."""
    folder = tmp_path_factory.mktemp("ca")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    leaf = ca.issue_cert("relay.contoso.com")
    leaf.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "key.pem").chmod(0o600)
    for blob in leaf.cert_chain_pems:
        blob.write_to_path(folder / "chain.pem", append=True)
    return ca, folder / "ca.pem", Credential(folder / "chain.pem", folder / "key.pem")


@pytest.fixture
def tls_peer(lab_ca):
    """aiosmtpd with STARTTLS, which demands a client certificate of the lab CA."""
    ca, file, _ = lab_ca
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("mx.example").configure_cert(context)
    context.load_verify_locations(file)
    context.verify_mode = ssl.CERT_REQUIRED
    running = Peer(context)
    yield running
    running.stop()


@pytest.fixture
def named_peer(lab_ca):
    """aiosmtpd with STARTTLS, mx.example to the lab CA, which takes any client."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    lab_ca[0].issue_cert("mx.example").configure_cert(context)
    running = Peer(context)
    yield running
    running.stop()


@pytest.fixture
def plan(tmp_path):
    """A maker of plans: ``plan(peer, recipients, **changes)``."""

    def make(peer, *recipients, **changes) -> Plan:
        values = {
            "host": "127.0.0.1",
            "port": peer.port,
            "source": "127.0.0.1",
            "helo": "relay.example",
            "tls": "none",
            "credential": None,
            "trust": None,
            "mail_from": {"address": "app@contoso.com"},
            "recipients": tuple({"address": each} for each in recipients or ("ann@example.com",)),
            "message": b"Subject: x\r\n\r\nhello\r\n.dot\r\n",
            "timeout": 10.0,
            "folder": Path(tmp_path),
        }
        return Plan(**(values | changes))

    return make


@pytest.fixture
def scripted():
    """A server that says what it is told and keeps what it hears: ``scripted([b"220 hi\\r\\n", ...])`` → port.

    One entry is written at connect, then one for each time something is read; None closes.
    """
    opened = []

    def serve(lines):
        listener = socket.create_server(("127.0.0.1", 0))
        heard = bytearray()

        def run():
            sock, _ = listener.accept()
            with sock:
                for line in lines:
                    if line is None:
                        break
                    try:
                        sock.sendall(line)
                        heard.extend(sock.recv(65536))
                    except ConnectionError:  # the client has hung up, with bytes of ours unread
                        break
            listener.close()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        opened.append(thread)
        return type("Port", (), {"port": listener.getsockname()[1], "heard": heard, "thread": thread})

    yield serve
    for thread in opened:
        thread.join(10)


@pytest.fixture
def soon():
    """A deadline ten seconds from now."""
    return time.monotonic() + 10
