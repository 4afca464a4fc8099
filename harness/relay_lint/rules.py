"""The rules that are the same for every MTA: over a ``Route``, one function a subject."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Final

from harness.mtas.lint import ERROR, NOTE, WARNING, Expected, LintFinding, PlacedSetting, Route, Severity

__all__ = ["RULES", "check_route", "is_mx"]

_MX: Final = (".mail.protection.outlook.com", ".mx.microsoft")
_SUBMISSION: Final = ("smtp.office365.com", "outlook.office365.com", "smtp-mail.outlook.com")
_FORMER: Final = (".mail.eo.outlook.com", ".messaging.microsoft.com", ".bigfish.com", ".frontbridge.com")
_DENIED: Final = "550 5.7.64 TenantAttribution; Relay Access Denied"
_SHORT: Final = 4.0  # hours: throttling and greylisting of a day's end take longer

Rule = Callable[[Route, Expected], Iterator[LintFinding]]


def is_mx(host: str) -> bool:
    """True for the name of a tenant's MX."""
    return host.lower().endswith(_MX)


def check_route(route: Route, expected: Expected) -> list[LintFinding]:
    """Everything that the rules find."""
    return [found for rule in RULES for found in rule(route, expected)]


def _found(
    route: Route, rule: str, severity: Severity, setting: PlacedSetting, message: str, then: str = "", fix: str = ""
) -> LintFinding:
    return LintFinding(
        rule, severity, setting.path, setting.line, setting.name, message, fix or route.fixes.get(rule, ""), then
    )


