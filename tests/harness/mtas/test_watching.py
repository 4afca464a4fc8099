"""Lines come through a pipe and end when the last writer has gone; a change of a folder wakes whoever waits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from harness.errors import HarnessError
from harness.mtas.watching import FolderWatch, LineFeed


def started(lines, code):
    """A feed into a list, from a child that runs ``code`` with its standard output in the pipe."""
    feed = LineFeed(lines.append)
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=feed.descriptor)
    feed.started()
    return feed, child


def test_a_line_wakes_whoever_waits():
    lines: list[str] = []
    feed, child = started(lines, "print('up', flush=True); input(); print('down')")
    assert feed.wait(lambda: lines == ["up"], 30)
    assert not feed.wait(lambda: "down" in lines, 0.01)
    child.communicate(b"\n")
    assert feed.wait(lambda: lines == ["up", "down"], 30)
    assert feed.ended(30)
    assert child.returncode == 0


def test_waiting_ends_when_nothing_more_can_come():
    lines: list[str] = []
    feed, child = started(lines, "pass")
    assert not feed.wait(lambda: bool(lines), 30)
    assert feed.ended(30)
    child.communicate()


def test_octets_that_are_no_utf_8_are_shown():
    lines: list[str] = []
    feed = LineFeed(lines.append)
    os.write(feed.descriptor, b"\xff caf\xc3\xa9\r\n")
    feed.started()
    feed.started()  # harmless
    assert feed.ended(30)
    assert lines == ["\\xff café"]


def test_a_pipe_with_a_name_stays_open_between_writers(tmp_path):
    lines: list[str] = []
    feed = LineFeed(lines.append, tmp_path / "log")
    for text in ("one", "two"):
        with (tmp_path / "log").open("w") as writer:
            writer.write(f"{text}\n")
        assert feed.caught_up(30)
    assert lines == ["one", "two"]
    assert feed.ended(30)
    again = LineFeed(lines.append, tmp_path / "log")
    assert again.caught_up(30)
    assert again.ended(30)
    assert lines == ["one", "two"]


on_linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


@on_linux
def test_files_that_come_go_and_move(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    file, moved = here / "a", there / "a"
    acts = iter((lambda: file.write_text("x"), lambda: file.rename(moved), moved.unlink))
    with FolderWatch(here, there) as watch:
        for holds in (file.exists, moved.exists, lambda: not moved.exists()):
            act = threading.Thread(target=next(acts))
            act.start()
            assert watch.wait(holds, 30)
            act.join()


@on_linux
def test_what_holds_already_needs_no_change(tmp_path):
    with FolderWatch(tmp_path) as watch:
        assert watch.wait(lambda: True, 0)
        assert not watch.wait(lambda: False, 0)


@on_linux
def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(HarnessError, match="cannot watch"):
        FolderWatch(tmp_path / "nothing")
