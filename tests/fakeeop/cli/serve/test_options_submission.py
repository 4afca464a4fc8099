from __future__ import annotations

import json
import smtplib
import ssl
from argparse import ArgumentParser
from typing import Any

import pytest

from fakeeop.cli.serve.options import SUBMISSION_PORT, add_submission, told_apart, with_submission
from fakeeop.config.loader import forest_from_tree
from fakeeop.server.listener import Listener

TENANT = {
    "Name": "contoso",
    "AcceptedDomains": ["contoso.com"],
    "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
}
MAILBOX = {"PrimarySmtpAddress": "printer@contoso.com", "Password": "Pa55word-of-printer"}
PLAIN = {"Tenants": [TENANT]}
WITH_MAILBOX = {"Tenants": [{**TENANT, "Mailboxes": [MAILBOX]}]}
MX, ANY = Listener("127.0.0.1", 2525), Listener("127.0.0.1", 0)


def opened(tree: dict[str, Any], listeners: list[Listener], *words: str) -> list[int]:
    """The ports of the submission endpoint."""
    parser = ArgumentParser()
    add_submission(parser)
    found = with_submission(parser.parse_args(words), forest_from_tree(tree), listeners)
    assert list(found[: len(listeners)]) == listeners
    return [listener.port for listener in found if listener.submission]


@pytest.mark.parametrize(("tree", "listeners", "words", "ports"), [
    (PLAIN, [MX], (), []),  # C184
    (PLAIN, [MX], ("--submission-port", "5587"), [5587]),
    (WITH_MAILBOX, [MX], (), [SUBMISSION_PORT]),
    (WITH_MAILBOX, [ANY], (), [0]),
    (WITH_MAILBOX, [ANY, MX], (), [SUBMISSION_PORT]),
    (WITH_MAILBOX, [ANY], ("--submission-port", "587"), [587]),
    (WITH_MAILBOX, [MX], ("--no-submission",), []),
    (WITH_MAILBOX, [MX, Listener("127.0.0.1", 587, submission=True)], (), [587]),
])  # fmt: skip
def test_when_and_where_it_is_open(tree, listeners, words, ports):
    assert opened(tree, listeners, *words) == ports


def test_it_is_named_apart():
    submission = Listener("127.0.0.1", 0, submission=True)
    assert told_apart([MX], ["a:1"]) == (["a:1"], {})
    assert told_apart([MX, submission], ["a:1", "a:2"]) == (["a:1"], {"submission": "a:2"})


def test_a_mailbox_signs_in_and_no_log_shows_its_password(serve, tmp_path):
    ready = tmp_path / "ready"
    serve.tenant.write_text(json.dumps(WITH_MAILBOX))
    served = serve("--ready-file", ready)
    served.ready()
    first, second = ready.read_text().splitlines()
    assert second.startswith("submission 127.0.0.1:")
    assert first != second.removeprefix("submission ")
    host, _, port = second.removeprefix("submission ").rpartition(":")
    with smtplib.SMTP(host, int(port), "device.example", timeout=30) as client:
        client.starttls(context=ssl._create_unverified_context())  # noqa: S323  a lab
        client.ehlo()
        assert client.mail("<printer@contoso.com>")[0] == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("printer@contoso.com", "not-" + MAILBOX["Password"])
        client.login("printer@contoso.com", MAILBOX["Password"])
        client.sendmail("printer@contoso.com", ["x@fabrikam.example"], "From: printer@contoso.com\r\n\r\nhi\r\n")
    assert "originating-by-authentication (contoso)" in served.until("<x@fabrikam.example>")
    assert "rejected at mail: client-not-authenticated: 530 5.7.57" in served.until("client-not-authenticated")
    assert "this is the submission endpoint" in served.until("fix: ")
    assert "rejected at auth: auth-wrong-credentials: 535 5.7.139" in served.until("auth-wrong-credentials: 535")
    assert served.stop() == 0
    assert MAILBOX["Password"] not in "\n".join(served.lines)
