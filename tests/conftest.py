"""The world every test starts from: nothing of the caller's environment, and hypothesis as a fixed set of examples."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]  # pytest in pytest, for the plugin of the harness

SCRUBBED_PREFIXES = ("FAKEEOP_", "HARNESS_", "SMTP_", "LC_", "PYTHONWARNINGS")
KEPT = ("HARNESS_CLIENTS_DIR", "HARNESS_CLIENTS_INSTALLED")  # where the mail clients are, and that none may be missing
SCRUBBED = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LANG", "LANGUAGE", "TZ")

# Examples are the same in every run, here and in CI; `--hypothesis-profile=explore` looks for new ones. No deadline: a
# busy machine is not a bug. The too-slow check measures time as well.
settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


def _scrub() -> None:
    for name in list(os.environ):
        if name not in KEPT and (name in SCRUBBED or name.startswith(SCRUBBED_PREFIXES)):
            del os.environ[name]
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["TZ"] = "UTC"


_scrub()  # while conftest is imported: before any module of ours reads the environment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Checks of real relays wait for queues: beside all others, not when these are done."""
    items.sort(key=lambda item: not item.path.name.startswith("test_with_"))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()  # thousands of tests are no garbage: a tenth of the time would go into looking at them


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).resolve().parents[1]
