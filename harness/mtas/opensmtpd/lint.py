"""OpenSMTPD: the relay action of smtpd.conf(5) as a ``Route``."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fakeeop.why.settings import names_of
from harness.mtas.base import hours
from harness.mtas.lint import (
    ERROR,
    ConfigurationError,
    Expected,
    LintFinding,
    PlacedSetting,
    Route,
    TlsLevel,
    configuration_text,
)

__all__ = ["FIXES", "read_opensmtpd"]

_NAMES: Final = names_of("opensmtpd")
_ACTION: Final = _NAMES["smart-host"].setting
FIXES: Final = {
    **dict.fromkeys(("no-smart-host", "smart-host-address", "smart-host-former", "smart-host-unknown"), _ACTION),
    "submission-endpoint": f"smtp+tls://LABEL@HOST:587 and auth <TABLE> in the relay action, or: {_ACTION}",
    "wrong-port": _ACTION,
    "implicit-tls": "smtp+tls:// instead of smtps://",
    "tls-off": "smtp+tls:// instead of smtp+notls://",
    "tls-optional": "smtp+tls:// instead of smtp://",
    "tls-old": 'tls protocols "TLSv1.2:TLSv1.3"',
    "server-not-client": "pki NAME in the relay action (it is in listen only)",
    "no-client-certificate": _NAMES["client-certificate"].setting,
    "sign-in-without-tls": "smtp+tls:// instead of smtp+notls://",
    "password-in-clear": "smtp+tls:// instead of smtp://",
    "sign-in-at-mx": "take auth <…> out of the relay action",
    "ipv6": "src an IPv4 address in the relay action, or limit mta inet4",
    "short-life": _NAMES["lifetime"].setting,
    "foreign-origin": "the first line of /etc/mail/mailname",
}
_URL: Final = re.compile(
    r"(smtp|smtp\+tls|smtp\+notls|smtps|lmtp)://(?:[^@/]+@)?\[?([^\]/:]+|[0-9a-fA-F:]+)\]?(?::(\d+))?"
)
_DEEP: Final = 10
_LEVELS: Final[dict[str, TlsLevel]] = {"smtp": "may", "smtp+tls": "must", "smtps": "must", "smtp+notls": "none"}


def read_opensmtpd(path: Path, expected: Expected) -> tuple[Route, list[LintFinding]]:
    """Raises ConfigurationError."""
    findings: list[LintFinding] = []
    relay, listening, files = PlacedSetting("action", "", str(path)), PlacedSetting("pki", "", str(path)), {}
    life = PlacedSetting("queue ttl", "4d", str(path))
    four = False
    old: PlacedSetting | None = None
    for place, words in _lines(path, expected.root, 0):
        old = old or (place if _is_old(words) else None)
        if words[0] == "action" and "relay" in words and not relay.value:
            relay = place
        elif words[0] == "pki" and len(words) > 3 and words[2] in ("cert", "key"):
            files[words[1], words[2]] = place.of(words[3])
        elif words[0] == "listen" and "pki" in words:
            listening = place.of(words[words.index("pki") + 1])
        elif words[:2] == ["queue", "ttl"]:
            life = place.of(words[2])
        elif words[:2] == ["limit", "mta"]:
            four = "inet4" in words
    if old is not None:
        message = (
            f"'{old.value.split()[0]}' rules are not read by OpenSMTPD 6.4 and newer: your smtpd takes action and match"
        )
        then = "it does not start, or this is not the file that it reads"
        findings.append(
            LintFinding("old-grammar", ERROR, old.path, old.line, old.name, message, f"{_ACTION}, match … action", then)
        )
    words = shlex.split(relay.value) if relay.value else []
    match = _URL.match(_after(words, "host"))
    scheme = match[1] if match else "smtp+tls"
    name = _after(words, "pki")
    if name and (name, "cert") not in files:
        message, fix = f"pki {name} has no certificate", f'pki {name} cert "FILE"'
        findings.append(LintFinding("no-pki", ERROR, relay.path, relay.line, "pki", message, fix, "it does not start"))
    none = relay.of("")
    certificate = files.get((name, "cert"), none)
    protocols = _after(words, "protocols")
    source = _after(words, "src")
    return Route(
        mta="OpenSMTPD",
        fixes=FIXES,
        host=relay.of(match[2]) if match else None,
        port=int(match[3]) if match and match[3] else (465 if scheme == "smtps" else 25),
        port_setting=relay,
        tls=_LEVELS.get(scheme, "may"),
        tls_setting=relay,
        certificate=certificate,
        key=files.get((name, "key"), certificate),
        server_certificate=listening,
        wrapped=relay if scheme == "smtps" else None,
        sign_in=relay if "auth" in words else None,
        password_in_clear=relay,
        hidden=_hidden(relay, old, words, match is not None),
        tls_new=relay.of(protocols) if protocols and not re.search(r"v1\.[23]|secure|all", protocols) else None,
        six=relay if not four and not source else None,
        life=(96.0 if (span := hours(life.value)) is None else span, life),
        origin=_origin(expected),
        source=relay.of(source) if source else None,
        more={"host": relay},
    ), findings


def _origin(expected: Expected) -> PlacedSetting | None:
    """The name of the machine, as smtpd.conf(5) tells it; None without one, or for another machine's file."""
    for name in ("/etc/mail/mailname", "/etc/mailname"):
        if expected.complete and expected.present(name):
            first = configuration_text(expected.at(name)).strip().partition("\n")[0]
            return PlacedSetting("mailname", first, str(expected.at(name)), 1) if first else None
    return None


def _is_old(words: list[str]) -> bool:
    """A rule, or the place of a certificate, of OpenSMTPD 6.3 and older."""
    return words[0] in ("accept", "reject") or (words[0] == "pki" and words[2:3] == ["certificate"])


def _hidden(relay: PlacedSetting, old: PlacedSetting | None, words: list[str], read: bool) -> PlacedSetting | None:
    if old is not None:
        return old.of("the old grammar")
    return relay.of(_after(words, "host")) if "host" in words and not read else None


def _lines(path: Path, root: Path | None, deep: int) -> Iterator[tuple[PlacedSetting, list[str]]]:
    text = configuration_text(path)
    macros: dict[str, str] = {}
    start, line = 0, ""
    for number, each in enumerate(text.splitlines(), 1):
        start = start or number
        line += each
        if line.endswith("\\"):
            line = line[:-1]
            continue
        line = re.sub(r"\$(\w+)", lambda match: macros.get(match[1], match[0]), line)
        try:
            words = shlex.split(line, comments=True)
        except ValueError as why:
            raise ConfigurationError(f"{path}:{start}: {why}") from why
        if len(words) == 3 and words[1] == "=":
            macros[words[0]] = words[2]
        elif words[:1] == ["include"] and len(words) > 1 and deep < _DEEP:
            included = Path(words[1])
            if root is not None and included.is_absolute():
                included = root / included.relative_to(included.anchor)
            yield from _lines(included, root, deep + 1)
        elif words:
            yield PlacedSetting(words[0], shlex.join(words), str(path), start), words
        start, line = 0, ""


def _after(words: list[str], name: str) -> str:
    at = words.index(name) + 1 if name in words else 0
    return words[at] if 0 < at < len(words) else ""
