"""A user's sendmail.mc made private: what is changed, and that the rest stays."""

from __future__ import annotations

import pytest

from harness.mtas.sendmail.replaced import replaced

MC = """\
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`linux')dnl
define(`SMART_HOST', `esmtp:[contoso-com.mail.protection.outlook.com]')dnl
define(`ESMTP_MAILER_ARGS', `TCP $h 25')dnl
define(`QUEUE_DIR', `/var/spool/mqueue')dnl
define(`confCLIENT_CERT', `/etc/mail/relay.pem')dnl
MASQUERADE_AS(`contoso.com')dnl
MAILER(`smtp')dnl
"""


@pytest.fixture
def made(tmp_path):
    def make(text, source="127.0.0.1"):
        files = {"confCLIENT_CERT": "/copy.pem"}
        return replaced(text, target=("127.0.0.1", 2525), source=source, folder=tmp_path, files=files)

    return make


def test_smart_host_ports_and_folders_are_replaced_and_told(made, tmp_path):
    text, changes = made(MC)
    told = {each.name: (each.old, each.new) for each in changes}
    assert told["SMART_HOST"] == ("esmtp:[contoso-com.mail.protection.outlook.com]", "relay:[127.0.0.1]")
    assert told["ESMTP_MAILER_ARGS"] == ("TCP $h 25", "TCP $h 2525")
    assert told["QUEUE_DIR"] == ("/var/spool/mqueue", str(tmp_path / "queue"))
    assert told["CLIENT_OPTIONS"] == ("", "Family=inet, Address=127.0.0.1")
    assert "mail.protection.outlook.com" not in text
    assert "/var/spool" not in text
    assert "cf.m4" not in text


def test_what_is_not_ours_stays_and_files_are_moved(made):
    text, changes = made(MC)
    assert "MASQUERADE_AS(`contoso.com')dnl" in text
    assert "define(`confCLIENT_CERT', `/copy.pem')dnl" in text
    assert "confCLIENT_CERT" not in {each.name for each in changes}


def test_ours_stand_where_m4_wants_them(made):
    text, _ = made(MC)
    assert text.index("confSERVICE_SWITCH_FILE") < text.index("OSTYPE(")
    assert text.index("`SMART_HOST', `relay:") < text.index("MAILER(")


def test_a_smart_host_that_is_not_there_is_told_too(made):
    _, changes = made("OSTYPE(`linux')dnl\nMAILER(`smtp')dnl\n")
    assert {each.name: each.old for each in changes}["SMART_HOST"] == ""


def test_a_file_without_mailers_gets_them(made):
    text, _ = made("define(`x', `y')dnl\n")
    assert text.rstrip().endswith("MAILER(`smtp')dnl")
    assert "OSTYPE(`linux')dnl" in text
