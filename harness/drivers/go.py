"""The client ``go-smtp``: Go's net/smtp, in the order of its SendMail."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from harness.drivers.base import Available, Missing, Plan
from harness.drivers.process import clients_folder, find_program, run_program
from harness.drivers.running import PROGRAM_OBSERVES, private_folder, probe_version, run_plan, seen
from harness.drivers.scripted import SOURCES, plan_json, told
from harness.errors import HarnessError
from harness.result import Observation

__all__ = ["GoDriver", "build"]

_INSTALL: Final = "apt install golang-go"
_BUILD_SECONDS: Final = 180.0


class GoDriver:
    """One refused recipient, and it sends to none, as ``smtp.SendMail`` does."""

    name = "go-smtp"
    capabilities = frozenset(
        {
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

    def probe(self) -> Available | Missing:
        """The program, built when first asked for."""
        try:
            program = build()
        except HarnessError as why:
            return Missing(f"does not build: {why}", _INSTALL)
        if program is None:
            return Missing("is not installed", _INSTALL)
        return probe_version((str(program), "--version"), r"net/smtp of (\S+)", _INSTALL)

    def run(self, plan: Plan) -> Observation:
        """One run of the program."""
        with private_folder(plan, "go-smtp") as folder:
            envelope = {**plan.mail_from, "address": str(plan.mail_from["address"]).replace("<>", "")}
            done = run_plan([build() or "send"], plan, folder, stdin=plan_json(plan, mail_from=envelope))
        return seen(told(done.stdout, plan), "net/smtp", done)


@cache
def build() -> Path | None:
    """The program of our source, from the clients folder; compiled if it is not there. None without Go."""
    source = SOURCES / "send.go"
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    built = clients_folder() / "built" / f"go-smtp-{digest}"
    if built.exists():
        return built
    compiler = find_program("go")
    if compiler is None:
        return None
    built.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="build-", dir=built.parent) as made:
        folder = Path(made)
        extra = {"GOFLAGS": "-mod=mod", "GO111MODULE": "off", "CGO_ENABLED": "0"}
        argv = [str(compiler), "build", "-o", "program", str(source)]
        done = run_program(argv, folder=folder, timeout=_BUILD_SECONDS, extra=extra)
        if done.code != 0:
            raise HarnessError(done.output)
        os.replace(folder / "program", built)  # at once: others may be building it, too
    return built
