"""What ``fakeeop serve`` says of faults, and that its log breaks no session."""

from __future__ import annotations

import io
import json
import smtplib
from typing import Any

import pytest

from fakeeop.cli.serve.log import HumanLog, JsonLog, ServeLog
from fakeeop.emulator import Emulator

TREE = {
    "Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}],
    "Faults": [{"at": "rcpt", "first": 1, "name": "busy", "reply": "451 4.7.500"}],
}


def served(log: ServeLog, tree: dict[str, Any] = TREE) -> Emulator:
    """An emulator that one refused and one accepted message came to, with its log."""
    eop = Emulator.from_tree(tree)
    log.attach(eop.journal)
    with eop:
        for _ in range(2):
            with smtplib.SMTP(*eop.addresses[0], timeout=10) as client:
                client.ehlo()
                client.mail("app@fabrikam.com")
                client.rcpt("user@contoso.com")
        assert eop.journal.wait_for_sessions_to_end(10)
    return eop


def test_the_log_for_people_names_the_fault():
    stream = io.StringIO()
    eop = served(HumanLog(stream))
    assert "a fault, set on purpose, at rcpt: busy (match 1)" in stream.getvalue()
    assert "rejected at rcpt: fault: 451 4.7.500 Server busy." in stream.getvalue()
    assert eop.explain_text().startswith("Session ")
    assert "at rcpt: busy (match 1)" in eop.explain_text()


def test_a_fault_without_a_name_is_told_once():
    stream = io.StringIO()
    served(HumanLog(stream), {**TREE, "Faults": [{"at": "rcpt", "first": 1, "reply": "451 4.3.2 later"}]})
    assert "a fault, set on purpose, at rcpt: 451 4.3.2 later (match 1)" in stream.getvalue()


def test_the_log_for_programs_too():
    stream = io.StringIO()
    served(JsonLog(stream))
    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    (fault,) = [event for event in events if event["event"] == "fault"]
    assert (fault["stage"], fault["fault"], fault["match"]) == ("rcpt", "busy", 1)


class Ascii(io.StringIO):
    def write(self, text: str) -> int:
        text.encode("ascii")
        return super().write(text)


def test_a_stream_that_cannot_take_a_character_breaks_no_session():
    tree = {**TREE, "Faults": [{"at": "rcpt", "first": 1, "name": "böse", "delay": "1ms"}]}
    served(HumanLog(Ascii()), tree)


def test_a_broken_log_breaks_no_session(monkeypatch: pytest.MonkeyPatch):
    stream = io.StringIO()
    monkeypatch.setattr(HumanLog, "recipient", lambda *_: 1 // 0)
    served(HumanLog(stream))
    assert "the log broke, the session goes on: ZeroDivisionError" in stream.getvalue()
