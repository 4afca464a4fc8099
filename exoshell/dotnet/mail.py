"""SmtpClient, MailMessage, MailAddress, Attachment and NetworkCredential, with the members that scripts use."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from exoshell.dotnet.certificates import client_certificate
from exoshell.dotnet.transport import SmtpSettings, SmtpTransport
from exoshell.dotnet.wire import AttachedFile, MailAddress, MailMessage
from exoshell.powershell.errors import NetError
from exoshell.powershell.objects import (
    Collection,
    arguments,
    boolean,
    choice,
    live,
    number,
    secret_of,
    secure_string,
    text,
)
from exoshell.powershell.values import PsObject

__all__ = [
    "NOTIFY",
    "envelope_of",
    "mail_address",
    "network_credential",
    "new_attachment",
    "new_client",
    "new_message",
    "notify_words",
    "user_of",
]

_NET = "System.Net.NetworkCredential"


def network_credential(given: list[Any]) -> PsObject:
    """``New-Object Net.NetworkCredential(user, password[, domain])``."""
    arguments(_NET, given, 0, 2, 3)
    user, password, domain = [*given, "", "", ""][:3]
    return live(
        _NET,
        ("UserName", text(user), text),
        ("Password", secret_of(password), secret_of),
        ("SecurePassword", secure_string(secret_of(password)), None),
        ("Domain", text(domain), text),
    )


def user_of(credential: Any) -> tuple[str, str]:
    """User name and password of a PSCredential or NetworkCredential; empty ones of nothing. Raises NetError."""
    if credential is None:
        return "", ""
    if not isinstance(credential, PsObject) or "UserName" not in credential.properties:
        raise NetError("Credentials: neither a PSCredential nor a NetworkCredential")
    user, password = credential.properties["UserName"], credential.properties["Password"]
    domain = credential.properties.get("Domain", "")
    return (f"{domain}\\{user}" if domain else user), secret_of(password)


_CLIENT: Final = "System.Net.Mail.SmtpClient"
_MESSAGE: Final = "System.Net.Mail.MailMessage"
_ADDRESS: Final = "System.Net.Mail.MailAddress"
_ATTACHMENT: Final = "System.Net.Mail.Attachment"
_INVALID: Final = ("System.InvalidOperationException", "System.Exception")
_MAILBOX: Final = re.compile(r'\s*(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<inside>[^<>]+)>|(?P<bare>[^<>\s,;]+))\s*')
_WELL: Final = re.compile(r'(?:[^\s@<>()\[\],;:"\\]+|"[^"\r\n]+")@(?:[^\s@<>()\[\],;:"\\]+|\[[^\s\]]+\])\Z')
_SEPARATOR: Final = re.compile(r',(?=(?:[^"]*"[^"]*")*[^"]*\Z)')
_CHARSETS: Final = {"ascii": "us-ascii", "usascii": "us-ascii", "utf8": "utf-8", "utf8nobom": "utf-8",
                    "utf8bom": "utf-8", "iso88591": "iso-8859-1", "default": ""}  # fmt: skip
NOTIFY: Final = {"onsuccess": "SUCCESS", "onfailure": "FAILURE", "delay": "DELAY", "never": "NEVER"}


def mail_address(given: list[Any]) -> PsObject:
    """``(address[, display name])``, or what can be converted to it. Raises NetError."""
    arguments(_ADDRESS, given, 1, 2, 3)
    if isinstance(given[0], PsObject):
        return given[0]
    box = _mailbox(text(given[0]), text(given[1]) if len(given) > 1 else "")
    local, _, host = box.address.rpartition("@")
    made = live(_ADDRESS, ("DisplayName", box.name, None), ("User", local, None), ("Host", host, None),
                ("Address", box.address, None))  # fmt: skip
    made.inner = box
    made.methods["ToString"] = lambda: str(box)
    return made


def _mailbox(value: str, name: str = "") -> MailAddress:
    if not value:
        raise NetError("The parameter 'address' cannot be an empty string.", ("System.ArgumentException",))
    found = _MAILBOX.fullmatch(value)
    address = (found["inside"] or found["bare"]).strip() if found else ""
    if not _WELL.fullmatch(address):
        raise NetError(
            "The specified string is not in the form required for an e-mail address.",
            ("System.FormatException", "System.Exception"),
            advice=f"it is {value!r}",
        )
    return MailAddress(address, name or (found["name"] or "").strip() if found else name)


def _boxes(value: Any) -> list[Any]:
    """Of ``To.Add``: a text with one or several addresses, or a MailAddress."""
    if isinstance(value, PsObject):
        return [value]
    return [mail_address([each.strip()]) for each in _SEPARATOR.split(text(value))]


def new_attachment(given: list[Any]) -> PsObject:
    """``(file name[, media type])``. Raises NetError."""
    arguments(_ATTACHMENT, given, 1, 2)
    path = Path(text(given[0]).replace("\\", "/"))
    try:
        content = path.read_bytes()
    except OSError as why:
        raise NetError(
            f"Could not find file '{path}'.", ("System.IO.FileNotFoundException", "System.Exception")
        ) from why
    kind = text(given[1]) if len(given) > 1 else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    made = live(_ATTACHMENT, ("Name", path.name, text), methods={"Dispose": lambda: None})
    made.inner = AttachedFile(path.name, content, kind)
    return made


def _attached(value: Any) -> list[Any]:
    return [value if isinstance(value, PsObject) else new_attachment([value])]


def _headers() -> PsObject:
    """NameValueCollection, as far as Add; ``inner`` are the pairs."""
    pairs: list[tuple[str, str]] = []
    made = live("System.Collections.Specialized.NameValueCollection", ("Count", 0, None))

    def add(name: Any, value: Any) -> None:
        pairs.append(_field(text(name), text(value)))

    made.inner = pairs
    made.methods["Add"] = add
    return made


def new_message(given: list[Any]) -> PsObject:
    """Without arguments, ``(from, to)``, or ``(from, to, subject, body)``. Raises NetError."""
    arguments(_MESSAGE, given, 0, 2, 4)
    lists = {name: Collection(_boxes) for name in _LISTS}
    made = live(
        _MESSAGE,
        ("From", None, lambda value: None if value is None else mail_address([value])),
        ("Sender", None, lambda value: None if value is None else mail_address([value])),
        *((name, lists[name], None) for name in _LISTS),
        ("Priority", "Normal", choice("System.Net.Mail.MailPriority", "Normal", "Low", "High")),
        ("DeliveryNotificationOptions", "None", _notification),
        ("Subject", "", text),
        ("SubjectEncoding", None, _encoding),
        ("Headers", _headers(), None),
        ("Body", "", text),
        ("BodyEncoding", None, _encoding),
        ("IsBodyHtml", False, boolean),
        ("Attachments", Collection(_attached), None),
        methods={"Dispose": lambda: None},
    )
    if given:
        made.properties["From"] = given[0]
        lists["To"].append(given[1])
    if len(given) == 4:
        made.properties["Subject"], made.properties["Body"] = given[2], given[3]
    return made


_LISTS: Final = ("ReplyToList", "To", "CC", "Bcc")
_notification = choice("System.Net.Mail.DeliveryNotificationOptions", "None", "OnSuccess", "OnFailure", "Delay",
                       "Never", flags=True, values=(0, 1, 2, 4, 134217728))  # fmt: skip


def _encoding(value: Any) -> Any:
    """``[Text.Encoding]::UTF8`` or a name. Raises NetError for one that is not known here."""
    charset_of(value)
    return value


def charset_of(value: Any) -> str:
    """The charset of BodyEncoding and -Encoding; empty: the text decides, us-ascii or utf-8 (assumption)."""
    if value is None:
        return ""
    name = value.properties.get("WebName") if isinstance(value, PsObject) else value
    found = _CHARSETS.get(text(name).casefold().replace("-", ""))
    if found is None:
        raise NetError(f"'{text(name)}' is not a supported encoding name.", ("System.ArgumentException",))
    return found


def _field(name: str, value: str) -> tuple[str, str]:
    if not re.fullmatch(r"[!-9;-~]+", name):
        raise NetError("The specified header name is not valid.", ("System.FormatException", "System.Exception"))
    return name, value


def notify_words(value: Any) -> tuple[str, ...]:
    """The words of NOTIFY= of DeliveryNotificationOptions in any spelling."""
    given = value if isinstance(value, list) else text(value).split(",")
    words = [NOTIFY[key] for each in given if (key := str(each).strip().casefold()) in NOTIFY]
    return ("NEVER",) if "NEVER" in words else tuple(each for each in NOTIFY.values() if each in words)


def envelope_of(message: PsObject) -> MailMessage:
    """What a MailMessage says. Raises NetError."""
    held = message.properties
    sender = held["From"]
    if sender is None:
        raise NetError("A from address must be specified.", _INVALID)
    to, cc, bcc = (tuple(each.inner for each in held[name]) for name in ("To", "CC", "Bcc"))
    if not (to or cc or bcc):
        raise NetError("A recipient must be specified.", _INVALID)
    headers = list(held["Headers"].inner)
    if held["Sender"] is not None:
        headers.append(("Sender", str(held["Sender"].inner)))
    return MailMessage(
        sender.inner, to, cc, bcc, tuple(each.inner for each in held["ReplyToList"]), held["Subject"], held["Body"],
        held["IsBodyHtml"], held["Priority"], tuple(headers), tuple(each.inner for each in held["Attachments"]),
        notify_words(held["DeliveryNotificationOptions"]),
        charset=charset_of(held["BodyEncoding"]),
        reverse_path=held["Sender"].inner.address if held["Sender"] is not None else "",
    )  # fmt: skip


def new_client(transport: SmtpTransport, given: list[Any]) -> PsObject:
    """``([host[, port]])``. Raises NetError."""
    arguments(_CLIENT, given, 0, 1, 2)
    made = live(
        _CLIENT,
        ("Host", text(given[0]) if given else None, text),
        ("Port", number(given[1]) if len(given) > 1 else 25, number),
        ("UseDefaultCredentials", False, boolean),
        ("Credentials", None, lambda value: value),
        ("Timeout", 100000, number),
        ("DeliveryFormat", "SevenBit", choice("System.Net.Mail.SmtpDeliveryFormat", "SevenBit", "International")),
        ("DeliveryMethod", "Network", _delivery_method),
        ("EnableSsl", False, boolean),
        ("ClientCertificates", Collection(lambda value: [value]), None),
        ("TargetName", None, text),
        methods={"Dispose": lambda: None},
    )
    made.methods["Send"] = lambda *values: _send(transport, made, list(values))
    return made


def _delivery_method(value: Any) -> str:
    found = choice(
        "System.Net.Mail.SmtpDeliveryMethod", "Network", "SpecifiedPickupDirectory", "PickupDirectoryFromIis"
    )
    name: str = found(value)
    if name != "Network":
        raise NetError(f"DeliveryMethod {name}: not supported here; mail goes over the network only")
    return name


def _send(transport: SmtpTransport, client: PsObject, given: list[Any]) -> None:
    if len(given) not in (1, 4):
        raise NetError(f'Cannot find an overload for "Send" and the argument count: "{len(given)}".')
    if len(given) == 4:
        message = new_message([given[0], given[1], given[2], given[3]])
    elif isinstance(given[0], PsObject) and given[0].type_name == _MESSAGE:
        message = given[0]
    else:
        raise NetError('Cannot convert argument "message" for "Send" to type "System.Net.Mail.MailMessage".')
    held = client.properties
    if not held["Host"]:
        raise NetError("The SMTP host was not specified.", _INVALID)
    user, password = user_of(held["Credentials"])
    certificate = next(_usable(held["ClientCertificates"]), None)
    settings = SmtpSettings(
        held["Host"], held["Port"], held["EnableSsl"], certificate, user, password, held["Timeout"] / 1000
    )
    transport.send(settings, envelope_of(message))


def _usable(certificates: list[Any]) -> Iterator[Any]:
    return (found for each in certificates if (found := client_certificate(each)) is not None)
