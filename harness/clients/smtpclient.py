"""System.Net.Mail.SmtpClient, on .NET Core and on Mono: what ``Send-MailMessage`` and many programs send with."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from harness.clients.base import Available, Credential, Plan, Unavailable
from harness.clients.building import built_cs
from harness.clients.forwarder import Forwarder
from harness.clients.outcome import ClientDialogue
from harness.clients.process import Finished, clients_folder, find_program
from harness.clients.running import body_of, header_of, private_folder, probe_version, run_plan
from harness.errors import DriverError, HarnessError
from harness.model.result import Observation

__all__ = ["DotnetDriver", "MonoDriver"]

_PASSWORD: Final = "harness"  # noqa: S105  of a file that lives as long as one run
_SAID: Final = re.compile(r"\* (recipient|refused) (\d{3}) <([^>]*)> (.*)")
_UNPACKED: Final = "bash ci/install-clients.sh"
_RUNTIME: Final = """\
{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
 "configProperties": {"System.Globalization.Invariant": true}}}
"""


class DotnetDriver:
    """.NET Core's: it tells what refused, not what was said else; it goes on with the recipients that were taken."""

    name = "dotnet-smtpclient"
    capabilities = frozenset(
        {"dsn-notify", "partial-delivery", "source-address", "starttls", "starttls-client-certificate"}
    )
    observes = frozenset({"outcome", "stage", "reply", "exit"})

    def probe(self) -> Available | Unavailable:
        """The unpacked runtime, and our program compiled."""
        if not _dotnet().exists():
            return Unavailable("is not installed", _UNPACKED)
        return _probed([_dotnet()], _UNPACKED, ".NET Core ", self._extra())

    def run(self, plan: Plan) -> Observation:
        """One message."""
        note, done = _sent([_dotnet()], plan, self.name, self._extra())
        return note.observation("System.Net.Mail.SmtpClient on .NET Core", done.code)

    @staticmethod
    def _extra() -> dict[str, str]:
        return {
            "DOTNET_CLI_TELEMETRY_OPTOUT": "1",
            "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1",
            "LD_LIBRARY_PATH": str(clients_folder() / "dotnet" / "openssl"),
        }


class MonoDriver:
    """Mono's: clear text only (its TLS is too old), no reply is told, one refused recipient and it sends to none."""

    name = "mono-smtpclient"
    capabilities = frozenset({"source-address"})
    observes = frozenset({"outcome", "stage", "exit"})

    def probe(self) -> Available | Unavailable:
        """Mono, and our program compiled."""
        program = find_program("mono")
        if program is None:
            return Unavailable("is not installed", "apt install mono-runtime mono-mcs")
        return _probed([program], "apt install mono-mcs", "Mono ", {})

    def run(self, plan: Plan) -> Observation:
        """One message. What it calls the reply are words of its own, so they are left out."""
        note, done = _sent([find_program("mono") or Path("mono")], plan, self.name, {})
        if note.outcome != "tls-failed":
            note.reply = None
        note.recipients.clear()
        return note.observation("System.Net.Mail.SmtpClient on Mono", done.code)


def _dotnet() -> Path:
    return clients_folder() / "dotnet" / "dotnetcore2" / "bin" / "dotnet"


def _probed(runtime: list[Path], install: str, name: str, extra: dict[str, str]) -> Available | Unavailable:
    try:
        program = built_cs()
        if program is None:
            return Unavailable("needs mcs to compile a small program", "apt install mono-mcs")
        _runtime_config(program)
    except (HarnessError, OSError) as why:
        return Unavailable(f"does not build: {why}", install)
    words = [f"{key}={value}" for key, value in extra.items()]
    argv = ("env", *words, *(str(each) for each in runtime), str(program), "--version")
    found = probe_version(argv, r"runtime (\S+)", install)
    return Available(f"{name}{found.version}") if isinstance(found, Available) else found


def _runtime_config(program: Path) -> None:
    """.NET wants it next to the program."""
    config = program.with_suffix(".runtimeconfig.json")
    if not config.exists():
        config.write_text(_RUNTIME)


def _sent(runtime: list[Path], plan: Plan, name: str, extra: dict[str, str]) -> tuple[ClientDialogue, Finished]:
    with private_folder(plan, name) as folder, Forwarder((plan.host, plan.port), plan.source) as way:
        argv = [*runtime, built_cs() or Path("Send.exe")]
        done = run_plan(argv, plan, folder, stdin=_plan_lines(plan, way.port, folder).encode(), extra=extra)
        failure = way.failure
    if failure:
        raise DriverError(name, failure, done.output)
    note = ClientDialogue()
    note.transcript = done.output.splitlines()
    _judge(note, done, plan, name)
    return note, done


def _plan_lines(plan: Plan, port: int, folder: Path) -> str:
    values = {"host": "127.0.0.1", "port": port, "timeout": int(plan.timeout * 1000), "tls": plan.tls}
    values |= {"from": plan.mail_from["address"], "subject": header_of(plan.message, "Subject")}
    if plan.credential is not None:
        values |= {"pfx": str(_pfx(plan.credential, folder)), "password": _PASSWORD}
    notify = plan.recipients[0].get("notify") if plan.recipients else None
    if notify:
        values["notify"] = ",".join(map(str, notify)) if isinstance(notify, list | tuple) else str(notify)
    lines = [f"{key}={value}" for key, value in values.items()]
    lines += [f"to={each['address']}" for each in plan.recipients]
    return "\n".join([*lines, "", body_of(plan.message)])


def _pfx(credential: Credential, folder: Path) -> Path:
    """Both runtimes want a PFX file, the older way of encrypting it."""
    from cryptography import x509  # noqa: PLC0415  only for TLS
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.asymmetric import ec, rsa  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization import pkcs12  # noqa: PLC0415  as above

    leaf, *others = x509.load_pem_x509_certificates(credential.certificate.read_bytes())
    key = serialization.load_pem_private_key(credential.key.read_bytes(), None)
    way = serialization.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2000)
    way = way.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
    way = way.hmac_hash(hashes.SHA1())  # noqa: S303  Mono and .NET Core 3.1 read no newer one
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise DriverError("pfx", f"a key of {type(key).__name__} cannot be put into it")
    path = folder / "client.pfx"
    data = pkcs12.serialize_key_and_certificates(b"client", key, leaf, others, way.build(_PASSWORD.encode()))
    path.write_bytes(data)
    return path


def _judge(note: ClientDialogue, done: Finished, plan: Plan, name: str) -> None:
    """From the exceptions to the outcome."""
    refusals = [(kind, f"{code} {text}", address) for kind, code, address, text in _SAID.findall(done.stdout)]
    failed = {address: reply for kind, reply, address in refusals if kind == "recipient"}
    if done.code == 0 and "sent" in done.stdout:
        note.end("accepted", "message")
    elif failed:
        note.recipients = failed
        if name == "dotnet-smtpclient" and len(failed) < len(plan.recipients):
            note.end("partially-accepted", "message")
        else:
            note.no_recipient()
    elif "does not support secure connections" in done.stdout:
        note.end("not-attempted", "starttls")
    elif re.search(r"Authentication\w*Exception|Authentication failed|MobileAuthenticated", done.stdout):
        note.end("tls-failed", "starttls", done.output.splitlines()[-1].removeprefix("* "))
    elif refusals:
        note.refused("", refusals[0][1])
    elif re.search(r"IOException|connectionclosed|closed", done.stdout):
        note.end("disconnected", "")
    else:
        raise DriverError(name, f"exit code {done.code}", done.output)
