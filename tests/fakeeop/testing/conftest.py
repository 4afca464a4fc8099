"""A client for the tests of the emulator's words."""

from __future__ import annotations

import smtplib

import pytest

from fakeeop.testing.emulator import EmulatorForTests as Emulator

MAIL = "From: app@contoso.com\r\nSubject: Scan\r\n\r\nhello\r\n"


@pytest.fixture
def emulator():
    """One that runs; not the plugin's fixture, which has tests of its own."""
    with Emulator() as running:
        yield running


@pytest.fixture
def send():
    """``send(eop, to, sender, source=, context=)`` → the refusals by recipient, or code and text of one for all."""

    def run(eop, *recipients, sender="app@contoso.com", source="", context=None, content=MAIL):
        bind = (source, 0) if source else None
        with smtplib.SMTP(eop.host, eop.port, source_address=bind, timeout=20) as client:
            if context is not None:
                client.starttls(context=context)
            try:
                return client.sendmail(sender, recipients, content)
            except smtplib.SMTPRecipientsRefused as refused:
                return refused.recipients
            except smtplib.SMTPResponseException as refused:
                return refused.smtp_code, refused.smtp_error

    return run
