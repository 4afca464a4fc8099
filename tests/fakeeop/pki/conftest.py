"""One lab authority for the tests that only read from it."""

from __future__ import annotations

import pytest

from fakeeop.pki.authority import LabAuthority


@pytest.fixture(scope="session")
def lab_authority() -> LabAuthority:
    return LabAuthority.create()
