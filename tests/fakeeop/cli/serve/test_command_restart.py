"""A process that is killed while a message waits for a slow destination, and the next one."""

from __future__ import annotations

import json
import signal
import smtplib
from typing import Any

import httpx
import pytest

SLOW = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    Recipients: [ann@contoso.com]
    InboundConnectors:
      - {Name: Relay, ConnectorType: OnPremises, SenderIPAddresses: [203.0.113.25]}
Internet:
  Domains:
    slow.example: {Delay: 5h}
"""
LAB = ("--listen", "127.0.0.1:0,peer=203.0.113.25", "--admin", "127.0.0.1:0", "--virtual-clock", "--json")


class Lab:
    """A running server, by its admin API."""

    def __init__(self, served: Any) -> None:
        self.served = served
        ready = json.loads(served.until('"ready"'))
        self.url = ready["admin"]
        host, _, port = ready["addresses"][0].rpartition(":")
        self.address = host, int(port)

    def send(self) -> None:
        with smtplib.SMTP(*self.address, "relay.contoso.com", 30) as client:
            client.ehlo()
            client.sendmail(
                "ann@contoso.com", ["x@slow.example"], "Subject: x\r\n\r\nx", rcpt_options=["NOTIFY=SUCCESS,DELAY"]
            )

    def advance(self, seconds: float) -> None:
        assert httpx.post(f"{self.url}/clock/advance", json={"seconds": seconds}).status_code == 200

    @property
    def actions(self) -> list[str]:
        found = httpx.get(f"{self.url}/journal/reports").json()["reports"]
        return [each["action"] for each in found]


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_its_reports_are_made_by_the_next_one_and_once(serve):
    serve.tenant.write_text(SLOW)
    first = Lab(serve(*LAB))
    first.send()
    assert first.served.stop(signal.SIGKILL) != 0
    second = Lab(serve(*LAB))
    assert second.actions == []
    second.advance(4 * 3_600)
    assert second.actions == ["delayed"]
    assert second.served.stop() == 0
    third = Lab(serve(*LAB))  # the clock begins with the machine's again: five hours are still to come
    assert third.actions == ["delayed"]
    third.advance(6 * 3_600)
    assert third.actions == ["delayed", "relayed"]
    assert third.served.stop() == 0
    last = Lab(serve(*LAB))
    last.advance(86_400)
    assert last.actions == ["delayed", "relayed"]
