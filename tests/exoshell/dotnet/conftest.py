"""An emulator to send to, and the objects that send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from exoshell.dotnet.resolving import Endpoints, Resolver
from exoshell.dotnet.transport import SmtpTransport
from exoshell.dotnet.types import add_mail
from exoshell.powershell.commands import Invocation, Registry
from exoshell.powershell.values import Position, PsObject
from fakeeop.emulator import Emulator, Listener
from fakeeop.pki.files import write_issued
from fakeeop.pki.variants import make_variant

MX = "contoso-com.mail.protection.outlook.com"
NOW = datetime(2026, 11, 24, 12, 36, 45, tzinfo=timezone(timedelta(hours=1)))
TENANT = {
    "Tenants": [
        {
            "Name": "contoso",
            "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
            "AcceptedDomains": ["contoso.com"],
            "Recipients": ["ann@contoso.com"],
            "InboundConnectors": [
                {
                    "Name": "By certificate",
                    "ConnectorType": "OnPremises",
                    "SenderDomains": ["*"],
                    "RequireTls": True,
                    "TlsSenderCertificateName": "*.contoso.com",
                },
                {
                    "Name": "By address",
                    "ConnectorType": "OnPremises",
                    "SenderDomains": ["*"],
                    "SenderIPAddresses": ["203.0.113.25"],
                },
            ],
            "Mailboxes": [{"PrimarySmtpAddress": "app@contoso.com", "Password": "secret"}],
        }
    ]
}


@define
class Streams:
    """Keeps what is said."""

    errors: list[Any] = field(factory=list)
    said: list[str] = field(factory=list)
    answer: bool = True

    def warning(self, text: str) -> None:
        self.said.append(f"WARNING: {text}")

    def verbose(self, text: str) -> None:
        self.said.append(f"VERBOSE: {text}")

    def host(self, text: str, *, newline: bool = True) -> None:
        self.said.append(text + "\n" * newline)

    def error(self, error: Exception) -> None:
        self.errors.append(error)

    def confirm(self, question: str, what: str) -> bool:
        self.said.append(f"{what}: {question}")
        return self.answer


@define
class Lab:
    """The registry with the types, and what came of a call."""

    emulator: Emulator
    registry: Registry
    transport: SmtpTransport
    folder: Path
    mx: str = MX
    now: datetime = NOW
    streams: Streams = field(factory=Streams)

    def new(self, name: str, *arguments: Any) -> PsObject:
        make = self.registry.type(name)
        assert make is not None, name
        return make(list(arguments))

    @property
    def messages(self) -> list[Any]:
        return self.emulator.journal.message_records()

    def pfx(self, variant: str = "match") -> Path:
        """A client certificate of the emulator's own authority."""
        make = self.emulator.certificates.authority
        assert make is not None
        return write_issued(self.folder, variant, make_variant(variant, make(), key="rsa"), "secret").pfx

    def run(self, name: str, **bound: Any) -> list[Any]:
        command = self.registry.command(name)
        assert command is not None
        return list(command.run(Invocation(command, bound, self.streams, Position(1, 1))) or ())


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    listeners = (Listener("127.0.0.1", 0), Listener("127.0.0.1", 0, submission=True))
    with Emulator.from_tree(TENANT, listeners=listeners, peers={"127.0.0.25": "203.0.113.25"}) as emulator:
        mx, submission = emulator.addresses
        resolver = Resolver({}, lambda: Endpoints(mx, submission))
        transport = SmtpTransport(
            resolver, lambda: emulator.certificates.trusted_ca_pem, now=lambda: NOW.astimezone(UTC)
        )
        registry = Registry()
        add_mail(registry, transport)
        yield Lab(emulator, registry, transport, tmp_path)
