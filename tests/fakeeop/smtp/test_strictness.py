"""Line ends in content: nothing but CR LF dot CR LF ends a message; what else is there is located, or refused."""

from __future__ import annotations

from itertools import pairwise

import pytest

TO_DATA = "EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nDATA\n"


@pytest.mark.parametrize("smuggled", [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\r.\n"])
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_a_smuggling_sequence_ends_nothing(desk, smuggled, step):
    desk.say(TO_DATA)
    stream = b"Subject: x\r\n\r\nhello" + smuggled + b"MAIL FROM:<evil@b.example>\r\n.\r\nNOOP\r\n"
    edges = [*range(0, len(stream), step), len(stream)]
    reply = b"".join(desk.session.receive(stream[start:end]) for start, end in pairwise(edges))
    assert reply == b"250 queued 1\r\n250 2.0.0 OK\r\n"
    [(_, content)] = desk.policy.messages
    assert content.endswith(b"MAIL FROM:<evil@b.example>\r\n")
    unstuffed = smuggled in (b"\r\n.\n", b"\r\n.\r")
    assert desk.session.lone_dots == ((21,) if unstuffed else ())
    if unstuffed:
        assert content[19:22] == b"\r\n" + smuggled[-1:]


def test_the_offset_of_a_lone_dot_counts_unstuffed_octets(desk):
    desk.say(TO_DATA)
    desk.session.receive(b".\nab\r\n..cd\r\n.\nef\r\n.\r\n")
    [(_, content)] = desk.policy.messages
    assert content == b"\nab\r\n.cd\r\n\nef\r\n"
    assert desk.session.lone_dots == (0, 10)


@pytest.mark.parametrize("content", ["a\nb", "a\r\n.\nb"])
def test_a_setting_refuses_a_bare_line_feed(new_desk, content):
    for kept in (True, False):
        desk = new_desk(bare_line_feeds=kept)
        desk.say(TO_DATA)
        said = desk.say(content.encode() + b"\r\n.\r\n")
        assert said[0].startswith("250" if kept else "550 5.6.11 Invalid characters")
        assert len(desk.policy.messages) == kept
        assert desk.codes("MAIL FROM:<>\n") == ["250"]


@pytest.mark.parametrize("content", ["a\0b", "x" * 999])
def test_a_nul_and_a_long_line_pass_in_any_case(new_desk, content):
    desk = new_desk(bare_line_feeds=False)
    desk.say(TO_DATA)
    assert desk.codes(content.encode() + b"\r\n.\r\n") == ["250"]


def test_clean_content_passes_the_setting(new_desk):
    desk = new_desk(bare_line_feeds=False)
    desk.say(TO_DATA)
    assert desk.codes("Subject: x\n\nhello\n.\n") == ["250"]


def test_chunks_are_not_looked_at(new_desk):
    desk = new_desk(bare_line_feeds=False)
    desk.say("EHLO x\nMAIL FROM:<> BODY=BINARYMIME\nRCPT TO:<a@b.example>\n")
    assert desk.codes(b"BDAT 3 LAST\r\na\n\0") == ["250"]
