"""Command arguments: hello names, paths, MAIL and RCPT parameters, BDAT. Octets in, values or ProtocolViolation out.

What is read: RFC 5321 section 4.1.2, RFC 1870 (SIZE), RFC 6152 and 3030 (BODY), RFC 6531 (SMTPUTF8), RFC 3461 (RET,
ENVID, NOTIFY, ORCPT). More is let through than the grammar has where clients are known to need it: blanks behind the
colon (wire §1.7 B) and, our assumption, a path without angle brackets.
"""

from __future__ import annotations

import re
from functools import lru_cache

from attrs import frozen

from fakeeop.errors import ProtocolViolation
from fakeeop.model import BodyType, DsnParameters, Recipient
from fakeeop.model.addresses import Mailbox, canonical_domain

__all__ = ["MailCommand", "parse_bdat", "parse_hello", "parse_mail", "parse_rcpt"]

_ATOM = r'[^\x00-\x20"(),.:;<>@\[\\\]\x7f]+'  # RFC 5321, 6531; what it is not, since ranges to U+10FFFF compile slowly
_LOCAL = rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])*")'
_MAILBOX = rf"(?:@[^:<>\s]*:)?(?P<local>{_LOCAL})@(?P<domain>\[[0-9A-Za-z:.\-]+\]|[^\s<>@\[\]]+)"
_BARE = _MAILBOX.replace("(?P<local>", "(?P<bare_local>").replace("(?P<domain>", "(?P<bare_domain>")
_PATH = re.compile(rf"[ \t]*(?:<(?:{_MAILBOX})?>|{_BARE})(?P<rest>(?:[ \t].*)?)\Z", re.S)
_HELLO = re.compile(rb"(?:[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*\.?|\[(?:IPv6:)?[0-9A-Fa-f:.]+\])\Z", re.I)
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*\Z")
_UTF8_ADDRESS = re.compile(r"(?:[^\x00-\x20+=\x7f]|\+[0-9A-F]{2}|\\x\{[0-9A-Fa-f]+\})*\Z")
_BDAT = re.compile(rb"[ \t]*([0-9]{1,18})([ \t]+LAST)?[ \t]*\Z", re.I)
_NULL = Mailbox("", "")
_NOTIFY = {"SUCCESS", "FAILURE", "DELAY"}
_BODY = {kind.value: kind for kind in BodyType}


@frozen
class MailCommand:
    """What a MAIL said. ``ret`` and ``envid`` are as sent, xtext and case included."""

    reverse_path: Mailbox
    body: BodyType = BodyType.SEVEN_BIT
    size: int | None = None
    smtputf8: bool = False
    ret: str | None = None
    envid: str | None = None


@lru_cache(maxsize=1024)
def parse_hello(argument: bytes) -> str:
    """The name of EHLO or HELO. A single label and an underscore are let through; what is not a name is refused."""
    name = argument.strip()
    if len(name) > 255 or not _HELLO.match(name):
        raise ProtocolViolation("invalid-name", repr(name))
    return name.decode("ascii")


@lru_cache(maxsize=1024)
def parse_mail(argument: bytes) -> MailCommand:
    """``FROM:<path> [parameters]``. Violations: ``invalid-arguments``, ``invalid-sender``."""
    mailbox, rest, utf8 = _split(argument, "FROM:", "invalid-sender")
    if mailbox is None:
        mailbox = _NULL
    if not rest:
        if utf8:
            raise ProtocolViolation("invalid-sender", "SMTPUTF8 is missing (RFC 6531 section 3.4)")
        return MailCommand(mailbox)
    given = _parameters(rest)
    command = MailCommand(
        mailbox,
        _body(given.pop("BODY", "7BIT")),
        _size(given.pop("SIZE", None)),
        _flag(given, "SMTPUTF8"),
        _ret(given.pop("RET", None)),
        _envid(given.pop("ENVID", None)),
    )
    if given:
        raise ProtocolViolation("invalid-arguments", next(iter(given)))
    if utf8 and not command.smtputf8:
        raise ProtocolViolation("invalid-sender", "SMTPUTF8 is missing (RFC 6531 section 3.4)")
    return command


