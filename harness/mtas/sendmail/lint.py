"""sendmail: the macro file (sendmail.mc) or what m4 made of it (sendmail.cf) as a ``Route``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fakeeop.why.settings import names_of
from harness.mtas.base import hours
from harness.mtas.lint import NOTE, Expected, LintFinding, PlacedSetting, Route, TlsLevel, configuration_text

__all__ = ["FIXES", "read_sendmail"]

_NAMES: Final = names_of("sendmail")
_HOST: Final = _NAMES["smart-host"].setting
FIXES: Final = {
    **dict.fromkeys(("no-smart-host", "smart-host-address", "smart-host-former", "smart-host-unknown"), _HOST),
    "smart-host-brackets": "put the host in brackets: " + _HOST,
    "submission-endpoint": f"{_HOST}, or sign in as a mailbox",
    "wrong-port": "define(`ESMTP_MAILER_ARGS', `TCP $h 25') (RELAY_MAILER_ARGS for the relay mailer)",
    "tls-off": "take `Try_TLS:… NO' out of the access map, and name a list of authorities: confCACERT",
    "tls-optional": _NAMES["tls"].setting,
    "server-not-client": _NAMES["client-certificate"].setting,
    "no-client-certificate": _NAMES["client-certificate"].setting,
    "sign-in-at-mx": "take the AuthInfo line of the smart host out",
    "ipv6": _NAMES["source-address"].setting,
    "short-life": _NAMES["lifetime"].setting,
    "foreign-origin": "MASQUERADE_AS(`an accepted domain')",
}
_DEFINE: Final = re.compile(r"define\(\s*`?(\w+)'?\s*,\s*`?([^')]*)'?\s*\)")
_CALL: Final = re.compile(r"(\w+)\(\s*`([^']*)'")
_CF_NAMES: Final = {  # .mc → .cf
    **{"SMART_HOST": "DS", "confCLIENT_CERT": "ClientCertFile", "confCLIENT_KEY": "ClientKeyFile"},
    **{"confSERVER_CERT": "ServerCertFile", "confTO_QUEUERETURN": "Timeout.queuereturn", "confCACERT": "CACertFile"},
    **{"confCACERT_PATH": "CACertPath", "CLIENT_OPTIONS": "ClientPortOptions", "MASQUERADE_AS": "DM"},
    **{"confAUTH_OPTIONS": "AuthOptions", "confDEF_AUTH_INFO": "DefaultAuthInfo"},
}


def read_sendmail(path: Path, expected: Expected) -> tuple[Route, list[LintFinding]]:
    """``path`` is an .mc or a .cf file. Raises ConfigurationError."""
    del expected
    lines = configuration_text(path).splitlines()
    macros = any(_DEFINE.search(line) or line.startswith(("MAILER(", "FEATURE(", "OSTYPE(")) for line in lines)
    found = _of_mc(lines, str(path)) if macros else _of_cf(lines, str(path))
    findings = []
    if not found:
        message = "nothing here is a setting of sendmail that matters to a smart host"
        findings.append(LintFinding("nothing-read", NOTE, str(path), 0, "", message, "give sendmail.mc or sendmail.cf"))
    return _route(found, str(path)), findings


def _of_mc(lines: list[str], path: str) -> dict[str, PlacedSetting]:
    found: dict[str, PlacedSetting] = {}
    for number, line in enumerate(lines, 1):
        text = re.sub(r"\bdnl\b.*", "", line)
        for name, value in [*_DEFINE.findall(text), *(pair for pair in _CALL.findall(text) if pair[0] != "define")]:
            key = _CF_NAMES.get(name, name)
            if not value.startswith("$"):
                found[key] = PlacedSetting(name, value, path, number)
    for name in ("ESMTP_MAILER_ARGS", "RELAY_MAILER_ARGS", "SMTP_MAILER_ARGS"):
        if name in found:
            found["args"] = found[name]
    return found


def _of_cf(lines: list[str], path: str) -> dict[str, PlacedSetting]:
    found: dict[str, PlacedSetting] = {}
    mailer = ""
    for number, line in enumerate(lines, 1):
        if line[:2] in ("DS", "DM"):
            found[line[:2]] = PlacedSetting(line[:2], line[2:].strip(), path, number)
        elif match := re.match(r"O\s+([\w.]+)\s*=\s*(.*)", line):
            found[match[1]] = PlacedSetting(match[1], match[2].strip(), path, number)
        elif match := re.match(r"M(\w+),", line):
            mailer = match[1]
        if mailer in ("relay", "esmtp") and (match := re.search(r"\bA=(TCP \$h \S+)", line)):
            found["args"] = PlacedSetting(f"M{mailer}", match[1], path, number)
    return found


def _route(found: Mapping[str, PlacedSetting], path: str) -> Route:
    def get(name: str, default: str = "") -> PlacedSetting:
        return found.get(name, PlacedSetting(name, default, path))

    host = get("DS")
    text = host.value.split(":", 1)[1] if re.match(r"(e?smtp|relay|smtp8|dsmtp):", host.value) else host.value
    port = re.search(r"\$h (\d+)", get("args").value)
    certificate, life = get("ClientCertFile"), get("Timeout.queuereturn", "5d")
    options, sign_in = get("ClientPortOptions"), get("DefaultAuthInfo")
    source = re.search(r"Addr(?:ess)?=([^,\s]+)", options.value)
    tls: TlsLevel = "may"
    return Route(
        mta="sendmail",
        fixes=FIXES,
        host=host.of(text.strip("[]")) if text else None,
        port=int(port[1]) if port else 25,
        port_setting=get("args"),
        tls=tls,
        tls_setting=get("TLS_Srv (access map)"),
        certificate=certificate,
        key=get("ClientKeyFile", certificate.value),
        server_certificate=get("ServerCertFile"),
        bracketed=text.startswith("[") or not text,
        sign_in=sign_in if sign_in.value else None,
        six=None if source or "inet6" not in options.value else options,
        life=(120.0 if (span := hours(life.value, "d")) is None else span, life),
        origin=get("DM") if get("DM").value else None,
        source=options.of(source[1]) if source else None,
        more={"host": host},
    )
