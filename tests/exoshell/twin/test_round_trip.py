"""export → exo → the same tenant, whatever its names and texts hold."""

from __future__ import annotations

import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exoshell.backends.opening import open_backend
from exoshell.cmdlets import register
from exoshell.powershell.commands import Registry
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.host import ShellHost
from exoshell.powershell.streams import Recorder
from exoshell.twin.comparing import compare, load_side
from exoshell.twin.exporting import export_tenant
from fakeeop.config.editor.changes import Add, Configure
from fakeeop.config.editor.text import block
from fakeeop.config.loader import forest_from_tree
from fakeeop.model.behaviour import Behaviour

TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=12).map(str.strip)
TRICKY = st.sampled_from(
    ["it's", "\u2018q\u2019", "$(x) `n", 'a "b" c', "-Enabled", "@{a=1}", "# no comment", "%", "a;b|c"]
)
NAMES = st.one_of(TEXT, TRICKY).filter(bool)
DOMAINS = st.sampled_from(["p.example", "*.q.example", "*", "r.example"])
IPS = st.lists(st.sampled_from(["198.51.100.1", "198.51.100.32/27", "203.0.113.9"]), unique=True, max_size=3)


@st.composite
def connectors(draw: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"Name": draw(NAMES), "ConnectorType": draw(st.sampled_from(["OnPremises", "Partner"]))}
    found["SenderDomains"] = draw(st.lists(DOMAINS, min_size=1, max_size=2, unique=True))
    addresses = draw(IPS)
    if draw(st.booleans()) or (found["ConnectorType"] == "OnPremises" and not addresses):
        found["TlsSenderCertificateName"] = draw(st.sampled_from(["contoso.com", "*.contoso.com"]))
        found["RequireTls"] = True
    elif draw(st.booleans()):
        found["RequireTls"] = draw(st.booleans())
    if addresses:
        found["SenderIPAddresses"] = addresses
        if found["ConnectorType"] == "Partner" and draw(st.booleans()):
            found["RestrictDomainsToIPAddresses"] = True
    for key, values in (("Comment", NAMES), ("Enabled", st.booleans()), ("EFSkipLastIP", st.booleans())):
        if draw(st.booleans()):
            found[key] = draw(values)
    if draw(st.booleans()):
        found["AssociatedAcceptedDomains"] = ["contoso.com"]
    return found


def _name(element: dict[str, Any]) -> str:
    return str(element["Name"]).lower()


@st.composite
def tenants(draw: Any) -> dict[str, Any]:
    domains: list[Any] = ["contoso.com", {"DomainName": "b.example", "DomainType": "InternalRelay"}]
    if draw(st.booleans()):
        domains[1] = {**domains[1], "Name": "B", "MatchSubDomains": True, "Default": True}
    found: dict[str, Any] = {"Name": "contoso", "AcceptedDomains": domains}
    found["InboundConnectors"] = draw(st.lists(connectors(), unique_by=_name, max_size=3))
    outbound = st.fixed_dictionaries({"Name": NAMES, "UseMXRecord": st.just(False), "SmartHosts": st.just(["a", "b"])})
    found["OutboundConnectors"] = draw(st.lists(outbound, unique_by=_name, max_size=3))
    if draw(st.booleans()):
        found["Recipients"] = ["ann@contoso.com", "o'neil@b.example"]
    if draw(st.booleans()):
        found["Mailboxes"] = [{"PrimarySmtpAddress": "m@contoso.com", "SmtpClientAuthenticationDisabled": False}]
    if draw(st.booleans()):
        found["OrganizationConfig"] = {"RejectDirectSend": draw(st.booleans())}
    return found


@given(tenants())
@settings(max_examples=60)
def test_the_script_of_a_tenant_makes_the_same_tenant(tenant: dict[str, Any]):
    forest_from_tree({"Tenants": [tenant]})
    with tempfile.TemporaryDirectory() as folder:
        there, made = Path(folder, "there.yaml"), Path(folder, "made.yaml")
        there.write_text(f"Tenants:\n  {block([tenant], 2)}\n", encoding="utf-8")
        made.write_text("Tenants:\n  - Name: contoso\n", encoding="utf-8")
        registry, streams = Registry(), Recorder()
        register(registry, open_backend(str(made)))
        Interpreter(registry, streams).run(export_tenant(load_side(str(there)).tenant, Behaviour()), "export.ps1")
        assert streams.errors == []
        assert compare(load_side(str(there)), load_side(str(made))) == []


def test_the_script_that_collects_runs_here_too_and_makes_a_twin(tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tenant_file.parent)
    backend = open_backend(str(tenant_file))
    backend.change(
        Add("OutboundConnectors", {"Name": "Out"}), Configure("OrganizationConfig", {"RejectDirectSend": True})
    )
    backend.change(Add("Mailboxes", {"PrimarySmtpAddress": "m@contoso.com", "SmtpClientAuthenticationDisabled": True}))
    registry, streams = Registry(), Recorder()
    add_general_commands(registry, ShellHost())
    register(registry, backend)
    script = (files("exoshell.twin") / "collect.ps1").read_text("utf-8")
    Interpreter(registry, streams).run(script, "collect.ps1")
    assert streams.errors == []
    (tenant_file.parent / "twin").mkdir()
    differing = compare(load_side(str(tenant_file)), load_side("exchange-tenant.json"))
    assert {(each.kind, each.property) for each in differing} == {("tenant", "Recipients")}, "the mailbox is one, too"
    for cmdlet, form in (
        ("InboundConnector", "Clixml c.xml"),
        ("OutboundConnector", "Clixml o.xml"),
        ("OrganizationConfig", "Csv OrganizationConfig.csv -NoTypeInformation"),
    ):
        Interpreter(registry, streams).run(f"Get-{cmdlet} | Export-{form.replace(' ', ' twin/', 1)}")
    Interpreter(registry, streams).run(
        "Get-AcceptedDomain | ConvertTo-Json -Depth 5 | Set-Content twin/AcceptedDomain.json"
    )
    kinds = {each.kind for each in compare(load_side(str(tenant_file)), load_side("twin"))}
    assert kinds == {"mailbox", "tenant"}, "connectors and domains came by three roads"
