from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from fakeeop.errors import StoreError
from fakeeop.system.spool import SpoolFolder


def test_what_is_written_is_read(tmp_path):
    spool = SpoolFolder(tmp_path)()
    spool.write(b"first ")
    spool.write(b"second")
    stored = spool.done()
    assert len(stored) == 12
    assert stored.read(6, 100) == b"second"
    assert stored.read(12, 1) == b""
    assert b"".join(stored.pieces()) == b"first second"


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the file has a name while it is open")
def test_nobody_sees_the_file(tmp_path):
    spool = SpoolFolder(tmp_path)()
    spool.write(b"x" * 1_000_000)
    stored = spool.done()
    assert list(tmp_path.iterdir()) == []
    assert len(stored) == 1_000_000


def test_pieces_are_small(tmp_path):
    spool = SpoolFolder(tmp_path)()
    content = bytes(range(256)) * 4_000
    spool.write(content)
    pieces = list(spool.done().pieces())
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 262_144


def test_many_readers(tmp_path):
    spool = SpoolFolder(tmp_path)()
    content = b"".join(b"%07d\n" % number for number in range(50_000))
    spool.write(content)
    stored = spool.done()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: b"".join(stored.pieces()), range(16))) == {content}


def test_the_system_folder(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    spool = SpoolFolder()()
    spool.write(b"x")
    assert spool.done().read(0, 1) == b"x"


def test_a_folder_that_is_none(tmp_path):
    with pytest.raises(StoreError, match="large messages cannot be spooled there"):
        SpoolFolder(tmp_path / "nowhere")


def test_a_folder_that_went_away(tmp_path):
    folder = tmp_path / "spool"
    folder.mkdir()
    spools = SpoolFolder(folder)
    folder.rmdir()
    with pytest.raises(StoreError, match="no room for a large message"):
        spools()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full")
def test_a_full_disk(tmp_path):
    spool = SpoolFolder(tmp_path)()
    spool._file.close()
    spool._file = open("/dev/full", "wb", 1_024)  # noqa: SIM115  the spool closes it
    with pytest.raises(StoreError, match="No space left"):
        spool.write(b"x" * 10_000)
    spool.drop()
    assert spool._file.closed


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full")
def test_a_disk_that_is_full_at_the_end(tmp_path):
    spool = SpoolFolder(tmp_path)()
    spool._file.close()
    spool._file = open("/dev/full", "wb", 1_024)  # noqa: SIM115  the spool closes it
    spool.write(b"x")
    with pytest.raises(StoreError, match="No space left"):
        spool.done()
    spool.drop()


def test_reading_what_is_dropped(tmp_path):
    spool = SpoolFolder(tmp_path)()
    spool.drop()
    with pytest.raises(StoreError, match="cannot be read"):
        spool.read(0, 1)
