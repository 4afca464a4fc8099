from __future__ import annotations

from fakeeop.journal.memory import Holdings
from fakeeop.system.spool import FileSpool


def stored(octets: int) -> FileSpool:
    spool = FileSpool()
    spool.write(b"x" * octets)
    return spool.done()


def test_memory():
    held = Holdings()
    held.add(b"abc")
    held.add(b"abc")
    held.remove(b"abc")
    assert (held.octets, held.spooled_octets, held.files) == (3, 0, 0)


def test_copies_share_a_file():
    held, one, other = Holdings(), stored(10), stored(5)
    for content in (one, one, other):
        held.add(content)
    assert (held.octets, held.spooled_octets, held.files) == (0, 15, 2)
    held.remove(one)
    assert (held.spooled_octets, held.files) == (15, 2)
    held.remove(one)
    held.remove(other)
    assert (held.spooled_octets, held.files) == (0, 0)
