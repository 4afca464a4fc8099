"""From the arguments of ``submit`` to the plan a driver performs, and what a client must be able to do for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.clients.auth import Auth
from harness.clients.base import Plan
from harness.engine.lab import CaseLab
from harness.model.scenario import ScenarioCase, ScenarioStep
from harness.steps.messages import message_bytes

__all__ = ["data_bytes", "make_plan", "needs"]


def make_plan(
    arguments: Mapping[str, Any], lab: CaseLab[ScenarioCase], address: tuple[str, int], server_name: str
) -> Plan:
    """Everything resolved: addresses, credential, message. Raises HarnessError for a name the world does not have."""
    tls = _tls(arguments.get("tls"))
    host = lab.host(arguments.get("from-host"))
    mail_from = _path(arguments.get("mail-from", "<>"))
    recipients = tuple(_path(each) for each in arguments.get("rcpt-to") or ())
    addresses = [str(each["address"]) for each in recipients]
    message = message_bytes(
        arguments.get("message"),
        mail_from=str(mail_from["address"]),
        recipients=addresses,
        run_id=lab.run_id,
        seed=lab.seed,
        folder=lab.case.scenario.path.parent,
    )
    return Plan(
        host=address[0],
        port=address[1],
        source=lab.source(host),
        helo=str(arguments.get("helo") or f"{host}.example"),
        tls=tls["mode"],
        credential=lab.pki.credential(tls["certificate"]) if tls.get("certificate") else None,
        trust=lab.pki.server_roots() if tls.get("verify-server") else None,
        mail_from=mail_from,
        recipients=recipients,
        message=message,
        timeout=lab.left,
        folder=lab.lab.folder,
        server_name=str(tls.get("server-name") or server_name),
        auth=_auth(arguments.get("auth")),
        tls_version=tls.get("version"),
    )


def data_bytes(message: Any, lab: CaseLab[ScenarioCase]) -> bytes:
    """The message of a raw ``send: {data: …}``."""
    return message_bytes(
        {"raw": message} if isinstance(message, str) else message,
        mail_from="sender@harness.example",
        recipients=["recipient@harness.example"],
        run_id=lab.run_id,
        seed=lab.seed,
        folder=lab.case.scenario.path.parent,
    )


def needs(case: ScenarioCase) -> list[str]:
    """The client capabilities that the steps of a case use, beyond what ``requires`` says."""
    found: list[str] = []
    for step in case.steps:
        if step.verb == "submit":
            found += _submit_needs(step)
        if step.verb == "admin" and {"set-faults", "clear-faults", "set-flag"} & set(step.arguments):
            found.append("faults")
    if any(case.world.get(name) for name in ("faults", "limits", "magic-recipients")):
        found.append("faults")
    if case.world.get("clock") == "virtual":
        found.append("virtual-clock")
    if case.world.get("return-reports"):
        found.append("return-reports")
    listeners = [case.world.get(name) or {} for name in ("listener", "submission-listener")]
    if any(each.get(name) for each in listeners if isinstance(each, Mapping) for name in ("hide", "region")):
        found.append("own-listener")
    return list(dict.fromkeys(found))


def _submit_needs(step: ScenarioStep) -> list[str]:
    arguments = step.arguments
    tls = arguments.get("tls") if isinstance(arguments.get("tls"), Mapping) else {}
    uses = {
        "mta": "via" in arguments,
        "auth": "auth" in arguments,
        "starttls": tls.get("mode", "none") != "none",
        "starttls-client-certificate": bool(tls.get("certificate")),
        "verify-server": bool(tls.get("verify-server")),
        "tls-version": bool(tls.get("version")),
        "helo-name": bool(arguments.get("helo")),
        "null-sender": _path(arguments.get("mail-from", "<>"))["address"] in ("", "<>"),
        "raw-message": _own_message(arguments.get("message")),
        **_dsn_needs(arguments),
    }
    return [name for name, used in uses.items() if used]


def _own_message(message: Any) -> bool:
    """Is it more than a subject and a text, which every client can send?"""
    return isinstance(message, Mapping) and bool(set(message) - {"subject", "text", "from", "to"})


def _dsn_needs(arguments: Mapping[str, Any]) -> dict[str, bool]:
    """One NOTIFY for all recipients is less than a parameter for each of them."""
    sender, paths = _path(arguments.get("mail-from", "<>")), [_path(each) for each in arguments.get("rcpt-to") or ()]
    each_own = "envid" in sender or any("orcpt" in path for path in paths)
    each_own = each_own or len({str(path.get("notify")) for path in paths}) > 1
    return {
        "dsn-parameters": each_own,
        "dsn-return": "ret" in sender,
        "dsn-notify": any("notify" in path for path in paths),
    }


def _path(value: Any) -> dict[str, Any]:
    """An address alone, or with its parameters."""
    if isinstance(value, Mapping):
        return dict(value)
    return {"address": "<>" if value is None else str(value)}


def _auth(value: Any) -> Auth | None:
    if not isinstance(value, Mapping):
        return None
    return Auth(str(value["user"]), value.get("password"), value.get("token"))


def _tls(value: Any) -> dict[str, Any]:
    """``tls: starttls`` or a mapping with ``mode``; none when the step says nothing."""
    if value is None:
        return {"mode": "none"}
    if isinstance(value, Mapping):
        return {"mode": "none" if not value else "starttls"} | dict(value)
    return {"mode": str(value)}
