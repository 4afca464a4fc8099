"""``eop.message_trace()``: rows and events in Exchange's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fakeeop.delivery.trace_query import QueryError


@pytest.fixture
def eop(emulator, send):
    contoso = emulator.tenant("contoso")
    contoso.inbound_connector(Name="Relay", ConnectorType="OnPremises", SenderIPAddresses=["203.0.113.25"])
    source = emulator.address("203.0.113.25")
    assert send(emulator, "someone@fabrikam.example", "ann@contoso.com", source=source) == {}
    return emulator


def test_a_row_for_each_recipient_and_the_connector_in_its_events(eop):
    rows = eop.message_trace(RecipientAddress="someone@fabrikam.example")
    assert [(each["Status"], each["FromIP"], each["Index"]) for each in rows] == [("Delivered", "203.0.113.25", 0)]
    events = eop.message_trace_detail(rows[0])
    assert [each["Event"] for each in events] == ["Receive", "Send"]
    assert "Name=Relay;" in events[0]["Data"]
    assert len(eop.message_trace()) == 2


@pytest.mark.parametrize(("parameters", "count"), [
    ({"RecipientAddress": ["*@contoso.com", "*@fabrikam.example"]}, 2),
    ({"SenderAddress": "app@contoso.com", "Status": "Delivered"}, 2),
    ({"Status": ["Failed"]}, 0),
    ({"FromIP": "203.0.113.26"}, 0),
    ({"MessageTraceId": "x"}, 0),
    ({"Subject": "Sca", "SubjectFilterType": "StartsWith", "ResultSize": 1}, 1),
    ({"Organization": "contoso"}, 2),
    ({"Organization": "fabrikam"}, 0),
    ({"EndDate": datetime(2020, 1, 2, tzinfo=UTC)}, None),
])  # fmt: skip
def test_parameters(eop, parameters, count):
    if count is None:
        with pytest.raises(QueryError, match="more than 90 days"):
            eop.message_trace(**parameters)
    else:
        assert len(eop.message_trace(**parameters)) == count


def test_a_wrong_parameter_is_told(eop):
    with pytest.raises(TypeError, match="no parameter 'Sender'; it has SenderAddress"):
        eop.message_trace(Sender="x")
    with pytest.raises(TypeError, match="needs a time zone"):
        eop.message_trace(EndDate=datetime(2026, 1, 1))


def test_nothing_is_known_of_a_row_that_was_forgotten(eop):
    (row, _) = eop.message_trace()
    eop.clear()
    assert eop.message_trace_detail(row) == []
