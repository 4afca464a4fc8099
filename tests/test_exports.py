"""The public names are exactly those promised, and cost nothing until they are used."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import fakeeop

MODULES = (
    *("fakeeop", "fakeeop.model", "fakeeop.errors", "fakeeop.decision.verdict", "fakeeop.testing"),
    *("harness.model.result", "harness.errors"),
)


@pytest.mark.parametrize("module", MODULES)
def test_all_is_sorted_and_complete(module: str):
    loaded = importlib.import_module(module)
    assert list(loaded.__all__) == sorted(loaded.__all__)
    assert [name for name in loaded.__all__ if not hasattr(loaded, name)] == []


def test_the_names_of_the_package_are_those_of_the_documentation():
    assert set(fakeeop.__all__) >= {"Emulator", "InboundConnector", "Tenant", "Verdict", "__version__"}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Mailbux"):
        fakeeop.Mailbux  # noqa: B018  reading it is the test


def test_dir_shows_the_lazy_names():
    assert set(fakeeop.__all__) <= set(dir(fakeeop))


def test_importing_the_package_loads_none_of_its_parts():
    program = "import sys, fakeeop; print(*sorted(name for name in sys.modules if name.startswith('fakeeop.')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
