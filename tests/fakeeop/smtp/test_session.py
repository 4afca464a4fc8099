from __future__ import annotations

import pytest

from fakeeop.errors import SessionMisuse
from fakeeop.model import BodyType, TlsFacts
from fakeeop.smtp.session import TLS_NOTE, stray
from fakeeop.smtp.state import State

BOX = "SN1PEPF000252A1.mail.protection.outlook.com"
SUFFIX = "[SN1PEPF000252A1.namprd05.prod.outlook.com 2025-03-09T19:25:28.476Z 08DD3FA5DBC8F401]"
TLS = TlsFacts("TLSv1.3", "TLS_AES_256_GCM_SHA384")

EHLO_LINES = [
    f"250-{BOX} Hello [203.0.113.25]",
    "250-SIZE 157286400",
    "250-PIPELINING",
    "250-DSN",
    "250-ENHANCEDSTATUSCODES",
    "250-STARTTLS",
    "250-8BITMIME",
    "250-BINARYMIME",
    "250-CHUNKING",
    "250 SMTPUTF8",
]


def test_banner(desk):
    banner = f"220 {BOX} Microsoft ESMTP MAIL Service ready at Sun, 9 Mar 2025 19:25:28 +0000 [08DD3FA5DBC8F401]\r\n"
    assert desk.session.greeting().decode() == banner


def test_banner_without_session_id(new_desk):
    assert new_desk(banner_session_id=False).session.greeting().endswith(b"19:25:28 +0000\r\n")


def test_ehlo_list_is_exact(desk):
    assert desk.say("EHLO relay\n") == EHLO_LINES
    assert desk.policy.hellos == [("relay", True)]


def test_ehlo_list_without_starttls(new_desk):
    assert new_desk(starttls=False).say("EHLO relay\n") == [line for line in EHLO_LINES if "STARTTLS" not in line]


def test_helo_is_one_line(desk):
    assert desk.say("helo hi\n") == [f"250 {BOX} Hello [203.0.113.25]"]
    assert desk.policy.hellos == [("hi", False)]


@pytest.mark.parametrize("name", ["", "bücher", "a b", "a..b", "-\x01", "[1.2.3"])
def test_hello_with_a_bad_name(desk, name):
    assert desk.say(f"EHLO {name}\n") == [f"501 5.5.4 Invalid domain name {SUFFIX}"]
    assert desk.session.state is State.GREETING
    assert desk.codes("EHLO good.example\n") == ["250"]


def test_a_whole_message(desk):
    desk.say("EHLO relay\n")
    assert desk.say("MAIL FROM:<a@b.example>\n") == ["250 2.1.0 Sender OK"]
    assert desk.say("RCPT TO:<c@d.example>\n") == ["250 2.1.5 Recipient OK"]
    assert desk.say("DATA\n") == ["354 Start mail input; end with <CRLF>.<CRLF>"]
    assert desk.say("Subject: x\n\n..dot\n.\n") == ["250 queued 1"]
    assert desk.say("QUIT\n") == ["221 2.0.0 Service closing transmission channel"]
    assert desk.session.closed
    [(envelope, content)] = desk.policy.messages
    assert content == b"Subject: x\r\n\r\n.dot\r\n"
    assert str(envelope.reverse_path) == "a@b.example"
    assert [str(recipient.mailbox) for recipient in envelope.recipients] == ["c@d.example"]


def test_lower_case_and_blank_behind_the_colon(desk):
    assert desk.codes("ehlo x\nmail from: <a@b.example>\nrcpt to: <c@d.example>\ndata\n.\n") == [
        *("250", "250", "250", "354", "250")
    ]
    assert desk.policy.messages[0][1] == b""