@lru_cache(maxsize=4096)
def parse_rcpt(argument: bytes, smtputf8: bool) -> Recipient:
    """``TO:<path> [parameters]``. Violations: ``invalid-arguments``, ``invalid-recipient``."""
    mailbox, rest, utf8 = _split(argument, "TO:", "invalid-recipient")
    if mailbox is None:
        raise ProtocolViolation("invalid-recipient", "a forward-path cannot be null")
    if utf8 and not smtputf8:
        raise ProtocolViolation("invalid-recipient", "MAIL had no SMTPUTF8 (RFC 6531 section 3.4)")
    if not rest:
        return Recipient(mailbox)
    given = _parameters(rest)
    dsn = DsnParameters(_notify(given.pop("NOTIFY", None)), _orcpt(given.pop("ORCPT", None), smtputf8))
    if given:
        raise ProtocolViolation("invalid-arguments", next(iter(given)))
    return Recipient(mailbox, dsn)


def parse_bdat(argument: bytes) -> tuple[int, bool]:
    """The number of octets and whether the chunk is the last. Violation: ``invalid-arguments``."""
    match = _BDAT.match(argument)
    if match is None:
        raise ProtocolViolation("invalid-arguments", repr(argument))
    return int(match[1]), match[2] is not None


def _split(argument: bytes, word: str, fault: str) -> tuple[Mailbox | None, str, bool]:
    """The mailbox (None for ``<>``), the parameters behind the path, and whether the path needs SMTPUTF8."""
    if argument[: len(word)].upper() != word.encode():
        raise ProtocolViolation("invalid-arguments", f"{word} is missing")
    try:
        text = argument.decode("utf-8")[len(word) :]
    except UnicodeDecodeError as why:
        raise ProtocolViolation(fault, "not UTF-8") from why
    match = _PATH.match(text.rstrip(" \t"))
    if match is None:
        raise ProtocolViolation(fault, text)
    local = match["local"] or match["bare_local"]
    if local is None:
        return None, match["rest"], False
    written = match["domain"] or match["bare_domain"]
    try:
        domain = canonical_domain(written)
    except ValueError as why:
        raise ProtocolViolation(fault, str(why)) from why
    return Mailbox(local, domain), match["rest"], not (local.isascii() and written.isascii())


def _parameters(rest: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in rest.split():
        name, equals, value = word.partition("=")
        key = name.upper()
        if not key or key in given or (equals and not value):
            raise ProtocolViolation("invalid-arguments", word)
        given[key] = value  # empty: a word without "="
    return given


def _body(value: str) -> BodyType:
    kind = _BODY.get(value.upper())
    if kind is None:
        raise ProtocolViolation("invalid-arguments", f"BODY={value}")
    return kind


def _size(value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 20):
        raise ProtocolViolation("invalid-arguments", f"SIZE={value}")
    return int(value)


def _flag(given: dict[str, str], name: str) -> bool:
    if name not in given:
        return False
    if given.pop(name):
        raise ProtocolViolation("invalid-arguments", f"{name} takes no value")
    return True


def _ret(value: str | None) -> str | None:
    if value is not None and value.upper() not in ("FULL", "HDRS"):
        raise ProtocolViolation("invalid-arguments", f"RET={value}")
    return value


def _envid(value: str | None) -> str | None:
    if value is not None and (not 0 < len(value) <= 100 or not _XTEXT.match(value)):
        raise ProtocolViolation("invalid-arguments", f"ENVID={value}")
    return value


def _notify(value: str | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    words = tuple(value.split(","))
    upper = {word.upper() for word in words}
    if upper != {"NEVER"} and not upper <= _NOTIFY:
        raise ProtocolViolation("invalid-arguments", f"NOTIFY={value}")
    return words


def _orcpt(value: str | None, smtputf8: bool) -> str | None:
    if value is None:
        return None
    kind, semicolon, address = value.partition(";")
    good = _UTF8_ADDRESS if smtputf8 else _XTEXT
    if not (semicolon and kind and address and len(value) <= 500 and good.match(address)):
        raise ProtocolViolation("invalid-arguments", f"ORCPT={value}")
    return value
