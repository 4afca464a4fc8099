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
    "submission-endpoint": f"FEATURE(`authinfo'), or a connector: {_HOST}",
    "wrong-port": "define(`ESMTP_MAILER_ARGS', `TCP $h 25') (RELAY_MAILER_ARGS for the relay mailer)",
    "tls-off": "take `Try_TLS:… NO' out of the access map, and name a list of authorities: confCACERT",
    "tls-optional": _NAMES["tls"].setting,
    "server-not-client": _NAMES["client-certificate"].setting,
    "no-client-certificate": _NAMES["client-certificate"].setting,
    "sign-in-without-tls": _NAMES["tls"].setting,
    "password-in-clear": _NAMES["tls"].setting + ", or confAUTH_OPTIONS with p",
    "slow-retry": "define(`confMIN_QUEUE_AGE', `5m')",
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
    "confMIN_QUEUE_AGE": "MinQueueAge",
}


def read_sendmail(path: Path, expected: Expected) -> tuple[Route, list[LintFinding]]:
    """``path`` is an .mc or a .cf file. Raises ConfigurationError."""
    lines = configuration_text(path).splitlines()
    macros = any(_DEFINE.search(line) or line.startswith(("MAILER(", "FEATURE(", "OSTYPE(")) for line in lines)
    found = _of_mc(lines, str(path)) if macros else _of_cf(lines, str(path))
    findings = []
    if not found:
        message = "nothing here is a setting of sendmail that matters to a smart host"
        findings.append(LintFinding("nothing-read", NOTE, str(path), 0, "", message, "give sendmail.mc or sendmail.cf"))
    return _route(found, str(path), expected), findings


def _of_mc(lines: list[str], path: str) -> dict[str, PlacedSetting]:
    found: dict[str, PlacedSetting] = {}
    for number, line in enumerate(lines, 1):
        text = re.sub(r"\bdnl\b.*", "", line)
        for name, value in [*_DEFINE.findall(text), *(pair for pair in _CALL.findall(text) if pair[0] != "define")]:
            key = _CF_NAMES.get(name, name)
            if key == "FEATURE":
                found[f"FEATURE {value}"] = PlacedSetting(name, text, path, number)
            elif not value.startswith("$"):
                found[key] = PlacedSetting(name, value, path, number)
    for name in ("ESMTP", "RELAY", "SMTP"):
        if f"{name}_MAILER_ARGS" in found:
            found[f"args {name.lower()}"] = found[f"{name}_MAILER_ARGS"]
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
        elif line.startswith("Kauthinfo "):
            found["FEATURE authinfo"] = PlacedSetting("Kauthinfo", line, path, number)
        elif line.startswith("Kaccess "):
            found["FEATURE access_db"] = PlacedSetting("Kaccess", line, path, number)
        if match := re.search(r"\bA=(TCP \$h(?: \S+)?)", line):
            found[f"args {mailer}"] = PlacedSetting(f"M{mailer}", match[1], path, number)
    return found


def _route(found: Mapping[str, PlacedSetting], path: str, expected: Expected) -> Route:
    def get(name: str, default: str = "") -> PlacedSetting:
        return found.get(name, PlacedSetting(name, default, path))

    host = get("DS")
    text = host.value.split(":", 1)[1] if re.match(r"(e?smtp|relay|smtp8|dsmtp):", host.value) else host.value
    mailer = host.value.split(":", 1)[0] if text != host.value else "relay"
    arguments = get(f"args {mailer}")
    port = re.search(r"\$h (\d+)", arguments.value)
    certificate, life = get("ClientCertFile"), get("Timeout.queuereturn", "5d")
    options = get("ClientPortOptions")
    sign_in = next((each for each in (get("FEATURE authinfo"), get("DefaultAuthInfo")) if each.value), None)
    access = _access(get("FEATURE access_db"), expected)
    text = text if text.startswith("[IPv6") else text.split(":")[0]  # a list of hosts
    name = text.strip("[]").lower()
    tls, tls_setting = _tls(access, name, get("TLS_Srv (access map)"))
    if access is None:
        tls, tls_setting = "unknown", get("FEATURE access_db").of("the access map")
    by_access = next((each for each, key, _ in access or [] if key.lower().startswith("authinfo:")), None)
    unread_access = access is None
    wait = get("MinQueueAge")
    source = re.search(r"Addr(?:ess)?=([^,\s]+)", options.value)
    return Route(
        mta="sendmail",
        fixes=FIXES,
        host=host.of(text.strip("[]")) if text and "$" not in text else None,
        port=int(port[1]) if port else 25,
        port_setting=arguments,
        tls=tls,
        tls_setting=tls_setting,
        certificate=certificate,
        key=get("ClientKeyFile", certificate.value),
        server_certificate=get("ServerCertFile"),
        bracketed=text.startswith("[") or not text,
        sign_in=sign_in or by_access,
        perhaps_signs_in=get("FEATURE access_db") if unread_access else None,
        password_in_clear=None if unread_access or "p" in get("AuthOptions").value else sign_in or by_access,
        retry=(hours(wait.value) or 0.0, wait) if wait.value else None,
        hidden=host if "$" in text else None,
        six=None if source or "inet6" not in options.value else options,
        life=(120.0 if (span := hours(life.value, "d")) is None else span, life),
        origin=get("DM") if get("DM").value else None,
        source=options.of(source[1]) if source else None,
        more={"host": host},
    )


def _access(feature: PlacedSetting, expected: Expected) -> list[tuple[PlacedSetting, str, str]] | None:
    """(place, key, value) of the text next to the access map; nothing without one, None if it is not here."""
    if not feature.value:
        return []
    named = re.search(r"(/[\w./-]+?)(?:\.db)?['\s,)]", feature.value + " ")
    path = expected.at(named[1] if named else "/etc/mail/access")
    if not path.is_file():
        return None
    found = []
    for number, line in enumerate(configuration_text(path).splitlines(), 1):
        words = line.split(None, 1)
        if words and not line.startswith("#"):
            found.append((PlacedSetting(words[0], line, str(path), number), words[0], "".join(words[1:]).strip()))
    return found


def _tls(
    access: list[tuple[PlacedSetting, str, str]] | None, host: str, default: PlacedSetting
) -> tuple[TlsLevel, PlacedSetting]:
    """What Try_TLS and TLS_Srv say of this host, or of all."""
    for place, key, value in access or []:
        tag, _, name = key.lower().partition(":")
        if name and name != host and not host.endswith("." + name):
            continue
        if tag == "try_tls" and value.upper().startswith("NO"):
            return "none", place.of(value)
        if tag == "tls_srv" and value:
            return "must", place.of(value)
    return "may", default
