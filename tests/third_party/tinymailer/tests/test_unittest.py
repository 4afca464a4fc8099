"""The same mailer, tested with unittest."""

from __future__ import annotations

import unittest

from tinymailer import Mailer, RefusedError

from fakeeop.testing import EopTestCase


class MailerTest(EopTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.eop.tenant("contoso").recipient("ann@contoso.com")
        self.mailer = Mailer(self.eop.host, self.eop.port)

    def test_inside(self) -> None:
        self.mailer.send("app@contoso.com", "ann@contoso.com", "x", "y")
        self.eop.assert_accepted("ann@contoso.com", tenant="contoso")

    def test_outside(self) -> None:
        with self.assertRaisesRegex(RefusedError, "5.7.64"):  # noqa: PT027  this is unittest
            self.mailer.send("app@contoso.com", "someone@fabrikam.example", "x", "y")
        self.eop.assert_refused("5.7.64")


if __name__ == "__main__":
    unittest.main()
