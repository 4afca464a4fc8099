from __future__ import annotations

import smtplib
import threading

import pytest

RELAY, STRANGER = "127.0.0.25", "127.0.0.9"


def connect(lab, source: str = STRANGER) -> smtplib.SMTP:
    host, port = lab.emulator.addresses[0]
    return smtplib.SMTP(host, port, source_address=(source, 0), timeout=60)


def sessions(lab, **query):
    return lab.api.get("/journal/sessions", params=query).json()["sessions"]


def messages(lab, **query):
    return lab.api.get("/journal/messages", params=query).json()["messages"]


def quiet(lab):
    assert lab.api.get("/journal/wait", params={"open": 0, "timeout": 60}).json()["reached"]


@pytest.fixture
def used(lab):
    """A relayed message, a refused one, a Direct Send message."""
    lab.relay("x@example.net")
    lab.send(STRANGER, "printer@contoso.com", "y@example.net")
    lab.send(STRANGER, "someone@example.org", "ann@contoso.com")
    quiet(lab)
    return lab


def test_sessions_are_the_journal_s(used):
    assert sessions(used, transcript=True) == used.emulator.journal.sessions()
    assert "transcript" not in sessions(used)[0]


@pytest.mark.parametrize(("query", "found"), [
    ({"peer": "203.0.113.25"}, [0]),
    ({"peer": "127.0.0.9"}, [1, 2]),
    ({"verdict": "relay-access-denied"}, [1]),
    ({"mail-from": "Printer@contoso.com"}, [0, 1]),
    ({"mail-from": "printer@contoso.com", "rcpt-to": "y@example.net"}, [1]),
    ({"rcpt-to": "nobody@example.net"}, []),
    ({"tenant": "Contoso"}, [0, 2]),
    ({"helo": "no.such.name"}, []),
    ({"open": True}, []),
    ({"open": False, "tenant": ""}, [1]),
])  # fmt: skip
def test_sessions_by(used, query, found):
    everything = [each["id"] for each in sessions(used)]
    assert [everything.index(each["id"]) for each in sessions(used, **query)] == found


def test_pages(used):
    pages, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = used.api.get("/journal/sessions", params=query).json()
        pages.append([each["id"] for each in page["sessions"]])
        after = page["next"]
        if after is None:
            break
    assert [len(page) for page in pages] == [2, 1]
    assert [one for page in pages for one in page] == [each["id"] for each in sessions(used)]
    assert used.api.get("/journal/sessions", params={"limit": 3}).json()["next"] is None
    assert used.api.get("/journal/sessions", params={"after": "gone"}).status_code == 404
    for limit in ("0", "1001", "many"):
        wrong = used.api.get("/journal/messages", params={"limit": limit})
        assert (wrong.status_code, wrong.json()["problems"][0]["where"]) == (422, ["query", "limit"])


def test_one_session_and_its_trace(used):
    refused = sessions(used)[1]["id"]
    got = used.api.get(f"/journal/sessions/{refused}").json()
    assert got["transcript"][0].startswith("S: 220 ")
    trace = used.api.get(f"/journal/sessions/{refused}/trace").json()
    assert (trace["verdict"], trace["accepted"]) == ("relay-access-denied", False)
    assert trace["nearest"][0]["connector"] == "Office relay"
    assert trace["text"] == used.emulator.explain_text(refused)
    accepted = sessions(used)[0]["id"]
    place = f"/journal/sessions/{accepted}/trace"
    assert used.api.get(place, params={"recipient": "X@example.net"}).json()["accepted"] is True
    assert used.api.get(place, params={"recipient": "other@example.net"}).status_code == 404
    assert used.api.get("/journal/sessions/none").status_code == 404
    assert used.api.get("/journal/sessions/none/trace").status_code == 404


@pytest.mark.parametrize(("query", "found"), [
    ({"tenant": "contoso"}, [0, 1]),
    ({"connector": "office relay"}, [0]),
    ({"rcpt-to": "ANN@contoso.com"}, [1]),
    ({"mail-from": "someone@example.org"}, [1]),
    ({"peer": "203.0.113.25"}, [0]),
    ({"session": "none"}, []),
])  # fmt: skip
def test_messages_by(used, query, found):
    everything = [each["id"] for each in messages(used)]
    assert [everything.index(each["id"]) for each in messages(used, **query)] == found


def test_messages_are_the_journal_s(used):
    assert messages(used, content=True) == used.emulator.journal.messages()
    first = messages(used)[0]
    assert not {"raw", "body"} & first.keys()
    assert used.api.get(f"/journal/messages/{first['id']}").json() == used.emulator.journal.messages()[0]
    assert messages(used, session=first["session"]) == [first]


def test_raw_octets_come_back_as_they_came_and_no_browser_shows_them(lab):
    content = b"Subject: <script>alert(1)</script>\r\nContent-Type: text/html\r\n\r\n<script>\xe9\x00\x80</script>\r\n"
    with connect(lab, RELAY) as client:
        client.sendmail("printer@contoso.com", ["x@example.net"], content)
    (message,) = messages(lab)
    raw = lab.api.get(f"/journal/messages/{message['id']}/raw")
    assert raw.content == content
    assert raw.headers["content-type"] == "message/rfc822"
    assert raw.headers["content-disposition"] == f'attachment; filename="{message["id"]}.eml"'
    shown = lab.api.get(f"/journal/messages/{message['id']}")
    for answer in (raw, shown):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'; sandbox" in answer.headers["content-security-policy"]
    assert shown.headers["content-type"] == "application/json"
    assert shown.json()["raw"].encode("latin-1") == content
    assert lab.api.get("/journal/messages/1").status_code == 404
    assert lab.api.get("/journal/messages/1/raw").status_code == 404


