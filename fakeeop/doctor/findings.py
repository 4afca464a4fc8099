"""What a walk is told, and what it finds."""

from __future__ import annotations

from enum import Enum
from typing import Any

from attrs import Factory, define, field, frozen

__all__ = ["Findings", "Order", "Outcome", "Result", "WalkStep"]


class Result(Enum):
    """How one step came out."""

    GOOD = "good"
    NOTED = "noted"  # good, with something to look at
    REFUSED = "refused"  # 5xx, and 4xx
    FAILED = "failed"
    SKIPPED = "skipped"


class Outcome(Enum):
    """How the whole walk came out."""

    FINE = "fine"  # nothing that was asked for was refused
    REFUSED = "refused"  # the server said no
    UNREACHABLE = "unreachable"  # no connection, or silence
    TLS_FAILED = "tls-failed"
    NO_TLS = "no-tls"  # a certificate was to be shown, and there is no STARTTLS
    NOT_SMTP = "not-smtp"
    BROKEN_OFF = "broken-off"  # the server closed the connection


@frozen
class Order:
    """What to do. ``source``: the local address to come from. ``timeout``: seconds that each answer may take.

    ``mail_from`` and the recipients are None where that step is to be left out. ``chain_pem`` and ``key_pem``: the
    client certificate as it is to be sent, empty without one.
    """

    host: str
    port: int
    source: str = ""
    helo: str = "localhost"
    mail_from: str | None = None
    to_internal: str | None = None
    to_external: str | None = None
    tls: bool = True
    chain_pem: bytes = b""
    key_pem: bytes = field(default=b"", repr=False)
    timeout: float = 20.0


@frozen
class WalkStep:
    """One step. ``says`` are sentences for people; ``facts`` is JSON-ready, and its keys are stable."""

    name: str
    result: Result
    seconds: float
    reply: str = ""
    says: tuple[str, ...] = ()
    facts: dict[str, Any] = Factory(dict)


@define
class Findings:
    """The steps so far. ``kind`` is what the server is (``fakeeop.doctor.meaning``), ``address`` where it was found."""

    order: Order
    address: str = ""
    kind: str = "unknown"
    steps: list[WalkStep] = Factory(list)
    outcome: Outcome = Outcome.FINE
    conclusion: str | None = None

    def tree(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "host": self.order.host,
            "port": self.order.port,
            "address": self.address,
            "kind": self.kind,
            "outcome": self.outcome.value,
            "conclusion": self.conclusion,
            "steps": [
                {
                    "name": step.name,
                    "result": step.result.value,
                    "milliseconds": round(step.seconds * 1000, 1),
                    "reply": step.reply or None,
                    "says": list(step.says),
                    **step.facts,
                }
                for step in self.steps
            ],
        }
