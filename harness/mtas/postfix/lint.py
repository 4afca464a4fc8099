"""Postfix: main.cf (and master.cf next to it) as a ``Route``, and the rules that are Postfix's own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from fakeeop.why.settings import names_of
from harness.mtas.base import hours
from harness.mtas.lint import (
    ERROR,
    NOTE,
    WARNING,
    Expected,
    LintFinding,
    PlacedSetting,
    Route,
    TlsLevel,
    configuration_text,
)
from harness.mtas.postfix.files import (
    MainCf,
    key_matches,
    lookup_tables,
    read_main,
    read_master,
    table_entries,
)
from harness.mtas.postfix.mistakes import find_mistakes

__all__ = ["FIXES", "read_postfix"]

_NAMES: Final = names_of("postfix")
_HOST: Final = _NAMES["smart-host"].setting
_TLS: Final = _NAMES["tls"].setting
FIXES: Final = {
    **dict.fromkeys(
        ("no-smart-host", "smart-host-address", "smart-host-former", "smart-host-unknown", "wrong-port"), _HOST
    ),
    "smart-host-brackets": f"put the host in brackets: {_HOST}",
    "submission-endpoint": f"smtp_sasl_auth_enable = yes and smtp_sasl_password_maps, or a connector: {_HOST}",
    "implicit-tls": "smtp_tls_wrappermode = no",
    **dict.fromkeys(("tls-off", "tls-optional", "certificate-without-tls"), _TLS),
    "no-roots": "smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt",
    "tls-old": "smtp_tls_protocols = >=TLSv1.2 and smtp_tls_mandatory_protocols = >=TLSv1.2",
    "server-not-client": str(_NAMES["client-certificate"]),
    "no-client-certificate": _NAMES["client-certificate"].setting,
    "sign-in-at-mx": "smtp_sasl_auth_enable = no",
    "sign-in-without-tls": _TLS,
    "password-in-clear": _TLS,
    "slow-retry": _NAMES["retry"].setting,
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
_ANYBODY: Final = ("*", "somebody@recipient.invalid")  # what a line for every recipient matches
_LOCAL: Final = ("local", "virtual", "discard", "error", "retry")


def read_postfix(path: Path, expected: Expected) -> tuple[Route, list[LintFinding]]:
    """``path`` is main.cf or the folder that holds it. Raises ConfigurationError."""
    main = path / "main.cf" if path.is_dir() else path
    master = main.with_name("master.cf")
    plain = read_main(main)
    folder = "/etc/postfix" if expected.root is not None else str(main.parent.resolve())
    plain.settings.setdefault("config_directory", PlacedSetting("config_directory", folder, str(main)))
    hop = _next_hop(plain, expected)
    config = read_master(master, plain, {hop.service: "unix"}) if master.exists() else plain
    findings = list(config.findings)
    route = _route(config, expected, hop, findings)
    findings += [*find_mistakes(config, master, expected), *_transports(config, expected, route)]
    findings += _fallback(config, route)
    return evolve(route, sign_in_faults=tuple(_sasl(config, expected, route, hop))), findings


# -- where mail goes ----------------------------------------------------------------------------------------------


@frozen
class ChosenHost:
    """``value`` is a destination as relayhost has it; ``service`` the one of master.cf that takes it there."""

    value: PlacedSetting
    service: str = "smtp"
    hidden: PlacedSetting | None = None
    partial: PlacedSetting | None = None
    own_domains_only: bool = False


def _next_hop(config: MainCf, expected: Expected) -> ChosenHost:
    """In the order of postconf(5): transport_maps, default_transport, senders' relay hosts, relayhost."""
    maps, relayhost = config.get("transport_maps"), config.get("relayhost")
    lines = list(table_entries(maps, expected))
    for place, key, value in lines:
        service, _, nexthop = value.partition(":")
        if nexthop and key_matches(key, *_ANYBODY) and service not in _LOCAL:
            return ChosenHost(place.of(nexthop), service or "smtp")
    default = config.get("default_transport", "smtp")
    service, _, nexthop = default.value.partition(":")
    if nexthop and service not in _LOCAL:
        return ChosenHost(default.of(nexthop), service)
    if "$" in relayhost.value:
        return ChosenHost(relayhost.of(""), hidden=relayhost)
    if relayhost.value:
        return ChosenHost(relayhost)
    senders = config.get("sender_dependent_relayhost_maps")
    by_sender = list(table_entries(senders, expected))
    for place, key, value in by_sender:
        if value and value != "DUNNO":
            partial = place.of("by its sender")
            return ChosenHost(place.of(value), partial=None if key_matches(key, "somebody@sender.invalid") else partial)
    for place, _key, value in lines:
        service, _, nexthop = value.partition(":")
        if nexthop and service not in _LOCAL and re.search(r"outlook|\.microsoft|office365", nexthop):
            partial = place.of("by the recipient's domain")
            return ChosenHost(place.of(nexthop), service or "smtp", partial=partial, own_domains_only=True)
    for setting in (maps, senders, config.get("sender_dependent_default_transport_maps")):
        for table in lookup_tables(setting):
            if not table.readable or (table.is_file and not expected.present(table.rest)):
                return ChosenHost(relayhost, hidden=setting.of(f"{table.kind}:{table.rest}"))
    return ChosenHost(relayhost)


