from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.wire import ConnectionClosed, ReplyReader, SmtpConnection, reply_code
from harness.errors import DeadlineExceeded, DriverError


def test_a_reply_of_several_lines_is_one_reply():
    reader = ReplyReader()
    reader.feed(b"250-mx Hello\r\n250-SIZE 1\r\n250 DSN\r\n221 bye\r\n")
    assert reader.next() == "250-mx Hello\n250-SIZE 1\n250 DSN"
    assert reader.next() == "221 bye"
    assert reader.next() is None


@given(st.lists(st.integers(1, 40), max_size=30))
def test_the_cut_of_the_stream_does_not_matter(cuts):
    stream = b"220 hi\r\n250-a\r\n250 b\r\n354 go\r\n550 5.7.64 no [x]\r\n"
    reader, found, at = ReplyReader(), [], 0
    for size in [*cuts, len(stream)]:
        reader.feed(stream[at : at + size])
        at += size
        while (reply := reader.next()) is not None:
            found.append(reply)
    assert found == ["220 hi", "250-a\n250 b", "354 go", "550 5.7.64 no [x]"]


def test_bytes_that_are_no_text_are_shown():
    reader = ReplyReader()
    reader.feed(b"220 \xff\r\n")
    assert reader.next() == "220 \\xff"


def test_what_is_not_whole_yet_is_the_rest():
    reader = ReplyReader()
    reader.feed(b"250-a\r\n250 b")
    assert reader.next() is None
    assert reader.rest == "250-a\n250 b"


@pytest.mark.parametrize(("reply", "code"), [("250 ok", 250), ("55", 0), ("", 0), ("abc", 0)])
def test_reply_code(reply, code):
    assert reply_code(reply) == code


def test_a_server_that_closes_ends_the_wait(scripted, soon):
    server = scripted([b"220 hi\r\n250-half", None])
    connection = SmtpConnection.open(("127.0.0.1", server.port), "127.0.0.1", soon)
    assert connection.reply() == "220 hi"
    connection.send(b"NOOP\r\n")
    with pytest.raises(ConnectionClosed) as caught:
        connection.reply()
    assert caught.value.partial == "250-half"
    assert connection.transcript == ["S: 220 hi", "C: NOOP", "* closed by the server"]
    connection.close()


def test_a_silent_server_is_a_deadline_that_tells_the_last_line(scripted, soon):
    server = scripted([b"220 hi\r\n", b""])
    connection = SmtpConnection.open(("127.0.0.1", server.port), "", soon)
    connection.reply()
    connection.deadline = time.monotonic()
    with pytest.raises(DeadlineExceeded, match=r"waited .* for the reply to X; last seen: S: 220 hi"):
        connection.reply("the reply to X")
    connection.close()


def test_nobody_there_is_a_driver_error_that_names_the_place(scripted, soon):
    server = scripted([None])
    SmtpConnection.open(("127.0.0.1", server.port), "", soon).close()
    server.thread.join(10)
    with pytest.raises(DriverError, match=rf"connect 127.0.0.1:{server.port}: Connection refused"):
        SmtpConnection.open(("127.0.0.1", server.port), "", soon)


def test_what_arrived_already_is_taken_without_waiting(scripted, soon):
    server = scripted([b"220 hi\r\n250 a\r\n", None])
    connection = SmtpConnection.open(("127.0.0.1", server.port), "", soon)
    assert connection.reply() == "220 hi"
    assert connection.arrived() == ["250 a"]
    assert connection.arrived() == []
    connection.send(b"\xff\xfe")
    connection.wait_closed()
    assert connection.transcript[-2:] == ["C: <2 bytes: //4=…>", "* closed by the server"]
    connection.close()
