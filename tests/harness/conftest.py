"""Scenario files for tests of what runs them: a small world, and one file for every grade."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from harness.engine.lab import Lab, RunSettings
from harness.scenario.expand import expand
from harness.scenario.loader import load_scenario
from harness.steps.run import run_scenario

WORLD = """\
world:
  hosts: {relay: 203.0.113.25, stranger: 198.51.100.9}
  tenant:
    Name: contoso
    AcceptedDomains: [contoso.com]
    Recipients: [ann@contoso.com]
    InboundConnectors:
      - {Name: Office relay, ConnectorType: OnPremises, SenderIPAddresses: [203.0.113.25]}
"""
RELAYED = "{from-host: relay, mail-from: app@contoso.com, rcpt-to: [bob@fabrikam.example]}"
REFUSED = "{from-host: stranger, mail-from: app@contoso.com, rcpt-to: [bob@fabrikam.example]}"


def scenario_text(body, *, title="A title", level="must", top="", world=WORLD, clients="[raw]"):
    """A whole file: ``body`` begins with ``steps:`` (and ``expect:``), ``top`` holds other top-level keys."""
    head = f"schema: fakeeop.scenario/1\ntitle: {title}\nrequirement: It must be so.\nlevel: {level}\n"
    evidence = 'evidence: [{kind: rfc, ref: "RFC 5321"}]\ntags: [ip, relay]\n'
    return head + evidence + textwrap.dedent(top) + world + f"clients: {clients}\n" + textwrap.dedent(body)


EVERY_GRADE = {
    "x/pass": scenario_text(
        f"steps:\n  - submit: {RELAYED}\n    expect: {{outcome: accepted}}\n", title="Passes", clients="[raw, smtplib]"
    ),
    "x/fail": scenario_text(
        f'steps:\n  - submit: {REFUSED}\n    expect:\n      outcome: rejected\n      reply: "550 5.7.1 *"\n',
        title="Fails <b>&",
        clients="[raw]",
    ),
    "x/deviation": scenario_text(
        f"steps:\n  - submit: {REFUSED}\n    expect: {{outcome: deferred}}\n", title="Deviates", level="should"
    ),
    "x/known-gap": scenario_text(
        f"steps:\n  - submit: {REFUSED}\n    expect: {{outcome: accepted}}\n",
        title="Known to fail",
        top="known-gap: {issue: '#12'}\n",
    ),
    "x/unsupported": scenario_text(f"steps:\n  - submit: {RELAYED}\n", title="Cannot run", clients="[javamail]"),
    "x/error": scenario_text(
        "steps:\n  - submit: {from-host: relay, mail-from: a@contoso.com, rcpt-to: [b@x.example], "
        "message: {file: nothing.eml}}\n",
        title="Breaks the harness",
    ),
}


@pytest.fixture
def write_scenarios(tmp_path):
    """``write_scenarios({"x/name": text})`` → the root folder."""

    def write(files, root: Path | None = None) -> Path:
        root = root or tmp_path / "scenarios"
        for name, text in files.items():
            path = root / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return write


@pytest.fixture
def scenario_maker():
    """``scenario_text`` and the texts of the usual submits."""
    return scenario_text, RELAYED, REFUSED


@pytest.fixture
def every_grade():
    """One scenario a grade: name → text."""
    return EVERY_GRADE


@pytest.fixture
def lab():
    """A lab of one process, without files."""
    made = Lab(RunSettings(explain=True))
    yield made
    made.close()


@pytest.fixture
def run_text(write_scenarios, lab):
    """``run_text(body, **parts)`` → the results of every case of that scenario."""

    def run(body, *, in_lab=lab, **parts):
        root = write_scenarios({"x/one": scenario_text(body, **parts)})
        return [run_scenario(case, in_lab) for case in expand(load_scenario(root / "x/one.yaml", root))]

    return run
