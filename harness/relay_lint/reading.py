"""Which MTA does a configuration belong to, and everything that is to be said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from harness.mtas.exim.lint import read_exim_route
from harness.mtas.opensmtpd.lint import read_opensmtpd
from harness.mtas.postfix.files import ConfigurationError
from harness.mtas.postfix.lint import read_postfix
from harness.mtas.sendmail.lint import read_sendmail
from harness.relay_lint.certificates import check_certificate
from harness.relay_lint.finding import Expected, Finding, ordered
from harness.relay_lint.route import Route
from harness.relay_lint.rules import check_route

__all__ = ["MTAS", "kind_of", "lint_relay"]

Reader = Callable[[Path, Expected], tuple[Route, list[Finding]]]

MTAS: Final[dict[str, Reader]] = {
    "postfix": read_postfix,
    "exim": read_exim_route,
    "opensmtpd": read_opensmtpd,
    "sendmail": read_sendmail,
}
_SIGNS: Final = (
    ("exim", re.compile(r"^begin\s+(acl|routers|transports|retry)\b", re.M)),
    ("sendmail", re.compile(r"^(define\(|FEATURE\(|MAILER\(|OSTYPE\(|include\(`|DS|O \w+=|Mlocal,)", re.M)),
    ("opensmtpd", re.compile(r"^\s*(action\s+\S+\s+\w+|listen on|match\s+.*action|pki\s+\S+\s+(cert|key))", re.M)),
    ("postfix", re.compile(r"^[a-z0-9_]+\s*=", re.M)),
)


def kind_of(path: Path) -> str:
    """The MTA, by the file's name, then by what is in it. Raises ConfigurationError."""
    if path.is_dir():
        if (path / "main.cf").exists():
            return "postfix"
        raise ConfigurationError(f"{path}: no main.cf in this folder; name the file")
    names = {"main.cf": "postfix", "smtpd.conf": "opensmtpd", "sendmail.mc": "sendmail", "sendmail.cf": "sendmail"}
    if path.name in names:
        return names[path.name]
    if path.name.startswith("exim"):
        return "exim"
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as why:
        raise ConfigurationError(f"{path}: cannot be read: {why.strerror}") from why
    for kind, sign in _SIGNS:
        if sign.search(text):
            return kind
    raise ConfigurationError(f"{path}: this is no configuration of {', '.join(MTAS)}; say which with --mta")


def lint_relay(path: Path, expected: Expected, kind: str | None = None) -> tuple[Route, list[Finding]]:
    """The route to the smart host and the findings, the worst first. Raises ConfigurationError."""
    if not path.exists():
        raise ConfigurationError(f"{path}: no such file or folder")
    route, findings = MTAS[kind or kind_of(path)](path, expected)
    findings += [*check_route(route, expected), *check_certificate(route, expected)]
    return route, ordered(findings)
