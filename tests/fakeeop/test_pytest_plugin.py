"""The plugin, run in pytest. What it needs is imported here: a test run inside must not import OpenSSL anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

import fakeeop.pki.variants
import fakeeop.server.host
import fakeeop.testing.certificates
import fakeeop.testing.emulator
import fakeeop.tls.context  # noqa: F401  with the rest: stays loaded

SEND = """\
import smtplib

def send(eop, recipient="b@contoso.com"):
    with smtplib.SMTP(eop.host, eop.port, timeout=20) as client:
        try:
            client.sendmail("a@contoso.com", [recipient], "Subject: x\\n\\nhi\\n")
        except smtplib.SMTPRecipientsRefused:
            pass
"""


@pytest.fixture
def run(pytester):
    """``run(tests, *arguments, ini=)``: pytest on one file of tests, in this process."""

    def go(tests, *arguments, ini=""):
        pytester.makeini(f"[pytest]\naddopts = --import-mode=importlib\n{ini}")
        pytester.makepyfile(test_it=SEND + tests)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", *arguments)

    return go


def test_every_test_has_a_clean_emulator_of_its_own(run):
    body = """
ports = []
def test_one(eop):
    eop.tenant("contoso").recipient("b@contoso.com")
    send(eop)
    ports.append(eop.port)
    assert len(eop.messages) == 1
def test_two(eop, make_eop):
    assert eop.messages == () and eop.forest.tenants[0].recipients is None
    other = make_eop()
    assert len({eop.port, other.port, make_eop().port}) == 3
    send(other)
    assert (len(eop.messages), len(other.messages)) == (0, 1)
"""
    run(body).assert_outcomes(passed=2)


def test_the_servers_end_with_the_test(run):
    body = """
import socket
seen = []
def test_one(eop, make_eop):
    seen.extend([(eop.host, eop.port), (make_eop().host, make_eop().port)])
def test_two():
    for address in seen:
        with socket.socket() as again:
            again.bind(address)
"""
    run(body).assert_outcomes(passed=2)


def test_one_server_for_the_session_with_a_view_for_each_test(run):
    body = """
import pytest
@pytest.fixture(scope="session")
def app(eop_server):
    eop_server.tenant("contoso").recipient("b@contoso.com")
    return eop_server.port
def test_one(app, eop_session):
    assert eop_session.port == app
    eop_session.tenant("contoso").reject_direct_send()
    eop_session.clients_come_from("203.0.113.25")
    eop_session.fail(stage="connect", first=1, delay=0)
    send(eop_session)
    eop_session.assert_refused("5.7.68")
def test_two(app, eop_session):
    assert eop_session.port == app
    assert (eop_session.messages, eop_session.sessions, eop_session.faults) == ((), (), ())
    assert eop_session.forest.tenants[0].recipients == {"b@contoso.com"}
    send(eop_session)
    assert eop_session.assert_accepted("b@contoso.com").peer == "127.0.0.1"
"""
    run(body).assert_outcomes(passed=2)


TENANT = "Tenants: [{Name: %s, AcceptedDomains: [contoso.com]}]\n"
WHICH = """
def test_which(eop, eop_session, make_eop):
    names = [each.forest.tenants[0].name for each in (eop, eop_session, make_eop(), make_eop(tenant="other.yaml"))]
    assert names == ["{0}", "{0}", "{0}", "other"]
    assert eop.timeout == eop_session.timeout == {1}
"""


def test_options_win_over_ini_values(run, pytester):
    for name in ("fromini", "fromoption", "other"):
        (pytester.path / f"{name}.yaml").write_text(TENANT % name)
    ini = "fakeeop_tenant = fromini.yaml\nfakeeop_timeout = 2.5\n"
    run(WHICH.format("fromini", 2.5), ini=ini).assert_outcomes(passed=1)
    options = ("--fakeeop-tenant=fromoption.yaml", "--fakeeop-timeout=1")
    run(WHICH.format("fromoption", 1.0), *options, ini=ini).assert_outcomes(passed=1)


def test_a_wrong_tenant_file_is_told_with_its_line(run, pytester):
    (pytester.path / "tenant.yaml").write_text("Tenants:\n  - Name: contoso\n    AcceptedDomain: [contoso.com]\n")
    result = run("def test_it(eop): pass\n", "--fakeeop-tenant=tenant.yaml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*tenant.yaml:3: error unknown-field:*AcceptedDomains*"])


def test_a_wrong_number_is_a_usage_error(run):
    result = run("def test_it(eop): pass\n", ini="fakeeop_timeout = soon\n")
    result.stdout.fnmatch_lines(["*fakeeop_timeout = soon: write a number of seconds*"])


FAILING = """
def test_plain(eop):
    send(eop, "x@fabrikam.example")
    assert eop.messages
def test_ours(eop):
    send(eop, "x@fabrikam.example")
    eop.assert_accepted("x@fabrikam.example")
"""


def test_a_failed_test_shows_what_its_emulator_saw(run):
    result = run(FAILING)
    result.assert_outcomes(failed=2)
    text = result.stdout.str().partition("short test summary")[0]  # under CI pytest cuts nothing there
    assert text.count("- fakeeop -") == 1, "an assertion of ours shows it itself"
    assert text.count("verdict: relay-access-denied") == 2
    result.stdout.fnmatch_lines(["*S: 550 5.7.64 TenantAttribution*"])
    assert "asserting.py" not in text, "our own frames are hidden"


def test_the_report_can_be_switched_off(run):
    assert "- fakeeop -" not in run(FAILING, "--fakeeop-no-report").stdout.str()
    assert "- fakeeop -" not in run(FAILING, ini="fakeeop_report = false\n").stdout.str()


def test_the_fixtures_serve_coroutines(run):
    pytest.importorskip("anyio")
    body = """
import asyncio, pytest
@pytest.fixture
def anyio_backend():
    return "asyncio"
@pytest.mark.anyio
async def test_it(eop):
    task = asyncio.create_task(asyncio.to_thread(send, eop))
    (message,) = await eop.wait_for_async(messages=1)
    await task
    assert message.rcpt_to == ("b@contoso.com",)
"""
    run(body).assert_outcomes(passed=1)


def test_who_does_not_use_it_pays_nothing(pytester):
    """A run without a fixture of ours loads no part of the emulator, only the table of its public names."""
    pytester.makepyfile("""
import sys
def test_it():
    assert {name for name in sys.modules if name.startswith("fakeeop.")} == {"fakeeop.pytest_plugin", "fakeeop.testing"}
    assert not {"OpenSSL", "cryptography", "aiosmtpd"} & set(sys.modules)
""")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
