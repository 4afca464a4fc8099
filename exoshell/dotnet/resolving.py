"""What a script's host name and port are in the lab: never a name server, never a machine outside.

``NAME.mail.protection.outlook.com`` and ``smtp.office365.com`` are the emulator's two endpoints; ``--resolve`` says
what other names are; an address or ``localhost`` is itself. Any other name is refused, so that no script sends out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final

from attrs import define

from exoshell.dotnet.errors import smtp_error

__all__ = ["MX_SUFFIX", "SUBMISSION_NAMES", "Endpoints", "Resolver", "parse_rule"]

MX_SUFFIX: Final = ".mail.protection.outlook.com"
SUBMISSION_NAMES: Final = ("smtp.office365.com", "smtp-legacy.office365.com")
Address = tuple[str, int]
Rules = Mapping[tuple[str, int | None], Address]


@define
class Endpoints:
    """Where the emulator listens; None: it has no such endpoint."""

    mx: Address | None = None
    submission: Address | None = None


@define
class Resolver:
    """``rules``: of ``--resolve``. ``endpoints`` starts or asks for the emulator, when a name needs it."""

    rules: Rules
    endpoints: Callable[[], Endpoints]

    def __call__(self, host: str, port: int) -> Address:
        """Raises NetError: there is no such name in the lab."""
        name = host.casefold().rstrip(".")
        for key in ((name, port), (name, None)):
            if key in self.rules:
                return self.rules[key]
        if name.endswith(MX_SUFFIX):
            return self._or_advice(self.endpoints().mx, host, port, "the emulator has no MX listener")
        if name in SUBMISSION_NAMES:
            why = "the emulator has no submission listener: serve with --listen HOST:PORT,submission"
            return self._or_advice(self.endpoints().submission, host, port, why)
        if name == "localhost":
            return "127.0.0.1", port
        try:
            if ip_address(name).is_loopback:
                return name, port
        except ValueError:
            pass
        return self._or_advice(None, host, port, "no name of the lab")

    @staticmethod
    def _or_advice(found: Address | None, host: str, port: int, why: str) -> Address:
        if found is None:
            advice = f"{host}:{port}: {why}. --resolve {host}:{port}=HOST:PORT says where it is"
            raise smtp_error("Failure sending mail.", advice=advice)
        return found


def parse_rule(text: str) -> tuple[tuple[str, int | None], Address]:
    """``NAME[:PORT]=HOST:PORT``. Raises ValueError."""
    name, equals, target = text.partition("=")
    name, _, port = name.strip().partition(":")
    host, colon, target_port = target.strip().rpartition(":")
    if not (name and equals and host and colon and target_port.isdecimal() and (port.isdecimal() or not port)):
        raise ValueError(f"{text!r} is not NAME[:PORT]=HOST:PORT")
    if not 0 < int(target_port) < 65536:
        raise ValueError(f"{target_port} is not a port")
    address = host.strip("[]")
    if address.casefold() != "localhost" and not ip_address(address).is_loopback:
        raise ValueError(f"{address} is not of this machine; mail goes to loopback addresses only")
    return (name.casefold(), int(port) if port else None), (address, int(target_port))
