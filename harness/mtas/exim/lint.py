"""Exim: the router that sends to a smart host, and its transport, as a ``Route``."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from fakeeop.why.settings import names_of
from harness.mtas.base import hours
from harness.mtas.exim.files import DriverOptions, EximConfig, read_exim
from harness.mtas.lint import ERROR, Expected, LintFinding, PlacedSetting, Route, TlsLevel

__all__ = ["FIXES", "read_exim_route"]

_NAMES: Final = names_of("exim")
_HOST: Final = _NAMES["smart-host"].setting
_TLS: Final = _NAMES["tls"].setting
FIXES: Final = {
    **dict.fromkeys(("no-smart-host", "smart-host-address", "smart-host-former", "smart-host-unknown"), _HOST),
    "submission-endpoint": f"hosts_require_auth = * in the transport and a client authenticator, or: {_HOST}",
    "wrong-port": "port = 25 in the transport, and no ::PORT behind the host",
    "implicit-tls": "protocol = smtp in the transport",
    "tls-off": f"take hosts_avoid_tls out; {_TLS}",
    "tls-optional": _TLS,
    "clear-text-after-failure": f"{_TLS}, or tls_tempfail_tryclear = no there",
    "tls-old": "tls_require_ciphers (GnuTLS) or openssl_options with TLS 1.2 and 1.3 allowed",
    "server-not-client": str(_NAMES["client-certificate"]),
    "no-client-certificate": _NAMES["client-certificate"].setting,
    "sign-in-without-tls": f"take hosts_avoid_tls out; {_TLS}",
    "password-in-clear": _TLS,
    "slow-retry": _NAMES["lifetime"].setting,
    "sign-in-at-mx": "take hosts_try_auth / hosts_require_auth out of the transport",
    "ipv6": "disable_ipv6 = true in the main section",
    "short-life": _NAMES["lifetime"].setting,
    "foreign-origin": "qualify_domain = an accepted domain",
}


def read_exim_route(path: Path, expected: Expected) -> tuple[Route, list[LintFinding]]:
    """Raises ConfigurationError."""
    config = read_exim(path, expected.root)
    router = _router(config)
    findings: list[LintFinding] = []
    transport = _transport(config, router, str(path), findings)
    host, port, at, hidden = _host(router, transport, str(path))
    main = config.main
    certificate = transport.get("tls_certificate")
    tls, setting = _tls(transport, host.value if host else "")
    protocol = transport.get("protocol", "smtp")
    again = transport.get("tls_tempfail_tryclear", "yes")
    asked = next((transport.options[name] for name in _AUTH if name in transport.options), None)
    asked = asked if asked is not None and asked.value else None
    decided = asked is not None and "${" not in asked.value
    clients = [each for each in config.authenticators.values() if _is_client(each)]
    signs = asked if decided or (asked is not None and clients) else None
    at_mx = host is not None and host.value.lower().endswith(".mail.protection.outlook.com")
    open_ = next((each for each in clients if not re.search(r"tls_(out_)?cipher", _sent(each))), None)
    six = main.get("disable_ipv6", "no")
    origin, source = main.get("qualify_domain"), transport.get("interface")
    return Route(
        mta="Exim",
        fixes=FIXES,
        host=host,
        port=port,
        port_setting=at,
        tls=tls,
        tls_setting=setting,
        certificate=certificate,
        key=transport.get("tls_privatekey", certificate.value),
        server_certificate=main.get("tls_certificate"),
        wrapped=protocol if protocol.value == "smtps" else None,
        sign_in=signs if decided or not at_mx else None,
        perhaps_signs_in=asked,
        password_in_clear=_place(open_) if open_ is not None else None,
        token=any("oauth" in (each.name + each.get("public_name").value).lower() for each in clients),
        six=six if six.value not in ("yes", "true") and not source.value else None,
        life=_life(config.retry),
        retry=_first_retry(config.retry),
        origin=origin if re.fullmatch(r"[\w.-]+\.[\w-]+", origin.value) else None,
        source=source if source.value else None,
        clear_again=again if tls == "may" and again.value in ("yes", "true") else None,
        hidden=hidden,
        partial=_partial(router),
        own_domains_only=(partial := _partial(router)) is not None and partial.name != "senders",
        more={"host": PlacedSetting("route_list", "", str(path), router.line if router else 0)},
    ), findings


_AUTH: Final = ("hosts_require_auth", "hosts_try_auth")


def _transport(
    config: EximConfig, router: DriverOptions | None, path: str, findings: list[LintFinding]
) -> DriverOptions:
    name = router.get("transport").value if router else ""
    if router is not None and name not in config.transports:
        message = f"the router {router.name} names the transport {name or '(none)'}, which is not there"
        fix = f"transport = one of {', '.join(config.transports) or 'those that you define'}"
        findings.append(
            LintFinding("no-transport", ERROR, router.path, router.line, "transport", message, fix, "no start")
        )
    smtp = (each for each in config.transports.values() if each.get("driver").value == "smtp")
    return config.transports.get(name) or next(smtp, DriverOptions("", path, 0))


def _router(config: EximConfig) -> DriverOptions | None:
    """The first manualroute router for every domain that is not local, else the first of them."""
    routers = [each for each in config.routers if each.get("driver").value == "manualroute"]
    wide = (each for each in routers if _partial(each) is None)
    return next(wide, routers[0] if routers else None)


def _partial(router: DriverOptions | None) -> PlacedSetting | None:
    """What limits a router to some mail: named domains, senders, one pattern in the route list."""
    if router is None:
        return None
    domains, senders, listed = router.get("domains"), router.get("senders"), router.get("route_list")
    if domains.value and not re.search(r"(^|:)\s*(!|\*\s*$)|\$", domains.value):
        return domains.of("by the recipient's domain")
    pattern = listed.value.split(";")[0].split(None, 1)[:1]
    if pattern and pattern[0] not in ("*", "!+local_domains") and not pattern[0].startswith(("!", "$", '"')):
        return listed.of("by the recipient's domain")
    return senders.of("by its sender") if senders.value and "!" not in senders.value else None


def _is_client(driver: DriverOptions) -> bool:
    return any(name.startswith("client_") for name in driver.options)


def _sent(driver: DriverOptions) -> str:
    return " ".join(each.value for name, each in driver.options.items() if name.startswith("client_"))


def _place(driver: DriverOptions) -> PlacedSetting:
    return next(each for name, each in driver.options.items() if name.startswith("client_"))


def _host(
    router: DriverOptions | None, transport: DriverOptions, path: str
) -> tuple[PlacedSetting | None, int, PlacedSetting, PlacedSetting | None]:
    """``* host::port byname; …``, route_data, or the hosts of the transport; what hides it, last."""
    port = transport.get("port", "25")
    if port.value in _PORTS:
        port = port.of(_PORTS[port.value])
    place = router.get("route_list") if router else transport.get("hosts")
    text = place.value.split(";")[0].strip()
    if router is not None and text:
        text = text.partition(" ")[2].strip()
    elif router is not None:
        place = router.get("route_data")
        text = place.value
    match = re.match(r'"?\[?([A-Za-z0-9.-]+|[0-9a-fA-F:.]+?)\]?(?:::(\d+))?(?:["\s:].*)?\Z', text)
    if match is not None and re.fullmatch(r"DEBCONF\w+DEBCONF", match[1]):
        return None, 25, place, place.of(f"{match[1]}; Debian writes /var/lib/exim4/config.autogenerated of this file")
    if match is None or not text:
        return None, 25, PlacedSetting("route_list", "", path), place.of(text) if text else None
    number = match[2] or (port.value if port.value.isdigit() else "25")
    return place.of(match[1]), int(number), place if match[2] else port, None


_PORTS: Final = {"smtp": "25", "submission": "587", "smtps": "465", "submissions": "465"}


def _tls(transport: DriverOptions, host: str) -> tuple[TlsLevel, PlacedSetting]:
    avoid, require = transport.get("hosts_avoid_tls"), transport.get("hosts_require_tls")
    verify = transport.get("tls_verify_hosts")
    if _covers(avoid.value, host):
        return "none", avoid
    if _covers(require.value, host):
        return "must", verify if verify.value else require  # by default Exim verifies with the system's list
    return "may", require


def _covers(hosts: str, host: str) -> bool:
    """A list of hosts against one; what is expanded or named elsewhere counts as covering it."""
    for each in (part.strip() for part in hosts.split(":")):
        if each.startswith("!"):
            if fnmatchcase(host, each[1:].strip()):
                return False
        elif each and (each[0] in "$+" or fnmatchcase(host.lower(), each.lower())):
            return True
    return False


def _first_retry(rules: list[PlacedSetting]) -> tuple[float, PlacedSetting] | None:
    """The interval at the beginning of the rule for everything."""
    for rule in rules:
        if rule.value.startswith("*"):
            found = re.search(r"[FGH],\s*\d+[smhdw]?\s*,\s*(\d+[smhdw]?)", rule.value)
            return (hours(found[1]) or 0.0, rule) if found else None
    return None


def _life(rules: list[PlacedSetting]) -> tuple[float, PlacedSetting] | None:
    """The end of the last part of the rule for everything: ``F,4d,6h``."""
    for rule in rules:
        if rule.value.startswith("*"):
            ends = re.findall(r"[FGH],\s*(\d+[smhdw]?)\s*,", rule.value)
            return max((hours(each) or 0.0 for each in ends), default=0.0), rule
    return 0.0, PlacedSetting("retry", "", rules[0].path if rules else "")
