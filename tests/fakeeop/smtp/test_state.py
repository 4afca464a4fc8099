from __future__ import annotations

import pytest

from fakeeop.smtp.auth import SessionAuth
from fakeeop.smtp.replies.rows import ROW
from fakeeop.smtp.state import EVENTS, TABLE, VERBS, State, diagram
from fakeeop.smtp.transaction import Transcript

BEGINNINGS = {
    State.GREETING: "",
    State.READY: "EHLO x\n",
    State.MAIL: "EHLO x\nMAIL FROM:<>\n",
    State.RCPT: "EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\n",
    State.BDAT: "EHLO x\nMAIL FROM:<>\nRCPT TO:<a@b.example>\nBDAT 0\n",
}
ARGUMENTS = {"EHLO": "x", "HELO": "x", "MAIL": "FROM:<>", "RCPT": "TO:<a@b.example>", "BDAT": "0", "AUTH": "LOGIN"}


class Nobody:
    def authenticate(self, _credentials):
        return b"535 no\r\n"


def test_every_entry_is_a_state_or_a_reply():
    for state, row in TABLE.items():
        assert set(row) <= {*VERBS, *EVENTS}, state
        for entry in row.values():
            assert isinstance(entry, State) or entry in ROW


def test_every_verb_has_an_answer_in_every_state_that_takes_commands():
    for state in BEGINNINGS:
        assert set(TABLE[state]) >= set(VERBS), state


@pytest.mark.parametrize("state", BEGINNINGS, ids=lambda state: state.name)
@pytest.mark.parametrize("verb", VERBS)
def test_the_session_does_what_the_table_says(desk, state, verb):
    if verb == "AUTH":  # a submission endpoint under TLS
        desk.session.auth = SessionAuth(Nobody(), Transcript())
        desk.session.tls = True
    desk.say(BEGINNINGS[state])
    assert desk.session.state is state
    entry = TABLE[state][verb]
    [*_, reply] = desk.say(f"{verb} {ARGUMENTS.get(verb, '')}\n")
    if isinstance(entry, State):
        assert reply[0] in "23"
        if verb == "STARTTLS":
            assert desk.session.wants_tls
        else:
            assert desk.session.state is entry
    else:
        assert reply.startswith(ROW[entry].line)
        assert desk.session.state is state


def test_the_docs_show_the_table(repository):
    page = (repository / "docs" / "smtp-session.md").read_text(encoding="utf-8")
    assert diagram() in page, (
        "docs/smtp-session.md: the diagram is not the table; put in what fakeeop.smtp.state.diagram() gives"
    )


def test_after_a_closing_reply_to_a_message_nothing_more_is_answered(desk, monkeypatch):
    def closing(*_: object) -> bytes:
        desk.session.closed = True
        return b"421 4.3.2 enough\r\n"

    monkeypatch.setattr(desk.policy, "message", closing)
    desk.say("EHLO x\nMAIL FROM:<a@contoso.com>\nRCPT TO:<b@contoso.com>\nDATA\n")
    assert desk.say("Subject: x\n\nbody\n.\nNOOP\nQUIT\n") == ["421 4.3.2 enough"]
    desk.session.closed = False
    desk.say("EHLO x\nMAIL FROM:<a@contoso.com>\nRCPT TO:<b@contoso.com>\n")
    assert desk.say("BDAT 4 LAST\nbodyNOOP\n") == ["421 4.3.2 enough"]
