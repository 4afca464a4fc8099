"""After a 250 the message survives kill -9: a server is killed in the middle, and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

CLIENTS = 8
ENOUGH = 2_000  # acknowledged messages before the kill
DEADLINE = 120.0

TENANT = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
"""


class Client(threading.Thread):
    """Sends message after message over one connection until it breaks; remembers which were acknowledged."""

    def __init__(self, address: tuple[str, int], name: str, enough: Enough) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._name = name
        self._enough = enough
        self.acknowledged: list[str] = []
        self.sent: list[str] = []

    def run(self) -> None:
        try:
            with socket.create_connection(self._address, DEADLINE) as connection, connection.makefile("rwb") as stream:
                self._expect(stream, b"220")
                self._say(stream, b"HELO client.example", b"250")
                while True:
                    self._send(stream)
        except OSError:  # the server was killed
            pass

    def _send(self, stream) -> None:
        mark = f"{self._name}-{len(self.sent)}"
        self._say(stream, b"MAIL FROM:<a@b.example>", b"250")
        self._say(stream, b"RCPT TO:<user@contoso.com>", b"250")
        self._say(stream, b"DATA", b"354")
        self.sent.append(mark)
        self._say(stream, f"Subject: {mark}\r\n\r\n{'x' * 500}\r\n.".encode(), b"250 2.6.0")
        self.acknowledged.append(mark)
        self._enough.one_more()

    def _say(self, stream, line: bytes, code: bytes) -> None:
        stream.write(line + b"\r\n")
        stream.flush()
        self._expect(stream, code)

    def _expect(self, stream, code: bytes) -> None:
        reply = stream.readline()
        if not reply.endswith(b"\n"):
            raise ConnectionError
        assert reply.startswith(code), reply


class Enough:
    """Counts acknowledgements of all clients."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()
        self.reached = threading.Event()

    def one_more(self) -> None:
        with self._lock:
            self._count += 1
            if self._count >= ENOUGH:
                self.reached.set()


def start(folder: Path) -> tuple[subprocess.Popen[str], tuple[str, int]]:
    """``fakeeop serve``, ready."""
    (folder / "tenant.yaml").write_text(TENANT)
    command = [sys.executable, "-m", "fakeeop", "serve", str(folder / "tenant.yaml"), "--port", "0", "--quiet"]
    child = subprocess.Popen([*command, "--state", str(folder / "state")], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if "ready on " in line:
            host, _, port = line.partition("ready on ")[2].split(" ")[0].rpartition(":")
            return child, (host, int(port))
    raise AssertionError("it never was ready")


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_every_acknowledged_message_is_there_once(tmp_path):
    child, address = start(tmp_path)
    enough = Enough()
    clients = [Client(address, f"c{number}", enough) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    assert enough.reached.wait(DEADLINE)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert child.stdout is not None
    child.stdout.close()
    for client in clients:
        client.join(DEADLINE)
    found = Counter(_subjects(tmp_path / "state"))
    acknowledged = [mark for client in clients for mark in client.acknowledged]
    sent = {mark for client in clients for mark in client.sent}
    assert len(acknowledged) >= ENOUGH
    assert [mark for mark in acknowledged if found[mark] != 1] == []
    assert [mark for mark, count in found.items() if count > 1 or mark not in sent] == []
    again, address = start(tmp_path)  # and it goes on from there
    try:
        last = Client(address, "again", Enough())
        last.start()
        while not last.acknowledged and last.is_alive():
            last.join(0.01)
    finally:
        again.kill()
        again.wait()
        assert again.stdout is not None
        again.stdout.close()
    last.join(DEADLINE)
    after = Counter(_subjects(tmp_path / "state"))
    assert all(after[mark] == 1 for mark in [*acknowledged, *last.acknowledged])


def _subjects(state: Path) -> list[str]:
    """As somebody reads who comes later."""
    from fakeeop.config.loader import forest_from_tree  # noqa: PLC0415  not in the children
    from fakeeop.journal.sql.database import Database  # noqa: PLC0415  as above
    from fakeeop.journal.sql.places import place_of  # noqa: PLC0415  as above
    from fakeeop.journal.sql.reader import Reader  # noqa: PLC0415  as above

    place = place_of(str(state / "journal.sqlite"))
    assert place is not None
    database = Database(place)
    database.check()
    reader = Reader(database, lambda tree: forest_from_tree(tree, "the journal"))
    try:
        return [record.whole().split(b"\r\n")[0].decode()[9:] for _, record in reader.messages()]
    finally:
        database.engine.dispose()
