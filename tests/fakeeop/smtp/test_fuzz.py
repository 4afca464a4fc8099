"""Dialogues that nobody would hold: never a crash, never a lost or invented message, one reply for one command."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakeeop.model import TlsFacts
from fakeeop.smtp.state import TABLE, VERBS, State

TLS = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384")
FINAL = re.compile(rb"^[2-5]\d\d .*\r$", re.M)
ADDRESSES = [
    "<a@b.example>",
    "<refused@b.example>",
    "<>",
    "<x>",
    "<\xff@b.example>",
    "a@b.example",
    "<ä@b.example>",
    "",
]
WORDS = [
    "",
    " SIZE=5",
    " SIZE=999999999",
    " BODY=BINARYMIME",
    " SMTPUTF8",
    " RET=HDRS ENVID=x",
    " NOTIFY=NEVER",
    " X=1",
]

verbs = st.sampled_from([*VERBS, "FROB", "", "XCLIENT", "GET", "ehlo", "Mail", "bdat"])
noise = st.binary(max_size=20).map(lambda octets: octets.replace(b"\n", b"").replace(b"\x16\x03", b""))
addresses, words = st.sampled_from(ADDRESSES), st.sampled_from(WORDS)
commands = st.one_of(
    st.sampled_from([b"EHLO x", b"EHLO x", b"HELO y", b"RSET", b"DATA", b"DATA", b"STARTTLS", b"NOOP x", b"QUIT"]),
    st.builds(lambda address, word: f"MAIL FROM:{address}{word}".encode("latin-1"), addresses, words),
    st.builds(lambda address, word: f"RCPT TO:{address}{word}".encode(), addresses, words),
    st.builds(
        lambda octets, last: b"BDAT %d%b" % (octets, b" LAST" if last else b""), st.integers(0, 9), st.booleans()
    ),
    st.builds(lambda verb, rest: verb.encode() + b" " + rest, verbs, noise),
    noise,
)
contents = st.lists(
    st.sampled_from([b"\r\n", b".", b"\r", b"\n", b"a", b"\0", b"\xe4", b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"QUIT\r\n"]),
    max_size=20,
).map(b"".join)
cuts = st.lists(st.integers(0, 2_000), max_size=25)
thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def pieces(octets: bytes, at: list[int]) -> list[bytes]:
    edges = sorted({0, len(octets), *(cut % (len(octets) + 1) for cut in at)})
    return [octets[start:end] for start, end in pairwise(edges)]


def stuffed(content: bytes) -> bytes:
    whole = content if content.endswith(b"\r\n") else content + b"\r\n"
    return (b"." if whole.startswith(b".") else b"") + whole.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def chunk_of(line: bytes) -> int:
    """How many octets follow a line, if it is a BDAT that can be read."""
    match = re.fullmatch(rb"BDAT[ \t]+([0-9]+)([ \t]+LAST)?[ \t]*", line.rstrip(b"\r"), re.I)
    return int(match[1]) if match else 0


@thorough
@given(st.data())
def test_each_command_gets_one_reply_and_leads_where_the_table_says(new_desk, data):
    desk = new_desk(errors=data.draw(st.sampled_from([3, 1_000])))
    session = desk.session
    for _ in range(data.draw(st.integers(0, 40))):
        before, messages = session.state, len(desk.policy.messages)
        if session.closed:
            assert session.receive(b"NOOP\r\n") == b""
            break
        if session.wants_tls:
            assert session.receive(b"NOOP\r\n") == b""
            session.tls_established(TLS)
            assert (session.state, session.tls, session.helo) == (State.GREETING, True, None)
            continue
        if before is State.DATA:
            content = data.draw(contents)
            reply = b"".join(session.receive(piece) for piece in pieces(stuffed(content), data.draw(cuts)))
            assert len(desk.policy.messages) == messages + 1
            assert desk.policy.messages[-1][1] == (content if content.endswith(b"\r\n") else content + b"\r\n")
            assert session.state is State.READY
        else:
            line = data.draw(commands)
            reply = session.receive(line + b"\r\n" + b"x" * chunk_of(line))
            verb = line.rstrip(b"\r").partition(b" ")[0].upper().decode("latin-1")
            entry = TABLE[before].get(verb)
            allowed = {before, State.CLOSED} | ({entry} if isinstance(entry, State) else set())
            if verb == "BDAT":
                allowed |= {State.READY}
            if verb == "STARTTLS":  # the state is left when the handshake is done
                allowed |= {before}
            assert session.state in allowed, (line, reply)
            invented = len(desk.policy.messages) - messages
            assert invented == (1 if reply.startswith(b"250 queued") else 0)
            assert not invented or verb == "BDAT"
        assert len(FINAL.findall(reply)) == 1, reply
        assert all(each.recipients for each, _ in desk.policy.messages)


@thorough
@given(st.lists(st.one_of(commands, contents, st.binary(max_size=30)), max_size=40), cuts)
def test_noise_in_any_pieces_with_any_handshakes_never_crashes(new_desk, parts, at):
    desk = new_desk(errors=1_000)
    session, replies = desk.session, [desk.session.greeting()]
    for piece in pieces(b"\r\n".join(parts), at):
        if session.wants_tls:
            session.tls_established(TLS)
        replies.append(session.receive(piece))
    said = b"".join(replies)
    assert all(re.match(rb"[2-5]\d\d[ -]", line) for line in said.split(b"\r\n")[:-1])
    assert said.count(b"\r\n250 queued ") == len(desk.policy.messages)
    assert all(envelope.recipients for envelope, _ in desk.policy.messages)


@thorough
@given(st.lists(st.tuples(contents, st.sampled_from(["data", "bdat", "tls"])), max_size=6), cuts)
def test_no_message_is_lost_or_invented(new_desk, wanted, at):
    desk = new_desk(errors=1_000)
    session, expected = desk.session, []
    segments = [b"EHLO x\r\n"]
    for content, how in wanted:
        if how == "tls" and len(segments) == 1:
            segments[-1] += b"STARTTLS\r\nMAIL FROM:<evil@b.example>\r\n"  # discarded: it came in clear text
            segments.append(b"EHLO x\r\n")
        segments[-1] += b"MAIL FROM:<a@b.example> BODY=8BITMIME\r\nRCPT TO:<c@d.example>\r\n"
        if how == "bdat":
            half = len(content) // 2
            chunks = (content[:half], b""), (content[half:], b" LAST")
            segments[-1] += b"".join(b"BDAT %d%b\r\n%b" % (len(chunk), last, chunk) for chunk, last in chunks)
            expected.append(content)
        else:
            segments[-1] += b"DATA\r\n" + stuffed(content)
            expected.append(content if content.endswith(b"\r\n") else content + b"\r\n")
    for segment in segments:
        for piece in pieces(segment, at):
            if session.wants_tls:
                session.receive(piece)
            else:
                assert session.receive(piece) is not None
        if session.wants_tls:
            session.tls_established(TLS)
    assert [content for _, content in desk.policy.messages] == expected
    assert {str(envelope.reverse_path) for envelope, _ in desk.policy.messages} <= {"a@b.example"}