def test_a_large_message_is_streamed_and_not_part_of_lists(lab):
    content = b"Subject: large\r\n\r\n" + b"0123456789\r\n" * 200_000
    with connect(lab, RELAY) as client:
        client.sendmail("printer@contoso.com", ["x@example.net"], content)
    (message,) = messages(lab, content=True)
    assert (message["size"], message["body"], message["raw"]) == (len(content), None, None)
    alone = lab.api.get(f"/journal/messages/{message['id']}").json()
    assert alone["raw"].encode("latin-1") == content
    raw = lab.api.get(f"/journal/messages/{message['id']}/raw")
    assert (raw.content == content, raw.headers["content-length"]) == (True, str(len(content)))


def test_text_that_utf_8_has_no_octets_for(lab):
    content = b"Subject: x\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nd\xe9j\xe0 \xed\xa0\x80\r\n"
    with connect(lab, RELAY) as client:
        client.sendmail("printer@contoso.com", ["x@example.net"], content)
    assert lab.api.get("/journal/messages", params={"content": True}).status_code == 200


def test_the_journal_forgets(used):
    assert used.api.delete("/journal").status_code == 204
    assert (sessions(used), messages(used)) == ([], [])


def test_waiting_for_what_is_there_takes_no_time(used):
    waited = used.api.get("/journal/wait", params={"messages": 2, "ended": 3, "open": 0, "timeout": 60}).json()
    assert waited == {"reached": True, "messages": 2, "ended": 3, "open": 0, "changes": 5}
    assert used.api.get("/journal/wait", params={"timeout": 60}).json()["reached"] is True


def test_waiting_in_vain(used):
    waited = used.api.get("/journal/wait", params={"messages": 3, "timeout": 0}).json()
    assert (waited["reached"], waited["messages"]) == (False, 2)
    assert used.api.get("/journal/wait", params={"messages": 3, "timeout": 0.01}).json()["reached"] is False


@pytest.mark.parametrize(
    "query", [{"timeout": 61}, {"timeout": -1}, {"timeout": "nan"}, {"messages": -1}, {"ended": "x"}]
)
def test_waiting_wrongly(lab, query):
    assert lab.api.get("/journal/wait", params=query).status_code == 422


def waiting(lab, **query):
    """A request that waits, in a thread of its own; begun when this returns."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(lab.api.get("/journal/wait", params=query).json()))
    watchers = lab.emulator.journal._watchers
    before = len(watchers)
    thread.start()
    while len(watchers) == before and thread.is_alive():
        lab.api.get("/health")  # a trip to the loop and back
    return thread, answers


def test_waiting_is_woken_by_messages_and_by_ends(lab):
    thread, answers = waiting(lab, messages=2, timeout=60)
    other, ends = waiting(lab, ended=2, timeout=60)
    lab.relay()
    lab.relay()
    thread.join(60)
    other.join(60)
    assert (answers[0]["reached"], answers[0]["messages"]) == (True, 2)
    assert (ends[0]["reached"], ends[0]["ended"]) == (True, 2)
    assert lab.emulator.journal._watchers == []


def test_those_who_wait_are_answered_when_the_server_stops(lab):
    thread, answers = waiting(lab, messages=1, timeout=60)
    lab.emulator.stop()
    thread.join(30)
    assert answers[0]["reached"] is False
    assert lab.emulator.admin_address is None


def test_what_became_of_a_message(used):
    relayed, direct = messages(used)
    assert [(each["recipient"], each["where"], each["number"]) for each in relayed["delivered"]] == [
        ("x@example.net", "internet", 1)
    ]
    (tree,) = used.api.get(f"/journal/messages/{direct['id']}/deliveries").json()["deliveries"]
    assert (tree["message"], tree["where"], tree["path"]) == (direct["id"], "mailbox", "incoming")
    assert [hop["with"] for hop in tree["hops"]][-1] == "HTTPS"
    assert ["X-MS-Exchange-Organization-AuthAs", "Anonymous"] in tree["headers"]
    assert "raw" not in tree
    place = f"/journal/messages/{direct['id']}/deliveries"
    (whole,) = used.api.get(place, params={"content": True}).json()["deliveries"]
    raw = used.api.get(f"{place}/1")
    assert (raw.status_code, raw.headers["Content-Type"]) == (200, "message/rfc822")
    assert raw.content == whole["raw"].encode("latin-1") == used.emulator.journal.delivered()[1]["raw"].encode()
    assert raw.headers["Content-Disposition"] == f'attachment; filename="{direct["id"]}-1.eml"'
    assert used.api.get(f"{place}/2").status_code == 404
    assert used.api.get(f"{place}/0").status_code == 422
    assert used.api.get("/journal/messages/none/deliveries").status_code == 404


def test_a_failed_delivery_has_no_octets(lab):
    own = "Received: from a by BOX.mail.protection.outlook.com with x; Mon, 13 Jan 2025 05:59:27 +0000\r\n"
    with connect(lab, RELAY) as client:
        client.sendmail("printer@contoso.com", ["x@example.net"], own * 21 + "Subject: in circles\r\n\r\n")
    quiet(lab)
    (message,) = messages(lab)
    assert message["delivered"][0]["status"] == "5.4.14"
    refused = lab.api.get(f"/journal/messages/{message['id']}/deliveries/1")
    assert (refused.status_code, refused.json()["detail"]) == (409, "x@example.net never got it: 5.4.14")
