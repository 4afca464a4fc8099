"""A small scenario that tests change in one place."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakeeop.config.marked import load_marked
from harness.scenario.loader import scenario_from_tree

_BASE = """\
schema: fakeeop.scenario/1
title: A title
requirement: Something holds.
level: must
evidence: [{kind: doc, ref: a page}]
world:
  hosts: {relay: 203.0.113.25}
  tenant: {Name: contoso, AcceptedDomains: [contoso.com]}
clients: [raw, smtplib]
steps:
  - submit: {from-host: relay, mail-from: a@contoso.com, rcpt-to: [b@fabrikam.example]}
    expect:
      reply: 550
expect:
  messages: []
"""


@pytest.fixture
def scenario_with():
    """Makes the scenario from the base text with (old, new) replacements."""

    def make(*edits, root=Path("scenarios"), path=Path("scenarios/folder/name.yaml")):
        text = _BASE
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        return scenario_from_tree(load_marked(text, str(path)), path, root, text)

    return make
