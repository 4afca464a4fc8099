"""Message trace (C179, C180): a row per recipient, none for who was refused; windows, filters, order, pages, events."""

from __future__ import annotations

import re
import smtplib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.delivery.message_trace import TraceRow, details, next_of, page_of, rows_of, trees_of
from fakeeop.delivery.trace_query import Query
from fakeeop.emulator import Emulator
from fakeeop.system.clock import VirtualClock

TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "Recipients": ["ann@contoso.com", "bob@contoso.com"],
            "InboundConnectors": [
                {"Name": "Office relay", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
            ],
        }
    ],
    "Internet": {"Domains": {"slow.example": {"Delay": "5h"}, "never.example": {"Delay": "3d"}}},
}
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Lab:
    """An emulator that runs, and its trace."""

    def __init__(self, eop: Emulator, clock: VirtualClock) -> None:
        self.eop = eop
        self.clock = clock

    def send(self, sender: str, *recipients: str, source: str = "127.0.0.25", subject: str = "hello") -> None:
        with smtplib.SMTP(*self.eop.addresses[0], source_address=(source, 0), timeout=20) as client:
            client.sendmail(sender, recipients, f"Subject: {subject}\r\nMessage-ID: <1@x.example>\r\n\r\nhi\r\n")

    @property
    def rows(self):
        journal = self.eop.journal
        return rows_of(journal.message_records(), journal.deliveries, self.clock.now())

    def trace(self, **query):
        asked, now = Query(**query), self.clock.now()
        return trees_of(page_of(self.rows, asked, now)[0], asked.span(now))


@pytest.fixture
def lab():
    clock = VirtualClock(NOW)
    with Emulator.from_tree(TREE, peers={"127.0.0.25": "203.0.113.25"}, clock=clock) as eop:
        yield Lab(eop, clock)


def test_the_columns_are_exchanges(lab):
    lab.send("app@contoso.com", "ann@contoso.com")
    (row,) = lab.trace()
    assert list(row) == [
        *("Organization", "Received", "SenderAddress", "RecipientAddress", "Subject", "Status", "ToIP", "FromIP"),
        *("Size", "MessageId", "MessageTraceId", "StartDate", "EndDate", "Index"),
    ]
    start, end = (datetime.fromisoformat(row[name]) for name in ("StartDate", "EndDate"))
    assert end - start == timedelta(hours=48)
    assert row["Index"] == 0
    assert (row["Organization"], row["SenderAddress"], row["RecipientAddress"]) == (
        *("contoso", "app@contoso.com", "ann@contoso.com"),
    )
    assert (row["Subject"], row["Status"], row["FromIP"], row["MessageId"]) == (
        *("hello", "Delivered", "203.0.113.25", "<1@x.example>"),
    )
    assert row["Received"].startswith("2026-11-24T12:00:0")


def test_c180_a_refused_recipient_has_no_row(lab):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        lab.send("app@contoso.com", "someone@fabrikam.example", source="127.0.0.9")
    assert lab.rows == []


def test_c179_the_detail_names_the_connector(lab):
    lab.send("app@contoso.com", "someone@fabrikam.example")
    (row,) = lab.trace()
    events = details(lab.rows, row["MessageTraceId"], "Someone@Fabrikam.example")
    assert [each["Event"] for each in events] == ["Receive", "Send"]
    assert "S:InboundConnectorData=Name=Office relay;" in events[0]["Data"]
    assert re.fullmatch(r"Message received by: [A-Z0-9]+\.[a-z0-9]+\.prod\.outlook\.com", events[0]["Detail"])
    assert events[0]["Data"].startswith("<root><MEP ")


def test_one_row_per_recipient_newest_first_then_by_recipient(lab):
    lab.send("app@contoso.com", "someone@fabrikam.example", "bob@contoso.com", "ann@contoso.com")
    lab.clock.advance(60)
    lab.send("app@contoso.com", "ann@contoso.com", subject="later")
    assert [(each["Subject"], each["RecipientAddress"]) for each in lab.trace()] == [
        ("later", "ann@contoso.com"),
        ("hello", "ann@contoso.com"),
        ("hello", "bob@contoso.com"),
        ("hello", "someone@fabrikam.example"),
    ]
    assert len({each["MessageTraceId"] for each in lab.trace(subject="hello")}) == 1


