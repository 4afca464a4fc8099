"""How an MTA sends to its smart host, in words that are the same for all of them; each with the place it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from attrs import evolve, field, frozen

__all__ = ["Route", "Setting", "TlsLevel"]

TlsLevel = Literal["none", "may", "must", "verify"]


@frozen
class Setting:
    """A value and where it stands. ``line`` 0: it stands nowhere, this is the default."""

    name: str
    value: str
    path: str
    line: int = 0

    def of(self, value: str) -> Setting:
        """The same place, another reading of it."""
        return evolve(self, value=value)


@frozen
class Route:
    """``fixes``: rule → what to write in the words of this MTA; ``host`` None: mail goes to the MX of each domain.

    ``certificate`` and ``key`` are paths of PEM files, what is shown as a client; ``server_certificate`` is what it
    shows to its own clients. ``life`` is in hours, how long it tries. ``tls_new`` tells whether TLS 1.2 or newer can be
    spoken at all.
    """

    mta: str
    fixes: Mapping[str, str]
    host: Setting | None
    port: int
    port_setting: Setting
    tls: TlsLevel
    tls_setting: Setting
    certificate: Setting
    key: Setting
    server_certificate: Setting
    bracketed: bool = True  # the host is taken as it is, no MX is looked up
    wrapped: Setting | None = None  # TLS from the first octet
    roots: Setting | None = None  # what it verifies servers by
    sign_in: Setting | None = None  # it signs in to the smart host
    tls_new: Setting | None = None  # set: neither TLS 1.2 nor 1.3 is allowed, by this setting
    six: Setting | None = None  # set: it may connect by IPv6
    life: tuple[float, Setting] | None = None
    no_bounces: Setting | None = None  # set: a refusal for good is tried again
    origin: Setting | None = None  # the domain that it adds to bare senders
    source: Setting | None = None  # the address that it sends from
    clear_again: Setting | None = None  # set: it tries in clear text after a failed handshake
    more: Mapping[str, Setting] = field(factory=dict)
