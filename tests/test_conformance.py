"""No row of the facts is silently missing: a scenario or a test shows it, or it is listed with what it waits for."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fakeeop.config.marked import load_marked

ROOT = Path(__file__).resolve().parents[1]
GENERATOR = ROOT / "ci" / "conformance.py"
# The numbers that were given out, one range a group; the gaps between them were left on purpose.
NUMBERS = (
    *(range(1, 16), range(20, 48), range(50, 82), range(90, 118), range(120, 135)),  # each in a folder of its own
    *(range(140, 161), range(170, 186)),
)
GROUPS = {
    "direct-send": NUMBERS[0],
    "ip": NUMBERS[1],
    "certificate": NUMBERS[2],
    "partner": NUMBERS[3],
    "reject-direct-send": NUMBERS[4],
}


@pytest.fixture(scope="module")
def conformance() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conformance", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["conformance"] = module
    spec.loader.exec_module(module)
    return module


def test_every_number_that_was_given_out_is_a_row(conformance):
    expected = [f"C{number:02d}" for group in NUMBERS for number in group]
    assert list(conformance.read_rows()) == expected


def test_every_row_is_shown_or_waits_for_a_named_feature(conformance):
    shown = {row for scenario in conformance.read_scenarios() for row in scenario.rows}
    rows = set(conformance.read_rows())
    later, tested = set(conformance.LATER), set(conformance.TESTED)
    assert sorted(rows - shown - tested - later) == [], "neither shown nor listed in TESTED or LATER"
    assert sorted((shown & (later | tested)) | (later & tested)) == [], "in two places"
    assert sorted(shown - rows) == [], "no such row"
    assert all(conformance.LATER.values())


def test_a_row_that_a_unit_test_shows_is_named_there(conformance):
    for row, name in conformance.TESTED.items():
        path = ROOT / name
        assert path.exists(), name
        if path.suffix == ".py":
            assert row in path.read_text(encoding="utf-8"), f"{name} does not name {row}"


def test_a_row_is_shown_in_its_own_folder(conformance):
    scenarios = conformance.read_scenarios()
    for folder, numbers in GROUPS.items():
        here = {row for scenario in scenarios if scenario.id.startswith(f"{folder}/") for row in scenario.rows}
        assert {f"C{number:02d}" for number in numbers} <= here | set(conformance.LATER)


def test_a_must_of_a_low_row_is_not_claimed(conformance):
    rows = conformance.read_rows()
    for scenario in conformance.read_scenarios():
        low = [row for row in scenario.rows if rows[row].confidence == "L"]
        assert not (low and scenario.level == "must"), f"{scenario.id} is a must, but {low} is only a guess"


def test_every_tag_of_a_source_is_described():
    described = set(re.findall(r"^\| ([A-Za-z0-9-]+) \|", (ROOT / "evidence" / "sources.md").read_text(), re.MULTILINE))
    for path in (ROOT / "scenarios").rglob("*.yaml"):
        for entry in load_marked(path.read_text(encoding="utf-8"), str(path))["evidence"]:
            tags = re.findall(r"\[([A-Za-z0-9-]+)\]", entry.get("ref", ""))
            described_there = "evidence/wire.md" in entry.get("ref", "")  # which names its sources line by line
            assert tags or described_there or entry["kind"] != "doc", (
                f"{path.name} cites a document without its tag: {entry['ref']}"
            )
            assert set(tags) <= described, path.name


def test_the_page_is_up_to_date():
    done = subprocess.run([sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