def test_who_never_got_it_failed(lab):
    lab.send("app@contoso.com", "nobody@contoso.com", "ann@contoso.com")
    assert {each["RecipientAddress"]: each["Status"] for each in lab.trace()} == {
        "ann@contoso.com": "Delivered",
        "nobody@contoso.com": "Failed",
    }
    (row,) = lab.trace(status=("failed",))
    events = details(lab.rows, row["MessageTraceId"], "nobody@contoso.com")
    assert [each["Event"] for each in events] == ["Receive", "Fail"]
    assert "5.1.10" in events[1]["Detail"]
    assert details(lab.rows, row["MessageTraceId"], "stranger@contoso.com") == []


@pytest.mark.parametrize(
    ("recipient", "hours", "status", "last"),
    [
        ("x@slow.example", 5, "Delivered", ("Send", "The message was sent to the internet.")),
        ("x@never.example", 24, "Failed", ("Fail", "The message could not be delivered: 5.4.300.")),
    ],
)
def test_who_waits_for_a_slow_destination_is_pending(lab, recipient, hours, status, last):
    lab.send("app@contoso.com", recipient, "someone@fabrikam.example")
    (row,) = lab.trace(status=("pending",))
    assert row["RecipientAddress"] == recipient
    assert [each["Event"] for each in details(lab.rows, row["MessageTraceId"], recipient)] == ["Receive", "Defer"]
    lab.clock.advance(hours * 3600 - 60)
    assert len(lab.trace(status=("Pending",))) == 1
    lab.clock.advance(120)
    (row,) = lab.trace(recipient_address=(recipient,))
    assert row["Status"] == status
    *_, deferred, ended = details(lab.rows, row["MessageTraceId"], recipient)
    assert deferred["Event"] == "Defer"
    assert (ended["Event"], ended["Detail"]) == last
    assert datetime.fromisoformat(ended["Date"]) - datetime.fromisoformat(deferred["Date"]) == timedelta(hours=hours)


@pytest.mark.parametrize(("query", "count"), [
    ({}, 2),
    ({"sender_address": ("APP@contoso.com",)}, 2),
    ({"sender_address": ("*@contoso.com",)}, 2),
    ({"sender_address": ("x@contoso.com",)}, 0),
    ({"recipient_address": ("ann@contoso.com", "x@x.example")}, 1),
    ({"recipient_address": ("*@fabrikam.example",)}, 1),
    ({"from_ip": "203.0.113.25"}, 2),
    ({"from_ip": "203.0.113.26"}, 0),
    ({"to_ip": "203.0.113.25"}, 0),
    ({"organization": "CONTOSO"}, 2),
    ({"organization": "fabrikam"}, 0),
    ({"message_id": "1@x.example"}, 2),
    ({"message_id": "<2@x.example>"}, 0),
    ({"message_trace_id": "00000000-0000-0000-0000-000000000000"}, 0),
    ({"subject": "ELL"}, 2),
    ({"subject": "hel", "subject_filter_type": "StartsWith"}, 2),
    ({"subject": "hel", "subject_filter_type": "EndsWith"}, 0),
])  # fmt: skip
def test_filters(lab, query, count):
    lab.send("app@contoso.com", "ann@contoso.com", "someone@fabrikam.example")
    assert len(lab.trace(**query)) == count


def test_without_dates_it_is_the_last_48_hours(lab):
    lab.send("app@contoso.com", "ann@contoso.com")
    lab.clock.advance(49 * 3600)
    assert lab.trace() == []
    assert len(lab.trace(start_date=NOW - timedelta(hours=1))) == 1


def test_a_page_ends_and_the_next_goes_on_where_it_ended(lab):
    for number in range(3):
        lab.send("app@contoso.com", "ann@contoso.com", "bob@contoso.com", subject=str(number))
        lab.clock.advance(60)
    seen: list[tuple[str, str]] = []
    query = Query(result_size=2)
    for _ in range(5):
        page, further = page_of(lab.rows, query, lab.clock.now())
        seen += [(each.tree()["Subject"], str(each.delivery.recipient)) for each in page]
        if further is None:
            break
        query = Query(
            result_size=2,
            end_date=further.record.received,
            starting_recipient_address=str(further.delivery.recipient),
        )
    assert seen == [(str(n), f"{who}@contoso.com") for n in (2, 1, 0) for who in ("ann", "bob")]


def test_a_message_without_an_id_has_that_of_the_reply(lab):
    host, port = lab.eop.addresses[0]
    with smtplib.SMTP(host, port, source_address=("127.0.0.25", 0), timeout=20) as client:
        client.ehlo()
        client.mail("app@contoso.com")
        client.rcpt("ann@contoso.com")
        _, reply = client.data("Subject: x\r\n\r\nhi\r\n")
    (row,) = lab.trace()
    assert row["MessageId"].startswith("<")
    assert row["MessageId"] in reply.decode()
    assert lab.trace(message_id=row["MessageId"]) == [row]
    (record,) = lab.eop.journal.message_records()
    (copy,) = lab.eop.journal.deliveries(record)
    assert f"\r\nMessage-ID: {row['MessageId']}\r\n".encode() in copy.header  # as the recipient sees it


