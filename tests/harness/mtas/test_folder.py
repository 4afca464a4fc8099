"""A change of a folder wakes whoever waits; a missing folder is told."""

from __future__ import annotations

import sys
import threading

import pytest

from harness.errors import HarnessError
from harness.mtas.folder import FolderWatch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


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


def test_what_holds_already_needs_no_change(tmp_path):
    with FolderWatch(tmp_path) as watch:
        assert watch.wait(lambda: True, 0)
        assert not watch.wait(lambda: False, 0)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(HarnessError, match="cannot watch"):
        FolderWatch(tmp_path / "nothing")
