"""What a case needs, and who lacks it: client, host or target."""

from __future__ import annotations

from functools import cache

from harness.clients.base import Unavailable
from harness.clients.registry import KNOWN, driver, status, unknown_client
from harness.engine.lab import Lab
from harness.model.scenario import ScenarioCase
from harness.steps.plans import needs

__all__ = ["CAPABILITIES", "CLIENT_CAPABILITIES", "HOST_CAPABILITIES", "TARGET_CAPABILITIES", "client_lack", "unmet"]

HOST_CAPABILITIES = frozenset({"loopback-aliases", "root"})
TARGET_CAPABILITIES = frozenset(
    {"admin", "explain", "faults", "journal", "own-listener", "return-reports", "tenant", "virtual-clock"}
)
CLIENT_CAPABILITIES = frozenset(
    {
        "auth",
        "bdat",
        "certificate-chain",
        "dialogue",
        "dsn-notify",
        "dsn-parameters",
        "dsn-return",
        "half-close",
        "helo-name",
        "mta",
        "null-sender",
        "partial-delivery",
        "pipelining",
        "raw-message",
        "smtputf8",
        "source-address",
        "starttls",
        "starttls-client-certificate",
        "tls-version",
        "verify-server",
    }
)
CAPABILITIES = HOST_CAPABILITIES | TARGET_CAPABILITIES | CLIENT_CAPABILITIES
_DIALOGUE = frozenset({"connect", "send", "starttls", "disconnect"})
_MTA = frozenset({"start", "drain", "retry", "restart", "stop"})
_OF_THE_TARGET = {"admin": "admin", "wait": "journal"}  # verb → what it takes


@cache
def client_lack(client: str) -> str | None:
    """Why a client cannot be used at all; None if it can."""
    unknown = unknown_client(client)
    if unknown is not None:
        return unknown
    found = status(client)
    if not isinstance(found, Unavailable):
        return None
    hint = f" (install it: {found.install})" if found.install and KNOWN[client].built else ""
    return f"client {client} {found.reason}{hint}"


def unmet(case: ScenarioCase, lab: Lab) -> list[str]:
    """Every capability that is missing, as sentences; empty if the case can run."""
    lack = client_lack(case.client)
    if lack is not None:
        return [lack]
    client = driver(case.client)
    has = client.capabilities if client is not None else frozenset()
    lacking = sorted(getattr(client, "needs", frozenset()) - lab.capabilities)
    if lacking:
        return [f"client {case.client} needs {', '.join(lacking)}, the host lacks it"]
    found = [_missing(name, case.client, has, lab) for name in (*case.scenario.requires, *needs(case))]
    verbs = {step.verb for step in case.steps}
    for verb, name in _OF_THE_TARGET.items():
        if verb in verbs and name not in lab.target.capabilities:
            found.append(f"target {lab.target.name} lacks {name}")
    if verbs & _MTA and "mta" not in has:
        found.append(f"client {case.client} lacks mta")
    return list(dict.fromkeys(lack for lack in found if lack is not None))


def _missing(name: str, client: str, has: frozenset[str], lab: Lab) -> str | None:
    if name.startswith("client-"):
        return client_lack(name.removeprefix("client-"))
    if name in HOST_CAPABILITIES:
        return None if name in lab.capabilities else f"host lacks {name}"
    if name in TARGET_CAPABILITIES:
        return None if name in lab.target.capabilities else f"target {lab.target.name} lacks {name}"
    if name in has:
        return None
    return f"client {client} lacks {name}" if name in CLIENT_CAPABILITIES else f"the harness lacks {name} yet"
