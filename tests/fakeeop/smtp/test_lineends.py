from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.smtp.lineends import MOST, has_bare_line_feed, scan

octets = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b".", b"\0", b"a", b"\xe4"]), max_size=40).map(b"".join)


def test_clean_content():
    found = scan(b"Subject: x\r\n\r\nhello\r\n")
    assert found.tree() == {
        "bare-lf": [],
        "bare-cr": [],
        "nul": [],
        "smuggling": [],
        "counts": {"bare-lf": 0, "bare-cr": 0, "nul": 0},
        "longest-line": 10,
        "8-bit": False,
        "around": {},
    }


def test_each_fault_is_located():
    found = scan(b"ab\ncd\re\0f\xe4\r\n")
    assert (found.bare_lf, found.bare_cr, found.nul) == ((2,), (5,), (7,))
    assert found.eight_bit
    assert dict(found.around)[2] == b"ab\ncd\re\0f\xe4".hex()


@pytest.mark.parametrize(
    ("content", "offset", "name"),
    [
        (b"a\n.\nb", 1, "LF . LF"),
        (b"a\n.\r\nb", 1, "LF . CR LF"),
        (b"a\r\n.\nb", 1, "CR LF . LF"),
        (b"a\r.\rb", 1, "CR . CR"),
        (b"a\r\n.\rb", 1, "CR LF . CR"),
    ],
)
def test_smuggling_sequences_are_named(content, offset, name):
    assert scan(content).smuggling == ((offset, name),)


def test_a_stuffed_end_mark_is_none_and_a_lone_dot_is():
    assert scan(b"a\r\n.\r\nb\r\n").smuggling == ()
    assert scan(b"a\r\n\nb\r\n", (3,)).smuggling == ((3, "CR LF . bare"),)


def test_only_so_many_are_told_and_all_are_counted():
    found = scan(b"\n" * 50)
    assert len(found.bare_lf) == MOST
    assert found.counts[0] == 50


@given(octets)
def test_offsets_point_at_what_they_name(content):
    found = scan(content)
    assert all(content[at : at + 1] == b"\n" and content[at - 1 : at] != b"\r" for at in found.bare_lf)
    assert all(content[at : at + 1] == b"\r" and content[at + 1 : at + 2] != b"\n" for at in found.bare_cr)
    assert found.counts[0] == len(re.findall(rb"(?<!\r)\n", content))
    assert found.counts[1] == len(re.findall(rb"\r(?!\n)", content))
    assert found.longest_line == max(map(len, content.split(b"\r\n")))


def test_a_bare_line_feed_is_found():
    assert not has_bare_line_feed([b"a\r\n"])
    assert has_bare_line_feed([b"a\nb"])
    assert not has_bare_line_feed([b"a\0b\r", b"\n" + b"x" * 2000 + b"\r\n"])


@given(content=octets, size=st.integers(1, 6))
def test_content_in_pieces_is_judged_as_the_whole(content, size):
    pieces = [content[start : start + size] for start in range(0, len(content), size)]
    assert has_bare_line_feed(pieces) == has_bare_line_feed([content]) == bool(scan(content).bare_lf)
