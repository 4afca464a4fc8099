"""The client ``swaks``: the Swiss army knife of SMTP, its transcript read."""

from __future__ import annotations

import re
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.outcome import ClientDialogue
from harness.clients.process import find_program
from harness.clients.raw import path_of
from harness.clients.running import PROGRAM_OBSERVES, private_folder, probe_program, run_plan, seen, tls_words
from harness.clients.trace import TraceLine, classify, read, tls_event
from harness.errors import DriverError
from harness.model.result import Observation

__all__ = ["SwaksDriver"]

_INSTALL: Final = "apt install swaks libnet-ssleay-perl libnet-dns-perl"
_LINES: Final = (
    ("S", re.compile(r"<(?:-|~|\*)[ *]{2}(.*)")),
    ("C", re.compile(r" (?:->|~>|\*>) (.*)")),
    ("tls", re.compile(r"=== TLS started with cipher (.*)")),
)


class SwaksDriver:
    """``swaks`` with the plan's envelope and message. It sends the leaf of a certificate only."""

    name = "swaks"
    capabilities = frozenset(
        {
            "helo-name",
            "null-sender",
            "partial-delivery",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
        }
    )
    observes = PROGRAM_OBSERVES

    def probe(self) -> Available | Unavailable:
        """``swaks --version``."""
        return probe_program("swaks", r"swaks version (\S+)", _INSTALL)

    def run(self, plan: Plan) -> Observation:
        """One run. Exit codes 24 and 26 are a refused recipient and message; the transcript says it exactly."""
        with private_folder(plan, "swaks") as folder:
            if b"\n" not in plan.message.removesuffix(b"\r\n"):
                raise DriverError("swaks", "takes a message of one line for the name of a file: not run")
            sender = path_of(str(plan.mail_from["address"])).strip("<>") or "<>"
            recipients = [str(each["address"]) for each in plan.recipients]
            for value in (sender, recipients[0], plan.helo, plan.server_name or ""):
                if value.startswith("-"):  # it has no form in which this would be a value
                    raise DriverError("swaks", f"takes {value!r} for an option: not run")
            content = folder / "message"
            content.write_bytes(plan.message.removesuffix(b"\r\n"))  # it adds an end of line
            argv = [str(find_program("swaks") or "swaks"), "--server", plan.host, "--port", str(plan.port)]
            argv += ["--local-interface", plan.source] if plan.source else []
            argv += ["--ehlo", plan.helo, "--from", sender]
            argv += ["--to", ",".join(recipients)]
            argv += ["--data", f"@{content}", "--timeout", str(max(int(plan.timeout), 1)), *_tls(plan)]
            done = run_plan(argv, plan, folder)
        return seen(_dialogue(done.stdout, plan), "swaks", done)


def _tls(plan: Plan) -> list[str]:
    if plan.tls == "none":
        return []
    found = ["--tls" if plan.tls == "required" else "--tls-optional"]
    found += ["--tls-sni", plan.server_name] if plan.server_name else []
    if plan.credential is not None:
        found += ["--tls-cert", str(plan.credential.certificate), "--tls-key", str(plan.credential.key)]
    return found


def _dialogue(output: str, plan: Plan) -> ClientDialogue:
    lines = [_event(line) if line.who == "tls" else line for line in classify(output, _LINES)]
    failure = tls_words(output, r"\*\*\* (TLS startup failed.*)")
    return read(lines, wants_tls=plan.tls == "required", tls_failure=failure)


def _event(line: TraceLine) -> TraceLine:
    version, _, cipher = line.text.partition(":")
    return tls_event(version, cipher.partition(":")[0])
