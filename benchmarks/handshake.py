"""The TLS handshake of the server, compared with the standard library's: CPU of the server's side alone.

Each kind of server stands in a process of its own, on memory BIOs, where ``fakeeop.server`` has its TLS too; the same
client hands the flights over. CPU is that of the server's thread, taken around everything its side does: making the
connection, each flight, letting it go; passing the flights on is not counted. The kinds take turns, in blocks; a figure
is the median of all handshakes. In one process with the client, the library that the client uses itself would be
measured with warm caches and the other with cold ones.

``ssl`` is what ``create_default_context(Purpose.CLIENT_AUTH)`` gives: it asks for no certificate. ``ssl that asks`` has
CERT_OPTIONAL and the lab's CA, so it does the same work as ours: it asks for a certificate and verifies one that comes.
"""

from __future__ import annotations

import argparse
import json
import ssl
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from _certificates import make_certificates

from fakeeop.system.clock import SystemClock
from fakeeop.tls.context import ServerTls

TIMES = "\u00d7"
KINDS = ("fakeeop", "ssl", "ssl that asks", "ssl without tickets")
BLOCK = 50  # handshakes


class ServerSide(Protocol):
    """One connection: ciphertext in, ciphertext out."""

    def feed(self, ciphertext: bytes) -> bytes:
        """Take what the client sent."""

    def take(self) -> bytes:
        """What is to be sent to the client."""


class Library:
    """The standard library's server side."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._established = False

    def feed(self, ciphertext: bytes) -> bytes:
        """Drive the handshake, then read."""
        self._in.write(ciphertext)
        try:
            if not self._established:
                self._tls.do_handshake()
                self._established = True
            return self._tls.read(16_384)
        except ssl.SSLWantReadError:
            return b""

    def take(self) -> bytes:
        """What waits."""
        return self._out.read()


def server_context(folder: Path, *, asks: bool, tickets: int = 2) -> ssl.SSLContext:
    """The standard library's, as it makes it; two tickets is its default."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.num_tickets = tickets
    if asks:
        context.load_verify_locations(folder / "lab-ca.pem")
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def client_context(folder: Path, *, certificate: bool) -> ssl.SSLContext:
    """The client's: it verifies nothing, which is not measured anyway."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(folder / "client.pem", folder / "client.key")
    return context


def serve(kind: str, folder: Path, channel: Connection) -> None:
    """The server's process: flights in, flights out; an empty one ends a handshake, None asks for what they cost."""
    make = _maker(kind, folder)
    spent: list[int] = []
    while True:
        start = time.thread_time_ns()
        server: ServerSide | None = make()
        cost = time.thread_time_ns() - start
        while flight := channel.recv():
            assert server is not None  # noqa: S101  made above
            start = time.thread_time_ns()
            server.feed(flight)
            answer = server.take()
            cost += time.thread_time_ns() - start
            channel.send(answer)
        start = time.thread_time_ns()
        server = None
        spent.append(cost + time.thread_time_ns() - start)
        if flight is None:
            channel.send(spent[:-1])  # the last was none
            spent.clear()


def _maker(kind: str, folder: Path) -> Callable[[], ServerSide]:
    if kind == "fakeeop":
        chain, key, ca = ((folder / each).read_bytes() for each in ("server.pem", "server.key", "lab-ca.pem"))
        return ServerTls(chain, key, ca, SystemClock()).connection
    context = server_context(folder, asks=kind == "ssl that asks", tickets=0 if kind == "ssl without tickets" else 2)
    return lambda: Library(context)


def handshake(channel: Connection, context: ssl.SSLContext) -> None:
    """The client's side of one."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_side=False)
    established = False
    while True:
        try:
            if not established:
                client.do_handshake()
                established = True
        except ssl.SSLWantReadError:
            pass
        flight = outgoing.read()
        if not flight and not established:
            raise RuntimeError("the handshake came to a standstill")
        channel.send(flight)
        if not flight:
            return
        incoming.write(channel.recv())


def costs(servers: dict[str, Connection], context: ssl.SSLContext, rounds: int) -> dict[str, float]:
    """Kind → microseconds, the median of ``rounds`` blocks; a first block is for warming up."""
    found: dict[str, list[int]] = {name: [] for name in servers}
    for number in range(rounds + 1):
        for name, channel in servers.items():
            for _ in range(BLOCK):
                handshake(channel, context)
            channel.send(None)
            spent = channel.recv()
            if number:
                found[name] += spent
    return {name: median(values) / 1000 for name, values in found.items()}


def measured(rounds: int) -> list[dict[str, Any]]:
    """All figures."""
    processes = get_context("spawn")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_certificates(folder)
        servers: dict[str, Connection] = {}
        started = []
        for kind in KINDS:
            servers[kind], theirs = processes.Pipe()
            started.append(processes.Process(target=serve, args=(kind, folder, theirs), daemon=True))
            started[-1].start()
        try:
            without = costs(servers, client_context(folder, certificate=False), rounds)
            asking = {kind: servers[kind] for kind in ("fakeeop", "ssl that asks")}
            shown = costs(asking, client_context(folder, certificate=True), rounds)
        finally:
            for each in started:
                each.terminate()
                each.join()
    figures = [(f"handshake, {kind}", value, "µs CPU") for kind, value in without.items()]
    figures += [(f"handshake with client certificate, {kind}", value, "µs CPU") for kind, value in shown.items()]
    figures += [(f"handshake / {kind}", without["fakeeop"] / without[kind], TIMES) for kind in list(without)[1:]]
    ratio = shown["fakeeop"] / shown["ssl that asks"]
    figures.append(("handshake with client certificate / ssl that asks", ratio, TIMES))
    return [{"name": name, "value": round(value, 4), "unit": unit} for name, value, unit in figures]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--rounds", type=int, default=20, help="blocks of handshakes of each kind (20)")
    arguments = parser.parse_args()
    figures = measured(arguments.rounds)
    if arguments.json:
        print(json.dumps({"figures": figures}, indent=2, ensure_ascii=False))
    else:
        for each in figures:
            print(f"{each['name']:<50}  {each['value']:>9.3f} {each['unit']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