def test_an_encoded_subject_is_read(lab):
    lab.send("app@contoso.com", "ann@contoso.com", subject="=?utf-8?q?=C3=A4?=")
    lab.send("app@contoso.com", "ann@contoso.com", subject="=?no-such?q?x?=")
    assert {each["Subject"] for each in lab.trace()} == {"ä", "=?no-such?q?x?="}


def following(further: TraceRow | None, size: int) -> Query:
    going_on = next_of(further, NOW - timedelta(hours=1)) or {}
    return Query(
        result_size=size,
        start_date=datetime.fromisoformat(going_on["StartDate"]),
        end_date=datetime.fromisoformat(going_on["EndDate"]),
        starting_recipient_address=going_on["StartingRecipientAddress"],
    )


# ---- two tenants of one forest


TWO = {
    "Tenants": [
        *TREE["Tenants"],
        {"Name": "fabrikam", "AcceptedDomains": ["fabrikam.example"], "Recipients": ["bea@fabrikam.example"]},
    ]
}


@pytest.fixture
def two():
    clock = VirtualClock(NOW)
    with Emulator.from_tree(TWO, peers={"127.0.0.25": "203.0.113.25"}, clock=clock) as eop:
        lab = Lab(eop, clock)
        lab.send("app@contoso.com", "bea@fabrikam.example", "nobody@fabrikam.example")
        yield lab


def test_each_tenant_sees_its_own_row(two):
    rows = {(each["Organization"], each["RecipientAddress"]): each for each in two.trace()}
    assert {key: each["Status"] for key, each in rows.items()} == {
        ("contoso", "bea@fabrikam.example"): "Delivered",
        ("contoso", "nobody@fabrikam.example"): "Failed",
        ("fabrikam", "bea@fabrikam.example"): "Delivered",
    }
    assert rows["contoso", "bea@fabrikam.example"]["FromIP"] == "203.0.113.25"
    assert rows["fabrikam", "bea@fabrikam.example"]["FromIP"].startswith("40.107.")


def test_the_recipients_tenant_does_not_see_the_connector_of_the_senders(two):
    (row,) = two.trace(organization="fabrikam")
    ours = details(two.rows, row["MessageTraceId"], "bea@fabrikam.example", "contoso")
    theirs = details(two.rows, row["MessageTraceId"], "bea@fabrikam.example", "fabrikam")
    assert [each["Event"] for each in ours] == ["Receive", "Send"]
    assert [each["Event"] for each in theirs] == ["Receive", "Deliver"]
    assert "Office relay" in ours[0]["Data"]
    assert "Office relay" not in theirs[0]["Data"]
    assert theirs[0]["Detail"].endswith(".mail.protection.outlook.com")
    assert details(two.rows, row["MessageTraceId"], "nobody@fabrikam.example", "fabrikam") == []


def test_pages_end_where_the_next_can_go_on(two):
    """Two rows of one recipient at one moment are on one page: what follows cannot begin between them."""
    seen, query = [], Query(result_size=1)
    for _ in range(4):
        page, further = page_of(two.rows, query, two.clock.now())
        seen += [(each.tenant, str(each.delivery.recipient)) for each in page]
        if further is None:
            break
        query = following(further, 1)
    assert seen == [
        *(("contoso", "bea@fabrikam.example"), ("fabrikam", "bea@fabrikam.example")),
        ("contoso", "nobody@fabrikam.example"),
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=12), st.integers(1, 4))
def test_any_pages_have_every_row_once(places, size):
    rows = [_row(number, NOW + timedelta(minutes=minute), who) for number, (minute, who) in enumerate(places)]
    now, seen, query = NOW + timedelta(hours=1), [], Query(result_size=size)
    for _ in range(len(rows) + 1):
        page, further = page_of(rows, query, now)
        seen += [each.tenant for each in page]
        if further is None:
            break
        query = following(further, size)
    assert sorted(seen, key=int) == [str(number) for number in range(len(rows))]


def _row(number: int, received: datetime, who: str) -> TraceRow:
    """With what ``page_of`` looks at where nothing is filtered; the number is its tenant."""
    record: Any = SimpleNamespace(received=received, envelope=SimpleNamespace(reverse_path="a@contoso.com"))
    delivery: Any = SimpleNamespace(recipient=f"{who}@contoso.com", where="mailbox")
    return TraceRow(record, delivery, str(number))
