"""The verbs of an MTA's life, with an MTA that does as it is told; a real one is tested beside its driver."""

from __future__ import annotations

from typing import ClassVar

import pytest
from attrs import evolve

from harness.clients.raw import RawDriver
from harness.model.result import Grade
from harness.mtas.base import DeliveryStatus
from harness.scenario import mta_config

START = "  - start: {from-host: relay, as: mta, config: {soft_bounce: true, hops: 3, empty: null}}\n"
SUBMIT = "  - submit: {via: mta, mail-from: app@contoso.com, rcpt-to: [bob@x.example]}\n"
EXPECTED = "    expect: {outcome: accepted, delivery-status: [{status: sent, attempts: %d}]%s}\n"


class Toy:
    """Defers the first ``busy`` attempts of each message; whenever somebody waits, everything is tried again."""

    busy = 0
    made: ClassVar[list[Toy]] = []

    def __init__(self, instance):
        self.instance, self.tries, self.lines, self.stopped = instance, {}, [], 0
        Toy.made.append(self)

    def start(self, _seconds):
        self.lines.append("up")

    def submit(self, _mail, _seconds):
        queue_id = f"Q{len(self.tries) + 1}"
        self.tries[queue_id] = 0
        return queue_id

    def statuses(self, queue_id):
        tries = self.tries[queue_id]
        word = "sent" if tries > self.busy else "deferred"
        reply = "250 ok" if word == "sent" else "451 4.7.500 busy"
        return (DeliveryStatus("bob@x.example", word, "2.0.0", "mx", reply, reply, "rcpt", tries),) if tries else ()

    def tls(self):
        return None

    def log(self):
        return self.lines

    def queue(self):
        return tuple(each for each, tries in self.tries.items() if tries <= self.busy)

    def wait(self, holds, seconds):
        for _ in range(5):
            if holds():
                return True
            self.retry(seconds)
        return holds()

    def retry(self, _seconds):
        for each in self.queue():
            self.tries[each] += 1
            self.lines.append(f"{each} tried")

    def restart(self, _seconds, config):
        self.lines.append(f"restarted with {config}")

    def stop(self):
        self.stopped += 1


@pytest.fixture
def toys(monkeypatch):
    """raw becomes an MTA; the instances that are made of it."""
    monkeypatch.setattr(Toy, "made", [])
    monkeypatch.setattr(RawDriver, "capabilities", RawDriver.capabilities | {"mta"})
    monkeypatch.setattr(RawDriver, "observes", RawDriver.observes | {"delivery-status"})
    monkeypatch.setattr(RawDriver, "mta", lambda _, instance: Toy(instance), raising=False)
    return Toy.made


def only(results):
    assert len(results) == 1
    return results[0]


def test_a_submit_ends_with_the_first_attempt_and_eventually_goes_on(run_text, toys, monkeypatch):
    monkeypatch.setattr(Toy, "busy", 2)
    first = only(run_text("steps:\n" + START + SUBMIT + "    expect: {outcome: deferred, reply: 451}\n"))
    last = only(run_text("steps:\n" + START + SUBMIT + EXPECTED % (3, ", eventually: 5s")))
    assert [(each.grade, each.text, each.reason) for each in (first, last)] == [(Grade.PASS, "", "")] * 2
    assert [toy.stopped for toy in toys] == [1, 1]  # nobody has stopped them: the end of the case does
    assert last.transcript == ("mta  up", "mta  Q1 tried", "mta  Q1 tried", "mta  Q1 tried")


@pytest.mark.usefixtures("toys")
def test_what_does_not_come_is_a_mismatch_with_what_was_seen_last(run_text, monkeypatch):
    monkeypatch.setattr(Toy, "busy", 99)
    result = only(run_text("steps:\n" + START + SUBMIT + EXPECTED % (1, ", eventually: 5s")))
    assert result.grade is Grade.FAIL
    assert "actual (client):  deferred" in result.text


