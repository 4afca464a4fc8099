from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.errors import StoreError
from fakeeop.smtp.framing import NO_ROOM, TOO_LARGE, ContentBuffer
from fakeeop.smtp.policy import SessionSettings


class Pile:
    """A spool in memory; ``room`` octets fit into it."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.whole = b""
        self.dropped = False

    def write(self, piece: bytes) -> None:
        if len(self.whole) + len(piece) > self.room:
            raise StoreError("full")
        self.whole += piece

    def done(self) -> Pile:
        return self

    def drop(self) -> None:
        self.dropped = True

    def __len__(self) -> int:
        return len(self.whole)

    def read(self, start: int, octets: int) -> bytes:
        return self.whole[start : start + octets]

    def pieces(self) -> Iterator[bytes]:
        yield self.whole


class Piles:
    """Opens them and remembers."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.opened: list[Pile] = []

    def __call__(self) -> Pile:
        self.opened.append(Pile(self.room))
        return self.opened[-1]


def buffer(spool: Callable[[], Pile] | None, **settings: int) -> ContentBuffer:
    return ContentBuffer(SessionSettings(spool=spool, **settings), [])  # type: ignore[arg-type]  # by keyword


def test_what_is_small_stays_in_memory():
    piles = Piles()
    one = buffer(piles, in_memory=4)
    one.add(b"ab")
    one.add(b"cd")
    assert (one.content(), one.octets, piles.opened) == (b"abcd", 4, [])


def test_what_is_large_goes_to_the_spool_whole():
    piles = Piles()
    one = buffer(piles, in_memory=4)
    for piece in (b"abc", b"de", b"f"):
        one.add(piece)
    [pile] = piles.opened
    assert one.content() is pile
    assert pile.whole == b"abcdef"


def test_without_a_spool_everything_stays_in_memory():
    one = buffer(None, in_memory=4)
    one.add(b"abcdef")
    assert one.content() == b"abcdef"


def test_over_the_limit_nothing_is_kept_and_all_is_counted():
    piles = Piles()
    one = buffer(piles, in_memory=2, size=5)
    for piece in (b"abc", b"def", b"ghi"):
        one.add(piece)
    assert (one.content(), one.refusal, one.octets) == (None, TOO_LARGE, 9)
    assert piles.opened[0].dropped


@pytest.mark.parametrize("room", [0, 4, 6])
def test_a_full_spool(room):
    piles = Piles(room)
    one = buffer(piles, in_memory=3)
    for piece in (b"abc", b"def", b"ghi"):
        one.add(piece)
    assert (one.content(), one.refusal, one.octets) == (None, NO_ROOM, 9)
    assert [pile.dropped for pile in piles.opened] == [True]


def test_a_spool_that_cannot_be_opened():
    def none() -> Pile:
        raise StoreError("no more open files")

    one = buffer(none, in_memory=1)
    one.add(b"abc")
    assert (one.content(), one.refusal) == (None, NO_ROOM)


def test_a_spool_that_is_full_at_the_very_end(monkeypatch):
    def full(_: Pile) -> Pile:
        raise StoreError("full")

    monkeypatch.setattr(Pile, "done", full)
    piles = Piles()
    one = buffer(piles, in_memory=1)
    one.add(b"abc")
    assert (one.content(), one.refusal) == (None, NO_ROOM)
    assert piles.opened[0].dropped


def pieces_of(octets: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({min(cut, len(octets)) for cut in cuts} | {0, len(octets)})
    return [octets[a:b] for a, b in pairwise(places)]


_ALPHABET = st.lists(st.sampled_from([b"\r\n", b".", b"a", b"\r", b"\n", b"\0", b"\xff"]), max_size=60).map(b"".join)


@given(content=_ALPHABET, cuts=st.lists(st.integers(0, 120), max_size=12), in_memory=st.integers(0, 40))
def test_data_in_any_pieces_through_a_spool(new_desk, content, cuts, in_memory):
    content += b"\r\n"
    stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    desk = new_desk(spool=Piles(), in_memory=in_memory)
    desk.say("EHLO x\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\nDATA\n")
    replies = [line for piece in pieces_of(stuffed + b".\r\nNOOP\r\n", cuts) for line in desk.say(piece)]
    assert [line[:3] for line in replies] == ["250", "250"]
    [(_, taken)] = desk.policy.messages
    assert isinstance(taken, bytes) == (len(content) <= in_memory)
    assert (taken if isinstance(taken, bytes) else taken.whole) == content


@given(
    chunks=st.lists(st.binary(max_size=30), min_size=1, max_size=6),
    cuts=st.lists(st.integers(0, 300), max_size=12),
    in_memory=st.integers(0, 60),
)
def test_bdat_in_any_pieces_through_a_spool(new_desk, chunks, cuts, in_memory):
    desk = new_desk(spool=Piles(), in_memory=in_memory)
    desk.say("EHLO x\nMAIL FROM:<a@b.example> BODY=BINARYMIME\nRCPT TO:<c@d.example>\n")
    stream = b"".join(b"BDAT %d\r\n%b" % (len(chunk), chunk) for chunk in chunks) + b"BDAT 0 LAST\r\nNOOP\r\n"
    replies = [line for piece in pieces_of(stream, cuts) for line in desk.say(piece)]
    assert [line[:3] for line in replies] == ["250"] * (len(chunks) + 2)
    [(_, taken)] = desk.policy.messages
    assert (taken if isinstance(taken, bytes) else taken.whole) == b"".join(chunks)


@pytest.mark.parametrize("verb", ["DATA", "BDAT"])
def test_a_full_disk_is_452_and_the_session_goes_on(new_desk, verb):
    desk = new_desk(spool=Piles(10), in_memory=4)
    desk.say("EHLO x\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\n")
    if verb == "DATA":
        [_, reply] = desk.say("DATA\nmuch too much\n.\n")
    else:
        [reply] = desk.say("BDAT 13 LAST\nmuch too much")
    assert reply.startswith("452 4.3.1 Insufficient system resources [")
    assert desk.policy.messages == []
    assert [stage for stage, _ in desk.policy.refusals] == ["message"]
    codes = desk.codes("MAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\nDATA\nok\n.\n")
    assert codes == ["250", "250", "354", "250"]


def test_a_full_disk_in_mid_sequence_ends_the_transaction(new_desk):
    desk = new_desk(spool=Piles(6), in_memory=4)
    desk.say("EHLO x\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\n")
    codes = desk.codes(b"BDAT 5\r\n12345BDAT 5\r\n12345BDAT 3 LAST\r\nabcNOOP\r\n")
    assert codes == ["250", "452", "503", "250"]


@pytest.mark.parametrize("end", ["RSET\n", "EHLO x\n"])
def test_half_a_message_is_dropped(new_desk, end):
    piles = Piles()
    desk = new_desk(spool=piles, in_memory=1)
    desk.say("EHLO x\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>\n")
    desk.say(b"BDAT 5\r\n12345")
    desk.say(end)
    assert desk.session.transaction is None
    assert desk.codes("BDAT 0 LAST\n") == ["503"]
    assert desk.policy.messages == []
