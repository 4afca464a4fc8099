"""Clients that are libraries of other languages: a small program of ours speaks the plan, given as JSON."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any, Final

from harness.clients.base import Plan
from harness.clients.outcome import ClientDialogue
from harness.clients.trace import TraceLine, classify, read, tls_event

__all__ = ["PLAIN_LINES", "SOURCES", "plan_json", "told"]

SOURCES: Final = Path(__file__).resolve().parent / "sources"
PLAIN_LINES: Final = (
    ("C", re.compile(r"C: (.*)")),
    ("S", re.compile(r"S: (.*)")),
    ("tls", re.compile(r"\* TLS established (.*)")),
    ("failed", re.compile(r"\* (?:TLS )?failed: (.*)")),
)


def plan_json(plan: Plan, **changed: Any) -> bytes:
    """The plan for the small program: paths as text, the message in base64."""
    tree = {
        "host": plan.host,
        "port": plan.port,
        "source": plan.source,
        "helo": plan.helo,
        "tls": plan.tls,
        "certificate": str(plan.credential.certificate) if plan.credential else "",
        "key": str(plan.credential.key) if plan.credential else "",
        "trust": str(plan.trust) if plan.trust else "",
        "server_name": plan.server_name or plan.host,
        "mail_from": plan.mail_from,
        "recipients": list(plan.recipients),
        "message": base64.b64encode(plan.message).decode("ascii"),
        "timeout": max(int(plan.timeout), 1),
    }
    return json.dumps(tree | changed).encode()


def told(output: str, plan: Plan, lines: tuple[tuple[str, re.Pattern[str]], ...] = PLAIN_LINES) -> ClientDialogue:
    """The dialogue as the small program tells it."""
    found, failure = [], ""
    for line in classify(output, lines):
        if line.who == "failed":
            failure = failure or line.text
        else:
            found.append(_event(line) if line.who == "tls" else line)
    return read(found, wants_tls=plan.tls == "required", tls_failure=failure)


def _event(line: TraceLine) -> TraceLine:
    version, _, cipher = line.text.partition(" ")
    return tls_event(version.replace("_", "."), cipher)
