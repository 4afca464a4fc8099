"""The rules that are the same for every MTA: over a ``Route``, one function a subject, each for some purposes only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final

from attrs import frozen

from harness.mtas.lint import ERROR, NOTE, WARNING, Expected, LintFinding, PlacedSetting, Purpose, Route, Severity
from harness.relay_lint.purpose import AT_MX, SIGNS_IN, address_of, is_former, is_mx, purpose_of

__all__ = ["RULES", "RelayRule", "check_route"]

_DENIED: Final = "550 5.7.64 TenantAttribution; Relay Access Denied"
_REGION: Final = "451 4.4.62 Mail sent to the wrong Office 365 region. ATTR35"
_SHORT: Final = 4.0  # hours: throttling and greylisting of a day's end take longer
_SLOW: Final = 1.0  # hours until the next attempt: throttling is over in minutes
# Basic authentication (the Exchange Team's announcements of 2026-01-27 and 2025-05-06; docs/calendar.md)
_PASSWORDS_OFF: Final = datetime(2026, 12, 31, tzinfo=UTC)
_HIGH_VOLUME_PASSWORDS_OFF: Final = datetime(2028, 9, 30, tzinfo=UTC)

Check = Callable[[Route, Expected, Purpose], Iterator[LintFinding]]
_ALL: Final = frozenset(Purpose)
_BY_ADDRESS: Final = frozenset({Purpose.ADDRESS, Purpose.CONNECTOR})
_BY_CERTIFICATE: Final = frozenset({Purpose.CERTIFICATE, Purpose.CONNECTOR})


@frozen
class RelayRule:
    """``check`` fires for relays of these purposes."""

    check: Check
    purposes: frozenset[Purpose] = _ALL


def check_route(route: Route, expected: Expected) -> list[LintFinding]:
    """Everything that the rules find."""
    purpose = purpose_of(route, expected)
    rules = (each for each in RULES if purpose in each.purposes)
    return [found for rule in rules for found in rule.check(route, expected, purpose)]


def _found(
    route: Route, rule: str, severity: Severity, setting: PlacedSetting, message: str, then: str = "", fix: str = ""
) -> LintFinding:
    fix = fix or route.fixes.get(rule, "")
    return LintFinding(rule, severity, setting.path, setting.line, setting.name, message, fix, then)


# -- where it goes ------------------------------------------------------------------------------------------------


def no_smart_host(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """It is certain that there is none."""
    del expected, purpose
    setting = route.more["host"]
    message = "there is no smart host: mail goes to the MX of each recipient's domain"
    yield _found(route, "no-smart-host", ERROR, setting, message, "nothing passes your connector")


def smart_host(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """Is the smart host a name that lasts?"""
    del expected
    host = route.host
    if host is None:
        return
    name = host.value.lower().rstrip(".")
    address = address_of(name)
    if address is not None:
        if purpose in AT_MX | SIGNS_IN and address.is_global:
            message = f"the smart host is the address {address}; those of Exchange Online change"
            then = "no connection one day" if purpose in SIGNS_IN else f"{_REGION}, or no connection at all"
            fix = "write the name: smtp.office365.com" if purpose in SIGNS_IN else ""
            yield _found(route, "smart-host-address", WARNING, host, message, then, fix)
        elif address.is_global:
            message = f"the address {address} is not known as one of Exchange Online"
            then = "what the service asks for was not looked at"
            yield _found(route, "smart-host-unknown", NOTE, host, message, then)
    elif is_former(name):
        message = f"{name} is a former name of the service"
        yield _found(route, "smart-host-former", ERROR, host, message, f"no connection, or {_REGION}")
    elif purpose not in SIGNS_IN and not is_mx(name) and "." in name:
        message = f"{name} is not the name of a tenant's MX (TENANT.mail.protection.outlook.com)"
        yield _found(route, "smart-host-unknown", NOTE, host, message, "what the service asks for was not looked at")
    if address is None and not route.bracketed and (purpose in SIGNS_IN or is_mx(name)):
        message = f"the MX of {name} is looked up before its address; it has none"
        then = "needless look-ups, and a deferral if they fail"
        yield _found(route, "smart-host-brackets", WARNING, host, message, then)


def some_mail_only(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """Domains or senders that take the smart host, while all else does not."""
    del expected, purpose
    if route.partial is not None:
        message = f"only some mail takes the smart host ({route.partial.value}); all else goes to the MX of each domain"
        yield _found(route, "part-of-the-mail", NOTE, route.partial, message, "", "check that it is meant")


def port(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """25 at the MX, 587 where one signs in; TLS begins with STARTTLS at both."""
    del expected
    if route.host is None:
        return
    name, at = route.host.value.lower().rstrip("."), route.port_setting
    if purpose in AT_MX and is_mx(name) and route.port != 25:
        message = f"port {route.port} at the MX, which listens on 25 only"
        yield _found(route, "wrong-port", ERROR, at, message, "the connection times out, mail stays in the queue")
    elif purpose in SIGNS_IN and route.port == 25:
        message = "port 25 where one signs in: providers and clouds often block it; the port for that is 587"
        yield _found(route, "wrong-port", NOTE, at, message, "where it is blocked, the connection times out", _587)
    elif purpose in SIGNS_IN and route.port != 587:
        message = f"port {route.port} at {name}, which is 587"
        yield _found(route, "wrong-port", ERROR, at, message, "no connection, mail stays in the queue", _587)
    if route.wrapped is not None and (purpose in AT_MX | SIGNS_IN or route.port in (25, 587)):
        message = "TLS from the first octet, where the server expects EHLO and STARTTLS"
        then = "the handshake fails, mail stays in the queue"
        yield _found(route, "implicit-tls", ERROR, route.wrapped, message, then)


_587: Final = "port 587, with STARTTLS"


# -- signing in ---------------------------------------------------------------------------------------------------


def signing_in(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """Does it sign in, by TLS, with something that will still work?"""
    host = route.host
    if host is None:
        return
    if route.sign_in is None:
        if route.perhaps_signs_in is None:
            message = f"{host.value} is an endpoint for mailboxes, and it does not sign in; no connector counts there"
            then = "530 5.7.57 Client not authenticated to send mail."
            yield _found(route, "submission-endpoint", ERROR, host, message, then)
        return
    if route.tls == "none":
        message = "no TLS is spoken, and AUTH is offered in TLS only"
        then = "it never signs in: 530 5.7.57 Client not authenticated to send mail."
        yield _found(route, "sign-in-without-tls", ERROR, route.tls_setting, message, then)
    elif route.tls == "may" and route.password_in_clear is not None:
        message = "TLS is used where it is offered, else the password is sent in clear text"
        then = "who strips STARTTLS on the way reads the password"
        yield _found(route, "password-in-clear", ERROR, route.tls_setting, message, then)
    yield from route.sign_in_faults
    if not route.token:
        yield from _password_dates(route, expected, purpose, route.sign_in)


def _password_dates(route: Route, expected: Expected, purpose: Purpose, at: PlacedSetting) -> Iterator[LintFinding]:
    fix = "plan for OAuth (XOAUTH2), a connector, or High Volume Email"
    if purpose is Purpose.HIGH_VOLUME:
        ends, message = _HIGH_VOLUME_PASSWORDS_OFF, "High Volume Email takes passwords until September 2028"
        then, fix = "after that OAuth only", "plan for OAuth (Add-HVEAppAccess)"
    else:
        ends = _PASSWORDS_OFF
        message = "passwords (basic authentication) are off by default from the end of December 2026"
        then = "an administrator can turn them on again; else, probably, "
        then += "535 5.7.139 Authentication unsuccessful, basic authentication is disabled."
    severity: Severity = NOTE if expected.now < ends else WARNING
    yield _found(route, "password-ends", severity, at, message, then, fix)


def endpoint(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """What holds for High Volume Email and for the legacy host alone."""
    del expected
    host = route.host
    if host is None:
        return
    if purpose is Purpose.HIGH_VOLUME:
        message = "High Volume Email reaches recipients of the tenant's own domains only"
        yield _found(
            route, "internal-only", NOTE, host, message, "mail for others is refused", "another way for others"
        )
        if host.value.lower() == "smtp-hve.office365.com":
            message = "smtp-hve.office365.com is announced to be deprecated"
            yield _found(route, "smart-host-former", WARNING, host, message, "", "smtp.hve.mx.microsoft")
    if purpose is Purpose.LEGACY:
        message = f"{host.value} is for clients that cannot speak TLS 1.2, and its end is planned (no day is told)"
        then = "refused unless the tenant has AllowLegacyTLSClients"
        yield _found(
            route, "legacy-endpoint", WARNING, host, message, then, "smtp.office365.com, with TLS 1.2 or newer"
        )


def sign_in_at_mx(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """AUTH at an MX that has none."""
    del expected, purpose
    if route.sign_in is not None and route.host is not None and is_mx(route.host.value):
        message = "it signs in to the smart host, but the MX offers no AUTH"
        then = "a password is of no use there; where signing in is a must, mail stays in the queue"
        yield _found(route, "sign-in-at-mx", ERROR, route.sign_in, message, then)


# -- TLS and the certificate --------------------------------------------------------------------------------------


def tls_layer(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """None, if it can be had, or always?"""
    at = route.tls_setting
    needs = purpose is Purpose.CERTIFICATE
    if route.tls == "none":
        message = "no TLS is spoken to the smart host"
        then = "a connector by certificate cannot fit (550 5.7.64), RequireTls refuses"
        yield _found(route, "tls-off", ERROR if needs or expected.tls_required else WARNING, at, message, then)
    elif route.tls == "may":
        message = "TLS is used where it is offered, else mail goes in clear text"
        then = "if STARTTLS is stripped on the way: clear text"
        then += ", no certificate, 550 5.7.64" if needs else ", which others can read"
        yield _found(route, "tls-optional", WARNING if needs else NOTE, at, message, then)
    if route.clear_again is not None and route.tls != "none":
        message = "after a failed handshake mail is sent in clear text"
        then = "one failure of TLS, and the certificate is not shown: 550 5.7.64, a bounce"
        severity: Severity = WARNING if needs else NOTE
        yield _found(route, "clear-text-after-failure", severity, route.clear_again, message, then)


def tls_works(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """Can a handshake succeed at all?"""
    del expected
    if route.tls == "verify" and route.roots is None:
        message = "the server's certificate is verified, and no list of authorities is given"
        then = "every connection ends with an untrusted certificate"
        yield _found(route, "no-roots", ERROR, route.tls_setting, message, then)
    if route.tls_new is not None and purpose is not Purpose.LEGACY:
        message = f"neither TLS 1.2 nor TLS 1.3 is allowed: {route.tls_new.value}"
        then = "421 4.7.66 TLS 1.0 and 1.1 are not supported" if purpose in SIGNS_IN else "the handshake fails"
        yield _found(route, "tls-old", ERROR, route.tls_new, message, then + "; the service takes nothing older")


def client_certificate(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """Is one shown at all?"""
    del purpose
    if route.certificate.value:
        if route.tls == "none":
            message = "a client certificate is set, and no TLS to show it in"
            yield _found(route, "certificate-without-tls", ERROR, route.certificate, message)
        return
    severity: Severity = NOTE
    if expected.by_certificate:
        severity = WARNING if expected.by_address else ERROR
    server = route.server_certificate
    if server.value:
        message = f"{server.name} is set, but that is shown to your own clients; nothing is shown to the smart host"
        then = f"all right for a connector by address; else {_DENIED}" if severity == NOTE else _DENIED
        yield _found(route, "server-not-client", severity, server, message, then)
        return
    message = "no client certificate is shown to the smart host"
    then = f"a connector with TlsSenderCertificateName cannot fit: {_DENIED}"
    yield _found(route, "no-client-certificate", severity, route.certificate, message, then)


# -- addresses, senders, the queue --------------------------------------------------------------------------------


def addresses(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """IPv6 never fits a connector by address."""
    del expected, purpose
    if route.six is not None:
        message = "it may connect by IPv6, which SenderIPAddresses cannot hold"
        then = "by IPv6 the connector does not fit: 550 5.7.64; without SPF or DKIM 450 4.7.26"
        yield _found(route, "ipv6", WARNING, route.six, message, then)


def direct_send(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """No connector: what it can reach."""
    del purpose, expected
    if route.host is not None and route.partial is None:
        message = "without a connector only recipients of the tenant's own domains are reached"
        then = f"others: {_DENIED}; with RejectDirectSend 550 5.7.68 TenantInboundAttribution"
        yield _found(route, "direct-send", NOTE, route.host, message, then, "a connector of type OnPremises")


def sender(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """Are the domains that it writes into senders the tenant's?"""
    del purpose
    if not expected.domains:
        return
    then = "a connector by address wants an accepted domain in MAIL FROM: 550 5.7.64"
    if route.origin is not None and not _accepted(route.origin.value, expected):
        message = f"senders without a domain get @{route.origin.value}, which is not an accepted domain of the tenant"
        yield _found(route, "foreign-origin", WARNING, route.origin, message, then)
    for each in route.rewritten:
        domain = each.value.rpartition("@")[2]
        if domain and not _accepted(domain, expected):
            message = f"{each.name} makes senders {each.value}, which is not of an accepted domain of the tenant"
            yield _found(route, "foreign-rewriting", WARNING, each, message, then, "write an accepted domain")


