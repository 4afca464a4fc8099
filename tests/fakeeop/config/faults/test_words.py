from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from fakeeop.config.faults.tree import faults_from_tree
from fakeeop.config.faults.words import fault_tree

FAULTS: list[dict[str, Any]] = [
    {"at": "rcpt", "first": 2, "reply": "451 4.7.500 Server busy"},
    {"at": "rcpt", "reply": {"row": "relay-access-denied"}, "suffix": False, "address": ["203.0.113.0/24", "::1/128"]},
    {"at": "connect", "do": "stall", "delay": 0.25, "tls": False, "per": "address", "every": 3, "until": "90s"},
    {"at": "ehlo", "hide": ["STARTTLS", "CHUNKING"], "until": 5, "name": "bare"},
    {"at": "end-of-data", "do": "lose-reply", "nth": [1, 4], "probability": 0.0, "until": "repaired", "sender": ""},
    {"at": "data", "reply": "451 no", "drip": 0.001, "recipient": "*@contoso.com", "tenant": "contoso", "tls": True},
]


@pytest.mark.parametrize("tree", FAULTS)
def test_words_come_back(tree):
    (fault,) = faults_from_tree([tree])
    words = fault_tree(fault)
    assert words == tree
    assert json.loads(json.dumps(words)) == words


def test_spans_come_back_whole():
    for span in (0.000001, 0.1 + 0.2, 1e6, 1.0):
        (fault,) = faults_from_tree([{"at": "mail", "do": "drop", "until": 1}])
        fault = evolve(fault, until_count=None, until_seconds=span)
        (again,) = faults_from_tree([fault_tree(fault)])
        assert again.until_seconds == pytest.approx(span, abs=1e-9)
