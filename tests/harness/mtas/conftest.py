"""The servers of the clients' tests, and the linter of those of relay-lint."""

from __future__ import annotations

from ..clients.conftest import (  # noqa: F401  fixtures
    lab_ca,
    named_peer,
    peer,
    plan,
    scripted,
    tls_peer,
)
from ..relay_lint.conftest import linter  # noqa: F401  a fixture
