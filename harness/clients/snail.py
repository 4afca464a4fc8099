"""The client ``s-nail``: the mail command of many scripts, what ``-v -v`` prints read."""

from __future__ import annotations

import re
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.forwarder import Forwarder
from harness.clients.outcome import ClientDialogue
from harness.clients.process import find_program
from harness.clients.running import (
    PROGRAM_OBSERVES,
    body_of,
    header_of,
    private_folder,
    probe_program,
    run_plan,
    seen,
    tls_words,
)
from harness.clients.trace import TraceLine, classify, read, tls_event
from harness.errors import DriverError
from harness.model.result import Observation

__all__ = ["SnailDriver"]

_INSTALL: Final = "apt install s-nail"
_PLAIN: Final = re.compile(r"(?:[A-Za-z0-9_<][^\s\\$`|&;,\"/]*)?")  # s-nail sends to files and commands, too
_LINES: Final = (
    ("S", re.compile(r"s-nail: >>> SERVER: (.*)")),
    ("C", re.compile(r"s-nail: >>> (.*)")),
    ("tls", re.compile(r"s-nail: TLS connection using (.*)")),
)


class SnailDriver:
    """``s-nail`` makes the message itself: it takes subject and text. Its source address is set by a forwarder."""

    name = "s-nail"
    capabilities = frozenset(
        {"certificate-chain", "helo-name", "source-address", "starttls", "starttls-client-certificate"}
    )
    observes = PROGRAM_OBSERVES - {"capabilities"}  # it says HELO

    def probe(self) -> Available | Unavailable:
        """``s-nail -V``."""
        return probe_program("s-nail", r"s-nail v(\d[^\s,]*)", _INSTALL, flag="-V")

    def run(self, plan: Plan) -> Observation:
        """One run, without any configuration file. It says HELO, and asks for STARTTLS without looking."""
        values = [str(each["address"]) for each in plan.recipients]
        for value in (*values, str(plan.mail_from["address"]), plan.helo):
            if not _PLAIN.fullmatch(value):
                raise DriverError("s-nail", f"takes {value!r} for an option, a file or a command: not run")
        with private_folder(plan, "s-nail") as folder, Forwarder((plan.host, plan.port), plan.source) as way:
            argv = [str(find_program("s-nail") or "s-nail"), "-:/", "-v", "-v", "-Sv15-compat", "-Ssendwait"]
            argv += [f"-Smta=smtp://127.0.0.1:{way.port}", "-Ssmtp-auth=none", f"-Shostname={plan.helo}"]
            argv += [f"-r{plan.mail_from['address']}", "-s", header_of(plan.message, "Subject") or "none"]
            argv += [*_tls(plan), *values]
            done = run_plan(argv, plan, folder, stdin=body_of(plan.message).encode())
            failure = way.failure
        return seen(_dialogue(done.stderr, plan), "s-nail", done, failure)


def _tls(plan: Plan) -> list[str]:
    if plan.tls == "none":
        return []
    found = ["-Ssmtp-use-starttls", "-Stls-verify=ignore"]
    if plan.credential is not None:
        pair = f"Certificate={plan.credential.certificate},PrivateKey={plan.credential.key}"
        found += [f"-Stls-config-pairs={pair}"]
    return found


def _dialogue(output: str, plan: Plan) -> ClientDialogue:
    lines = [_event(line) if line.who == "tls" else line for line in classify(output, _LINES)]
    failure = tls_words(output, r"s-nail: (.*(?:SSL|TLS).*(?:fail|error|reject).*)")
    return read(lines, wants_tls=plan.tls != "none", tls_failure=failure)


def _event(line: TraceLine) -> TraceLine:
    version, _, cipher = line.text.partition(" / ")
    return tls_event(version, cipher)
