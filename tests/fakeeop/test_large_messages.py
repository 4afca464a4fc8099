"""Large messages through a server of its own: they stream, a full disk is told, nothing is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakeeop.emulator import Emulator
from fakeeop.journal.memory import Journal

MB = 1_000_000
LINE = b"x" * 78 + b"\r\n"
ENVELOPE = b"MAIL FROM:<a@remote.example>\r\nRCPT TO:<ann@contoso.com>\r\n"
FOREST = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]}
MEMORY = 60 * 1024  # KiB for three messages of 30 MB; all of them together would be 90,000

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc, RLIMIT_FSIZE")


class Client:
    """A session past EHLO."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, 60)
        self._file = self.socket.makefile("rb")
        self.reply()
        self.say(b"EHLO remote.example\r\n")

    def reply(self) -> bytes:
        line = self._file.readline()
        while line[3:4] == b"-":
            line = self._file.readline()
        return line

    def say(self, octets: bytes, replies: int = 1) -> bytes:
        self.socket.sendall(octets)
        return [self.reply() for _ in range(replies)][-1]

    def data(self, octets: int) -> bytes:
        self.say(ENVELOPE + b"DATA\r\n", 3)
        block = LINE * 2_000
        for _ in range(octets // len(block)):
            self.socket.sendall(block)
        return self.say(b".\r\n")

    def bdat(self, octets: int) -> bytes:
        self.say(ENVELOPE, 2)
        block = LINE * 2_000
        for _ in range(octets // len(block)):
            self.say(b"BDAT %d\r\n%b" % (len(block), block))
        return self.say(b"BDAT 0 LAST\r\n")

    def close(self) -> None:
        self._file.close()
        self.socket.close()


class Served:
    """``fakeeop serve`` with a folder of its own for temporary files."""

    def __init__(self, folder: Path, largest_file: int | None = None) -> None:
        self.spool = folder / "spool"
        self.spool.mkdir()
        tenant, ready = folder / "tenant.yaml", folder / "ready"
        tenant.write_text("Tenants:\n  - {Name: contoso, AcceptedDomains: [contoso.com]}\n")
        command = [sys.executable, "-m", "fakeeop", "serve", str(tenant), "--port", "0", "--ready-file", str(ready)]
        if largest_file is not None:
            limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_file}, {largest_file}))"
            start = f"{limit}; import sys; from fakeeop.__main__ import main; sys.exit(main())"
            command[1:3] = ["-c", start]
        self.process = subprocess.Popen(
            [*command, "--state", str(folder / "state")],
            env={**os.environ, "TMPDIR": str(self.spool)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "ready on" in line:
                break
        host, _, port = ready.read_text().splitlines()[0].rpartition(":")
        self.address = (host, int(port))
        threading.Thread(target=self.process.stdout.read).start()

    def peak(self) -> int:
        """KiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))

    def end(self, how: int) -> None:
        self.process.send_signal(how)
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    found = Served(tmp_path)
    yield found
    if found.process.poll() is None:
        found.end(signal.SIGTERM)


@linux
@pytest.mark.parametrize("verb", ["data", "bdat"])
def test_memory_does_not_grow_with_the_message(served, verb):
    small = Client(served.address)
    assert small.data(1_000).startswith(b"250 ")
    before = served.peak()
    replies: list[bytes] = []

    def one() -> None:
        client = Client(served.address)
        replies.append(getattr(client, verb)(30 * MB))
        client.close()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    small.close()
    assert [reply[:9] for reply in replies] == [b"250 2.6.0"] * 3
    assert served.peak() - before < MEMORY


@linux
def test_a_killed_server_leaves_nothing_behind(served):
    client = Client(served.address)
    assert client.data(5 * MB).startswith(b"250 ")
    client.say(ENVELOPE, 2)
    client.say(b"BDAT 2000000\r\n" + b"x" * 2 * MB)
    served.end(signal.SIGKILL)
    client.close()
    assert list(served.spool.iterdir()) == []


@linux
def test_a_full_disk(tmp_path):
    served = Served(tmp_path, largest_file=3 * MB)
    try:
        client = Client(served.address)
        assert client.data(5 * MB).startswith(b"452 4.3.1 ")
        assert client.bdat(160_000).startswith(b"250 2.6.0 ")
        client.say(ENVELOPE, 2)
        assert client.say(b"BDAT 5000000 LAST\r\n" + b"x" * 5 * MB).startswith(b"452 4.3.1 ")
        assert client.say(b"NOOP\r\n").startswith(b"250 ")
        client.close()
    finally:
        served.end(signal.SIGTERM)
    assert list(served.spool.iterdir()) == []


def test_the_journal_reads_from_the_spool(tmp_path):
    with Emulator.from_tree(FOREST, spool=tmp_path) as eop:
        client = Client(eop.addresses[0])
        client.say(ENVELOPE, 2)
        content = b"Subject: large\r\nMessage-ID: <1@remote.example>\r\n\r\n" + bytes(range(256)) * 8_000
        assert client.say(b"BDAT %d LAST\r\n%b" % (len(content), content)).startswith(b"250 2.6.0 <1@remote.example> [")
        client.close()
        [record] = eop.journal.message_records()
        [tree] = eop.journal.messages()
        assert not isinstance(record.content, bytes)
        assert record.whole() == b"".join(record.pieces()) == content
        assert tree["raw"] == content.decode("latin-1")
        assert tree["size"] == len(content)
        assert tree["headers"][0] == ["Subject", "large"]
        assert tree["body"].startswith("\x00\x01")


def test_the_journal_keeps_what_fits_on_the_disk(tmp_path):
    journal = Journal(spooled_octets=5 * MB, spooled_entries=3)
    with Emulator.from_tree(FOREST, spool=tmp_path, journal=journal) as eop:
        client = Client(eop.addresses[0])
        for megabytes in (2, 2, 2):
            assert client.data(megabytes * MB).startswith(b"250 ")
        assert [len(record.content) // MB for record in journal.message_records()] == [1, 1]
        for _ in range(4):
            assert client.data(MB + MB // 4).startswith(b"250 ")
        assert len(journal.message_records()) == 3
        assert client.data(160_000).startswith(b"250 ")
        assert len(journal.message_records()) == 4
        assert _open_files(tmp_path) in (None, 3)
        journal.clear()
        assert journal.message_records() == []
        assert _open_files(tmp_path) in (None, 0)
        client.close()


def test_a_lost_connection_leaves_nothing_open(tmp_path):
    with Emulator.from_tree(FOREST, spool=tmp_path) as eop:
        client = Client(eop.addresses[0])
        client.say(ENVELOPE, 2)
        client.say(b"BDAT 2000000\r\n" + b"x" * 2 * MB)
        open_before = _open_files(tmp_path)
        client.close()
        assert eop.journal.wait_for_sessions_to_end(20)
        assert open_before in (None, 1)
        assert _open_files(tmp_path) in (None, 0)


def _open_files(folder: Path) -> int | None:
    """How many invisible files of a folder this process has open; None: it cannot be seen here."""
    if not sys.platform.startswith("linux"):
        return None
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        try:
            found += os.readlink(link).startswith(str(folder))
        except OSError:
            continue
    return found
