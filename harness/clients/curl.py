"""The client ``curl``: its smtp:// upload, the trace of ``-v`` read."""

from __future__ import annotations

import re
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.outcome import ClientDialogue
from harness.clients.process import find_program
from harness.clients.raw import path_of
from harness.clients.running import PROGRAM_OBSERVES, private_folder, probe_program, run_plan, seen, tls_words
from harness.clients.trace import TraceLine, classify, read, tls_event
from harness.model.result import Observation

__all__ = ["CurlDriver"]

_INSTALL: Final = "apt install curl"
_LINES: Final = (
    ("S", re.compile(r"< (.*)")),
    ("C", re.compile(r"> (.*)")),
    ("tls", re.compile(r"\* SSL connection using (.*)")),
)


class CurlDriver:
    """``curl -v --upload-file`` with the plan's envelope; it goes on when some recipients are refused."""

    name = "curl"
    capabilities = frozenset(
        {
            "certificate-chain",
            "helo-name",
            "null-sender",
            "partial-delivery",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
            "verify-server",
        }
    )
    observes = PROGRAM_OBSERVES

    def probe(self) -> Available | Unavailable:
        """``curl --version``; it must have been built with smtp."""
        return probe_program("curl", r"(?s)curl (\d\S*).*\bsmtp\b", _INSTALL)

    def run(self, plan: Plan) -> Observation:
        """One run. Exit code 55 covers several stages: the trace says which."""
        name = plan.server_name or plan.host
        argv = [str(find_program("curl") or "curl"), "-q", "-sS", "-v", f"smtp://{name}:{plan.port}/{plan.helo}"]
        argv += ["--connect-to", f"{name}:{plan.port}:{plan.host}:{plan.port}"]
        argv += ["--interface", plan.source] if plan.source else []
        argv += ["--mail-from", path_of(str(plan.mail_from["address"])), "--mail-rcpt-allowfails"]
        for recipient in plan.recipients:
            argv += ["--mail-rcpt", str(recipient["address"])]
        argv += ["--max-time", f"{plan.timeout:.3f}", "--upload-file", "message", *_tls(plan)]
        with private_folder(plan, "curl") as folder:
            (folder / "message").write_bytes(plan.message)
            done = run_plan(argv, plan, folder)
        return seen(_dialogue(done.stderr, plan), "curl", done)


def _tls(plan: Plan) -> list[str]:
    if plan.tls == "none":
        return []
    found = ["--ssl-reqd" if plan.tls == "required" else "--ssl"]
    found += ["--insecure"] if plan.trust is None else ["--cacert", str(plan.trust)]
    if plan.credential is not None:
        found += ["--cert", str(plan.credential.certificate), "--key", str(plan.credential.key)]
    return found


def _dialogue(trace: str, plan: Plan) -> ClientDialogue:
    lines = [_event(line) if line.who == "tls" else line for line in classify(trace, _LINES)]
    failure = tls_words(trace, r"curl: \((?:35|58|60)\) (.*)")
    return read(lines, wants_tls=plan.tls == "required", tls_failure=failure)


def _event(line: TraceLine) -> TraceLine:
    version, _, cipher = line.text.partition(" / ")
    return tls_event(version, cipher)
