"""SmtpClient and MailMessage against an emulator."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from exoshell.dotnet.mail import envelope_of, new_message
from exoshell.dotnet.wire import written
from exoshell.powershell.errors import NetError


def message(lab: Any, *to: str, sender: str = "printer@contoso.com") -> Any:
    made = lab.new("Net.Mail.MailMessage")
    made.properties["From"] = sender
    for each in to:
        made.properties["To"].append(each)
    made.properties["Subject"] = "SMTP Relay (TLS)"
    made.properties["Body"] = "This is a test email"
    return made


def client(lab: Any, *, tls: bool = False, pfx: Any = None) -> Any:
    made = lab.new("Net.Mail.SmtpClient", lab.mx, "25")
    if pfx is not None:
        certificate = lab.new("System.Security.Cryptography.X509Certificates.X509Certificate2")
        certificate.methods["Import"](list(pfx.read_bytes()), "secret", "Exportable,PersistKeySet")
        made.properties["ClientCertificates"].append(certificate)
    made.properties["EnableSSL"] = tls
    return made


def test_the_certificate_of_a_script_is_what_attributes_its_mail(lab: Any):
    sent = message(lab, "ann@contoso.com", "someone@fabrikam.example")
    client(lab, tls=True, pfx=lab.pfx()).methods["Send"](sent)
    found = lab.messages
    assert {each.verdict.attribution.connector.name for each in found} == {"By certificate"}
    assert sorted(str(to.mailbox) for each in found for to in each.recipients) == [
        "ann@contoso.com",
        "someone@fabrikam.example",
    ]
    content = found[0].whole()
    assert b"From: printer@contoso.com\r\nTo: ann@contoso.com, someone@fabrikam.example\r\n" in content
    assert b"Date: 24 Nov 2026 11:36:45 +0000\r\nSubject: SMTP Relay (TLS)\r\n" in content


def test_one_refused_recipient_is_told_and_the_other_gets_the_mail(lab: Any):
    with pytest.raises(NetError) as caught:
        client(lab).methods["Send"](
            message(lab, "ann@contoso.com", "someone@fabrikam.example", sender="x@fabrikam.example")
        )
    assert caught.value.message.startswith("Mailbox unavailable. The server response was: 5.7.64 TenantAttribution; ")
    assert caught.value.types[0] == "System.Net.Mail.SmtpFailedRecipientException"
    assert caught.value.properties["FailedRecipient"] == "<someone@fabrikam.example>"
    (kept,) = lab.messages
    assert [str(to.mailbox) for to in kept.recipients] == ["ann@contoso.com"]


def test_several_refused_recipients_are_in_one_exception(lab: Any):
    with pytest.raises(NetError) as caught:
        client(lab).methods["Send"](message(lab, "a@fabrikam.example", "b@fabrikam.example"))
    assert caught.value.message == "Unable to send to all recipients."
    assert caught.value.error_id == "SmtpFailedRecipientsException"
    failed = [each.properties["FailedRecipient"] for each in caught.value.inner if isinstance(each, NetError)]
    assert failed == ["<a@fabrikam.example>", "<b@fabrikam.example>"]
    assert len(lab.messages) == 0


def test_a_source_address_stands_for_a_public_one(lab: Any):
    lab.transport.source = "127.0.0.25"
    client(lab).methods["Send"](message(lab, "someone@fabrikam.example"))
    assert lab.messages[0].verdict.attribution.connector.name == "By address"


def test_four_texts_are_a_message(lab: Any):
    client(lab).methods["Send"]("bob@fabrikam.example", "Ann <ann@contoso.com>", "Hi", "line\n.dot")
    content = lab.messages[0].whole()
    assert b'To: "Ann" <ann@contoso.com>\r\n' in content
    assert b"line=0D=0A.dot\r\n" in content


@pytest.mark.parametrize(("change", "text"), [
    ({"From": None}, "A from address must be specified."),
    ({"To": "nobody"}, "The specified string is not in the form required for an e-mail address."),
    ({"Priority": "Urgent"}, "Unable to match the identifier name Urgent"),
    ({"IsBodyHtml": "yes"}, "Boolean parameters accept only Boolean values"),
    ({"Subjekt": "x"}, "The property 'Subjekt' cannot be found on this object."),
])  # fmt: skip
def test_what_dotnet_refuses(lab: Any, change: dict[str, Any], text: str):
    made = message(lab)
    ((name, value),) = change.items()

    def try_it() -> None:
        if name == "To":
            made.properties["To"].append(value)
        else:
            made.properties[name] = value
        client(lab).methods["Send"](made)

    with pytest.raises(NetError, match=re.escape(text)):
        try_it()


def test_nobody_to_send_to(lab: Any):
    with pytest.raises(NetError, match="A recipient must be specified"):
        client(lab).methods["Send"](message(lab))


def test_a_server_that_is_not_of_the_lab_is_not_called(lab: Any):
    made = client(lab)
    made.properties["Host"] = "mail.example.org"
    with pytest.raises(NetError, match="Failure sending mail") as caught:
        made.methods["Send"](message(lab, "ann@contoso.com"))
    assert "--resolve mail.example.org:25=HOST:PORT" in caught.value.advice


def test_an_untrusted_server_certificate(lab: Any):
    from fakeeop.pki.authority import LabAuthority  # noqa: PLC0415  another authority, for this test only

    lab.transport.trusted = lambda: LabAuthority.create().certificate_pem
    with pytest.raises(NetError, match="The remote certificate is invalid according to the validation procedure"):
        client(lab, tls=True).methods["Send"](message(lab, "ann@contoso.com"))


def test_the_submission_endpoint_takes_credentials(lab: Any):
    made = lab.new("System.Net.Mail.SmtpClient", "smtp.office365.com", 587)
    made.properties["EnableSsl"] = True
    made.properties["Credentials"] = lab.new("Net.NetworkCredential", "app@contoso.com", "wrong")
    with pytest.raises(NetError, match=r"client was not authenticated\. The server response was: 5\.7\.57"):
        made.methods["Send"](message(lab, "someone@fabrikam.example", sender="app@contoso.com"))
    made.properties["Credentials"] = lab.new("Net.NetworkCredential", "app@contoso.com", "secret")
    made.methods["Send"](message(lab, "someone@fabrikam.example", sender="app@contoso.com"))
    assert len(lab.messages) == 1


@pytest.mark.parametrize(("given", "expected"), [
    (3, "OnSuccess, OnFailure"),
    (0, "None"),
    (134217728, "Never"),
    ("onfailure, onsuccess", "OnFailure, OnSuccess"),
    (["OnFailure", "Delay"], "OnFailure, Delay"),
])  # fmt: skip
def test_options_of_notification_by_number_and_name(given: Any, expected: str):
    mail = new_message([])
    mail.properties["DeliveryNotificationOptions"] = given
    assert mail.properties["DeliveryNotificationOptions"] == expected


@pytest.mark.parametrize("wrong", [64, 8, "Sometimes", True])
def test_options_that_do_not_exist(wrong: Any):
    with pytest.raises(NetError, match="Unable to match the identifier name"):
        new_message([]).properties["DeliveryNotificationOptions"] = wrong


@pytest.mark.parametrize(("encoding", "body", "kind", "content"), [
    (None, "plain", b"us-ascii", b"plain"),
    (None, "für", b"utf-8", b"ZsO8cg=="),
    ("ASCII", "für", b"us-ascii", b"f?r"),
    ("UTF8", "plain", b"utf-8", b"cGxhaW4="),
])  # fmt: skip
def test_the_encoding_of_the_body(encoding: str | None, body: str, kind: bytes, content: bytes):
    mail = new_message(["a@contoso.com", "b@contoso.com"])
    mail.properties["BodyEncoding"] = encoding
    mail.properties["Body"] = body
    octets = written(envelope_of(mail), datetime(2026, 11, 24, tzinfo=UTC))
    assert b"charset=" + kind in octets
    assert content in octets


def test_an_encoding_that_is_not_known():
    with pytest.raises(NetError, match="'utf-7' is not a supported encoding name"):
        new_message([]).properties["BodyEncoding"] = "utf-7"
