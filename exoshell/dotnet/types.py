"""The types that New-Object, casts and ``[Type]::new()`` know, and Send-MailMessage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from exoshell.dotnet.certificates import new_certificate
from exoshell.dotnet.mail import mail_address, network_credential, new_attachment, new_client, new_message, user_of
from exoshell.dotnet.transport import SmtpTransport, protocols_of, shown
from exoshell.powershell.commands import Command, Invocation, Param, Registry, StaticProperty
from exoshell.powershell.errors import NetError, PsError
from exoshell.powershell.values import PsObject

__all__ = ["add_mail"]

_ACTIVITIES: Final = ("Never", "None", "OnSuccess", "OnFailure", "Delay")
_SEND = (
    Param("To", "strings", mandatory=True, position=0, about="Recipients."),
    Param("Subject", position=1, aliases=("sub",), about="The subject."),
    Param("Body", position=2, from_pipeline="value", about="The text."),
    Param("SmtpServer", position=3, aliases=("ComputerName",), about="The server, as the script names it."),
    Param("From", mandatory=True, about="The sender."),
    Param("Port", "int", about="25 unless given."),
    Param("Cc", "strings"),
    Param("Bcc", "strings"),
    Param("ReplyTo", "strings"),
    Param("BodyAsHtml", "switch", aliases=("BAH",)),
    Param("UseSsl", "switch", about="STARTTLS; a client certificate cannot be chosen, as in PowerShell."),
    Param("Credential", "credential", about="Signs in with AUTH LOGIN."),
    Param("DeliveryNotificationOption", "strings", aliases=("DNO",), values=_ACTIVITIES,
              about="OnSuccess, OnFailure, Delay, Never: NOTIFY= of RCPT TO."),
    Param("Encoding", "object", aliases=("BE",),
              about="ASCII, UTF8, Default or [Text.Encoding]::…; without it the text decides (assumption)."),
    Param("Priority", "enum", values=("Normal", "Low", "High")),
    Param("Attachments", "strings", aliases=("PsPath",), about="Files."),
)  # fmt: skip


def add_mail(registry: Registry, transport: SmtpTransport) -> None:
    """Everything that sends through ``transport``."""
    _add(registry, ("System.Net.Mail.SmtpClient",), partial(new_client, transport))
    _add(registry, ("System.Net.Mail.MailMessage",), new_message)
    _add(registry, ("System.Net.Mail.MailAddress", "MailAddress"), mail_address)
    _add(registry, ("System.Net.Mail.Attachment",), new_attachment)
    x509 = "System.Security.Cryptography.X509Certificates.X509Certificate"
    _add(registry, (x509, f"{x509}2", "X509Certificate", "X509Certificate2"), new_certificate)
    _add(registry, ("System.Net.NetworkCredential",), network_credential)

    def put(value: Any) -> None:
        transport.protocols = protocols_of(value)

    registry.add_static(
        "Net.ServicePointManager", "SecurityProtocol", StaticProperty(lambda: shown(transport.protocols), put)
    )
    registry.add(
        Command(
            "Send-MailMessage",
            partial(_send, transport),
            _SEND,
            "Sends a mail to the emulator, as System.Net.Mail does.",
            ("Send-MailMessage -SmtpServer contoso-com.mail.protection.outlook.com -From printer@contoso.com"
             " -To ann@contoso.com -Subject Scan -Body hello",),
            family="mail",
        )
    )  # fmt: skip


def _add(registry: Registry, names: tuple[str, ...], new: Callable[[list[Any]], PsObject]) -> None:
    for name in names:
        registry.add_type(name, new)


def _send(transport: SmtpTransport, invocation: Invocation) -> Iterator[Any]:
    """Reports as PowerShell does: a failure is not terminating."""
    try:
        message = new_message([])
        held = message.properties
        held["From"] = invocation.get("From")
        for parameter, name in (("To", "To"), ("Cc", "CC"), ("Bcc", "Bcc"), ("ReplyTo", "ReplyToList")):
            for address in invocation.get(parameter) or ():
                held[name].append(address)
        held["Subject"] = invocation.get("Subject", "")
        held["Body"] = _body(invocation)
        held["BodyEncoding"] = invocation.get("Encoding")
        held["IsBodyHtml"] = bool(invocation.get("BodyAsHtml", False))
        held["Priority"] = invocation.get("Priority") or "Normal"
        held["DeliveryNotificationOptions"] = invocation.get("DeliveryNotificationOption") or "None"
        for path in invocation.get("Attachments") or ():
            held["Attachments"].append(path)
        client = new_client(transport, [_server(invocation), invocation.get("Port") or 25])
        client.properties["EnableSsl"] = bool(invocation.get("UseSsl", False))
        if invocation.given("Credential"):
            user, password = user_of(invocation.get("Credential"))
            client.properties["Credentials"] = network_credential([user, password])
        client.methods["Send"](message)
    except NetError as why:
        why.error_id = f"{why.error_id},Microsoft.PowerShell.Commands.SendMailMessage"
        why.position = why.position or invocation.position
        why.terminating = False
        invocation.streams.error(why)
    yield from ()


def _body(invocation: Invocation) -> str:
    if invocation.given("Body"):
        return str(invocation.get("Body") or "")
    return "\r\n".join(map(str, invocation.input)) if invocation.has_input else ""


def _server(invocation: Invocation) -> str:
    """-SmtpServer, or the preference variable $PSEmailServer. Raises PsError."""
    server = invocation.get("SmtpServer")
    if not server:
        raise PsError(
            "The email cannot be sent because no SMTP server was specified. You must specify an SMTP server by using"
            " either the SmtpServer parameter or the $PSEmailServer variable.",
            error_id="RuntimeException,Microsoft.PowerShell.Commands.SendMailMessage",
            category="InvalidArgument",
            position=invocation.position,
        )
    return str(server)
