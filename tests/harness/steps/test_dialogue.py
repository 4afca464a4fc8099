from __future__ import annotations

import base64

import pytest

from harness.errors import HarnessError
from harness.steps.dialogue import RawSession


class Line:
    """A connection that answers from a list, and keeps what was written."""

    def __init__(self, *replies):
        self.replies = list(replies)
        self.sent = []
        self.eof = False
        self.tls = None
        self.transcript = []
        self.half_closed = False

    def send(self, data):
        self.sent.append(data)

    def reply(self, awaited):
        assert self.replies, f"nothing to say for {awaited}"
        return self.replies.pop(0)

    def arrived(self):
        rest, self.replies = self.replies, []
        return rest

    def half_close(self):
        self.half_closed = True


def sent(line, arguments, wanted=None, **more):
    session = RawSession("c", line)
    return session, session.send(arguments, wanted, **more)


def test_one_reply_a_line_and_one_for_the_message():
    line = Line("250 a", "250 b", "354 go", "250 2.6.0 taken", "221 bye")
    lines = [
        "MAIL FROM:<a@b.example>",
        "RCPT TO:<c@d.example>",
        "DATA",
        "Subject: x",
        "",
        ". a dot and more",
        ".",
        "QUIT",
    ]
    session, seen = sent(line, {"lines": lines})
    assert seen.replies == ("250 a", "250 b", "354 go", "250 2.6.0 taken", "221 bye")
    assert session.taken == ["250 2.6.0 taken"]
    assert len(line.sent) == 8


def test_one_write_is_one_write():
    line = Line("250 a", "550 b")
    _, seen = sent(line, {"lines": ["NOOP", "VRFY x"], "one-write": True})
    assert line.sent == [b"NOOP\r\nVRFY x\r\n"]
    assert (seen.outcome, seen.reply) == ("rejected", "550 b")


def test_splits_cut_what_is_written():
    line = Line("250 a")
    sent(line, {"lines": ["NOOP"], "splits": [2, 4, 99]})
    assert line.sent == [b"NO", b"OP", b"\r\n"]


def test_as_many_pieces_as_lines_are_all_written_before_a_reply_is_awaited():
    class Patient(Line):
        def reply(self, awaited):
            assert self.sent == [b"NO", b"OP\r\nNO", b"OP\r\nNOOP\r\n"]
            return super().reply(awaited)

    _, seen = sent(Patient("250 a", "250 b", "250 c"), {"lines": ["NOOP"] * 3, "one-write": True, "splits": [2, 8]})
    assert seen.replies == ("250 a", "250 b", "250 c")


def test_wanted_replies_are_awaited_and_more_than_wanted_is_seen():
    assert sent(Line("250 a", "250 b"), {"lines": ["NOOP"]}, 2)[1].replies == ("250 a", "250 b")
    assert sent(Line("250 a", "250 extra"), {"lines": ["NOOP"]}, 1)[1].replies == ("250 a", "250 extra")
    assert sent(Line(), {"lines": ["NOOP"]}, 0)[1].replies == ()


def test_chunks_and_their_last():
    line = Line("250 chunk", "250 2.6.0 taken")
    session, _ = sent(line, {"bdat": {"data": "ab"}})
    assert session.send({"bdat": {"data": "é", "last": True}}, None).reply == "250 2.6.0 taken"
    assert line.sent == [b"BDAT 2\r\nab", "BDAT 2 LAST\r\né".encode()]
    assert session.taken == ["250 2.6.0 taken"]


def test_bytes_are_base64_and_owed_one_reply_a_whole_line():
    line = Line("250 a")
    sent(line, {"bytes": base64.b64encode(b"NOOP\r\nRS").decode()})
    assert line.sent == [b"NOOP\r\nRS"]
    with pytest.raises(HarnessError, match=r"send\.bytes is not base64"):
        sent(Line(), {"bytes": "?"})


def test_the_octets_of_a_chunk_are_owed_nothing():
    line = Line("250 one", "250 two", "250 three")
    octets = b"BDAT 7\r\na\nQUIT\nBDAT 2 LAST\r\n\r\nNOOP\r\n"
    session, seen = sent(line, {"bytes": base64.b64encode(octets).decode()})
    assert line.sent == [octets]
    assert seen.replies == ("250 one", "250 two", "250 three")
    assert session.taken == ["250 two"]


def test_content_is_dot_stuffed_and_ended():
    line = Line("354 go", "554 no")
    session, _ = sent(line, {"lines": ["DATA"]})
    seen = session.send({}, None, content=b".x\r\n")
    assert line.sent[-1] == b"..x\r\n.\r\n"
    assert (seen.reply, session.taken, session.in_data) == ("554 no", [], False)


def test_half_close():
    line = Line("250 a")
    sent(line, {"lines": ["NOOP"], "half-close": True})
    assert line.half_closed
