"""An emulator with its admin API on two ports that the kernel chose, and a client for each."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from fakeeop.admin import AdminSettings
from fakeeop.emulator import Emulator

RELAY, STRANGER = "127.0.0.25", "127.0.0.9"


def contoso() -> dict[str, Any]:
    return {
        "Tenants": [
            {
                "Name": "contoso",
                "AcceptedDomains": ["contoso.com"],
                "InboundConnectors": [
                    {"Name": "Office relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
                ],
            }
        ]
    }


class Lab:
    """What a test holds: ``api`` speaks HTTP, ``send`` speaks SMTP."""

    def __init__(self, emulator: Emulator, **headers: str) -> None:
        self.emulator = emulator
        host, port = emulator.admin_address or ("", 0)
        self.url = f"http://{host}:{port}"
        self.api = httpx.Client(base_url=self.url, timeout=60, headers=headers)

    def send(self, source: str, sender: str, *recipients: str, content: str = "Subject: x\r\n\r\nhi\r\n") -> Any:
        """What the server says: {} if all were accepted, else a reply for each refused one."""
        with smtplib.SMTP(*self.emulator.addresses[0], source_address=(source, 0), timeout=60) as client:
            try:
                return client.sendmail(sender, recipients, content)
            except smtplib.SMTPRecipientsRefused as refused:
                return refused.recipients

    def relay(self, recipient: str = "x@example.net", **settings: Any) -> Any:
        """A message that the connector accepts."""
        return self.send(RELAY, "printer@contoso.com", recipient, **settings)


@pytest.fixture
def new_lab() -> Iterator[Callable[..., Lab]]:
    started: list[Lab] = []

    def make(tree: Any = None, settings: AdminSettings | None = None, **more: Any) -> Lab:
        emulator = Emulator.from_tree(
            contoso() if tree is None else tree,
            peers={RELAY: "203.0.113.25"},
            admin=settings or AdminSettings(),
            **more,
        )
        emulator.start()
        started.append(Lab(emulator))
        return started[-1]

    yield make
    for lab in started:
        lab.api.close()
        lab.emulator.stop()


@pytest.fixture
def lab(new_lab: Callable[..., Lab]) -> Lab:
    return new_lab()
