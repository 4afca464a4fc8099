"""Who is told of what (RFC 3461): NOTIFY, RET, and how ENVID and ORCPT read in a report. Pure."""

from __future__ import annotations

import re
from enum import Enum

from fakeeop.model import Recipient
from fakeeop.model.addresses import Mailbox

__all__ = ["Action", "envelope_id", "original_recipient", "returns_whole", "wanted", "xtext_decoded"]

_HEX = re.compile(r"\+([0-9A-F]{2})")
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_PRINTABLE = re.compile(r"[ -~]*\Z")


class Action(Enum):
    """``Action`` of RFC 3464 section 2.3.3; ``expanded`` is not used, nothing here is a list."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"


_WORD = {Action.FAILED: "FAILURE", Action.DELAYED: "DELAY", Action.DELIVERED: "SUCCESS", Action.RELAYED: "SUCCESS"}


def wanted(action: Action, reverse_path: Mailbox, recipient: Recipient) -> bool:
    """Does the sender of this recipient want to hear of it?

    Never a report to the null reverse-path (RFC 5321 section 4.5.5). Without NOTIFY: of failures, and of delays
    (RFC 3461 section 4.1 leaves these to the server).
    """
    if reverse_path.is_null:
        return False
    notify = recipient.dsn.notify
    if notify is None:
        return _WORD[action] != "SUCCESS"
    return _WORD[action] in {word.upper() for word in notify}


def returns_whole(action: Action, ret: str | None) -> bool:
    """The whole message, or its header only: RET counts for failures alone (RFC 3461 section 4.3).

    Without RET a failure returns the whole, as the service mostly does (wire §5).
    """
    return action is Action.FAILED and (ret is None or ret.upper() == "FULL")


def xtext_decoded(text: str) -> str:
    """``job+2B42`` is ``job+42`` (RFC 3461 section 4). What would not be printable ASCII stays as it was sent."""
    plain = _HEX.sub(lambda match: chr(int(match[1], 16)), text)
    return plain if _PRINTABLE.match(plain) else text


def envelope_id(envid: str | None) -> str | None:
    """The value of Original-Envelope-Id (RFC 3464 section 2.2.1)."""
    return None if envid is None else xtext_decoded(envid)


def original_recipient(orcpt: str | None) -> str | None:
    """The value of Original-Recipient, ``rfc822;Ann@contoso.com``; the type as given (RFC 3464 section 2.3.1)."""
    if orcpt is None:
        return None
    kind, _, address = orcpt.partition(";")
    if kind.lower() != "utf-8":
        return f"{kind};{xtext_decoded(address)}"
    return f"{kind};{_utf8_decoded(address)}"


def _utf8_decoded(address: str) -> str:
    """``utf-8-addr-xtext`` of RFC 6533 section 3; what is not a printable character stays."""

    def character(match: re.Match[str]) -> str:
        number = int(match[1], 16)
        made = chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else ""
        return made if made and made.isprintable() else match[0]

    return xtext_decoded(_UNICODE.sub(character, address)) if address.isascii() else address
