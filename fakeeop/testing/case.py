"""For unittest: a test case with a running emulator."""

from __future__ import annotations

import unittest

from fakeeop.testing.emulator import EmulatorForTests

__all__ = ["EopTestCase"]


class EopTestCase(unittest.TestCase):
    """``self.eop`` runs in every test, clean. A subclass with a ``setUp`` of its own calls ``super().setUp()`` first.

    ``eop_tenant`` may name a tenant file; without one there is the empty tenant contoso.
    """

    eop_tenant: str | None = None
    eop: EmulatorForTests

    def setUp(self) -> None:
        """Start it."""
        super().setUp()
        self.eop = self.make_eop()

    def make_eop(self) -> EmulatorForTests:
        """One more emulator, running until the test is over."""
        eop = EmulatorForTests() if self.eop_tenant is None else EmulatorForTests.from_file(self.eop_tenant)
        eop.start()
        self.addCleanup(eop.stop)
        return eop
