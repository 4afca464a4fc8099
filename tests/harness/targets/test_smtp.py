"""A server that is not ours as the target: what the client sees is judged, the rest is unobservable."""

from __future__ import annotations

import pytest
from attrs import evolve

from fakeeop.emulator import Emulator
from harness.engine.lab import Lab, RunSettings
from harness.errors import TargetError
from harness.model.result import Grade
from harness.scenario.expand import expand
from harness.scenario.loader import load_scenario
from harness.steps.run import run_scenario
from harness.targets import make_target
from harness.targets.smtp import SmtpTarget

TENANT = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"], "Recipients": ["ann@contoso.com"]}]}


@pytest.fixture
def server():
    """An emulator that plays any SMTP server."""
    with Emulator.from_tree(TENANT, "world.yaml") as running:
        yield running


def results(server, cases, **changes):
    host, port = server.addresses[0]
    lab = Lab(evolve(RunSettings(target=f"smtp://{host}:{port}"), **changes))
    try:
        return {case.id: run_scenario(case, lab) for case in cases}
    finally:
        lab.close()


SCENARIO = """
schema: fakeeop.scenario/1
title: Own mail is taken, other mail is not
requirement: It must be so.
level: must
evidence: [{kind: rfc, ref: "RFC 5321"}]
tags: [relay]
world:
  hosts: {printer: 203.0.113.25}
  tenant: {Name: contoso, AcceptedDomains: [contoso.com]}
clients: [raw, smtplib]
steps:
  - submit: {from-host: printer, mail-from: a@fabrikam.example, rcpt-to: [%s]}
    expect: {outcome: accepted}
expect:
  messages:
    - rcpt-to: [somebody-else@contoso.com]
"""


@pytest.fixture
def cases(tmp_path):
    def make(text):
        path = tmp_path / "one.yaml"
        path.write_text(text)
        return expand(load_scenario(path, tmp_path))

    return make


def test_the_clients_view_is_judged_and_the_journal_is_unobservable(server, cases):
    for result in results(server, cases(SCENARIO % "ann@contoso.com")).values():
        assert (result.grade, result.reason) == (Grade.PASS, "unobservable: expect.messages")
    for result in results(server, cases(SCENARIO % "bob@fabrikam.example")).values():
        assert result.grade is Grade.FAIL
        assert "accepted" in result.text


def test_what_only_our_own_can_do_is_unsupported(server, cases):
    text = (SCENARIO % "ann@contoso.com").replace("steps:", "steps:\n  - admin: {clear-journal: true}")
    for result in results(server, cases(text)).values():
        assert result.grade is Grade.UNSUPPORTED
        assert result.reason.endswith("lacks admin")


def test_another_machine_needs_a_word():
    with pytest.raises(TargetError, match=r"smtp://192\.0\.2\.1 is not on this machine .* add --allow-remote"):
        make_target("smtp://192.0.2.1")
    target = SmtpTarget("smtp://192.0.2.1", allow_remote=True)
    assert target.elsewhere
    assert target.open(None).address("") == ("192.0.2.1", 25)  # type: ignore[arg-type]  # no world is looked at
    assert not SmtpTarget("smtp://127.0.0.1:2525").elsewhere


@pytest.mark.parametrize("url", ["smtp://", "smtp://127.0.0.1:port", "smtp://a@127.0.0.1", "smtp://127.0.0.1:25/x"])
def test_wrong_urls(url):
    with pytest.raises(TargetError, match="write smtp://HOST:PORT"):
        make_target(url)