def test_retry_restart_and_drain_see_every_message(run_text, toys, monkeypatch):
    monkeypatch.setattr(Toy, "busy", 1)
    both = "    expect: {delivery-status: [{status: %s, attempts: %d}, {status: %s, attempts: %d}]}\n"
    body = "steps:\n" + START + SUBMIT + SUBMIT
    body += "  - restart: {via: mta, config: {hops: 4, loud: false}}\n" + both % ("sent", 2, "deferred", 1)
    body += "  - retry: mta\n" + both % ("sent", 2, "sent", 2) + "  - drain: mta\n  - stop: mta\n"
    result = only(run_text(body))
    assert (result.grade, result.text) == (Grade.PASS, "")
    assert "mta  restarted with {'hops': '4', 'loud': 'no'}" in result.transcript
    (toy,) = toys
    assert toy.stopped == 1
    assert (toy.instance.name, toy.instance.config) == ("mta", {"soft_bounce": "yes", "hops": "3", "empty": ""})
    assert toy.instance.source.startswith("127.")


@pytest.mark.usefixtures("toys")
def test_a_queue_that_does_not_drain_is_a_mismatch(run_text, monkeypatch):
    monkeypatch.setattr(Toy, "busy", 99)
    result = only(
        run_text("steps:\n" + START + SUBMIT + "  - drain: {via: mta, at-most: 1s}\nexpect: {messages: []}\n")
    )
    assert result.grade is Grade.FAIL
    assert "expected the queue to be empty, at steps[3].drain" in result.text
    assert "Q1: bob@x.example deferred (451 4.7.500 busy)" in result.text


def test_two_of_a_name_are_an_error(run_text, toys):
    result = only(run_text("steps:\n" + START + START + "expect: {messages: []}\n"))
    assert (result.grade, result.reason) == (Grade.ERROR, "the MTA 'mta' is up already")
    assert [toy.stopped for toy in toys] == [1]


def test_other_clients_have_no_queue(run_text):
    result = only(run_text("steps:\n" + START + SUBMIT + "expect: {messages: []}\n", clients="[smtplib]"))
    assert (result.grade, result.reason) == (Grade.UNSUPPORTED, "client smtplib lacks mta")


def test_without_root_postfix_is_unsupported(run_text, lab, monkeypatch):
    monkeypatch.setattr("harness.steps.capabilities.client_lack", lambda _: None)
    lab._capabilities = frozenset({"loopback-aliases"})
    result = only(run_text("steps:\n" + START + "expect: {messages: []}\n", clients="[postfix]"))
    assert (result.grade, result.reason) == (Grade.UNSUPPORTED, "client postfix needs root, the host lacks it")


def test_mail_that_is_said_to_be_sent_and_has_not_arrived_is_lost(run_text, toys, monkeypatch):
    sent = "steps:\n" + START + SUBMIT + "    expect: {outcome: accepted}\n"
    honest = Toy.statuses

    def lying(toy, queue_id):
        port = toy.instance.target[1]
        return tuple(evolve(each, relay=f"127.0.0.1[127.0.0.1]:{port}") for each in honest(toy, queue_id))

    assert only(run_text(sent)).grade is Grade.PASS  # to wherever its relayhost is
    monkeypatch.setattr(Toy, "statuses", lying)
    result = only(run_text(sent))
    assert result.grade is Grade.FAIL
    assert "expected the journal to have a message for this recipient, taken by this reply, at steps[1]" in result.text
    cleared = only(run_text(sent + "  - stop: mta\n  - admin: {clear-journal: true}\n"))
    assert cleared.grade is Grade.PASS
    assert len(toys) == 3


def test_each_mta_has_its_own_settings(run_text, toys, monkeypatch):
    monkeypatch.setattr(mta_config, "MTAS", ("raw", "postfix"))
    start = "  - start: {from-host: relay, as: mta, config: {raw: {deep: {er: {on: true}}}, postfix: {other: 1}}}\n"
    assert only(run_text("steps:\n" + start + "expect: {messages: []}\n")).grade is Grade.PASS
    assert toys[0].instance.config == {"deep": {"er": {"on": "yes"}}}
