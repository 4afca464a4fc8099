from __future__ import annotations

import json
import smtplib
import socket
import sqlite3
from argparse import ArgumentParser, ArgumentTypeError

import httpx
import pytest

from fakeeop.cli import exits
from fakeeop.cli.serve import journal as serve_journal
from fakeeop.cli.serve import options as serve_options
from fakeeop.errors import StoreError


def settings(tmp_path, *words: str):
    parser = ArgumentParser()
    serve_journal.add_arguments(parser)
    serve_options.add_spool(parser)
    return serve_journal.settings(parser.parse_args(list(words)), tmp_path)


def test_memory(tmp_path):
    given = settings(tmp_path, "--journal", "memory", "--spool-limit", "20M", "--keep-messages", "7")
    assert set(given) == {"journal"}
    assert given["journal"].spooled_octets == 20 * 1_048_576
    assert given["journal"].entries == 7
    assert given["journal"].octets == 268_435_456
    assert list(tmp_path.iterdir()) == []
    serve_journal.close(given["journal"])


def test_a_file_in_the_state_folder_is_the_default(tmp_path):
    given = settings(tmp_path, "--keep-days", "0.5")
    assert (tmp_path / "journal.sqlite").exists()
    first = given["ids"].internal_id()
    serve_journal.close(given["journal"])
    given = settings(tmp_path)
    assert given["ids"].internal_id() - first == 1 << 32
    serve_journal.close(given["journal"])


@pytest.mark.parametrize(("words", "synchronous"), [((), 1), (("--journal-sync",), 2)])
def test_whether_a_commit_waits_for_the_disk(tmp_path, words, synchronous):
    journal = settings(tmp_path, *words)["journal"]
    connection = journal._database.connect()  # 1: NORMAL, 2: FULL
    assert connection.execute("PRAGMA synchronous").fetchone() == (synchronous,)
    connection.close()
    serve_journal.close(journal)


def test_memory_has_nothing_to_sync(tmp_path):
    with pytest.raises(StoreError, match="nothing to sync"):
        settings(tmp_path, "--journal", "memory", "--journal-sync")


@pytest.mark.parametrize(
    ("option", "word"),
    [("--keep-messages", "0"), ("--keep-messages", "x"), ("--keep-days", "-1"), ("--keep-days", "nan")],
)
def test_what_is_no_limit(tmp_path, capsys, option, word):
    with pytest.raises((SystemExit, ArgumentTypeError)):
        settings(tmp_path, option, word)
    assert "is not a number of" in capsys.readouterr().err


def test_a_place_that_cannot_be_written(serve):
    served = serve("--journal", "/proc/no/journal.sqlite")
    assert served.wait() == 4
    assert "fakeeop serve: /proc/no/journal.sqlite: the journal cannot be opened" in served.lines[-1]


@pytest.mark.parametrize("option", ["--spool", "--deliver-to", "--port"])
def test_it_is_closed_when_the_service_cannot_start(fakeeop, tmp_path, monkeypatch, option):
    held, connect = [], sqlite3.connect

    def hold(*place, **settings):  # so that nobody but the service closes it
        held.append(connect(*place, **settings))
        return held[-1]

    monkeypatch.setattr(sqlite3, "connect", hold)
    (tmp_path / "file").touch()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wrong = taken.getsockname()[1] if option == "--port" else tmp_path / "file" / "folder"
        code, _, said = fakeeop("serve", "--port", "0", "--state", tmp_path, option, wrong)
    assert (code, said.count("\n")) == (exits.ENVIRONMENT, 1)
    assert held
    assert [path.name for path in tmp_path.glob("journal*")] == ["journal.sqlite"]  # its log goes with the last of them


def test_the_api_has_what_an_earlier_run_took(serve):
    served = serve("--json")
    address = json.loads(served.until('"ready"'))["addresses"][0].split(":")
    with smtplib.SMTP(address[0], int(address[1]), timeout=30) as client:
        client.sendmail("a@b.example", ["ann@contoso.com"], b"Subject: kept\r\n\r\nhello\r\n")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("a@b.example", ["someone@fabrikam.example"], b"no\r\n")
    assert served.stop() == 0
    served = serve("--json", "--admin", "127.0.0.1:0")
    with httpx.Client(base_url=json.loads(served.until('"ready"'))["admin"]) as api:
        (message,) = api.get("/journal/messages", params={"rcpt-to": "ann@contoso.com"}).json()["messages"]
        assert ["Subject", "kept"] in message["headers"]
        assert api.get(f"/journal/messages/{message['id']}/raw").content == b"Subject: kept\r\n\r\nhello\r\n"
        assert api.get(f"/journal/messages/{message['id']}/deliveries").json()["deliveries"]
        (session,) = api.get("/journal/sessions", params={"verdict": "relay-access-denied"}).json()["sessions"]
        trace = api.get(f"/journal/sessions/{session['id']}/trace").json()
        assert trace["verdict"] == "relay-access-denied"
        assert trace["nearest"]
        waited = api.get("/journal/wait", params={"messages": 1, "ended": 1, "changes": 2}).json()
        assert waited == {"reached": True, "messages": 1, "ended": 1, "open": 0, "changes": 2}
        assert api.delete("/journal").status_code == 204
        assert api.get("/journal/messages").json() == {"messages": [], "next": None}
