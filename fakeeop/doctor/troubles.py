"""What stands in the way of a walk, in sentences: no connection, silence, something that is not SMTP."""

from __future__ import annotations

import errno
import ipaddress
import socket

__all__ = ["IMPLICIT_TLS", "connect_trouble", "is_loopback", "not_smtp", "silence"]

IMPLICIT_TLS = (
    "this port speaks TLS from the first octet (implicit TLS, as port 465 does)",
    "Exchange Online has no such port: its MX (25) and its submission endpoint (587) begin in clear text and have "
    "STARTTLS; a client that is set to 'SSL/TLS' must be set to STARTTLS there",
)
_PORT_25 = (
    "many providers, clouds and home lines block outbound port 25: try from another network, or ask yours to open it",
    "port 587 does not help a relay: there a mailbox has to sign in",
)


def is_loopback(host: str) -> bool:
    """True if ``host`` is this machine, by address or as ``localhost``; no name is looked up."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def connect_trouble(why: OSError, host: str, port: int, source: str, seconds: float) -> tuple[str, ...]:
    """Why there is no connection, and what to do."""
    if isinstance(why, socket.gaierror):
        return (
            f"{host} has no address ({why.strerror})",
            "the MX of a domain is named by its MX record, such as contoso-com.mail.protection.outlook.com",
        )
    if why.errno == errno.EADDRNOTAVAIL and source:
        return (f"this machine has no address {source}", "give --source an address of this machine")
    if isinstance(why, ConnectionRefusedError):
        here = is_loopback(host)
        hint = "start 'fakeeop serve', or look at the port it says it is ready on" if here else "is it the right port?"
        return (f"connection refused: nothing listens on port {port} there", hint)
    if isinstance(why, TimeoutError):
        hints = _PORT_25 if port == 25 and not is_loopback(host) else ("a firewall drops it, or the host is down",)
        return (f"no connection within {seconds:g} s", *hints)
    if why.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return (f"no way there: {why.strerror}", "no route, or a firewall refuses; is it IPv6, and have you none?")
    return (f"no connection: {why.strerror or why}",)


def silence(seconds: float, step: str) -> tuple[str, ...]:
    """The connection stands, and nothing comes."""
    if step == "banner":
        return (
            f"connected, and no banner within {seconds:g} s",
            "something in between answers for the server (a firewall, a proxy that waits for a PROXY header), or the "
            "server holds back its banner on purpose",
        )
    return (f"no answer within {seconds:g} s",)


def not_smtp(octets: bytes) -> tuple[str, ...]:
    """What came instead of a reply."""
    if octets[:2] in (b"\x15\x03", b"\x16\x03"):
        return IMPLICIT_TLS
    known = {b"HTTP": "a web server", b"SSH-": "an SSH server", b"* OK": "an IMAP server", b"+OK ": "a POP3 server"}
    what = known.get(octets[:4].upper())
    if what is None:
        return (f"this is not an SMTP server: it says {octets[:60]!r}",)
    return (f"this is {what}, not an SMTP server",)
