"""Reports that wait for slow destinations, and a front end that is started again; each exactly once."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fakeeop.config.loader import forest_from_tree
from fakeeop.emulator import Emulator, Listener
from fakeeop.journal.sql.journal import StoredJournal
from fakeeop.journal.sql.places import place_of
from fakeeop.journal.sql.writing import KEEP, Keep
from fakeeop.system.clock import VirtualClock
from fakeeop.system.ids import ProcessIds

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = 3_600, 86_400
ALL = "NOTIFY=SUCCESS,FAILURE,DELAY"
CONTOSO = {
    "Name": "contoso",
    "AcceptedDomains": ["contoso.com"],
    "Recipients": ["ann@contoso.com"],
    "InboundConnectors": [{"Name": "Relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}],
}
SLOW = {
    "slow.example": {"Delay": "5h"},
    "quick.example": {"Delay": "10m"},
    "never.example": {"Delay": "7d"},
    "late-no.example": {"Delay": "1h", "Reply": "550 5.1.1 User unknown"},
}
TREE: dict[str, Any] = {"Tenants": [CONTOSO], "Internet": {"Domains": SLOW}}
FAST: dict[str, Any] = {"Tenants": [CONTOSO]}
HOP = "Received: from a.contoso.com (192.0.2.1) by BOX.mail.protection.outlook.com (10.167.1.2) with SMTP"


class Run:
    """One run of a front end, so many seconds after ``START``."""

    def __init__(self, journal: StoredJournal, eop: Emulator, clock: VirtualClock) -> None:
        self.journal = journal
        self.eop = eop
        self.clock = clock

    def send(self, *recipients: str, notify: str = "", sender: str = "ann@contoso.com", content: str = "") -> None:
        with smtplib.SMTP(*self.eop.addresses[0], "relay.contoso.com", 30) as client:
            client.ehlo()
            text = content or "Message-ID: <1@contoso.com>\r\nSubject: x\r\n\r\nthe body\r\n"
            client.sendmail(sender, recipients, text, rcpt_options=(notify,) if notify else ())

    @property
    def actions(self) -> list[str]:
        return [each["action"] for each in self.journal.reports()]


Start = Callable[..., Any]


@pytest.fixture
def front_end(tmp_path: Path) -> Start:
    """``front_end(seconds, tree=TREE, front="one")``: a context manager of a run with a journal of its own."""

    @contextmanager
    def run(seconds: float, tree: Any = TREE, front: str = "one", keep: Keep = KEEP, **more: Any) -> Iterator[Run]:
        place = place_of(str(tmp_path / "journal.sqlite"))
        assert place is not None
        journal = StoredJournal(place, front, lambda kept: forest_from_tree(kept, "the journal"), keep)
        clock = VirtualClock(START + timedelta(seconds=seconds))
        ids = ProcessIds(clock.now(), journal.starts)
        with ExitStack() as stack:
            stack.callback(journal.close)
            listeners = (Listener("127.0.0.1", 0, peer="203.0.113.25"),)
            eop = Emulator.from_tree(tree, listeners=listeners, journal=journal, clock=clock, ids=ids, **more)
            yield Run(journal, stack.enter_context(eop), clock)

    return run


def test_what_waits_is_waited_for_again(front_end):
    with front_end(0) as run:
        run.send("x@slow.example", notify=ALL)
    with front_end(HOUR) as run:
        assert run.actions == []
        run.clock.advance(3 * HOUR - 1)
        assert run.actions == []
        run.clock.advance(2)
        assert run.actions == ["delayed"]
    with front_end(4.5 * HOUR) as run:
        assert run.actions == ["delayed"]
        run.clock.advance(HOUR)
        assert run.actions == ["delayed", "relayed"]
    with front_end(DAY) as run:
        run.clock.advance(10 * DAY)
        assert run.actions == ["delayed", "relayed"]


@pytest.mark.parametrize("after", [2 * DAY, 30 * DAY])
def test_what_fell_due_meanwhile_is_told_at_once_in_order(front_end, after):
    with front_end(0) as run:
        run.send("x@never.example")
        run.send("x@late-no.example")
        run.send("x@quick.example", notify="NOTIFY=SUCCESS")
    with front_end(after) as run:
        assert run.actions == ["relayed", "failed", "delayed", "failed"]
        last = run.journal.reports()[-1]
        assert (last["status"], last["made"]) == ("5.4.300", run.clock.now().isoformat().replace("+00:00", "Z"))
        assert "\r\nArrival-Date: Tue, 24 Nov 2026 12:00:00 " in last["raw"]


@pytest.mark.parametrize(
    ("recipient", "notify", "sender"),
    [
        ("x@quick.example", "", "ann@contoso.com"),
        ("x@slow.example", "NOTIFY=NEVER", "ann@contoso.com"),
        ("x@fast.example", ALL, "ann@contoso.com"),
    ],
)
def test_nothing_is_told_that_nobody_wants_or_that_was_told(front_end, recipient, notify, sender):
    with front_end(0) as run:
        run.send(recipient, notify=notify, sender=sender)
        before = run.actions
    with front_end(2 * DAY) as run:
        run.clock.advance(DAY)
        assert run.actions == before


def test_each_recipient_by_itself(front_end):
    with front_end(0) as run:
        run.send("a@never.example", "b@never.example", "c@slow.example", "ann@contoso.com", notify=ALL)
        assert run.actions == ["delivered"]
    with front_end(6 * HOUR) as run:
        told = [(each["action"], len(each["recipients"])) for each in run.journal.reports()]
        assert sorted(told) == [("delayed", 1), ("delayed", 2), ("delivered", 1), ("relayed", 1)]
    with front_end(DAY) as run:
        assert [(each["action"], len(each["recipients"])) for each in run.journal.reports()][4:] == [("failed", 2)]
        names = [dict(map(tuple, each["headers"]))["Message-ID"] for each in run.journal.reports()]
        assert len(set(names)) == 5


def test_the_report_is_that_of_a_run_without_an_interruption(front_end, tmp_path):
    with front_end(0) as run:
        run.send("x@slow.example")
        run.clock.advance(4 * HOUR)
        uninterrupted = run.journal.reports()
    (tmp_path / "journal.sqlite").unlink()
    with front_end(0) as run:
        run.send("x@slow.example")
    with front_end(4 * HOUR) as run:
        interrupted = run.journal.reports()
    for (one,), word in ((uninterrupted, "first"), (interrupted, "second")):
        assert one["outcome"] == "mailbox", word
        assert dict(map(tuple, one["headers"]))["From"].endswith("@contoso.com>"), word
    assert [each["recipients"] for each in uninterrupted] == [each["recipients"] for each in interrupted]
    assert [name for name, _ in uninterrupted[0]["headers"]] == [name for name, _ in interrupted[0]["headers"]]


def test_the_destinations_are_those_of_the_day_it_came(front_end):
    with front_end(0) as run:
        run.send("x@slow.example")
    with front_end(HOUR, FAST) as run:
        run.send("y@slow.example")
        run.clock.advance(DAY)
        assert [each["final-recipient"] for each in run.journal.reports()] == ["x@slow.example"]
    with front_end(3 * DAY) as run:
        assert run.actions == ["delayed"]


def test_an_emulator_that_is_opened_again_tells_nothing_twice(front_end):
    with front_end(0) as run:
        run.send("x@slow.example", notify=ALL)
        run.clock.advance(4 * HOUR)
        run.eop.stop()
        run.eop.start()  # the report may not be in the database yet
        run.clock.advance(DAY)
        assert run.actions == ["delayed", "relayed"]


def test_each_front_end_tells_of_its_own(front_end):
    with front_end(0, front="one") as one, front_end(0, front="two") as two:
        one.send("x@slow.example")
        two.send("y@slow.example")
    with front_end(5 * HOUR, front="two") as two:
        assert [each["final-recipient"] for each in two.journal.reports()] == ["y@slow.example"]
        two.clock.advance(DAY)
    with front_end(5 * HOUR, front="one") as one:
        assert [each["final-recipient"] for each in one.journal.reports()] == ["y@slow.example", "x@slow.example"]


def test_mail_that_went_in_circles_was_told_of_when_it_came(front_end):
    with front_end(0) as run:
        hops = f"{HOP}; Tue, 24 Nov 2026 12:00:00 +0000\r\n" * 21
        run.send("x@slow.example", content=f"{hops}\r\nx\r\n", notify=ALL)
        assert run.actions == ["failed"]
    with front_end(DAY) as run:
        assert run.actions == ["failed"]


def test_what_was_told_and_is_forgotten_is_not_told_again(front_end):
    keep = Keep(messages=3)
    with front_end(0, keep=keep) as run:
        run.send("x@slow.example", notify=ALL)
        run.clock.advance(5 * HOUR)
        run.send("x@slow.example", "ann@contoso.com", notify=ALL)
        run.clock.advance(5 * HOUR)
        run.journal.flush()
        assert run.journal.wait(lambda journal: journal.reader.totals().reports.held <= 3, 30)  # of five
    with front_end(2 * DAY, keep=keep) as run:
        run.journal.flush()
        run.journal._writer.call(lambda _: None)
        made = run.journal.reader.totals().reports
    assert made.ever == 5


def test_a_message_that_is_forgotten_before_its_time_is_named(front_end):
    with front_end(0) as run:
        run.send("x@slow.example")
    with front_end(HOUR) as run:
        troubles: list[str] = []
        run.journal.on_trouble = troubles.append
        run.journal.clear()
        run.clock.advance(4 * HOUR)
        assert run.actions == []
    assert len(troubles) == 1
    assert "could not be reported" in troubles[0]
