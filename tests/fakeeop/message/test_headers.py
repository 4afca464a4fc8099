from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.message.headers import fields, from_domains, header_end, message_id


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"Subject: x\r\nMessage-ID: <a@b>\r\n\r\n", "<a@b>"),
        (b"Message-Id:<a@b>\r\n\r\n", "<a@b>"),
        (b"MESSAGE-ID: <a@b>\r\n", "<a@b>"),
        (b"Subject: x\r\nMessage-ID:\r\n <a@b>\r\n\r\n", "<a@b>"),
        (b"message-ID : <a@b>\n\nbody", "<a@b>"),
        (b"Subject: x\r\n\r\nMessage-ID: <a@b>\r\n", None),
        (b"Subject: x\n\nMessage-ID: <a@b>\r\n\r\n", None),
        (b"X-Message-ID: <a@b>\r\n\r\n", None),
        (b"Message-ID: nonsense\r\n\r\n", None),
        (b"", None),
    ],
)
def test_message_id(content, expected):
    assert message_id(content) == expected


@pytest.mark.parametrize(
    ("header", "domains"),
    [
        ("From: a@Contoso.com", ("contoso.com",)),
        ("from: Ann <ann@contoso.com>", ("contoso.com",)),
        ('From: "evil@example.net" <a@b.example>', ("b.example",)),
        ("From: a@b.example (really x@example.net)", ("b.example",)),
        ("From: Ann <a@b.example>,\r\n Bob <b@c.example>, a@b.example", ("b.example", "c.example")),
        ("From: a@bücher.example", ("xn--bcher-kva.example",)),
        ("From: nobody", ()),
        ("From: a@-bad-", ()),
        ("X-From: a@b.example", ()),
        ("Subject: x\r\n\r\nFrom: a@b.example", ()),
    ],
)
def test_from_domains(header, domains):
    assert from_domains(header.encode() + b"\r\n\r\nbody") == domains


def test_fields_end_where_no_field_is():
    assert fields(b"A: 1\r\nB : 2\r\n\t3\r\nnot a field\r\nC: 4\r\n\r\n") == [("A", "1"), ("B", "2\t3")]
    assert fields("Subject: ä\r\n\r\n".encode()) == [("Subject", "ä")]
    assert fields(b"Subject: \xff\r\n\r\n") == [("Subject", "ÿ")]


@given(
    content=st.lists(st.sampled_from([b"\r", b"\n", b"From:", b" ", b"a@b.c", b"<", b"Message-ID:", b"\xff"])).map(
        b"".join
    )
)
def test_anything_can_be_read(content):
    assert 0 <= header_end(content) <= len(content)
    message_id(content)
    from_domains(content)
    fields(content)
