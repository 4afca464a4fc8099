"""Configurations written after real ones: for each its purpose, and exactly these findings with their severities.

Each folder of ``configurations`` has the files and ``expected.yaml``: Source (where such a configuration is found),
File (what is linted), Root (true: the folder stands for /), Connectors (address, certificate or none: what the tenant
has; left out: not told), Domains (accepted domains), Purpose, Findings (severity, rule, file:line).
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.mtas.lint import Expected, Purpose
from harness.mtas.registry import MTAS
from harness.relay_lint.purpose import purpose_of
from harness.relay_lint.reading import lint_relay

from .conftest import NOW

FOLDERS = sorted(each.parent for each in Path(__file__).with_name("configurations").glob("*/expected.yaml"))
CONNECTORS = {"address": (True, False), "certificate": (False, True), "none": (False, False), None: (None, None)}


def case(folder: Path) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load((folder / "expected.yaml").read_text("utf-8"))
    return tree


@pytest.mark.parametrize("folder", FOLDERS, ids=[each.name for each in FOLDERS])
def test_a_real_configuration_gives_these_findings_and_no_other(folder):
    wanted = case(folder)
    by_address, by_certificate = CONNECTORS[wanted.get("Connectors")]
    expected = Expected(
        now=NOW,
        by_address=by_address,
        by_certificate=by_certificate,
        domains=tuple(wanted.get("Domains", ())),
        root=folder if wanted.get("Root") else None,
    )
    route, findings = lint_relay(folder / wanted["File"], expected)
    assert str(purpose_of(route, expected)) == wanted["Purpose"]
    found = [f"{each.severity} {each.rule} {Path(each.path).relative_to(folder)}:{each.line}" for each in findings]
    assert found == wanted["Findings"], "\n".join(map(str, findings))
    assert all(each.fix for each in findings)


def test_there_are_enough_of_every_kind():
    kinds = Counter(each.name.partition("-")[0] for each in FOLDERS)
    assert kinds.total() >= 40
    assert set(kinds) == {name for name, mta in MTAS.items() if mta.lint is not None}
    assert {case(each)["Purpose"] for each in FOLDERS} == {str(each) for each in Purpose}
