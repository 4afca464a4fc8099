"""A real OpenSMTPD as users configure it; and what its text tells."""

from __future__ import annotations

import os
import sys

import pytest

from harness.clients.base import Unavailable
from harness.clients.registry import status
from harness.mtas.opensmtpd.form import routes, time_to_live

CONFIGURATION = """\
listen on lo0
queue ttl 5d
action "out" relay host "smtp+tls://contoso-com.mail.protection.outlook.com"
match from any for any action "out"
"""


@pytest.fixture
def opensmtpd(tmp_path):
    """A maker: a configuration file."""
    found = status("opensmtpd")
    if isinstance(found, Unavailable):
        pytest.skip(f"opensmtpd {found.reason}")
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("opensmtpd needs root")

    def make(text: str = CONFIGURATION):
        path = tmp_path / "smtpd.conf"
        path.write_text(text)
        return path

    return make


def test_a_good_configuration(opensmtpd, checked, graded):
    only = [word for each in ("configured", "accepted", "refused-5.7.64") for word in ("--only", each)]
    code, report = checked("--opensmtpd", opensmtpd(), "--patience", 30, *only)
    assert code == 0
    assert {name: each["grade"] for name, each in graded(report).items()} == dict.fromkeys(graded(report), "pass")
    assert "listen on" in {each["name"] for each in report["replaced"]}


def test_a_configuration_that_does_not_parse(opensmtpd, checked):
    code, report = checked("--opensmtpd", opensmtpd("nonsense\n"), "--only", "accepted-by-ip")
    assert code == 3
    assert "syntax error" in report["cases"][0]["reason"]


def test_what_the_text_tells():
    (found,) = routes(CONFIGURATION)
    assert (found.host, found.port) == ("contoso-com.mail.protection.outlook.com", "25")
    assert routes('action "x" relay host smtps://label@a.example')[0].port == "465"
    assert routes('action "x" relay') == ()
    assert time_to_live(CONFIGURATION) == 5 * 86400.0
    assert time_to_live("") == 4 * 86400.0
