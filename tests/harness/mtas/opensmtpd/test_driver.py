"""What is peculiar to OpenSMTPD: client certificates; and how it is told that it is missing."""

from __future__ import annotations

import os
import sys

import pytest

from harness.clients.base import Unavailable
from harness.clients.registry import status
from harness.mtas.base import Instance, Mail
from harness.mtas.opensmtpd import programs as module
from harness.mtas.opensmtpd.driver import OpensmtpdDriver
from harness.mtas.opensmtpd.programs import OpensmtpdPrograms, opensmtpd_programs

FOUND = status("opensmtpd")
real = pytest.mark.skipif(
    isinstance(FOUND, Unavailable) or sys.platform == "win32" or os.geteuid() != 0, reason="needs opensmtpd and root"
)


@real
def test_a_client_certificate_breaks_its_handshake(tls_peer, lab_ca):
    """Where the server asks for one. If this fails, it has learnt it: declare it."""
    credential = lab_ca[2]
    config = {
        "pki c cert": f'"{credential.certificate}"',
        "pki c key": f'"{credential.key}"',
        "relay": {"host": f"smtp+tls://127.0.0.1:{tls_peer.port}", "tls": "no-verify", "pki": "c"},
    }
    credential.key.chmod(0o600)
    mta = OpensmtpdDriver().mta(Instance("mta", "", ("127.0.0.1", tls_peer.port), config))
    try:
        mta.start(20)
        queue_id = mta.submit(
            Mail({"address": "a@x.example"}, ({"address": "b@x.example"},), b"Subject: x\r\n\r\n"), 20
        )
        assert mta.wait(lambda: bool(mta.statuses(queue_id)), 20), mta.log()
        (found,) = mta.statuses(queue_id)
    finally:
        mta.stop()
    assert (found.status, found.stage) == ("deferred", "starttls")
    assert "starttls-client-certificate" not in OpensmtpdDriver.capabilities


@pytest.fixture(autouse=True)
def afresh():
    """What was found before is forgotten, and what a test finds is, too."""
    opensmtpd_programs.cache_clear()
    yield
    opensmtpd_programs.cache_clear()


@pytest.fixture
def smtpd(tmp_path, monkeypatch):
    """A maker of an smtpd that says a text."""

    def make(text, *, smtpctl=True):
        path = tmp_path / "smtpd"
        path.write_text(f"#!/bin/sh\necho '{text}' >&2; exit 1\n")
        path.chmod(0o755)
        if smtpctl:
            (tmp_path / "smtpctl").touch()
        monkeypatch.setenv("HARNESS_SMTPD", str(path))

    monkeypatch.setattr(module, "view_lack", lambda: "")
    return make


def test_one_that_is_here(smtpd):
    smtpd("version: OpenSMTPD 7.4.0p1")
    found = opensmtpd_programs()
    assert isinstance(found, OpensmtpdPrograms)
    assert found.version == "7.4.0p1"


def test_tools_that_are_lacking(smtpd, monkeypatch):
    smtpd("version: OpenSMTPD 7.4.0p1", smtpctl=False)
    assert str(opensmtpd_programs()).startswith("has no smtpctl next to")
    opensmtpd_programs.cache_clear()
    smtpd("version: OpenSMTPD 7.4.0p1")
    monkeypatch.setattr(module, "view_lack", lambda: "may not have a view of its own")
    assert opensmtpd_programs() == "may not have a view of its own"


def test_another_smtpd(smtpd):
    smtpd("what")
    assert opensmtpd_programs() == "says no version: what"


def test_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_SMTPD", str(tmp_path / "nothing"))
    found = OpensmtpdDriver().probe()
    assert isinstance(found, Unavailable)
    assert (found.reason, found.install.split("  ")[0]) == ("is not installed", "bash ci/install-clients.sh")
