from __future__ import annotations

import smtplib

from fakeeop.admin.metrics import Metrics
from fakeeop.journal.memory import Journal

RELAY, STRANGER = "127.0.0.25", "127.0.0.9"


def values(text: str) -> dict[str, float]:
    """Sample → value; every sample follows the HELP and TYPE of its family."""
    found: dict[str, float] = {}
    family = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == family
            assert line.split(" ")[3] in ("counter", "gauge")
        else:
            assert line.startswith(family)
            sample, _, number = line.rpartition(" ")
            assert sample not in found
            found[sample] = float(number)
    assert text.endswith("\n")
    return found


def test_what_happened_is_counted(lab):
    content = "Subject: x\r\n\r\nhi\r\n"
    lab.relay(content=content)
    lab.send(STRANGER, "printer@contoso.com", "y@example.net", "ann@contoso.com", content=content)
    lab.send(STRANGER, "printer@contoso.com", "y@example.net")
    lab.api.get("/journal/wait", params={"open": 0, "timeout": 60})
    answer = lab.api.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = values(answer.text)
    assert found["fakeeop_sessions_started_total"] == 3
    assert found["fakeeop_sessions_open"] == 0
    assert found['fakeeop_sessions_ended_total{tls="none"}'] == 3
    assert found['fakeeop_recipients_total{verdict="originating-by-ip-address",tenant="contoso"}'] == 1
    assert found['fakeeop_recipients_total{verdict="relay-access-denied",tenant=""}'] == 2
    assert found['fakeeop_refusals_total{stage="rcpt",code="550",status="5.7.64"}'] == 2
    assert found['fakeeop_messages_total{tenant="contoso",scope="internal"}'] == 1
    assert found["fakeeop_message_octets_total"] == 2 * len(content)
    assert found["fakeeop_journal_messages"] == 2
    lab.api.delete("/journal")
    later = values(lab.api.get("/metrics").text)
    assert later.pop("fakeeop_journal_messages") == 0
    assert later == {name: number for name, number in found.items() if name != "fakeeop_journal_messages"}


def test_refusals_that_belong_to_no_recipient(lab):
    host, port = lab.emulator.addresses[0]
    with smtplib.SMTP(host, port, timeout=60) as client:
        client.ehlo()
        code, text = client.docmd("MAIL", "FROM:<a")
    lab.api.get("/journal/wait", params={"open": 0, "timeout": 60})
    found = values(lab.api.get("/metrics").text)
    status = text.split()[0].decode()
    (sample,) = [name for name in found if name.startswith("fakeeop_refusals_total{")]
    assert f'code="{code}",status="{status}"' in sample


def test_names_are_escaped(new_lab):
    tree = {"Tenants": [{"Name": 'a "b" \\c', "AcceptedDomains": ["contoso.com"]}]}
    lab = new_lab(tree)
    lab.send(STRANGER, "a@example.net", "ann@contoso.com")
    text = lab.api.get("/metrics").text
    assert 'tenant="a \\"b\\" \\\\c"' in text


def test_nothing_is_counted_where_nobody_asks(lab):
    def meter():
        return lab.emulator.journal.meter

    assert isinstance(meter(), Metrics)
    lab.emulator.stop()
    assert meter() is None
    assert Journal().meter is None