def _route(config: MainCf, expected: Expected, hop: ChosenHost, findings: list[LintFinding]) -> Route:
    get = config.get
    host, port, bracketed = _smart_host(hop.value, findings)
    tls, setting = _tls(config, hop.value.value, expected)
    chain = get("smtp_tls_chain_files")
    certificate = chain if chain.value else _first(get("smtp_tls_eccert_file"), get("smtp_tls_cert_file"))
    if chain.value:
        certificate = chain.of(re.split(r"[,\s]+", chain.value)[-1])
    key = chain.of(re.split(r"[,\s]+", chain.value)[0]) if chain.value else get("smtp_tls_key_file", certificate.value)
    sign_in, six = get("smtp_sasl_auth_enable", "no"), get("inet_protocols", "all")
    soft, wrapped = get("soft_bounce", "no"), get("smtp_tls_wrappermode", "no")
    life, source = get("maximal_queue_lifetime", "5d"), get("smtp_bind_address")
    roots = _first(get("smtp_tls_CAfile"), get("smtp_tls_CApath"))
    options = get("smtp_sasl_security_options", "noplaintext, noanonymous")
    return Route(
        mta="Postfix",
        fixes=FIXES,
        host=host,
        port=port,
        port_setting=hop.value,
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
        origin=_origin(config, expected),
        source=source if source.value else None,
        hidden=hop.hidden,
        partial=hop.partial,
        own_domains_only=hop.own_domains_only,
        password_in_clear=None if "noplaintext" in options.value else options,
        token="oauth" in get("smtp_sasl_mechanism_filter").value.lower() + get("smtp_sasl_password_maps").value,
        retry=_retry(config),
        rewritten=_rewritten(config, expected),
        more={"host": get("relayhost")},
    )


def _smart_host(relayhost: PlacedSetting, findings: list[LintFinding]) -> tuple[PlacedSetting | None, int, bool]:
    if not relayhost.value:
        return None, 25, True
    match = _RELAYHOST.match(re.split(r"[,\s]+", relayhost.value)[0])
    if match is None:
        message = f"{relayhost.name} cannot be read: {relayhost.value}"
        findings.append(
            LintFinding(
                "bad-smart-host", ERROR, relayhost.path, relayhost.line, "relayhost", message, FIXES["wrong-port"]
            )
        )
        return None, 25, True
    word = match[3] or "25"
    port = int(word) if word.isdigit() else _PORTS.get(word, 0)
    return relayhost.of(match[1] or match[2]), port, match[1] is not None


def _transports(config: MainCf, expected: Expected, route: Route) -> list[LintFinding]:
    """Lines of transport_maps that lead past the smart host."""
    found = []
    host = route.host.value if route.host else ""
    if route.partial is not None:
        return []
    for place, key, value in table_entries(config.get("transport_maps"), expected):
        nexthop = value.partition(":")[2]
        if value.strip(":") and not value.startswith(_LOCAL) and host not in nexthop:
            message = f"mail for {key} goes to {value}, not to the smart host"
            fix = "take it out if it is not meant"
            found.append(LintFinding("other-way", NOTE, place.path, place.line, "transport_maps", message, fix))
    return found


def _fallback(config: MainCf, route: Route) -> list[LintFinding]:
    """Where mail goes if the smart host does not answer."""
    other = config.get("smtp_fallback_relay", config.get("fallback_relay").value)
    if not other.value or route.host is None or route.host.value in other.value:
        return []
    message = f"if the smart host does not answer, mail goes to {other.value}"
    then = "past the service, by another address and certificate"
    fix = "smtp_fallback_relay = (empty), unless that server relays to the service too"
    return [LintFinding("fallback-relay", WARNING, other.path, other.line, other.name, message, fix, then)]