def smart_host(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """Is the smart host the MX of the tenant?"""
    del expected
    host = route.host
    if host is None:
        setting = route.more["host"]
        message = "there is no smart host: mail goes to the MX of each recipient's domain"
        yield _found(route, "no-smart-host", ERROR, setting, message, "nothing passes your connector")
        return
    name = host.value.lower().rstrip(".")
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        address = None
    if address is not None:
        if not address.is_loopback and not address.is_private:
            message = f"the smart host is the address {address}; those of Exchange Online change"
            then = "451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35, or no connection at all"
            yield _found(route, "smart-host-address", WARNING, host, message, then)
    elif name.endswith(_FORMER):
        message = f"{name} is a former name of the service"
        yield _found(route, "smart-host-former", ERROR, host, message, "no connection, or 451 4.4.62 … ATTR35")
    elif name in _SUBMISSION:
        message = f"{name} is the submission endpoint: no connector is looked at there, a mailbox has to sign in"
        severity: Severity = WARNING if route.sign_in else ERROR
        then = "530 5.7.57 Client not authenticated to send mail" if not route.sign_in else "the mailbox's limits apply"
        yield _found(route, "submission-endpoint", severity, host, message, then)
    elif not is_mx(name) and "." in name:
        message = f"{name} is not the name of a tenant's MX (TENANT.mail.protection.outlook.com)"
        yield _found(route, "smart-host-unknown", NOTE, host, message)
    if address is None and not route.bracketed:
        message = f"the MX of {name} is looked up before its address; it has none"
        then = "needless look-ups, and a deferral if they fail"
        yield _found(route, "smart-host-brackets", WARNING, host, message, then)


def port(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """25 at the MX, 587 at the submission endpoint; nothing else."""
    del expected
    if route.host is None:
        return
    name, at = route.host.value.lower(), route.port_setting
    if is_mx(name) and route.port != 25:
        message = f"port {route.port} at the MX, which listens on 25 only"
        yield _found(route, "wrong-port", ERROR, at, message, "the connection times out, mail stays in the queue")
    elif name in _SUBMISSION and route.port != 587:
        message = f"port {route.port} at the submission endpoint, which is 587"
        yield _found(route, "wrong-port", ERROR, at, message, "no connection, or a refusal")
    if route.wrapped is not None and route.port != 465:
        message = "TLS from the first octet, where the service expects EHLO and STARTTLS"
        then = "the handshake fails, mail stays in the queue"
        yield _found(route, "implicit-tls", ERROR, route.wrapped, message, then)


def tls_layer(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """None, if it can be had, or always?"""
    at = route.tls_setting
    if route.tls == "none":
        needs = expected.by_certificate
        message = "no TLS is spoken to the smart host"
        then = "a connector by certificate cannot fit (550 5.7.64), RequireTls refuses"
        yield _found(route, "tls-off", ERROR if needs else WARNING, at, message, then)
    elif route.tls == "may":
        message = "TLS is used where it is offered, else mail goes in clear text"
        then = "if STARTTLS is stripped on the way: clear text, no certificate, 550 5.7.64"
        yield _found(route, "tls-optional", WARNING if expected.by_certificate else NOTE, at, message, then)
    if route.tls == "verify" and route.roots is None:
        message = "the server's certificate is verified, and no list of authorities is given"
        yield _found(route, "no-roots", ERROR, at, message, "every connection ends with an untrusted certificate")
    if route.clear_again is not None and route.tls != "none":
        message = "after a failed handshake mail is sent in clear text"
        then = "one failure of TLS, and the certificate is not shown: 550 5.7.64, a bounce"
        yield _found(route, "clear-text-after-failure", WARNING, route.clear_again, message, then)
    if route.tls_new is not None:
        message = f"neither TLS 1.2 nor TLS 1.3 is allowed: {route.tls_new.value}"
        then = "the handshake fails; the service takes nothing older"
        yield _found(route, "tls-old", ERROR, route.tls_new, message, then)


def client_certificate(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """Is one shown at all?"""
    if route.certificate.value:
        if route.tls == "none":
            message = "a client certificate is set, and no TLS to show it in"
            yield _found(route, "certificate-without-tls", ERROR, route.certificate, message)
        return
    if expected.by_certificate is False:
        return
    must = expected.by_certificate and not expected.by_address
    server = route.server_certificate
    if server.value:
        message = f"{server.name} is set, but that is shown to your own clients; nothing is shown to the smart host"
        severity: Severity = ERROR if must else WARNING
        yield _found(route, "server-not-client", severity, server, message, _DENIED)
        return
    message = "no client certificate is shown to the smart host"
    then = f"a connector with TlsSenderCertificateName cannot fit: {_DENIED}"
    yield _found(route, "no-client-certificate", ERROR if must else WARNING, route.certificate, message, then)


def signing_in(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """AUTH at an MX that has none."""
    del expected
    if route.sign_in is not None and route.host is not None and is_mx(route.host.value):
        message = "it signs in to the smart host, but the MX offers no AUTH"
        yield _found(route, "sign-in-at-mx", ERROR, route.sign_in, message, "mail is deferred: no mechanism in common")


def addresses(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """IPv6 never fits a connector by address."""
    if route.six is not None and expected.by_address is not False:
        message = "it may connect by IPv6, which SenderIPAddresses cannot hold"
        then = "by IPv6 the connector does not fit: 550 5.7.64; without SPF or DKIM 550 5.7.26"
        yield _found(route, "ipv6", WARNING, route.six, message, then)


def queue(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """Does it try again long enough, and does it tell of refusals?"""
    del expected
    if route.life is not None and route.life[0] < _SHORT:
        hours, setting = route.life
        message = f"mail is given up after {hours:g} h"
        then = "throttling (451 4.7.500) and an outage of some hours lose mail"
        yield _found(route, "short-life", WARNING, setting, message, then)
    if route.no_bounces is not None:
        message = "refusals for good (5xx) are tried again and again"
        then = "senders learn of a 550 5.7.64 after days only, and the service sees a storm of retries"
        yield _found(route, "no-bounces", WARNING, route.no_bounces, message, then)


def sender(route: Route, expected: Expected) -> Iterator[LintFinding]:
    """Is the domain of bare senders one of the tenant's?"""
    if route.origin is None or not expected.domains:
        return
    domain = route.origin.value.lower()
    if domain in expected.domains or any(domain.endswith(each[1:]) for each in expected.domains if each[:1] == "*"):
        return
    message = f"senders without a domain get @{domain}, which is not an accepted domain of the tenant"
    then = "a connector by address wants an accepted domain in MAIL FROM: 550 5.7.64"
    yield _found(route, "foreign-origin", WARNING, route.origin, message, then)


RULES: Final[tuple[Rule, ...]] = (
    *(smart_host, port, tls_layer, client_certificate, signing_in, addresses, queue, sender),
)
