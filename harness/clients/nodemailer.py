"""The client ``nodemailer``: what most Node.js programs send mail with."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.process import clients_folder, find_program
from harness.clients.running import PROGRAM_OBSERVES, private_folder, probe_version, run_plan, seen
from harness.clients.scripted import SOURCES, plan_json, told
from harness.model.result import Observation

__all__ = ["NodemailerDriver"]

_VERSION: Final = "console.log('nodemailer ' + require('nodemailer/package.json').version)"


class NodemailerDriver:
    """A transport without pool; it goes on with the recipients that were taken."""

    name = "nodemailer"
    capabilities = frozenset(
        {
            "certificate-chain",
            "dsn-notify",
            "dsn-return",
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
        """Node.js, and nodemailer in the clients folder or where Node.js finds it."""
        install = f"npm install --prefix {clients_folder()} nodemailer"
        program = find_program("node")
        if program is None:
            return Unavailable("needs Node.js", f"apt install nodejs npm && {install}")
        argv = ("env", f"NODE_PATH={_modules()}", str(program), "-e", _VERSION)
        return probe_version(argv, r"nodemailer (\d\S*)", install)

    def run(self, plan: Plan) -> Observation:
        """One run of the script."""
        with private_folder(plan, "nodemailer") as folder:
            argv = [str(find_program("node") or "node"), str(SOURCES / "send.js")]
            done = run_plan(argv, plan, folder, stdin=plan_json(plan), extra={"NODE_PATH": str(_modules())})
        return seen(told(done.stdout, plan), "nodemailer", done)


def _modules() -> Path:
    return clients_folder() / "node_modules"