@pytest.mark.parametrize(
    ("before", "verb", "reply"),
    [
        ("", "MAIL FROM:<a@b.example>", "503 5.5.2 Send hello first"),
        ("", "RCPT TO:<a@b.example>", "503 5.5.2 Send hello first"),
        ("", "DATA", "503 5.5.2 Send hello first"),
        ("", "STARTTLS", "503 5.5.2 Send hello first"),
        ("EHLO x", "RCPT TO:<a@b.example>", "503 5.5.2 Need mail command"),
        ("EHLO x", "DATA", "503 5.5.2 Need mail command"),
        ("EHLO x", "FROB a", "500 5.3.3 Unrecognized command 'FROB'"),
        ("EHLO x", "\x01\x02?", "500 5.3.3 Unrecognized command '???'"),
        ("EHLO x", "{braces}", "500 5.3.3 Unrecognized command '{braces}'"),
        ("EHLO x", "", "500 5.3.3 Unrecognized command ''"),
        ("EHLO x", "EXPN list", "502 5.3.3 Command not implemented"),
        ("EHLO x", "TURN", "502 5.3.3 Command not implemented"),
        ("EHLO x", "ETRN x", "502 5.3.3 Command not implemented"),
        ("EHLO x", "AUTH LOGIN", "504 5.7.4 Unrecognized authentication type"),
        ("EHLO x", "MAIL <a@b.example>", "501 5.5.4 Invalid arguments"),
        ("EHLO x", "MAIL FROM:<a@b.example> FOO=1", "501 5.5.4 Invalid arguments"),
        ("EHLO x", "MAIL FROM:<a>", "501 5.1.7 Invalid address"),
        (
            "EHLO x",
            "MAIL FROM:<a@b.example> SIZE=157286401",
            "552 5.3.4 Message size exceeds fixed maximum message size",
        ),
        ("EHLO x", "BDAT", "501 5.5.4 Invalid arguments"),
        ("EHLO x", "BDAT 1 FIRST", "501 5.5.4 Invalid arguments"),
        ("EHLO x", "STARTTLS now", "501 5.5.4 Invalid arguments"),
        ("EHLO x", "NOOP " + "y" * 2048, "500 5.3.3 Line too long"),
        ("EHLO x\nMAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>", "503 5.5.2 Sender already specified"),
        ("EHLO x\nMAIL FROM:<a@b.example>", "DATA", "503 5.5.2 Need rcpt command"),
        ("EHLO x\nMAIL FROM:<a@b.example>", "RCPT TO:<a>", "501 5.1.3 Invalid address"),
        ("EHLO x\nMAIL FROM:<a@b.example>", "RCPT TO:<>", "501 5.1.3 Invalid address"),
        ("EHLO x\nMAIL FROM:<a@b.example>\nRCPT TO:<c@d.example>", "DATA now", "501 5.5.4 Invalid arguments"),
    ],
)
def test_command_errors(desk, before, verb, reply):
    desk.say(before + "\n" if before else "")
    assert desk.say(f"{verb}\n") == [f"{reply} {SUFFIX}"]
    assert desk.codes("NOOP\n") == ["250"]


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("NOOP anything", ["250 2.0.0 OK"]),
        ("RSET", ["250 2.0.0 Resetting"]),
        ("VRFY user", ["252 2.1.5 Cannot VRFY user"]),
        (
            "HELP",
            [
                "214-This server supports the following commands:",
                "214 HELO EHLO STARTTLS RCPT DATA RSET MAIL QUIT HELP AUTH BDAT",
            ],
        ),
    ],
)
def test_verbs_for_every_moment(desk, verb, reply):
    for moment in ("", "EHLO x\n", "MAIL FROM:<>\n", "RCPT TO:<a@b.example>\n"):
        desk.say(moment)
        assert desk.say(f"{verb}\n") == reply


def test_invalid_sender_code_is_a_setting(new_desk):
    desk = new_desk(invalid_sender="invalid-sender-550")
    desk.say("EHLO x\n")
    assert desk.say("MAIL FROM:<a>\n") == [f"550 5.1.7 Invalid address {SUFFIX}"]


def test_refusals_are_reported_to_the_policy(desk):
    desk.say("EHLO x\nMAIL FROM:<a>\nMAIL FROM:<a@b.example> SIZE=999999999\nMAIL FROM:<>\nRCPT TO:<b>\n")
    assert [(stage, reply[:3]) for stage, reply in desk.policy.refusals] == [
        *(("mail", b"501"), ("mail", b"552"), ("rcpt", b"501"))
    ]


def test_the_policy_refuses(desk):
    desk.say("EHLO x\n")
    assert desk.say("MAIL FROM:<refused@b.example>\nRCPT TO:<c@d.example>\n") == [
        *("550 no", f"503 5.5.2 Need mail command {SUFFIX}")
    ]


def test_data_after_refused_recipients_only(desk):  # C182
    desk.say("EHLO x\n")
    replies = desk.say(
        "MAIL FROM:<a@b.example>\nRCPT TO:<refused@d.example>\nRCPT TO:<refused@e.example>\nDATA\nNOOP\n"
    )
    assert [reply[:3] for reply in replies] == ["250", "550", "550", "503", "250"]
    assert replies[3] == f"503 5.5.2 Need rcpt command {SUFFIX}"
    assert not desk.policy.messages


