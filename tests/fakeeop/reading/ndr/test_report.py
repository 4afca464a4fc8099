"""A corpus of reports, logs and outputs: the words around the replies are ours. And rubbish."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakeeop.message.dsn.report import DsnReport, Failure, rendered
from fakeeop.message.dsn.rules import Action
from fakeeop.reading.ndr.report import FORMS, NdrFinding, read

CORPUS = Path(__file__).with_name("samples")
SAMPLES = {path.name: path.read_bytes() for path in sorted(CORPUS.iterdir())}
BOB, ANN, MX = "bob@fabrikam.example", "ann@contoso.com", "contoso-com.mail.protection.outlook.com"
# file → form, then recipient, code, status, who said it, stage, action of each finding
EXPECTED = {
    "curl.txt": ("curl", (BOB, 550, "5.7.64", None, "rcpt", None)),
    "dialogue-sendmail-v.txt": ("dialogue", (BOB, 550, "5.7.64", None, "rcpt", None)),
    "dialogue.txt": (
        "dialogue",
        (BOB, 550, "5.7.64", None, "rcpt", None),
        (None, 451, "4.7.0", None, "message", None),
    ),
    "dotnet-not-authenticated.txt": ("dotnet", (None, 530, "5.7.57", None, None, None)),
    "dotnet.txt": ("dotnet", (None, 550, "5.7.64", None, None, None)),
    "exchange-2024-text.txt": (
        "exchange-report",
        (BOB, 554, "5.4.14", "SN1PEPF000252A1.namprd05.prod.outlook.com", None, "failed"),
    ),
    "exchange-new-text.txt": ("exchange-report", (BOB, 550, None, "mx.fabrikam.example", None, "failed")),
    "exchange-new.eml": ("exchange-report", ("nobody@contoso.com", 550, "5.1.10", None, None, "failed")),
    "exchange-old-text.txt": ("exchange-report", ("bob@contoso.com", 550, "5.1.10", None, None, "failed")),
    "exchange-queue.txt": ("reply", (None, 451, "4.7.500", MX, None, None)),
    "exchange-server-hash.txt": ("exchange-report", (BOB, 550, "5.7.64", None, None, "failed")),
    "exchange-soft-breaks.txt": ("exchange-report", (ANN, 550, "5.7.134", None, None, "failed")),
    "exchange-starttls.txt": ("exchange-report", (BOB, 451, "5.7.3", None, None, "failed")),
    "exim-log-deferred.txt": ("exim-log", (ANN, 451, "4.7.0", MX, "message", "delayed")),
    "exim-log.txt": ("exim-log", (BOB, 550, "5.7.64", MX, "rcpt", "failed")),
    "exim-report.eml": ("exim-report", (BOB, 550, "5.7.64", MX, "rcpt", "failed")),
    "iis-log.txt": ("iis-log", (BOB, 550, "5.7.64", None, "rcpt", None)),
    "mailkit.txt": ("dotnet", (None, 535, "5.7.139", None, None, None)),
    "msmtp.txt": ("msmtp", (BOB, 550, "5.7.64", None, "rcpt", None)),
    "nodemailer.txt": ("nodemailer", (None, 550, "5.7.64", None, "rcpt", None)),
    "other-report.eml": ("report", (BOB, 550, "5.7.64", None, None, "failed")),
    "postfix-log-deferred.txt": ("postfix-log", (ANN, 451, "4.7.500", MX, "message", "delayed")),
    "postfix-log-no-tls.txt": ("postfix-log", (ANN, None, "4.7.4", MX, "starttls", "delayed")),
    "postfix-log.txt": ("postfix-log", (BOB, 550, "5.7.64", MX, "rcpt", "failed")),
    "postfix-report-connection.txt": ("postfix-report", (ANN, None, None, None, "connect", "failed")),
    "postfix-report-text.txt": ("postfix-report", (ANN, 550, "5.4.1", MX, "rcpt", "failed")),
    "postfix-report.eml": ("postfix-report", (BOB, 550, "5.7.64", MX, "rcpt", "failed")),
    "reply.txt": ("reply", (None, 550, "5.7.68", None, None, None)),
    "sendmail-log.txt": ("sendmail-log", (BOB, 550, "5.7.64", MX, None, "failed")),
    "sendmail-report.eml": ("sendmail-report", (ANN, 550, "5.7.509", MX, "data", "failed")),
    "sendmail-transcript.txt": ("sendmail-report", (BOB, 550, "5.7.64", MX, "rcpt", "failed")),
    "smtplib-data.txt": ("python", (None, 554, "5.2.252", None, "message", None)),
    "smtplib-recipients.txt": ("python", (BOB, 550, "5.7.64", None, "rcpt", None)),
    "smtplib-sender.txt": ("python", (None, 530, "5.7.57", None, "mail", None)),
    "status-only.txt": ("reply", (None, None, "5.7.57", None, None, None)),
    "swaks-tls.txt": ("swaks", (None, 550, "5.7.509", None, "message", None)),
    "swaks.txt": ("swaks", (BOB, 550, "5.7.64", None, "rcpt", None)),
}


def told(found: NdrFinding) -> tuple[str | None, int | None, str | None, str | None, str | None, str | None]:
    return (
        found.recipient,
        found.code or None,
        found.status or None,
        found.said_by,
        found.stage,
        found.action,
    )


def test_every_sample_is_expected():
    assert sorted(EXPECTED) == sorted(SAMPLES)
    assert len(SAMPLES) >= 25


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample(name):
    form, *findings = EXPECTED[name]
    reading = read(SAMPLES[name])
    assert (reading.form, [told(each) for each in reading.findings]) == (form, findings)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_with_other_line_ends_or_as_text(name):
    wanted = [told(each) for each in read(SAMPLES[name]).findings]
    dos = SAMPLES[name].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert [told(each) for each in read(dos).findings] == wanted
    assert [told(each) for each in read(SAMPLES[name].decode()).findings] == wanted
    assert [told(each) for each in read(b"\xff\xfe" + SAMPLES[name].decode().encode("utf-16-le")).findings] == wanted


def test_the_words_of_a_wrapped_reply_are_kept_apart():
    [found] = read(SAMPLES["exchange-new-text.txt"]).findings
    assert found.reply == "550 Unknown user bob"
    assert (found.outer or "").startswith("550 5.1.351 Remote server returned")


def test_a_reply_that_a_line_end_broke_is_whole():
    [found] = read(SAMPLES["postfix-report-text.txt"]).findings
    assert found.reply == (
        "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) "
        "[SN1PEPF000252A1.namprd05.prod.outlook.com 2026-11-24T12:00:00.123Z 08DF4A1ED7FE3D64]"
    )


def test_the_message_that_is_returned_says_nothing():
    assert all("nobody's refusal" not in (each.reply or "") for each in read(SAMPLES["exchange-new.eml"]).findings)


def test_our_own_reports_can_be_read():
    failures = (
        Failure("gone@contoso.com", "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found"),
        Failure(
            "x@gone.example", "5.1.351", "550 5.1.351 Remote server returned -> 550 No", remote_mta="mx.gone.example"
        ),
    )
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    report = DsnReport(
        Action.FAILED,
        ANN,
        failures,
        b"Subject: x\r\n\r\n",
        False,
        "contoso.com",
        True,
        "BOX.x.outlook.com",
        moment,
        moment,
        1,
    )
    reading = read(rendered(report))
    assert (reading.form, reading.reporter) == ("exchange-report", "BOX.x.outlook.com")
    assert [told(each) for each in reading.findings] == [
        ("gone@contoso.com", 550, "5.1.10", None, None, "failed"),
        ("x@gone.example", 550, "5.1.351", "mx.gone.example", None, "failed"),
    ]


@pytest.mark.parametrize("data", [b"", b"\x00", b"hello", b"From: a\n\n", b"Final-Recipient:", b"=" * 10_000])
def test_nothing_is_found_in_nothing(data):
    assert read(data).findings in ((), (NdrFinding(),))


@given(data=st.binary(max_size=2_000))
@example(
    b"Content-Type: multipart/report; boundary=x\nFrom: a\n\n--x\nContent-Type: message/delivery-status\n\n\n--x--"
)
@example(b"From: a\nContent-Type: text/plain; charset=unknown-8bit\nContent-Transfer-Encoding: base64\n\n!!!")
def test_rubbish_raises_nothing(data):
    assert read(data).form in FORMS


@given(text=st.text(max_size=500))
def test_rubbish_text_raises_nothing(text):
    assert read(text).form in FORMS


@settings(max_examples=200)
@given(name=st.sampled_from(sorted(SAMPLES)), data=st.data())
def test_a_damaged_sample_raises_nothing(name, data):
    sample = SAMPLES[name]
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, len(sample)))
    rubbish = data.draw(st.binary(max_size=20))
    reading = read(sample[:start] + rubbish + sample[end:])
    assert reading.form in FORMS
    assert all(each.reply is None or len(each.reply) <= 2_100 for each in reading.findings)


@pytest.mark.parametrize(
    "piece",
    [
        b"to=<", b"to=<a>, relay=b, ", b"** a ", b"(in reply to ", b"Final-Recipient: rfc822;a\n\n", b"<",
        b"550 5.1.1 ",
        b" -> 550", b"LED=550", b"SMTP error from remote mail server after ", b"{FQDN=", b"='", b"\n \n\t",
    ],
)  # fmt: skip
def test_much_of_one_thing_is_read_in_time(piece):
    """The patterns must not be slow where somebody means ill: this takes well under a second, or minutes."""
    assert read(piece * (200_000 // len(piece))).form in FORMS
