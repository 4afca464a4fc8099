"""Replies off a socket, however they are cut."""

from __future__ import annotations

import socket
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.doctor.line import NotSmtp, ServerClosed, Silent, WalkConnection

TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FFF, codec="utf-8"), max_size=40)
REPLIES = st.lists(st.tuples(st.integers(200, 599), st.lists(TEXT, min_size=1, max_size=4)), min_size=1, max_size=5)


def octets_of(reply):
    code, lines = reply
    return b"".join(
        f"{code}{' ' if number == len(lines) else '-'}{line}\r\n".encode() for number, line in enumerate(lines, 1)
    )


def text_of(reply):
    return octets_of(reply).decode().removesuffix("\r\n").replace("\r\n", "\n")


def pieces(octets, cuts):
    places = sorted({0, len(octets), *(cut % (len(octets) + 1) for cut in cuts)})
    return [octets[a:b] for a, b in pairwise(places)]


@given(REPLIES, st.lists(st.integers(0, 10_000), max_size=8))
def test_replies_are_whole_however_they_are_cut(replies, cuts):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        line = WalkConnection(ours, 20)
        for piece in pieces(b"".join(map(octets_of, replies)), cuts):
            theirs.sendall(piece)
        assert [line.reply() for _ in replies] == [text_of(reply) for reply in replies]


@given(st.binary(max_size=200))
def test_whatever_comes_ends_in_a_reply_or_a_word_for_it(octets):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(octets)
        theirs.close()
        try:
            reply = WalkConnection(ours, 20).reply()
        except (ServerClosed, NotSmtp):
            return
        assert reply[:3].isdigit()


def test_a_reply_without_end_is_none():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"250-" + b"x" * 66_000)
        with pytest.raises(NotSmtp):
            WalkConnection(ours, 20).reply()


def test_half_a_reply_is_told():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"250-one\r\n250 t")
        theirs.close()
        with pytest.raises(ServerClosed) as caught:
            WalkConnection(ours, 20).reply()
        assert caught.value.partial == "250-one"


def test_silence_ends():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(Silent):
        WalkConnection(ours, 0.01).reply()
