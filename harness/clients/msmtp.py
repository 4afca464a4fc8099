"""The client ``msmtp``: a sendmail replacement for one account, what ``--debug`` prints read."""

from __future__ import annotations

import re
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.outcome import ClientDialogue
from harness.clients.process import find_program
from harness.clients.running import PROGRAM_OBSERVES, private_folder, probe_program, run_plan, seen, tls_words
from harness.clients.trace import TraceLine, classify, read, tls_event
from harness.model.result import Observation

__all__ = ["MsmtpDriver"]

_INSTALL: Final = "apt install msmtp"
_LINES: Final = (
    ("S", re.compile(r"<-- (.*)")),
    ("C", re.compile(r"--> (.*)")),
    ("tls", re.compile(r"\s+\((TLS.*)\)$")),
)


class MsmtpDriver:
    """``msmtp`` without a configuration file. One refused recipient, and it sends to none."""

    name = "msmtp"
    capabilities = frozenset(
        {
            "certificate-chain",
            "dsn-notify",
            "dsn-return",
            "helo-name",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
            "verify-server",
        }
    )
    observes = PROGRAM_OBSERVES

    def probe(self) -> Available | Unavailable:
        """``msmtp --version``."""
        return probe_program("msmtp", r"msmtp version (\S+)", _INSTALL)

    def run(self, plan: Plan) -> Observation:
        """One run. Exit code 65 is a refused envelope, 69 an unavailable service."""
        argv = [str(find_program("msmtp") or "msmtp"), "-C", "/dev/null", "--debug", f"--host={plan.host}"]
        argv += [f"--port={plan.port}", f"--domain={plan.helo}", f"--from={plan.mail_from['address']}"]
        argv += [f"--source-ip={plan.source}"] if plan.source else []
        argv += [f"--timeout={max(int(plan.timeout), 1)}", "--set-msgid-header=off", *_tls(plan), *_dsn(plan)]
        argv += ["--", *(str(each["address"]) for each in plan.recipients)]
        content = plan.message.replace(b"\r\n", b"\n")
        with private_folder(plan, "msmtp") as folder:
            done = run_plan(argv, plan, folder, stdin=content)
        return seen(_dialogue(done.stdout, done.stderr, plan), "msmtp", done)


def _tls(plan: Plan) -> list[str]:
    if plan.tls == "none":
        return ["--tls=off"]
    found = ["--tls=on", "--tls-starttls=on"]
    if plan.trust is None:
        found += ["--tls-certcheck=off"]
    else:
        found += [f"--tls-trust-file={plan.trust}"]
    found += [f"--tls-host-override={plan.server_name}"] if plan.server_name else []
    if plan.credential is not None:
        found += [f"--tls-cert-file={plan.credential.certificate}", f"--tls-key-file={plan.credential.key}"]
    return found


def _dsn(plan: Plan) -> list[str]:
    notify = plan.recipients[0].get("notify") if plan.recipients else None
    words = ",".join(map(str, notify)) if isinstance(notify, list | tuple) else str(notify or "")
    found = [f"--dsn-notify={words.lower()}"] if words else []
    ret = str(plan.mail_from.get("ret") or "").upper()
    return found + ([f"--dsn-return={'headers' if ret == 'HDRS' else 'full'}"] if ret else [])


def _dialogue(output: str, errors: str, plan: Plan) -> ClientDialogue:
    lines = [_event(line) if line.who == "tls" else line for line in classify(output, _LINES)]
    failure = tls_words(errors, r"msmtp: ((?:TLS|cannot use|the certificate|the server's).*)")
    return read(lines, wants_tls=plan.tls != "none", tls_failure=failure)


def _event(line: TraceLine) -> TraceLine:
    version, _, cipher = line.text.partition(")-(")
    return tls_event(version, cipher.replace(")-(", " "))
