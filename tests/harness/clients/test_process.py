"""Child programs: bounded, in a small environment, and nothing of them left."""

from __future__ import annotations

import socket
import sys

import pytest

from harness.clients.process import (
    end_leftovers,
    find_program,
    folder_closed,
    folder_opened,
    leftovers,
    run_program,
    start_program,
)
from harness.errors import DeadlineExceeded, DriverError


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_output_code_and_stdin(tmp_path):
    code = "import sys; print(sys.stdin.read().upper()); print('warned', file=sys.stderr); sys.exit(3)"
    done = run_program(python(code), folder=tmp_path, timeout=20, stdin=b"hello")
    assert (done.code, done.stdout.strip(), done.stderr.strip()) == (3, "HELLO", "warned")
    assert done.output == "HELLO\nwarned"


def test_the_environment_is_small(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_USER", "x")
    code = "import os; print(sorted(os.environ)); print(os.environ['HOME'], os.environ['LC_ALL'], os.environ['TZ'])"
    done = run_program(python(code), folder=tmp_path, timeout=20, extra={"ONE_MORE": "y"})
    names, values = done.stdout.splitlines()
    assert "SECRET_OF_THE_USER" not in names
    assert "ONE_MORE" in names
    assert values == f"{tmp_path} C UTC"


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(DriverError, match="cannot be started: No such file"):
        run_program([tmp_path / "nothing"], folder=tmp_path, timeout=1)


def test_a_hanging_program_is_killed_and_its_words_shown(tmp_path):
    code = "import signal; print('about to hang', flush=True); signal.pause()"
    with pytest.raises(DeadlineExceeded, match="about to hang"):
        run_program(python(code), folder=tmp_path, timeout=1.5)
    assert leftovers() == []


def test_a_program_that_leaves_a_child_behind(tmp_path):
    code = (
        "import subprocess, sys; "
        "subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'], "
        "stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)"
    )
    with pytest.raises(DriverError, match="left processes behind"):
        run_program(python(code), folder=tmp_path, timeout=20)
    end_leftovers()
    assert leftovers() == []


def test_a_daemon_is_found_by_its_mark(tmp_path):
    code = (
        "import os, subprocess, sys; "
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; print(1, flush=True); signal.pause()'], "
        "start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL); "
        "child.stdout.read(1); print(child.pid)"
    )
    pid = int(run_program(python(code), folder=tmp_path, timeout=20).stdout)
    assert any(f"process {pid} is left over" in line for line in leftovers())
    assert end_leftovers()
    assert leftovers() == []


def test_a_program_that_stays_is_stopped_by_group(tmp_path):
    child = start_program(
        python("import signal; print('up', flush=True); signal.pause()"), folder=tmp_path, log=tmp_path / "log"
    )
    assert child.running()
    assert any("was not stopped" in line for line in leftovers())
    child.stop()
    assert not child.running()
    assert leftovers() == []


def test_an_open_folder_is_a_leftover(tmp_path):
    folder = tmp_path / "case"
    folder.mkdir()
    folder_opened(folder, "a case")
    assert leftovers() == [f"folder {folder} of a case was not closed"]
    folder_closed(folder)
    assert leftovers() == []
    folder_opened(folder, "a case")
    end_leftovers()
    assert not folder.exists()


def test_programs_are_found(tmp_path, monkeypatch):
    program = tmp_path / "dma" / "usr" / "sbin" / "dma"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("HARNESS_CLIENTS_DIR", str(tmp_path))
    assert find_program("dma-of-nobody", "dma/usr/sbin/dma") == program
    assert find_program("no-such-program") is None
    monkeypatch.setenv("HARNESS_NO_SUCH_PROGRAM", str(program))
    assert find_program("no-such-program") == program
    monkeypatch.setenv("HARNESS_NO_SUCH_PROGRAM", str(tmp_path / "gone"))
    assert find_program("no-such-program") is None


def test_a_program_that_stays_may_speak_on_a_socket(tmp_path):
    ours, its = socket.socketpair()
    with ours:
        with its:
            child = start_program(["cat"], folder=tmp_path, stdin=its.fileno(), output=its.fileno())
        ours.sendall(b"hello\n")
        ours.settimeout(20)
        assert ours.recv(64) == b"hello\n"
        child.stop()
