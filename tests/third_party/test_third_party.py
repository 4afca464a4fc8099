"""Somebody else's project, tested with nothing but what is public; and the fixture, over and over."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent / "tinymailer"
PUBLIC = {"fakeeop", "fakeeop.testing"}
REPETITIONS = int(os.environ.get("EOP_FIXTURE_REPETITIONS", "50"))  # 1000 before a release
OTHERS = (
    "schemathesis",
    "hypothesispytest",
    "anyio",
    "faker",
    "Faker",
    "pytest_cov",
)  # slow to load, and not concerned
WORKERS = os.environ.get("EOP_FIXTURE_WORKERS", "2")


@pytest.fixture
def project(tmp_path):
    """A copy, so that it leaves nothing here."""
    return Path(shutil.copytree(PROJECT, tmp_path / "tinymailer", ignore=shutil.ignore_patterns("__pycache__")))


def run(folder, *arguments):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    for name in list(environment):
        if name.startswith(("PYTEST_", "COV_")):
            del environment[name]
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def run_pytest(folder, *arguments):
    without = [word for name in OTHERS for word in ("-p", f"no:{name}")]
    return run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *without, *arguments)


def passed(done):
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-3000:]
    return int(re.findall(r"(\d+) passed", done.stdout)[-1])


def test_it_uses_public_names_only():
    names = set()
    for path in PROJECT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
    assert {name for name in names if name.startswith(("fakeeop", "harness"))} <= PUBLIC


@pytest.mark.parametrize("arguments", [("-p", "no:xdist"), ("-n", "2")], ids=["alone", "xdist"])
def test_its_tests_pass(project, arguments):
    assert passed(run_pytest(project, *arguments)) >= 18


def test_its_unit_tests_pass_without_pytest(project):
    done = run(project, "-W", "error", "-m", "unittest", "tests.test_unittest")
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr


LEAKS = """\
import gc, os, threading
import pytest, fakeeop

def held():
    '''What this process holds: threads, and what its descriptors lead to, without their numbers.'''
    for _ in range(3):  # each is a trip to the hosting loop and back: what was closing is closed by then
        with fakeeop.Emulator():
            pass
    gc.collect()
    threads = sorted(thread.name for thread in threading.enumerate())
    links = []
    for number in os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else ():
        try:
            links.append(os.readlink(f"/proc/self/fd/{number}").partition(":")[0])
        except OSError:  # the descriptor of the listing itself
            continue
    return threads, sorted(links)

@pytest.fixture(scope="session", autouse=True)
def nothing_leaks():
    with fakeeop.Emulator() as eop:  # what is loaded once is loaded now
        work(eop, 0)
    before = held()
    yield
    assert held() == before

def work(eop, number):
    import smtplib
    eop.tenant("contoso").recipient("ann@contoso.com")
    with smtplib.SMTP(eop.host, eop.port, timeout=60) as client:
        if number % 4 == 0:
            client.starttls(context=eop.certificate("mail.contoso.com").context())
        client.sendmail("app@contoso.com", ["ann@contoso.com"], "Subject: x\\n\\nhi\\n")
    if number % 5 == 0:
        left_open = smtplib.SMTP(eop.host, eop.port, timeout=60)
        left_open.close()
    eop.wait_for(messages=1)
    eop.assert_accepted("ann@contoso.com")
"""
REPEATED = """\
import pytest
from conftest import work

@pytest.mark.parametrize("number", range({count}))
def test_again(eop, make_eop, number):
    work(eop, number)
    if number % 10 == 0:
        work(make_eop(), number)

@pytest.mark.parametrize("number", range({count}))
def test_again_in_one_session(eop_session, number):
    assert (eop_session.sessions, eop_session.messages) == ((), ())
    assert eop_session.forest.tenants[0].recipients is None
    work(eop_session, number)
"""


def test_nothing_leaks_however_often(tmp_path):
    """``EOP_FIXTURE_REPETITIONS=1000 EOP_FIXTURE_WORKERS=4`` is the full measure; CI does fewer."""
    (tmp_path / "conftest.py").write_text(LEAKS)
    (tmp_path / "test_again.py").write_text(REPEATED.format(count=REPETITIONS))
    done = run_pytest(tmp_path, "-n", WORKERS, "-W", "error", "-o", "pythonpath=.", "test_again.py")
    assert passed(done) == 2 * REPETITIONS
    assert "error" not in done.stdout.lower()
