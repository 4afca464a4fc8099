"""Which MTA does a configuration belong to, and everything that is to be said of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from harness.mtas.lint import (
    ERROR,
    NOTE,
    WARNING,
    ConfigurationError,
    Expected,
    LintFinding,
    Purpose,
    Route,
    configuration_text,
    unread,
)
from harness.mtas.registry import MTAS, loaded
from harness.relay_lint.certificates import check_certificate
from harness.relay_lint.purpose import purpose_of
from harness.relay_lint.rules import check_route

__all__ = ["READERS", "kind_of", "lint_relay"]

Reader = Callable[[Path, Expected], tuple[Route, list[LintFinding]]]

READERS: Final = {name: folder.lint for name, folder in MTAS.items() if folder.lint is not None}
_WHERE: Final = "give --root DIR, or see what harness check-relay does with it"
_RANK: Final = {ERROR: 0, WARNING: 1, NOTE: 2}


def kind_of(path: Path) -> str:
    """The MTA, by the file's name, then by what is in it. Raises ConfigurationError."""
    if path.is_dir():
        wanted = {lint.in_folder: name for name, lint in READERS.items() if lint.in_folder}
        for file, name in wanted.items():
            if (path / file).exists():
                return name
        raise ConfigurationError(f"{path}: no {' or '.join(wanted)} in this folder; name the file")
    for name, lint in READERS.items():
        if any(fnmatchcase(path.name, each) for each in lint.files):
            return name
    text = configuration_text(path)
    for lint in READERS.values():
        if lint.made_of is not None and re.search(lint.made_of[0], text, re.MULTILINE):
            raise ConfigurationError(f"{path}: {lint.made_of[1]}")
    for name, lint in sorted(READERS.items(), key=lambda each: each[1].rank):
        if re.search(lint.sign, text, re.MULTILINE):
            return name
    known = ", ".join(READERS)
    raise ConfigurationError(f"{path}: this is not a configuration of {known}; say which with --mta")


def lint_relay(path: Path, expected: Expected, kind: str | None = None) -> tuple[Route, list[LintFinding]]:
    """The route to the smart host and the findings, the worst first. Raises ConfigurationError."""
    if not path.exists():
        raise ConfigurationError(f"{path}: no such file or folder")
    expected = expected.of(path)
    read: Reader = loaded(READERS[kind or kind_of(path)].at)
    route, findings = read(path, expected)
    wrong = {(each.path, each.line) for each in findings if each.severity == ERROR}
    if route.host is None and route.hidden is not None and (route.hidden.path, route.hidden.line) not in wrong:
        findings.append(unread(route.hidden, f"where mail goes ({route.hidden.value})", _WHERE))
    decides = route.tls_setting.value
    told = any((decides.partition(":")[2] or decides) in each.message for each in findings)
    if route.tls == "unknown" and not told:
        findings.append(unread(route.tls_setting, f"whether TLS is a must ({decides})", _WHERE))
    findings += check_route(route, expected)
    judged = purpose_of(route, expected) in (Purpose.CERTIFICATE, Purpose.CONNECTOR)
    findings += check_certificate(route, expected, judged)
    return route, _ordered(findings)


def _ordered(findings: list[LintFinding]) -> list[LintFinding]:
    """The worst first, then by place; each once."""
    return sorted(dict.fromkeys(findings), key=lambda each: (_RANK[each.severity], each.path, each.line, each.rule))
