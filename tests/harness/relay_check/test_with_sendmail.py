"""A real sendmail as users configure it; and what its macro file tells."""

from __future__ import annotations

import os
import sys

import pytest

from harness.clients.base import Unavailable
from harness.clients.registry import status
from harness.mtas.sendmail.form import routes, time_to_live

CONFIGURATION = """\
OSTYPE(`linux')dnl
define(`SMART_HOST', `esmtp:[contoso-com.mail.protection.outlook.com]')dnl
define(`confTO_QUEUERETURN', `5d')dnl
MASQUERADE_AS(`contoso.com')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""


@pytest.fixture
def sendmail(tmp_path):
    """A maker: a macro file."""
    found = status("sendmail")
    if isinstance(found, Unavailable):
        pytest.skip(f"sendmail {found.reason}")
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("sendmail needs root")

    def make(text: str = CONFIGURATION):
        path = tmp_path / "sendmail.mc"
        path.write_text(text)
        return path

    return make


def test_a_good_configuration(sendmail, checked, graded):
    names = ("configured", "accepted", "refused-5.7.64", "deferred-451", "dropped-after-250", "bare-line-feed")
    only = [word for each in names for word in ("--only", each)]
    code, report = checked("--sendmail", sendmail(), "--by", "address", "--patience", 30, *only)
    assert code == 0
    grades = {name: each["grade"] for name, each in graded(report).items()}
    assert set(grades.values()) <= {"pass", "unsupported"}
    assert grades["accepted-by-ip"] == grades["refused-5.7.64"] == grades["deferred-451"] == "pass"
    assert "SMART_HOST" in {each["name"] for each in report["replaced"]}


def test_another_port_is_found(sendmail, checked, graded):
    text = CONFIGURATION.replace("MAILER(`local')", "define(`ESMTP_MAILER_ARGS', `TCP $h 587')dnl\nMAILER(`local')")
    _, report = checked("--sendmail", sendmail(text), "--only", "configured")
    assert graded(report)["smart-host"]["grade"] == "fail"


def test_a_file_that_is_no_macro_file(sendmail, checked):
    code, _ = checked("--sendmail", sendmail("DS[x]\n"), "--only", "accepted-by-ip")
    assert code == 3


def test_what_the_text_tells():
    (found,) = routes(CONFIGURATION)
    assert (found.host, found.port, found.brackets) == ("contoso-com.mail.protection.outlook.com", "25", True)
    assert routes("dnl define(`SMART_HOST', `x')\n") == ()
    assert not routes("define(`SMART_HOST', `mail.example')\n")[0].brackets
    assert time_to_live(CONFIGURATION) == 5 * 86400.0
    assert time_to_live("") == 5 * 86400.0
