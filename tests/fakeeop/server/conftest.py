"""Emulators on port 0 and a bare client."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakeeop.emulator import Emulator

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "InboundConnectors": [
                {"Name": "Office relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ]
}


class RawClient:
    """Octets over a socket; replies as whole texts."""

    def __init__(self, address: tuple[str, int], source: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        try:
            if family == socket.AF_INET:
                self.socket.bind((source, 0))
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        self._file = self.socket.makefile("rb")
        self.banner = self.reply()

    def reply(self) -> str:
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            line = self._file.readline().decode().removesuffix("\r\n")
            if not line:
                raise EOFError("the server closed the connection")
            lines.append(line)
        return "\n".join(lines)

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def say(self, line: str) -> str:
        self.send(line.encode() + b"\r\n")
        return self.reply()

    def starttls(self, context: ssl.SSLContext) -> None:
        assert self.say("STARTTLS") == "220 2.0.0 SMTP server ready"
        self._file.close()
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self._file = self.socket.makefile("rb")

    def at_end(self) -> bool:
        return self._file.read(1) == b""

    def close(self) -> None:
        self._file.close()
        self.socket.close()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator.from_tree(TREE, peers={"127.0.0.25": "203.0.113.25"}) as eop:
        yield eop


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """A factory: settings of ``Emulator`` by keyword; all are stopped at the end."""
    started: list[Emulator] = []

    def make(**settings: Any) -> Emulator:
        eop = Emulator.from_tree(settings.pop("tree", TREE), **settings)
        eop.start()
        started.append(eop)
        return eop

    yield make
    for eop in started:
        eop.stop()


@pytest.fixture
def call() -> Iterator[Callable[..., RawClient]]:
    """A factory of clients; all are closed at the end."""
    clients: list[RawClient] = []

    def make(eop: Emulator, source: str = "127.0.0.1", listener: int = 0) -> RawClient:
        client = RawClient(eop.addresses[listener], source)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()
