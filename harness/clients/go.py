"""The client ``go-smtp``: Go's net/smtp, in the order of its SendMail."""

from __future__ import annotations

from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.building import built_go
from harness.clients.running import PROGRAM_OBSERVES, private_folder, probe_version, run_plan, seen
from harness.clients.scripted import plan_json, told
from harness.errors import HarnessError
from harness.model.result import Observation

__all__ = ["GoDriver"]

_INSTALL: Final = "apt install golang-go"


class GoDriver:
    """One refused recipient, and it sends to none, as ``smtp.SendMail`` does."""

    name = "go-smtp"
    capabilities = frozenset(
        {
            "certificate-chain",
            "helo-name",
            "null-sender",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
            "verify-server",
        }
    )
    observes = PROGRAM_OBSERVES

    def probe(self) -> Available | Unavailable:
        """The program, built when first asked for."""
        try:
            program = built_go()
        except HarnessError as why:
            return Unavailable(f"does not build: {why}", _INSTALL)
        if program is None:
            return Unavailable("is not installed", _INSTALL)
        return probe_version((str(program), "--version"), r"net/smtp of (\S+)", _INSTALL)

    def run(self, plan: Plan) -> Observation:
        """One run of the program."""
        with private_folder(plan, "go-smtp") as folder:
            envelope = {**plan.mail_from, "address": str(plan.mail_from["address"]).replace("<>", "")}
            done = run_plan([built_go() or "send"], plan, folder, stdin=plan_json(plan, mail_from=envelope))
        return seen(told(done.stdout, plan), "net/smtp", done)