def test_the_rest_of_the_recipients_gets_the_message(desk):
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nRCPT TO:<refused@d.example>\nDATA\n.\n")
    [(envelope, _)] = desk.policy.messages
    assert envelope.reverse_path.is_null
    assert [str(recipient.mailbox) for recipient in envelope.recipients] == ["a@b.example"]


def test_too_many_recipients(new_desk):
    desk = new_desk(recipients=2)
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nRCPT TO:<b@b.example>\n")
    assert desk.say("RCPT TO:<c@b.example>\n") == [f"452 4.5.3 Too many recipients (AS780090) {SUFFIX}"]
    assert desk.codes("DATA\n.\n") == ["354", "250"]


def test_parameters_reach_the_envelope_as_sent(desk):
    desk.say("EHLO x\n")
    assert desk.codes(
        "MAIL FROM:<ä@b.example> BODY=8bitmime SMTPUTF8 SIZE=100 RET=hdrs ENVID=QQ+2BabC\n"
        "RCPT TO:<c@d.example> NOTIFY=Success,FAILURE ORCPT=rfc822;U+2Bx@D.example\n"
        "RCPT TO:<e@d.example> NOTIFY=NEVER\nDATA\n.\n"
    ) == ["250", "250", "250", "354", "250"]
    [(envelope, _)] = desk.policy.messages
    assert (envelope.body, envelope.smtputf8, envelope.size) == (BodyType.EIGHT_BIT, True, 100)
    assert (envelope.ret, envelope.envid) == ("hdrs", "QQ+2BabC")
    first, second = envelope.recipients
    assert (first.dsn.notify, first.dsn.orcpt) == (("Success", "FAILURE"), "rfc822;U+2Bx@D.example")
    assert (second.dsn.notify, second.dsn.orcpt) == (("NEVER",), None)


def test_a_message_ends_the_transaction(desk):
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nDATA\n.\n")
    assert desk.codes("DATA\nMAIL FROM:<b@c.example>\n") == ["503", "250"]


@pytest.mark.parametrize("verb", ["EHLO x", "HELO x", "RSET"])
def test_verbs_that_end_a_transaction(desk, verb):
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\n")
    assert desk.codes(f"{verb}\nDATA\nMAIL FROM:<>\n") == ["250", "503", "250"]


def test_bdat_in_chunks(desk):
    desk.say("EHLO x\nMAIL FROM:<> BODY=BINARYMIME\nRCPT TO:<a@b.example>\n")
    replies = desk.say(b"BDAT 10\r\n0123456789BDAT 3\r\n\r\n.BDAT 0 LAST\r\nNOOP\r\n")
    assert replies == ["250 2.0.0 10 octets received", "250 2.0.0 3 octets received", "250 queued 1", "250 2.0.0 OK"]
    assert desk.policy.messages[0][1] == b"0123456789\r\n."


def test_bdat_without_recipient_keeps_step(desk):
    desk.say("EHLO x\n")
    replies = desk.say(b"BDAT 6\r\nQUIT\r\nMAIL FROM:<>\r\nBDAT 5 LAST\r\nRSET\nNOOP\r\n")
    assert replies == [
        f"503 5.5.2 Need mail command {SUFFIX}",
        "250 2.1.0 Sender OK",
        f"503 5.5.2 Need rcpt command {SUFFIX}",
        "250 2.0.0 OK",
    ]


@pytest.mark.parametrize("verb", ["DATA", "MAIL FROM:<>", "RCPT TO:<a@b.example>", "STARTTLS"])
def test_nothing_else_inside_a_bdat_sequence(desk, verb):
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\n")
    desk.say(b"BDAT 3\r\nabc")
    assert desk.session.state is State.BDAT
    assert desk.say(f"{verb}\n") == [f"503 5.5.2 Bad sequence of commands {SUFFIX}"]
    assert desk.codes(b"BDAT 2 LAST\r\nde") == ["250"]
    assert desk.policy.messages[0][1] == b"abcde"


def test_rset_inside_a_bdat_sequence(desk):
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\n")
    assert desk.codes(b"BDAT 3\r\nabcRSET\r\nBDAT 1 LAST\r\nxMAIL FROM:<>\r\n") == ["250", "250", "503", "250"]
    assert not desk.policy.messages


def test_binarymime_needs_bdat(desk):
    desk.say("EHLO x\nMAIL FROM:<> BODY=BINARYMIME\nRCPT TO:<a@b.example>\n")
    assert desk.say("DATA\n") == [f"503 5.5.2 Bad sequence of commands {SUFFIX}"]
    assert desk.codes(b"BDAT 1 LAST\r\nx") == ["250"]


