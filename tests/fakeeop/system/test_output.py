"""Both commands with an output that cannot take what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = {
    "fakeeop": (("--help",), ("check", "--help"), ("explain", "5.7.64")),
    "harness": (("--help",), ("run", "--help"), ("schema",)),
}
CASES = [(name, arguments) for name, many in COMMANDS.items() for arguments in many]
FAILED = {"fakeeop": 4, "harness": 3}


def run(name: str, arguments: tuple[str, ...], **options):
    module = "fakeeop" if name == "fakeeop" else "harness"
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False, **options)
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    return done


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_a_full_disk_is_one_line(name, arguments):
    with Path("/dev/full").open("wb") as full:
        done = run(name, arguments, stdout=full)
    assert done.returncode == FAILED[name]
    assert done.stderr == f"{name}: the output cannot be written: No space left on device\n".encode()


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_a_reader_that_went_away(name, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(name, arguments, stdout=writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(("name", "arguments"), CASES)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_another_encoding(name, arguments, encoding):
    done = run(name, arguments, stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == 0
    assert done.stdout.decode(encoding)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_closed_output(name, arguments):
    script = 'exec "$0" "$@" >&-'
    command = ["sh", "-c", script, sys.executable, "-m", name, *arguments]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("name", ["fakeeop", "harness"])
def test_an_option_that_was_mistyped(name):
    arguments = ("certs", "make", "--nmae", "x") if name == "fakeeop" else ("run", "--cleint", "x")
    assert b"did you mean --" in run(name, arguments).stderr
