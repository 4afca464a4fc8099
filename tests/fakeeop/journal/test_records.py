from __future__ import annotations

from fakeeop.journal.records import Pending


def test_who_waits_is_told_once_it_is_known():
    heard: list[bytes | None] = []
    pending = Pending()
    pending.when(heard.append)
    pending.settled(None)
    assert heard == [None]


def test_who_asks_late_is_told_at_once():
    heard: list[bytes | None] = []
    pending = Pending()
    pending.refuse = str.encode
    pending.settled("insufficient-storage")
    pending.when(heard.append)
    assert heard == [b"insufficient-storage"]


def test_nothing_refers_to_the_session_afterwards():
    pending = Pending()
    pending.refuse = str.encode
    pending.when(lambda _: None)
    pending.settled(None)
    assert [pending.refuse, pending._say, pending.until] == [None, None, pending]
