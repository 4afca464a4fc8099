"""Send-MailMessage against an emulator, and the types by name."""

from __future__ import annotations

from typing import Any

import pytest

from exoshell.powershell.errors import PsError


def test_the_tutorials_mail_without_tls(lab: Any):
    lab.transport.source = "127.0.0.25"
    lab.run(
        "Send-MailMessage",
        SmtpServer=lab.mx,
        Port=25,
        From="printer@contoso.com",
        To=["ann@contoso.com", "someone@fabrikam.example"],
        Subject="SMTP Relay - 11/24/2026 12:36 PM",
        Body="This is a test email using SMTP Relay",
        DeliveryNotificationOption=["OnFailure", "OnSuccess"],
    )
    assert lab.streams.errors == []
    found = lab.messages
    assert {each.verdict.attribution.connector.name for each in found} == {"By address"}
    assert {each.dsn.notify for record in found for each in record.recipients} == {("SUCCESS", "FAILURE")}


def test_a_refusal_is_reported_and_does_not_end_the_script(lab: Any):
    lab.run("Send-MailMessage", SmtpServer=lab.mx, From="a@contoso.com", To=["b@fabrikam.example"], Subject="s")
    (error,) = lab.streams.errors
    assert error.message.startswith("Mailbox unavailable. The server response was: 5.7.64 TenantAttribution")
    assert error.error_id == "SmtpFailedRecipientException,Microsoft.PowerShell.Commands.SendMailMessage"
    assert not error.terminating


def test_no_server_named(lab: Any):
    with pytest.raises(PsError, match="no SMTP server was specified"):
        lab.run("Send-MailMessage", From="a@contoso.com", To=["ann@contoso.com"])


def test_files_priority_and_html(lab: Any):
    (lab.folder / "scan.txt").write_text("scanned")
    lab.run(
        "Send-MailMessage", SmtpServer=lab.mx, From="Ann B <a@fabrikam.example>", To=["ann@contoso.com"],
        Subject="Tëst",
        Body="<b>x</b>", BodyAsHtml=True, Priority="High", Attachments=[str(lab.folder / "scan.txt")], UseSsl=True,
    )  # fmt: skip
    assert lab.streams.errors == []
    content = lab.messages[0].whole()
    for line in (b'From: "Ann B" <a@fabrikam.example>', b"X-Priority: 1", b"Subject: =?utf-8?B?VMOrc3Q=?=",
                 b"Content-Type: text/html; charset=us-ascii", b"Content-Disposition: attachment"):  # fmt: skip
        assert line + b"\r\n" in content


@pytest.mark.parametrize(
    "name", ["Net.Mail.SmtpClient", "system.net.mail.mailmessage", "System.Net.Mail.SmtpClient",
             "Security.Cryptography.X509Certificates.X509Certificate2"],
)  # fmt: skip
def test_types_are_known_with_and_without_system(lab: Any, name: str):
    assert lab.new(name).type_name.casefold().endswith(name.casefold().removeprefix("system."))
