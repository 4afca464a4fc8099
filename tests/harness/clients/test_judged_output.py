"""Clients that tell how it went and not what was said: their output judged, where the program is not installed, too."""

from __future__ import annotations

import pytest

from harness.clients import nullmailer, running, smtpclient
from harness.clients.base import Unavailable
from harness.clients.outcome import ClientDialogue
from harness.clients.process import Finished
from harness.errors import DriverError

REFUSED = "550 5.7.64 TenantAttribution; Relay Access Denied"


def done(code, stdout="", stderr=""):
    return Finished(code, stdout, stderr, 0.1)


@pytest.mark.parametrize(
    ("code", "said", "outcome", "reply"),
    [
        (0, "smtp: Succeeded: 250 2.6.0 queued", "accepted", "250 2.6.0 queued"),
        (35, f"smtp: Failed: {REFUSED}", "rejected", REFUSED),
        (16, "smtp: Failed: 451 4.7.500 Server busy", "deferred", "451 4.7.500 Server busy"),
        (11, "smtp: Failed:", "disconnected", ""),
        (11, "smtp: Failed: TLS handshake failed", "tls-failed", "TLS handshake failed"),
    ],
)
def test_nullmailer(code, said, outcome, reply):
    seen = nullmailer._judged(done(code, stderr=said))
    assert (seen.outcome, seen.reply or "", seen.exit) == (outcome, reply, code)


@pytest.mark.parametrize("said", ["", "smtp: Failed: Connect failed"])
def test_nullmailer_that_could_not_work(said):
    with pytest.raises(DriverError):
        nullmailer._judged(done(1, stderr=said))


BUSY = "* refused 451 <> 4.7.500 Server busy\n* System.Net.Mail.SmtpException: Error in processing."
TLS = (
    "* System.Net.Mail.SmtpException: Failure sending mail.\n"
    "* System.Security.Authentication.AuthenticationException: The remote certificate is invalid\n"
)


@pytest.mark.parametrize(
    ("said", "code", "outcome", "stage"),
    [
        ("sent\n", 0, "accepted", "message"),
        (f"* recipient 550 <refuse@x.example> {REFUSED[4:]}\n", 1, "partially-accepted", "message"),
        (f"* recipient 550 <refuse@x.example> {REFUSED[4:]}\n* recipient 451 <b@x.example> x\n", 1, "deferred", "rcpt"),
        (BUSY, 1, "deferred", ""),
        (TLS, 1, "tls-failed", "starttls"),
        (
            "* System.Net.Mail.SmtpException: Server does not support secure connections.",
            1,
            "not-attempted",
            "starttls",
        ),
        ("* System.IO.IOException: Unable to read data: net_io_connectionclosed.", 1, "disconnected", ""),
    ],
)
def test_dotnet(plan, said, code, outcome, stage):
    wanted = plan(type("Port", (), {"port": 1}), "refuse@x.example", "b@x.example")
    note = ClientDialogue()
    smtpclient._judge(note, done(code, said), wanted, "dotnet-smtpclient")
    assert (note.outcome, note.stage) == (outcome, stage)


def test_dotnet_that_could_not_work(plan):
    with pytest.raises(DriverError, match="exit code 134"):
        smtpclient._judge(
            ClientDialogue(), done(134, "Aborted"), plan(type("Port", (), {"port": 1})), "dotnet-smtpclient"
        )


def test_mono_sends_to_none(plan):
    wanted = plan(type("Port", (), {"port": 1}), "refuse@x.example", "b@x.example")
    note = ClientDialogue()
    smtpclient._judge(note, done(1, "* recipient 550 <refuse@x.example> Syntax error"), wanted, "mono-smtpclient")
    assert (note.outcome, note.stage) == ("rejected", "rcpt")


def test_a_pfx_of_a_credential(lab_ca, tmp_path):
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415  only here

    path = smtpclient._pfx(lab_ca[2], tmp_path)
    key, leaf, _ = pkcs12.load_key_and_certificates(path.read_bytes(), smtpclient._PASSWORD.encode())
    assert key is not None
    assert leaf is not None


def test_parts_of_a_message():
    message = b"Subject: one\r\n two\r\nX: y\r\n\r\na\r\nSubject: no\r\n"
    assert running.header_of(message, "subject") == "one two"
    assert running.header_of(message, "Date") == ""
    assert running.body_of(message) == "a\nSubject: no\n"


def test_no_dialogue_is_an_error_of_the_client():
    with pytest.raises(DriverError, match="no dialogue, exit code 7"):
        running.seen(ClientDialogue(), "curl", done(7, stderr="curl: (7) Failed to connect: Connection refused"))
    with pytest.raises(DriverError, match="from 203"):
        running.seen(ClientDialogue(), "s-nail", done(4), "127.0.0.1:25 from 203.0.113.1: no")


def test_a_program_without_a_version(tmp_path):
    program = tmp_path / "odd"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(0o755)
    found = running.probe_version((str(program), "--version"), r"version (\S+)", "apt install odd")
    assert found == Unavailable("says no version: hello", "apt install odd")
    found = running.probe_program("no-such-program", "x", "apt install x")
    assert found == Unavailable("is not installed", "apt install x")
