"""Properties: however the octets are cut, whatever they are."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

LINES = [
    *(b"EHLO x", b"HELO y", b"RSET", b"NOOP", b"QUIT", b"VRFY a", b"HELP", b"DATA", b"FROB", b"", b"STARTTLS"),
    *(b"MAIL FROM:<a@b.example>", b"MAIL FROM:<> BODY=BINARYMIME", b"MAIL FROM:<refused@b.example>"),
    *(b"RCPT TO:<c@d.example>", b"RCPT TO:<refused@d.example>", b"mail from: <a@b.example> size=5"),
    *(b"BDAT 0 LAST", b"BDAT 3", b"BDAT 7 LAST", b"BDAT x", b".", b"..", b"Subject: x", b"x" * 3000),
    *(b"XCLIENT ADDR=198.51.100.3", b"xclient NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::9", b"XCLIENT ADDR=x", b"XCLIENT"),
]
dialogues = st.lists(st.sampled_from(LINES), max_size=25).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
cuts = st.lists(st.integers(0, 400), max_size=30)
contents = st.lists(
    st.one_of(
        st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"..", b"\r\n.", b"MAIL FROM:<x@y.z>"]), st.binary(max_size=9)
    ),
    max_size=30,
).map(b"".join)


def pieces(octets: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(octets), *(cut % (len(octets) + 1) for cut in at)})
    return [octets[start:end] for start, end in pairwise(edges)]


@given(dialogue=dialogues, at=cuts, xclient=st.booleans())
def test_any_cut_of_a_dialogue_gives_the_same_replies(new_desk, dialogue, at, xclient):
    whole, cut = new_desk(xclient=xclient), new_desk(xclient=xclient)
    expected = whole.session.receive(b"EHLO x\r\n" + dialogue)
    replies = b"".join(cut.session.receive(piece) for piece in pieces(b"EHLO x\r\n" + dialogue, at))
    assert replies == expected
    assert cut.policy.messages == whole.policy.messages
    assert cut.policy.refusals == whole.policy.refusals
    assert cut.session.state is whole.session.state


@given(content=contents, at=cuts)
def test_content_survives_dot_stuffing(new_desk, content, at):
    if not content.endswith(b"\r\n"):
        content += b"\r\n"
    desk = new_desk()
    desk.session.receive(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n")
    stuffed = (b"." if content.startswith(b".") else b"") + content.replace(b"\r\n.", b"\r\n..")
    replies = b"".join(desk.session.receive(piece) for piece in pieces(stuffed + b".\r\nNOOP\r\n", at))
    assert replies == b"250 queued 1\r\n250 2.0.0 OK\r\n"
    assert [kept for _, kept in desk.policy.messages] == [content]


@given(chunks=st.lists(contents, min_size=1, max_size=5), at=cuts)
def test_content_survives_bdat(new_desk, chunks, at):
    desk = new_desk()
    desk.session.receive(b"EHLO x\r\nMAIL FROM:<> BODY=BINARYMIME\r\nRCPT TO:<a@b.example>\r\n")
    stream = b"".join(
        b"BDAT %d%s\r\n%s" % (len(chunk), b" LAST" if number == len(chunks) else b"", chunk)
        for number, chunk in enumerate(chunks, 1)
    )
    replies = b"".join(desk.session.receive(piece) for piece in pieces(stream + b"NOOP\r\n", at))
    assert replies.count(b"250 ") == len(chunks) + 1
    assert [kept for _, kept in desk.policy.messages] == [b"".join(chunks)]


@given(content=contents, at=cuts, limit=st.integers(0, 60))
def test_the_size_limit_is_exact(new_desk, content, at, limit):
    content += b"\r\n"
    desk = new_desk(size=limit)
    desk.session.receive(b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n")
    stuffed = (b"." if content.startswith(b".") else b"") + content.replace(b"\r\n.", b"\r\n..")
    replies = b"".join(desk.session.receive(piece) for piece in pieces(stuffed + b".\r\n", at))
    assert replies[:3] == (b"552" if len(content) > limit else b"250")


@given(
    noise=st.lists(
        st.one_of(st.binary(max_size=60), st.sampled_from([b"\r\n", b"BDAT 9\r\n", b"DATA\r\n"])), max_size=40
    )
)
def test_noise_never_crashes_and_makes_no_message(new_desk, noise):
    desk = new_desk()
    octets = b"".join(noise)
    reply = desk.session.receive(octets)
    assert not desk.policy.messages
    assert all(line[:3].isdigit() for line in reply.split(b"\r\n")[:-1])


@given(noise=st.lists(st.binary(max_size=40), max_size=20), at=cuts)
def test_noise_behind_a_greeting_is_answered_line_by_line(new_desk, noise, at):
    lines = [line.replace(b"\n", b"").replace(b"\r", b"") for line in noise]
    lines = [line for line in lines if line.upper().split(b" ")[0] not in (b"BDAT", b"QUIT", b"STARTTLS", b"HELP")]
    desk = new_desk(errors=10_000)
    desk.session.receive(b"EHLO x\r\n")
    octets = b"".join(line + b"\r\n" for line in lines)
    replies = b"".join(desk.session.receive(piece) for piece in pieces(octets, at))
    assert replies.count(b"\r\n") == len(lines)
