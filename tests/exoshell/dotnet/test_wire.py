"""Messages as System.Net.Mail writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

from hypothesis import given
from hypothesis import strategies as st

from exoshell.dotnet.wire import AttachedFile, MailAddress, MailMessage, written

NOW = datetime(2026, 11, 24, 12, 38, 55, tzinfo=UTC)
ANN = MailAddress("ann@contoso.com", "Ann")


def test_a_plain_message_octet_by_octet():
    envelope = MailMessage(
        MailAddress("a@contoso.com"), (MailAddress("b@x.example"),), subject="plain", body="plain\n.dot\nword "
    )
    assert written(envelope, NOW).decode() == (
        "MIME-Version: 1.0\r\nFrom: a@contoso.com\r\nTo: b@x.example\r\nDate: 24 Nov 2026 12:38:55 +0000\r\n"
        "Subject: plain\r\nContent-Type: text/plain; charset=us-ascii\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\nplain=0D=0A.dot=0D=0Aword=20\r\n\r\n"
    )


def test_recipients_in_the_order_of_their_commands():
    envelope = MailMessage(ANN, (MailAddress("t@x"),), (MailAddress("c@x"),), (MailAddress("b@x"),))
    assert envelope.recipients == ("t@x", "b@x", "c@x")
    assert b"b@x" not in written(envelope, NOW)


@given(st.text(), st.text(max_size=200), st.text(max_size=30), st.binary(max_size=300), st.booleans())
def test_a_mail_reader_gets_back_what_was_put_in(subject: str, body: str, name: str, content: bytes, html: bool):
    attached = (AttachedFile("a.bin", content),)
    text = "".join(letter for letter in body if letter.isprintable() or letter == "\n")
    envelope = MailMessage(
        ANN, (MailAddress("b@x.example", name),), subject=subject, body=text, html=html, attachments=attached
    )
    octets = written(envelope, NOW)
    assert max(map(len, octets.split(b"\r\n"))) < 999
    read = message_from_bytes(octets, policy=default)
    part, file = read.iter_parts()
    assert part.get_content().replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert file.get_content() == content


@given(st.text())
def test_no_field_begins_within_a_subject(subject: str):
    head = written(MailMessage(ANN, (ANN,), subject=subject), NOW).split(b"\r\n\r\n")[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [
        b"MIME-Version",
        b"From",
        b"To",
        b"Date",
        b"Subject",
        b"Content-Type",
        b"Content-Transfer-Encoding",
    ]