def test_content_over_the_limit_by_data(new_desk):
    desk = new_desk(size=10)
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nDATA\n")
    assert desk.say("0123456789\n.\n") == [f"552 5.3.4 Message size exceeds fixed maximum message size {SUFFIX}"]
    assert desk.policy.refusals[0][0] == "message"
    assert desk.codes("MAIL FROM:<>\nRCPT TO:<a@b.example>\nDATA\n..234567\n.\n") == ["250", "250", "354", "250"]
    assert desk.policy.messages[0][1] == b".234567\r\n"


def test_content_over_the_limit_by_bdat(new_desk):
    desk = new_desk(size=10)
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\n")
    assert desk.codes(b"BDAT 6\r\n012345BDAT 5\r\n67890BDAT 1 LAST\r\n1NOOP\r\n") == ["250", "552", "503", "250"]
    assert not desk.policy.messages


def test_bare_line_ends_are_content(desk):
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nDATA\n")
    content = b"a\nb\rc\r\n\n.\nMAIL FROM:<evil@x.example>\n.\r\n\r\n.\n"
    assert desk.codes(content + b"\r\n.\r\n") == ["250"]
    assert desk.policy.messages[0][1] == b"a\nb\rc\r\n\n.\nMAIL FROM:<evil@x.example>\n.\r\n\r\n\n\r\n"


def test_bare_lf_ends_a_command(desk):
    assert desk.codes(b"EHLO x\nNOOP\n") == ["250", "250"]


def test_starttls(desk):
    desk.say("EHLO x\nMAIL FROM:<>\n")
    assert desk.say("STARTTLS\n") == ["220 2.0.0 SMTP server ready"]
    assert desk.session.wants_tls
    desk.session.tls_established(TLS)
    assert desk.policy.tls is TLS
    assert desk.codes("MAIL FROM:<>\n") == ["503"]
    assert desk.say("EHLO x\n") == [line for line in EHLO_LINES if "STARTTLS" not in line]
    assert desk.codes("RCPT TO:<a@b.example>\nSTARTTLS\n") == ["503", "503"]


@pytest.mark.parametrize("injected", ["RSET\n", "MAIL FROM:<evil@x.example>\n", "NO"])
def test_plaintext_behind_starttls_is_dropped(desk, injected):
    desk.say("EHLO x\n")
    assert desk.say(f"STARTTLS\n{injected}") == ["220 2.0.0 SMTP server ready"]
    assert desk.say("RSET\n") == []
    desk.session.tls_established(TLS)
    assert desk.codes("EHLO y\nMAIL FROM:<a@b.example>\n") == ["250", "250"]


def test_starttls_where_it_is_not_offered(new_desk):
    desk = new_desk(starttls=False)
    assert desk.codes("EHLO x\nSTARTTLS\n") == ["250", "502"]


def test_tls_that_was_not_asked_for(desk):
    with pytest.raises(SessionMisuse):
        desk.session.tls_established(TLS)


def test_too_many_errors(new_desk):
    desk = new_desk(errors=3)
    assert desk.codes("FROB\nFROB\nEHLO x\nMAIL FROM:<refused@x.example>\n") == ["500", "500", "250", "550"]
    assert desk.say("FROB\nNOOP\n") == [
        f"421 4.7.0 Too many errors on this connection, closing transmission channel {SUFFIX}"
    ]
    assert desk.session.closed
    assert desk.say("NOOP\n") == []


def test_a_last_reply(desk):
    assert desk.session.end("timeout").decode() == f"451 4.7.0 Timeout waiting for client input {SUFFIX}\r\n"
    assert desk.session.state is State.CLOSED


def test_a_long_line_in_pieces_is_one_error(desk):
    desk.say("EHLO x\n")
    for _ in range(5):
        assert desk.say(b"x" * 1500) == []
    assert desk.codes(b"y\r\nNOOP\r\n") == ["500", "250"]


def test_transcript_names_content_by_its_length(desk):
    desk.say("EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nDATA\n")
    desk.say("Subject: x\n\nhi\n.\nQUIT\n")
    assert [(kind, what) for kind, what in desk.session.transcript.entries if kind != 1] == [
        (0, b"EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b.example>\r\nDATA\r\n"),
        (2, 18),
        (0, b"QUIT\r\n"),
    ]


def test_transcript_is_cut(desk):
    for _ in range(200):
        desk.say("NOOP " + "x" * 2000 + "\n")
    assert desk.session.transcript.entries[-1] == (3, "the transcript is cut here")
    assert desk.session.transcript.octets < 300_000


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
