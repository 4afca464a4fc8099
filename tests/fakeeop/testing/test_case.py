"""unittest without pytest."""

from __future__ import annotations

import smtplib
import unittest

from fakeeop.testing import EopTestCase


class Mailing(EopTestCase):
    def runTest(self):  # noqa: N802  unittest's own name
        other = self.make_eop()
        with smtplib.SMTP(self.eop.host, self.eop.port, timeout=20) as client:
            client.sendmail("a@contoso.com", ["b@contoso.com"], "Subject: x\n\nhi\n")
        self.eop.assert_accepted("b@contoso.com")
        other.assert_nothing_accepted()


def test_an_emulator_for_every_test():
    result = unittest.TestResult()
    first, second = Mailing(), Mailing()
    unittest.TestSuite([first, second]).run(result)
    assert (result.testsRun, result.errors, result.failures) == (2, [], [])
    assert first.eop is not second.eop
    assert not first.eop.answering


def test_a_tenant_file(tmp_path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants: [{Name: fabrikam, AcceptedDomains: [contoso.com]}]\n")
    case = type("Named", (Mailing,), {"eop_tenant": str(path)})()
    result = unittest.TestResult()
    case.run(result)
    assert (result.errors, result.failures) == ([], [])
    assert case.eop.forest.tenants[0].name == "fabrikam"
