"""What only Exim does: BDAT, and a daemon for its queue; and how it is told that it is missing."""

from __future__ import annotations

import os
import sys

import pytest

from harness.clients.base import Unavailable
from harness.clients.process import leftovers
from harness.clients.registry import status
from harness.errors import DeadlineExceeded
from harness.mtas.base import Instance, Mail
from harness.mtas.exim import programs as module
from harness.mtas.exim.driver import EximDriver
from harness.mtas.exim.instance import EximInstance
from harness.mtas.exim.programs import EximPrograms, exim_programs

FOUND = status("exim")
real = pytest.mark.skipif(
    isinstance(FOUND, Unavailable) or sys.platform == "win32" or os.geteuid() != 0, reason="needs exim and root"
)
MAIL = Mail({"address": "app@contoso.com"}, ({"address": "ann@example.com"},), b"Subject: x\r\n\r\nhello\r\n.dot\r\n")


@pytest.fixture
def started():
    """A maker of started instances; nothing of them may be left."""
    made: list[EximInstance] = []

    def make(port, config=None):
        mta = EximDriver().mta(Instance(f"mta{len(made)}", "", ("127.0.0.1", port), config or {}))
        made.append(mta)
        mta.start(20)
        return mta

    yield make
    for mta in made:
        mta.stop()
    assert [each for each in leftovers() if "exim" in each] == []


@real
def test_it_sends_bdat_where_it_is_offered(started, scripted):
    greeting, ehlo = b"220 mx.example\r\n", b"250-mx.example\r\n250-PIPELINING\r\n250 CHUNKING\r\n"
    taken = b"250 ok\r\n250 ok\r\n250 2.6.0 taken\r\n"
    server = scripted([greeting, ehlo, taken, b"221 bye\r\n"])
    mta = started(server.port)
    queue_id = mta.submit(MAIL, 20)
    assert mta.wait(lambda: not mta.queue(), 20), mta.log()
    assert [each.reply for each in mta.statuses(queue_id)] == ["250 2.6.0 taken"]
    assert mta.chunked(queue_id)
    size = bytes(server.heard).partition(b"BDAT ")[2].partition(b" LAST\r\n")[0]
    content = bytes(server.heard).partition(b" LAST\r\n")[2]
    assert content[: int(size)].endswith(b"\r\n\r\nhello\r\n.dot\r\n")  # as it is: no dot is doubled
    assert b"DATA\r\n" not in bytes(server.heard)


@real
def test_it_sends_data_where_it_is_not(started, peer):
    mta = started(peer.port)
    queue_id = mta.submit(MAIL, 20)
    assert mta.wait(lambda: not mta.queue(), 20), mta.log()
    assert (len(peer.handler.messages), mta.chunked(queue_id)) == (1, False)


@real
def test_a_daemon_runs_the_queue_when_it_is_wanted(started, peer):
    mta = started(peer.port, {"-q": "1s", "retry": "* * F,1h,1s"})
    queue_id = mta.submit(Mail(MAIL.mail_from, ({"address": "defer@example.com"},), MAIL.content), 20)
    assert mta.wait(lambda: any(each.attempts >= 2 for each in mta.statuses(queue_id)), 20), mta.log()
    mta.retry(20)
    assert mta.queue() == (queue_id,)


@pytest.fixture
def afresh():
    """What was found before is forgotten, and what a test finds is, too."""
    exim_programs.cache_clear()
    yield
    exim_programs.cache_clear()


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


SAYS = """case "$*" in
*-bP*) echo exim_user = mail; echo exim_group = mail;;
*) echo Exim version 4.98 '#2' built; echo Support for: Event TLS;;
esac"""


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="needs root")
def test_one_that_hangs_at_its_start_is_ended_and_what_it_said_is_shown(tmp_path):
    program = script(tmp_path / "exim4", "echo reading; exec sleep 600")
    found = EximPrograms(program, "4.98", "mail", "mail", (), False, frozenset())
    mta = EximInstance(Instance("mta", "", ("127.0.0.1", 1)), found)
    try:
        with pytest.raises(DeadlineExceeded, match="reading"):
            mta.start(0.3)
    finally:
        mta.stop()
    assert [each for each in leftovers() if "exim" in each] == []


@pytest.mark.usefixtures("afresh")
def test_one_that_is_installed(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_EXIM4", str(script(tmp_path / "exim4", SAYS)))
    found = exim_programs()
    assert isinstance(found, EximPrograms)
    assert (found.version, found.user, found.unpacked, found.absent) == ("4.98", "mail", False, ())
    assert "Event" in found.features


@pytest.mark.usefixtures("afresh")
def test_one_whose_account_cannot_be_given(tmp_path, monkeypatch):
    says = "echo 'exim: failed to find uid for user name \"nobody-of-this-name\"' >&2; exit 1"
    monkeypatch.setenv("HARNESS_EXIM4", str(script(tmp_path / "exim4", says)))
    monkeypatch.setattr(module, "view_lack", lambda: "may not have a view of its own")
    assert exim_programs() == "has no user nobody-of-this-name on this host, and may not have a view of its own"


@pytest.mark.usefixtures("afresh")
def test_one_that_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_EXIM4", str(script(tmp_path / "exim4", "echo what")))
    assert exim_programs() == "says nothing of itself: what"


@pytest.mark.usefixtures("afresh")
def test_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("HARNESS_EXIM4", str(tmp_path / "nothing"))
    monkeypatch.setenv("HARNESS_EXIM", str(tmp_path / "nothing"))
    found = EximDriver().probe()
    assert isinstance(found, Unavailable)
    assert (found.reason, found.install.split("  ")[0]) == ("is not installed", "bash ci/install-clients.sh")
