"""``fakeeop explain`` says of every refused mail of the connector scenarios what the server says of it."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from fakeeop.cli.main import main
from fakeeop.pki.declared import DeclaredPki
from harness.model.scenario import ScenarioCase
from harness.scenario.expand import expand
from harness.scenario.loader import find_scenarios, load_scenario

ROOT = Path(__file__).resolve().parent.parent / "scenarios"
FOLDERS = ("certificate", "direct-send", "ip", "partner", "reject-direct-send", "tutorial")
CODES = ("5.7.64", "5.7.51", "5.7.68")


def refused_mails() -> list[ScenarioCase]:
    """The cases of one mail that is refused for every recipient with one of ``CODES``; with one client, it is enough.

    Left out: revoked certificates, whose list is in the state folder of a server.
    """
    found = []
    for folder in FOLDERS:
        for path in find_scenarios(ROOT / folder):
            for case in expand(load_scenario(path, ROOT)):
                (step, *more) = case.steps
                expected = step.expect if isinstance(step.expect, dict) else {}
                reply = expected.get("reply")
                if (
                    case.client == "raw"
                    and step.verb == "submit"
                    and not more
                    and expected.get("outcome") == "rejected"
                    and isinstance(reply, str)
                    and any(code in reply for code in CODES)
                    and not any(fields.get("revoked") for fields in case.world.get("pki", {}).values())
                ):
                    found.append(case)
    return found


CASES = refused_mails()


def test_there_are_cases_of_every_code():
    for code in CODES:
        assert any(code in case.steps[0].expect["reply"] for case in CASES), code
    assert len(CASES) > 50


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_explain_gives_the_reply_of_the_server(case: ScenarioCase, tmp_path, capsys):
    mail = case.steps[0].arguments
    arguments = ["explain", "--json", "--tenant", _tenant_file(case.world, tmp_path), "--ip", _ip(case.world, mail)]
    arguments += [*_tls(case.world, mail.get("tls") or {}, tmp_path), "--from", _address(mail["mail-from"])]
    for recipient in mail["rcpt-to"]:
        arguments += ["--to", _address(recipient)]
    message = mail.get("message") or {}
    header_from = message.get("from") or message.get("headers", {}).get("From")
    if header_from:
        arguments += ["--header-from", header_from.rpartition("@")[2].rstrip(">")]
    code = main(arguments)
    out, err = capsys.readouterr()
    assert (code, err) == (1, "")
    refusals = [answer for answer in json.loads(out)["recipients"] if not answer["accepted"]]
    assert refusals
    for answer in refusals:
        pattern = case.steps[0].expect["reply"]
        assert fnmatchcase(answer["reply"], pattern if "*" in pattern else f"{pattern}*")
        if answer["stage"] == "end of data":  # judged by the header From: no connector is looked for any more
            continue
        assert answer["steps"]
        if "tenant" in case.world and case.world["tenant"].get("InboundConnectors"):
            assert answer["nearest"] or answer["advice"]


def _tenant_file(world: dict[str, Any], folder: Path) -> str:
    tenants = world.get("tenants") or [world["tenant"]]
    tree: dict[str, Any] = {"Tenants": tenants}
    if "behaviour" in world:
        tree["Behaviour"] = world["behaviour"]
    path = folder / "tenant.json"
    path.write_text(json.dumps(tree), "utf-8")
    return str(path)


def _ip(world: dict[str, Any], mail: dict[str, Any]) -> str:
    host: str = world["hosts"][mail["from-host"]]
    return host


def _address(path: Any) -> str:
    return str(path["address"] if isinstance(path, dict) else path)


def _tls(world: dict[str, Any], tls: dict[str, Any], folder: Path) -> list[str]:
    if tls.get("mode", "none") == "none":
        return []
    name = tls.get("certificate")
    if name is None:
        return ["--tls"]
    pki = DeclaredPki(world["pki"])
    (folder / "client.pem").write_bytes(pki.issued(name).chain_pem)
    (folder / "roots.pem").write_bytes(pki.trusted_ca_pem)
    return ["--cert", str(folder / "client.pem"), "--trust", str(folder / "roots.pem")]
