"""``--command``: programs that send one message."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys

import pytest

from fakeeop.pki.files import write_issued
from harness.mtas.watching import FolderWatch

SENDS = """\
import smtplib, sys
host, port, sender, to = sys.argv[1:5]
with smtplib.SMTP(host, int(port)) as client:
    client.sendmail(sender, to.split(","), "Subject: x\\r\\n\\r\\nhi\\r\\n")
"""
HIDES = SENDS.replace("with smtplib", "try:\n  with smtplib").replace("    client", "    client") + (
    "except smtplib.SMTPException:\n  pass\n"
)


@pytest.fixture
def program(tmp_path):
    """A maker: the command line of a script."""

    def make(text, places="{host} {port} {sender} {recipients}"):
        path = tmp_path / "send.py"
        path.write_text(text)
        return f"{sys.executable} {path} {places}"

    return make


def test_a_script_with_smtplib(program, checked, graded):
    code, report = checked("--command", program(SENDS), "--skip", "tls", "--skip", "many-recipients")
    found = graded(report)
    assert code == 1
    lost = {
        name: each["causes"]
        for name, each in found.items()
        if each["grade"] not in ("pass", "unsupported", "deviation")
    }
    assert lost == {"one-of-two-refused": ["lost"]}  # nobody reads what sendmail() returns
    assert found["mixed-recipients"]["grade"] == found["refused-5.7.64"]["grade"] == "pass"
    assert found["accepted-by-ip"]["causes"] == ["no-tls"]
    assert found["dropped-after-250"]["grade"] == "pass"
    assert found["smtputf8"]["grade"] == "unsupported"


def test_a_script_that_hides_what_went_wrong_loses_mail(program, checked):
    only = ("--only", "deferred-451", "--only", "refused-5.7.64")
    code, report = checked("--command", program(HIDES), *only)
    assert code == 1
    assert {each["grade"]: each["causes"] for each in report["cases"]} == {"fail": ["lost"]}


@pytest.mark.skipif(shutil.which("swaks") is None, reason="swaks is not installed")
def test_swaks_with_tls_and_a_certificate(checked, graded, authority, tmp_path):
    files = write_issued(tmp_path, "relay", authority.issue(dns_names=("mail.contoso.com",)), pfx=False)
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    command = (
        f"swaks --server {{host}}:{{port}} --from {{sender}} --to {{recipients}} --data @{{message}} "
        f"--tls --tls-cert {files.certificate} --tls-key {files.key}"
    )
    only = ("accepted", "certificates", "mixed-recipients", "refused-5.4.1", "starttls-*", "eight-bit")
    options = [word for each in only for word in ("--only", each)]
    code, report = checked("--command", command, "--trust", tmp_path / "ca.pem", *options)
    found = graded(report)
    assert {name: each["why"] for name, each in found.items() if each["grade"] in ("fail", "error")} == {}
    assert code == 0
    assert found["accepted-by-certificate"]["grade"] == "pass"
    assert "mail.contoso.com" in report["facts"]["known by"]
    assert found["starttls-stripped"]["grade"] == "pass"


def test_a_program_that_hangs_is_ended_and_its_words_are_shown(program, checked):
    hangs = "import sys, threading\nprint('waiting for godot', flush=True)\nthreading.Event().wait()\n"
    code, report = checked("--command", program(hangs), "--patience", 1)
    assert code == 3
    assert "waiting for godot" in report["error"]


def test_a_program_that_cannot_be_started(checked):
    code, report = checked("--command", "/nowhere/send {recipient} {port}")
    assert code == 3
    assert "/nowhere/send" in report["error"]


def test_a_program_that_does_not_connect(program, checked):
    code, report = checked("--command", program("import sys\nsys.exit('no such option')"))
    assert code == 3
    assert "did not connect" in report["error"]
    assert "no such option" in report["error"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("send {recipient} {nobody} {port}", "unknown {nobody}"),
        ("send {recipient}", "without {port}"),
        ("send {port}", "without {recipient}"),
        ("send 'x", "No closing quotation"),
    ],
)
def test_wrong_commands(checked, command, words):
    code, report = checked("--command", command)
    assert code == 3
    assert words in report["error"]


@pytest.mark.skipif(sys.platform != "linux", reason="waits by inotify")
def test_a_check_that_is_told_to_end_leaves_nothing(tmp_path):
    hangs = tmp_path / "hangs.py"
    started = tmp_path / "started"
    hangs.write_text(
        "import os, threading\nfrom pathlib import Path\n"
        f"Path({str(tmp_path / 'new')!r}).write_text(str(os.getpid()))\n"
        f"os.rename({str(tmp_path / 'new')!r}, {str(started)!r})\nthreading.Event().wait()\n"
    )
    made = tmp_path / "made"
    made.mkdir()
    command = f"{sys.executable} {hangs} {{port}} {{recipient}}"
    argv = [sys.executable, "-m", "harness", "check-relay", "--command", command, "--by", "address"]
    with FolderWatch(tmp_path) as watch:
        check = subprocess.Popen(argv, env={**os.environ, "TMPDIR": str(made)}, stdout=subprocess.DEVNULL)
        assert watch.wait(started.exists, 30)
    program = os.pidfd_open(int(started.read_text()))
    check.terminate()
    assert check.wait(20) == 130
    assert select.select([program], [], [], 10)[0]  # readable: it has ended
    os.close(program)
    assert list(made.iterdir()) == []
