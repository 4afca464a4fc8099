"""The client ``nullmailer``: its smtp program, run as its queue runs it."""

from __future__ import annotations

import re
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.outcome import ClientDialogue, refusal_outcome
from harness.clients.process import Finished, find_program
from harness.clients.running import private_folder, probe_version, run_plan
from harness.errors import DriverError
from harness.model.result import Observation

__all__ = ["NullmailerDriver"]

_INSTALL: Final = "bash ci/install-clients.sh  # its package replaces other mail programs, so it is unpacked"
_SMTP: Final = "usr/lib/nullmailer/smtp"
_SAID: Final = re.compile(r"smtp: (Succeeded|Failed):[ ]?(.*)")
_ON_THREE: Final = 'exec 3< "$1"; shift; exec "$@"'  # the program reads the message from descriptor 3


class NullmailerDriver:
    """It tells the reply that decided, and nothing of the dialogue. One refused recipient, and it sends to none."""

    name = "nullmailer"
    capabilities = frozenset(
        {
            "certificate-chain",
            "helo-name",
            "null-sender",
            "raw-message",
            "source-address",
            "starttls",
            "starttls-client-certificate",
        }
    )
    observes = frozenset({"outcome", "reply", "exit"})

    def probe(self) -> Available | Unavailable:
        """The smtp program; it says no version, so its package is asked."""
        program = find_program("nullmailer-smtp", f"nullmailer/{_SMTP}") or find_program(f"/{_SMTP}")
        if program is None:
            return Unavailable("is not installed", _INSTALL)
        found = probe_version((str(program), "--help"), r"(Send an email message)", _INSTALL)
        if isinstance(found, Unavailable):
            return found
        note = program.parents[3] / "version"
        return Available(note.read_text().strip() if note.exists() else "installed")

    def run(self, plan: Plan) -> Observation:
        """One run. Exit code 16 is a refusal for now, 35 one for good."""
        program = find_program("nullmailer-smtp", f"nullmailer/{_SMTP}") or f"/{_SMTP}"
        with private_folder(plan, "nullmailer") as folder:
            sender = str(plan.mail_from["address"]).replace("<>", "")
            envelope = "\n".join([sender, *(str(each["address"]) for each in plan.recipients)])
            content = plan.message.replace(b"\r\n", b"\n")
            (folder / "message").write_bytes(envelope.encode() + b"\n\n" + content)
            argv = ["sh", "-c", _ON_THREE, "sh", "message", str(program), f"--host={plan.host}", f"--port={plan.port}"]
            argv += [f"--source={plan.source}"] if plan.source else []
            done = run_plan([*argv, *_tls(plan)], plan, folder, extra={"HELOHOST": plan.helo})
        return _judged(done)


def _tls(plan: Plan) -> list[str]:
    if plan.tls == "none":
        return []
    found = ["--starttls", "--insecure"]
    if plan.credential is not None:
        found += [f"--x509certfile={plan.credential.certificate}", f"--x509keyfile={plan.credential.key}"]
    return found


def _judged(done: Finished) -> Observation:
    note = ClientDialogue()
    note.transcript = [f"* {line}" for line in done.output.splitlines()]
    found = _SAID.search(done.output)
    if found is None:
        raise DriverError("nullmailer", f"said nothing that is known, exit code {done.code}", done.output)
    text = found.group(2).strip()
    if found.group(1) == "Succeeded":
        note.end("accepted", "message", text)
    elif text[:3].isdigit():
        note.end(refusal_outcome(text), "", text)
    elif "TLS" in text or "STARTTLS" in text:
        note.end("tls-failed", "starttls", text)
    elif "connect" in text.lower() and "lost" not in text.lower():
        raise DriverError("nullmailer", text, done.output)
    else:
        note.end("disconnected", "", text)
    return note.observation("nullmailer smtp", done.code)
