from __future__ import annotations

import pytest

from fakeeop.smtp.strays import TLS_NOTE, stray

HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(11, 200))  # no LF in it


@pytest.mark.parametrize("cut", [1, 2, 50])
def test_a_client_hello_in_two_pieces_is_told_and_ends_the_session(desk, cut):
    replies = [desk.session.receive(HELLO[:cut]), desk.session.receive(HELLO[cut:])]
    assert [bool(reply) for reply in replies] == ([False, True] if cut == 1 else [True, False])
    assert desk.session.closed
    assert desk.session.oddity == TLS_NOTE


def test_the_reply_to_a_client_hello_is_that_of_an_unknown_verb(desk):
    reply = desk.session.receive(HELLO).decode()
    assert reply.startswith("500 5.3.3 Unrecognized command '")
    assert reply.isascii()
    assert len(reply) < 200


def test_a_client_hello_with_a_line_end_in_it(desk):
    assert desk.session.receive(b"\x16\x03\x01\n\x00").startswith(b"500 5.3.3")
    assert desk.session.oddity == TLS_NOTE


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"POST /x HTTP/1.0", b"PRI * HTTP/2.0", b"CONNECT a:25 HTTP/1.1"])
def test_http_is_told_and_ends_the_session(desk, line):
    reply = desk.session.receive(line + b"\r\nHost: x\r\n\r\n")
    assert reply.startswith(b"500 5.3.3 Unrecognized command '" + line.split()[0])
    assert reply.count(b"\r\n") == 1
    assert desk.session.closed
    assert "HTTP" in (desk.session.oddity or "")


@pytest.mark.parametrize("line", [b"GET", b"GET something", b"FROB / HTTQ", b"\x16", b"", b"post"])
def test_other_garbage_goes_on(desk, line):
    assert stray(line) is None
    assert desk.session.receive(line + b"\r\n").startswith(b"500 5.3.3")
    assert not desk.session.closed
    assert desk.session.oddity is None


def test_octets_of_a_client_hello_after_ehlo_are_only_a_command(desk):
    desk.say("EHLO x\n")
    assert desk.session.receive(b"\x16\x03") == b""
    assert not desk.session.closed
