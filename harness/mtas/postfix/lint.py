"""Postfix: main.cf (and master.cf next to it) as a ``Route``, and the rules that are Postfix's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from attrs import evolve

from fakeeop.why.settings import names_of
from harness.mtas.base import hours
from harness.mtas.lint import ERROR, NOTE, WARNING, Expected, LintFinding, PlacedSetting, Route, TlsLevel
from harness.mtas.postfix.files import MainCf, read_main, read_master, table_entries

__all__ = ["FIXES", "read_postfix"]

_NAMES: Final = names_of("postfix")
_HOST: Final = _NAMES["smart-host"].setting
_TLS: Final = _NAMES["tls"].setting
FIXES: Final = {
    **dict.fromkeys(
        ("no-smart-host", "smart-host-address", "smart-host-former", "smart-host-unknown", "wrong-port"), _HOST
    ),
    "smart-host-brackets": f"put the host in brackets: {_HOST}",
    "submission-endpoint": f"{_HOST}, or sign in as a mailbox",
    "implicit-tls": "smtp_tls_wrappermode = no",
    **dict.fromkeys(("tls-off", "tls-optional", "certificate-without-tls"), _TLS),
    "no-roots": "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt",
    "tls-old": "smtp_tls_protocols = >=TLSv1.2 and smtp_tls_mandatory_protocols = >=TLSv1.2",
    "server-not-client": str(_NAMES["client-certificate"]),
    "no-client-certificate": _NAMES["client-certificate"].setting,
    "sign-in-at-mx": "smtp_sasl_auth_enable = no",
    "ipv6": "inet_protocols = ipv4",
    "short-life": _NAMES["lifetime"].setting,
    "no-bounces": _NAMES["hard-errors"].setting,
    "foreign-origin": "myorigin = an accepted domain",
}
_LEVELS: Final[dict[str, TlsLevel]] = {
    **{"": "none", "none": "none", "may": "may", "dane": "may", "encrypt": "must", "dane-only": "verify"},
    **{"fingerprint": "verify", "verify": "verify", "secure": "verify"},
}
_RELAYHOST: Final = re.compile(r"(?:(?:smtp|lmtp|relay):(?!\d))?(?:\[([^\]\s]+)\]|([^\[\]:\s]+))(?::(\w+))?\Z")
_PORTS: Final = {"smtp": 25, "submission": 587, "submissions": 465, "smtps": 465}
_KNOWN: Final = (
    *("smtp_tls_cert_file", "smtp_tls_key_file", "smtp_tls_chain_files", "smtp_tls_security_level", "relayhost"),
    *("smtp_tls_CAfile", "smtp_tls_CApath", "smtp_tls_policy_maps", "smtp_bind_address", "smtp_tls_wrappermode"),
)


def read_postfix(path: Path, expected: Expected) -> tuple[Route, list[LintFinding]]:
    """``path`` is main.cf or the folder that holds it. Raises ConfigurationError."""
    main = path / "main.cf" if path.is_dir() else path
    master = main.with_name("master.cf")
    config = read_main(main)
    if master.exists():
        config = read_master(master, config, {"smtp": "unix"})
    findings = list(config.findings)
    route = _route(config, expected, findings)
    findings += [*_misspelt(config), *_hidden_starttls(config), *_transports(config, expected, route)]
    return route, findings


def _route(config: MainCf, expected: Expected, findings: list[LintFinding]) -> Route:
    get = config.get
    host, port, bracketed = _smart_host(get("relayhost"), findings)
    tls, setting = _tls(config, get("relayhost").value, expected)
    chain = get("smtp_tls_chain_files")
    certificate = chain if chain.value else _first(get("smtp_tls_eccert_file"), get("smtp_tls_cert_file"))
    if chain.value:
        certificate = chain.of(re.split(r"[,\s]+", chain.value)[-1])
    key = chain.of(re.split(r"[,\s]+", chain.value)[0]) if chain.value else get("smtp_tls_key_file", certificate.value)
    sign_in, six = get("smtp_sasl_auth_enable", "no"), get("inet_protocols", "all")
    soft, wrapped = get("soft_bounce", "no"), get("smtp_tls_wrappermode", "no")
    life = get("maximal_queue_lifetime", "5d")
    source = get("smtp_bind_address")
    roots = _first(get("smtp_tls_CAfile"), get("smtp_tls_CApath"))
    return Route(
        mta="Postfix",
        fixes=FIXES,
        host=host,
        port=port,
        port_setting=get("relayhost"),
        tls=tls,
        tls_setting=setting,
        certificate=certificate,
        key=key if key.value else certificate,
        server_certificate=_first(get("smtpd_tls_cert_file"), get("smtpd_tls_chain_files")),
        bracketed=bracketed,
        wrapped=wrapped if _yes(wrapped) else None,
        roots=roots if roots.value or setting.value not in ("verify", "secure") else None,
        sign_in=sign_in if _yes(sign_in) else None,
        tls_new=_old_protocols(config, tls),
        six=six if re.search(r"all|ipv6", six.value) and not source.value else None,
        life=(_hours(life, findings), life),
        no_bounces=soft if _yes(soft) else None,
        origin=_origin(config),
        source=source if source.value else None,
        more={"host": get("relayhost")},
    )


def _smart_host(relayhost: PlacedSetting, findings: list[LintFinding]) -> tuple[PlacedSetting | None, int, bool]:
    if not relayhost.value:
        return None, 25, True
    match = _RELAYHOST.match(relayhost.value)
    if match is None:
        message = f"relayhost cannot be read: {relayhost.value}"
        findings.append(
            LintFinding(
                "bad-smart-host", ERROR, relayhost.path, relayhost.line, "relayhost", message, FIXES["wrong-port"]
            )
        )
        return None, 25, True
    word = match[3] or "25"
    port = int(word) if word.isdigit() else _PORTS.get(word, 0)
    return relayhost.of(match[1] or match[2]), port, match[1] is not None


def _tls(config: MainCf, relayhost: str, expected: Expected) -> tuple[TlsLevel, PlacedSetting]:
    """The level for the smart host: its line in smtp_tls_policy_maps, else the general one, else the old names."""
    bare = re.sub(r":\w+\Z", "", relayhost)
    keys = (relayhost, bare, bare.strip("[]"))
    maps = config.get("smtp_tls_policy_maps")
    for place, key, value in table_entries(maps.value, config, expected.root):
        if key in keys and value:
            word = value.split()[0]
            return _LEVELS.get(word, "may"), place.of(word)
    level = config.get("smtp_tls_security_level")
    if level.value:
        return _LEVELS.get(level.value, "may"), level
    if _yes(config.get("smtp_enforce_tls", "no")):
        return "must", config.get("smtp_enforce_tls")
    if _yes(config.get("smtp_use_tls", "no")):
        return "may", config.get("smtp_use_tls")
    return "none", level


def _old_protocols(config: MainCf, tls: TlsLevel) -> PlacedSetting | None:
    name = "smtp_tls_protocols" if tls == "may" else "smtp_tls_mandatory_protocols"
    setting = config.get(name)
    words = re.split(r"[,:\s]+", setting.value)
    new = ("TLSv1.2", "TLSv1.3")
    named = [word for word in words if word and word[0] not in "!<>"]
    if named:
        allowed = [word for word in new if word in named]
    else:
        allowed = [word for word in new if f"!{word}" not in words]
        top = next((word[2:] for word in words if word.startswith("<=")), "")
        allowed = [word for word in allowed if not top or word <= top]
    return None if allowed else setting


def _origin(config: MainCf) -> PlacedSetting | None:
    name = config.get("myorigin", "$myhostname")
    return None if "$" in name.value or name.value.startswith("/") or not name.value else name


def _transports(config: MainCf, expected: Expected, route: Route) -> list[LintFinding]:
    """Lines of transport_maps that lead past the smart host."""
    found = []
    host = route.host.value if route.host else ""
    for place, key, value in table_entries(config.get("transport_maps").value, config, expected.root):
        nexthop = value.partition(":")[2]
        inner = ("local", "virtual", "discard", "error", "retry")
        if value.strip(":") and not value.startswith(inner) and host not in nexthop:
            message = f"mail for {key} goes to {value}, not to the smart host"
            fix = "take it out if it is not meant"
            found.append(LintFinding("other-way", NOTE, place.path, place.line, "transport_maps", message, fix))
    return found


def _misspelt(config: MainCf) -> list[LintFinding]:
    """Names that are nearly one of those that matter: Postfix says nothing of them but in postconf's warnings."""
    import difflib  # noqa: PLC0415  start-up time

    found = []
    for name, setting in config.settings.items():
        if not name.startswith(("smtp_tls", "smtp_bind", "relay_host", "relayhost")) or name in _KNOWN:
            continue
        near = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0.92)
        if near and near[0] not in config.settings and abs(len(near[0]) - len(name)) <= 2:
            message, then = f"{name} is not a setting of Postfix; {near[0]} is", "it is ignored"
            found.append(
                LintFinding("unknown-setting", ERROR, setting.path, setting.line, name, message, near[0], then)
            )
    return found


def _hidden_starttls(config: MainCf) -> list[LintFinding]:
    words = config.get("smtp_discard_ehlo_keywords")
    if "starttls" not in words.value.lower():
        return []
    message, fix = "STARTTLS is removed from what the server offers", "take 'starttls' out of it"
    return [LintFinding("starttls-ignored", ERROR, words.path, words.line, words.name, message, fix)]


def _hours(setting: PlacedSetting, findings: list[LintFinding]) -> float:
    found = hours(setting.value, "d")
    if found is None:
        message = f"{setting.name} is not a span of time: {setting.value}"
        findings.append(LintFinding("bad-time", WARNING, setting.path, setting.line, setting.name, message, "5d"))
        return 120.0
    return found


def _first(*settings: PlacedSetting) -> PlacedSetting:
    return next((each for each in settings if each.value and each.value != "none"), evolve(settings[-1], value=""))


def _yes(setting: PlacedSetting) -> bool:
    return setting.value.lower() == "yes"