def _accepted(domain: str, expected: Expected) -> bool:
    name = domain.lower()
    return name in expected.domains or any(name.endswith(each[1:]) for each in expected.domains if each[:1] == "*")


def queue(route: Route, expected: Expected, purpose: Purpose) -> Iterator[LintFinding]:
    """Does it try again soon and long enough, and does it tell of refusals?"""
    del expected, purpose
    if route.life is not None and route.life[0] < _SHORT:
        hours, setting = route.life
        message = f"mail is given up after {hours:g} h"
        then = "throttling (451 4.7.500) and an outage of some hours lose mail"
        yield _found(route, "short-life", WARNING, setting, message, then)
    if route.retry is not None and route.retry[0] > _SLOW:
        hours, setting = route.retry
        message = f"mail that is refused for now waits {hours:g} h for the next attempt"
        then = "throttling (451 4.7.500), over in minutes, delays mail for hours"
        yield _found(route, "slow-retry", WARNING, setting, message, then)
    if route.no_bounces is not None:
        message = "refusals for good (5xx) are tried again and again"
        then = "senders learn of a 550 5.7.64 after days only, and the service sees a storm of retries"
        yield _found(route, "no-bounces", WARNING, route.no_bounces, message, then)


RULES: Final[tuple[RelayRule, ...]] = (
    RelayRule(no_smart_host, frozenset({Purpose.NONE})),
    RelayRule(smart_host),
    RelayRule(some_mail_only),
    RelayRule(port),
    RelayRule(signing_in, SIGNS_IN),
    RelayRule(endpoint, frozenset({Purpose.HIGH_VOLUME, Purpose.LEGACY})),
    RelayRule(sign_in_at_mx, AT_MX),
    RelayRule(tls_layer, AT_MX),
    RelayRule(tls_works, AT_MX | SIGNS_IN | {Purpose.ELSEWHERE}),
    RelayRule(client_certificate, _BY_CERTIFICATE),
    RelayRule(addresses, _BY_ADDRESS),
    RelayRule(direct_send, frozenset({Purpose.DIRECT_SEND})),
    RelayRule(sender, _BY_ADDRESS),
    RelayRule(queue),
)
