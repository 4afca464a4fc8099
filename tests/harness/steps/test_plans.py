"""What a step asks of its client, beyond what the scenario requires."""

from __future__ import annotations

import textwrap

import pytest

from harness.scenario.expand import expand
from harness.scenario.loader import load_scenario
from harness.steps.plans import needs

SCENARIO = """
schema: fakeeop.scenario/1
title: A title
requirement: It must be so.
level: must
evidence: [{kind: rfc, ref: "RFC 5321"}]
tags: [relay]
world:
  hosts: {relay: 203.0.113.25}
  pki: {ca: {ca: true}, mine: {issued-by: ca, dns-names: [a.example]}}
  tenant: {Name: contoso, AcceptedDomains: [contoso.com]}
clients: [raw]
steps:
  - submit: %s
    expect: {outcome: accepted}
"""
PLAIN = "mail-from: a@contoso.com, rcpt-to: [b@x.example]"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (PLAIN, []),
        (f"{PLAIN}, message: {{subject: x, text: y}}", []),
        (f"{PLAIN}, message: {{raw: x}}", ["raw-message"]),
        (f"{PLAIN}, message: {{headers: {{X-One: 1}}}}", ["raw-message"]),
        (f"{PLAIN}, helo: relay.example", ["helo-name"]),
        ('mail-from: "<>", rcpt-to: [b@x.example]', ["null-sender"]),
        (f"{PLAIN}, tls: {{mode: starttls, certificate: mine}}", ["starttls", "starttls-client-certificate"]),
        (f"{PLAIN}, tls: {{mode: required, verify-server: true}}", ["starttls", "verify-server"]),
        ("mail-from: {address: a@contoso.com, ret: HDRS}, rcpt-to: [b@x.example]", ["dsn-return"]),
        ("mail-from: {address: a@contoso.com, envid: x}, rcpt-to: [b@x.example]", ["dsn-parameters"]),
        ("mail-from: a@contoso.com, rcpt-to: [{address: b@x.example, notify: [NEVER]}]", ["dsn-notify"]),
        (
            "mail-from: a@contoso.com, rcpt-to: [{address: b@x.example, notify: [NEVER]}, c@x.example]",
            ["dsn-parameters", "dsn-notify"],
        ),
    ],
)
def test_needs(tmp_path, arguments, wanted):
    path = tmp_path / "one.yaml"
    path.write_text(textwrap.dedent(SCENARIO) % f"{{from-host: relay, {arguments}}}")
    [case] = expand(load_scenario(path, tmp_path))
    assert sorted(needs(case)) == sorted(wanted)
