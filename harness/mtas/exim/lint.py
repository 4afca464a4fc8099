"""Exim: the router that sends to a smart host, and its transport, as a ``Route``."""

from __future__ import annotations

import re
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
    "submission-endpoint": f"{_HOST}, or sign in as a mailbox",
    "wrong-port": "port = 25 in the transport, and no ::PORT behind the host",
    "implicit-tls": "protocol = smtp in the transport",
    "tls-off": f"take hosts_avoid_tls out; {_TLS}",
    "tls-optional": _TLS,
    "clear-text-after-failure": f"{_TLS}, or tls_tempfail_tryclear = no there",
    "tls-old": "tls_require_ciphers (GnuTLS) or openssl_options with TLS 1.2 and 1.3 allowed",
    "server-not-client": str(_NAMES["client-certificate"]),
    "no-client-certificate": _NAMES["client-certificate"].setting,
    "sign-in-at-mx": "take hosts_try_auth / hosts_require_auth out of the transport",
    "ipv6": "disable_ipv6 = true in the main section",
    "short-life": _NAMES["lifetime"].setting,
    "foreign-origin": "qualify_domain = an accepted domain",
}


def read_exim_route(path: Path, expected: Expected) -> tuple[Route, list[LintFinding]]:
    """Raises ConfigurationError."""
    del expected
    config = read_exim(path)
    router = next((each for each in config.routers if each.get("driver").value == "manualroute"), None)
    findings: list[LintFinding] = []
    transport = _transport(config, router, str(path), findings)
    host, port, at = _host(router, transport, str(path))
    main = config.main
    certificate = transport.get("tls_certificate")
    tls, setting = _tls(transport)
    protocol = transport.get("protocol", "smtp")
    again = transport.get("tls_tempfail_tryclear", "yes")
    sign_in = next((transport.options[name] for name in _AUTH if name in transport.options), None)
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
        sign_in=sign_in if sign_in is not None and sign_in.value else None,
        six=six if six.value not in ("yes", "true") and not source.value else None,
        life=_life(config.retry),
        origin=origin if origin.value and "$" not in origin.value else None,
        source=source if source.value else None,
        clear_again=again if tls == "may" and again.value in ("yes", "true") else None,
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


def _host(
    router: DriverOptions | None, transport: DriverOptions, path: str
) -> tuple[PlacedSetting | None, int, PlacedSetting]:
    """``* host::port byname; …``, route_data, or the hosts of the transport."""
    port = transport.get("port", "25")
    place = router.get("route_list") if router else transport.get("hosts")
    text = place.value.split(";")[0].strip()
    if router is not None and text:
        text = text.partition(" ")[2].strip()
    elif router is not None:
        place = router.get("route_data")
        text = place.value
    match = re.match(r'"?\[?([A-Za-z0-9.-]+|[0-9a-fA-F:.]+?)\]?(?:::(\d+))?(?:["\s:].*)?\Z', text)
    if match is None or not text:
        return None, 25, PlacedSetting("route_list", "", path)
    number = match[2] or (port.value if port.value.isdigit() else "25")
    return place.of(match[1]), int(number), place if match[2] else port


def _tls(transport: DriverOptions) -> tuple[TlsLevel, PlacedSetting]:
    avoid, require = transport.get("hosts_avoid_tls"), transport.get("hosts_require_tls")
    verify = transport.get("tls_verify_hosts")
    if avoid.value:
        return "none", avoid
    if verify.value and require.value:
        return "must", verify  # by default Exim verifies with the system's list
    return ("must", require) if require.value else ("may", require)


def _life(rules: list[PlacedSetting]) -> tuple[float, PlacedSetting] | None:
    """The end of the last part of the rule for everything: ``F,4d,6h``."""
    for rule in rules:
        if rule.value.startswith("*"):
            ends = re.findall(r"[FGH],\s*(\d+[smhdw]?)\s*,", rule.value)
            return max((hours(each) or 0.0 for each in ends), default=0.0), rule
    return 0.0, PlacedSetting("retry", "", rules[0].path if rules else "")