# -- TLS, signing in ----------------------------------------------------------------------------------------------


def _tls(config: MainCf, relayhost: str, expected: Expected) -> tuple[TlsLevel, PlacedSetting]:
    """The level for the smart host: its line in smtp_tls_policy_maps, else the general one, else the old names."""
    bare = re.sub(r":\w+\Z", "", relayhost)
    name = bare.strip("[]")
    above = [name[at:] for at, letter in enumerate(name) if letter == "."] if not bare.startswith("[") else []
    for place, key, value in table_entries(config.get("smtp_tls_policy_maps"), expected):
        if relayhost and key_matches(key, relayhost, bare, name, *above) and value:
            word = value.split()[0]
            return _LEVELS.get(word, "may"), place.of(word)
    for table in lookup_tables(config.get("smtp_tls_policy_maps")):
        if not table.readable or (table.is_file and not expected.present(table.rest)):
            return "unknown", config.get("smtp_tls_policy_maps").of(f"{table.kind}:{table.rest}")
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


def _sasl(config: MainCf, expected: Expected, route: Route, hop: ChosenHost) -> list[LintFinding]:
    """Is there a password for this host, and may it be used?"""
    if route.sign_in is None or route.host is None:
        return []
    found = []
    plain = config.get("smtp_sasl_security_options", "noplaintext, noanonymous")
    in_tls = config.get("smtp_sasl_tls_security_options", plain.value)
    if "noplaintext" in in_tls.value and not route.token and not config.get("smtp_sasl_mechanism_filter").value:
        message = f"{in_tls.name} has noplaintext (the default), and the service offers LOGIN only, and XOAUTH2"
        then = "SASL authentication failed, no mechanism available: mail stays in the queue"
        fix = "smtp_sasl_tls_security_options = noanonymous"
        at = in_tls if in_tls.line else plain
        found.append(LintFinding("no-mechanism", ERROR, at.path, at.line, in_tls.name, message, fix, then))
    passwords = config.get("smtp_sasl_password_maps")
    tables = lookup_tables(passwords)
    if not tables:
        message, fix = (
            "it signs in, and no password is given",
            "smtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd",
        )
        found.append(_no_password(passwords, message, fix))
    elif all(each.readable and (not each.is_file or expected.present(each.rest)) for each in tables):
        target = re.split(r"[,\s]+", hop.value.value)[0]
        lines = list(table_entries(passwords, expected))
        by_sender = _yes(config.get("smtp_sender_dependent_authentication", "no"))
        if not by_sender and not any(key_matches(key, target, route.host.value) for _, key, _ in lines):
            keys = ", ".join(key for _, key, _ in lines) or "nothing"
            message = f"no password for {target}: the table has {keys}"
            found.append(_no_password(passwords, message, f"write the line as relayhost is: {target} USER:PASSWORD"))
    return found


def _no_password(at: PlacedSetting, message: str, fix: str) -> LintFinding:
    then = "it does not sign in: 530 5.7.57 Client not authenticated to send mail."
    return LintFinding("no-password", ERROR, at.path, at.line, at.name, message, fix, then)


# -- senders, the queue ----------------------------------------------------------------------------------


def _origin(config: MainCf, expected: Expected) -> PlacedSetting | None:
    name = config.get("myorigin", "$myhostname")
    if name.value.startswith("/") and expected.present(name.value):
        name = name.of(configuration_text(expected.at(name.value)).strip().split("\n")[0])
    return None if "$" in name.value or name.value.startswith("/") or not name.value else name


def _rewritten(config: MainCf, expected: Expected) -> tuple[PlacedSetting, ...]:
    found = []
    for name in ("sender_canonical_maps", "canonical_maps", "smtp_generic_maps"):
        for place, _key, value in table_entries(config.get(name), expected):
            if re.fullmatch(r"\S*@[A-Za-z0-9.-]+", value):
                found.append(evolve(place, name=name, value=value))
    return tuple(found)


def _retry(config: MainCf) -> tuple[float, PlacedSetting]:
    """The least wait until the second attempt; the longest where that is extreme."""
    names = {"minimal_backoff_time": "300s", "queue_run_delay": "300s"}
    waits = [(hours(each.value) or 0.0, each) for each in (config.get(name, text) for name, text in names.items())]
    longest = config.get("maximal_backoff_time", "4000s")
    if (hours(longest.value) or 0.0) > _LONG:
        waits.append((hours(longest.value) or 0.0, longest))
    return max(waits, key=lambda each: each[0])


_LONG: Final = 4.0  # hours


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
