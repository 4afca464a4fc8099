"""``fakeeop init``: what it writes is right, and the lines that it prints end in 250."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys

import pytest

MODULE = [sys.executable, "-m", "fakeeop"]
CHOICES = ("address", "certificate", "partner")


def fakeeop(*arguments, cwd):
    done = subprocess.run([*MODULE, *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("by", CHOICES)
@pytest.mark.parametrize("more", [(), ("--organization", "Example Org", "--domain", "Mail.Example.ORG")])
def test_each_choice_passes_the_strict_check(tmp_path, by, more):
    assert fakeeop("init", "--by", by, *more, cwd=tmp_path).returncode == 0
    checked = fakeeop("check", "--strict", "tenant.yaml", cwd=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "tenant.yaml: fine\n")
    if more:
        text = (tmp_path / "tenant.yaml").read_text()
        assert "Name: Example Org" in text
        assert "DomainName: mail.example.org" in text


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
@pytest.mark.parametrize("by", CHOICES)
def test_the_printed_lines_end_in_250(tmp_path, monkeypatch, by):
    """As printed, but for the port, which is a free one, and for programs that are found without PATH."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    printed = fakeeop("init", "--by", by, cwd=tmp_path).stdout
    *before, serve, swaks = [shlex.split(line) for line in re.findall(r"^  (.*)", printed, re.MULTILINE)]
    for command in before:
        done = fakeeop(*command[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    options = [each.replace(":2525", ":0") for each in serve[1:]]
    options += [] if "--listen" in options else ["--port", "0"]
    with subprocess.Popen([*MODULE, *options], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            ready = next(line for line in server.stdout if "ready on" in line)
            (place,) = re.findall(r"ready on (\S+)", ready)
            swaks = [each.replace("127.0.0.1:2525", place) for each in swaks]
            sent = subprocess.run(swaks, cwd=tmp_path, capture_output=True, text=True, check=False)
        finally:
            server.terminate()
            server.communicate()
    assert sent.returncode == 0, sent.stdout
    assert re.search(r"^<.  250 2\.6\.0 ", sent.stdout, re.MULTILINE), sent.stdout


def test_an_existing_file_is_left_alone(tmp_path):
    (tmp_path / "tenant.yaml").write_text("mine")
    done = fakeeop("init", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "tenant.yaml is there already" in done.stderr
    assert (tmp_path / "tenant.yaml").read_text() == "mine"
    assert fakeeop("init", "--force", cwd=tmp_path).returncode == 0
    assert fakeeop("init", "no/such/folder.yaml", cwd=tmp_path).returncode == 4
    assert fakeeop("init", "--domain", "no domain", cwd=tmp_path).returncode == 2
