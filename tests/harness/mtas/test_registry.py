"""An MTA is one folder and one row: what lists MTAs is made of the table, and nothing beside the folders knows one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import harness
from harness.clients.registry import KNOWN, driver
from harness.mtas.form import OwnConfiguration
from harness.mtas.registry import MTAS, loaded
from harness.relay_check.forms.registry import FORMS
from harness.relay_lint.reading import READERS

ROOT = Path(harness.__file__).parent


def test_every_folder_has_its_row():
    assert {each.parent.name for each in (ROOT / "mtas").glob("*/__init__.py")} == set(MTAS)


@pytest.mark.parametrize("name", MTAS)
def test_what_a_folder_offers_is_there_under_its_name(name):
    folder = MTAS[name]
    made = driver(name)
    assert made is not None
    assert made.name == name
    assert KNOWN[name].about == folder.about
    if folder.form is not None:
        form = loaded(folder.form.at)
        assert issubclass(form, OwnConfiguration)
        assert form.name == form.mta == name
        assert f"--{name}" in {each.option for each in FORMS}
    if folder.lint is not None:
        assert callable(loaded(folder.lint.at))
        assert name in READERS


def test_the_surest_sign_is_looked_for_first():
    ranks = [each.rank for each in READERS.values()]
    assert len(ranks) == len(set(ranks))


@pytest.mark.parametrize("package", ["relay_check", "relay_lint"])
def test_checks_and_lint_know_no_mta_by_name(package):
    word = re.compile(rf"\b({'|'.join(MTAS)})\b", re.IGNORECASE)
    found = [f"{path}: {word.findall(path.read_text())}" for path in (ROOT / package).rglob("*.py")]
    assert [each for each in found if not each.endswith(": []")] == []
