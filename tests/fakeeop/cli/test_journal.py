from __future__ import annotations

import json
import smtplib

import pytest

FOREIGN = "someone@fabrikam.example"


@pytest.fixture
def filled(serve):
    """A server that took one message and refused another; it still runs."""
    served = serve("--peer", "127.0.0.25=203.0.113.25", "--front-end", "one")
    address = served.ready()
    with smtplib.SMTP(address[0], address[1], source_address=("127.0.0.25", 0), timeout=30) as client:
        client.sendmail("app@contoso.com", ["ann@contoso.com"], b"Subject: Scan \x1b[31m\r\n\r\nhello\r\n")
    with smtplib.SMTP(address[0], address[1], timeout=30) as client:
        client.ehlo("stranger.example")
        client.mail("a@b.example")
        assert client.rcpt(FOREIGN)[0] == 550
    served.until("relay-access-denied")
    return served


def test_while_it_runs_and_after_kill_9(filled, serve, fakeeop):
    for killed in (False, True):
        if killed:
            filled.process.kill()
            filled.process.wait()
        code, out, _ = fakeeop("journal", "messages", "--state", serve.state)
        assert code == 0
        assert out.count("\n") == 1
        assert "<app@contoso.com> -> <ann@contoso.com>  (contoso / By address)" in out
        code, out, _ = fakeeop("journal", "messages", "--state", serve.state, "--json")
        assert json.loads(out)["rcpt-to"] == ["ann@contoso.com"]


def test_after_it_stopped(filled, serve, fakeeop):
    assert filled.stop() == 0
    _, out, _ = fakeeop("journal", "sessions", "--state", serve.state)
    first, second = out.splitlines()
    assert "1 messages, 0 refusals" in first
    assert "stranger.example  no TLS  0 messages, 1 refusals" in second
    session = second.split()[0]
    _, out, _ = fakeeop("journal", "show", session, "--state", serve.state)
    assert "C: ehlo stranger.example" in out
    assert "nearest miss" in out
    _, out, _ = fakeeop("journal", "sessions", "--state", serve.state, "--last", 1, "--json")
    assert json.loads(out)["id"] == session
    _, out, _ = fakeeop("journal", "messages", "--state", serve.state)
    message = out.split()[0]
    _, out, _ = fakeeop("journal", "show", message, "--state", serve.state)
    assert "Subject: Scan \ufffd[31m" in out  # nothing that a terminal would obey
    _, out, _ = fakeeop("journal", "show", message, "--json", "--state", serve.state)
    assert json.loads(out)["raw"] == "Subject: Scan \x1b[31m\r\n\r\nhello\r\n"
    code, _, errors = fakeeop("journal", "show", "nonsense", "--state", serve.state)
    assert (code, errors) == (1, "fakeeop journal: no session or message 'nonsense'\n")


@pytest.mark.usefixtures("filled")
def test_the_octets_alone(serve):
    import subprocess  # noqa: PLC0415  only here: capsys has no octets
    import sys  # noqa: PLC0415  as above

    command = [sys.executable, "-m", "fakeeop", "journal"]
    listed = subprocess.run([*command, "messages", "--state", str(serve.state)], capture_output=True, check=True)
    name = listed.stdout.split()[0].decode()
    shown = subprocess.run(
        [*command, "show", name, "--raw", "--state", str(serve.state)], capture_output=True, check=True
    )
    assert shown.stdout == b"Subject: Scan \x1b[31m\r\n\r\nhello\r\n"


def test_no_journal(fakeeop, tmp_path):
    code, _, errors = fakeeop("journal", "sessions", "--state", tmp_path)
    assert code == 4
    assert "there is no journal. Fix: name another with --journal" in errors
    assert not (tmp_path / "journal.sqlite").exists()
    (tmp_path / "journal.sqlite").touch()
    code, _, errors = fakeeop("journal", "sessions", "--state", tmp_path)
    assert code == 4
    assert "this is not a journal" in errors


def test_memory_is_for_its_server_only(fakeeop):
    code, _, errors = fakeeop("journal", "sessions", "--journal", "memory")
    assert code == 2
    assert "can be asked by its server only" in errors
