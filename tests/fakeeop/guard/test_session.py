"""A guarded session without sockets: the same octets, however they are cut, meet the same faults in the same order."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.faults.tree import faults_from_tree
from fakeeop.config.loader import forest_from_tree
from fakeeop.front.endpoint import Endpoint
from fakeeop.front.shared import FrontEnd
from fakeeop.journal.memory import Journal
from fakeeop.model import PeerFacts
from fakeeop.server.listener import Arrival, Listener
from fakeeop.smtp.names import HostNames
from fakeeop.system.clock import VirtualClock
from fakeeop.system.ids import ProcessIds

FOREST = forest_from_tree({"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"]}]})
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PEER = PeerFacts(ipaddress.ip_address("198.51.100.9"))
ENVELOPE = b"MAIL FROM:<a@fabrikam.com>\r\nRCPT TO:<u@contoso.com>\r\nRCPT TO:<v@contoso.com>\r\n"
MESSAGE = b"Subject: x\r\n\r\nx\r\n"
DIALOGUE = (
    b"EHLO a.example\r\n"
    + ENVELOPE
    + b"DATA\r\n"
    + MESSAGE
    + b".\r\nRSET\r\n"
    + ENVELOPE
    + b"BDAT %d LAST\r\n%b" % (len(MESSAGE), MESSAGE)
    + b"NOOP\r\nQUIT\r\n"
)


def outcome(faults: list[dict[str, Any]], pieces: list[bytes]) -> tuple[bytes, list[tuple[str, str, int]], int]:
    """All that was written, the faults that struck, and the messages taken; effects are done at once."""
    journal, clock = Journal(), VirtualClock(NOON)
    front = FrontEnd(FOREST, journal, clock, ProcessIds(NOON), HostNames())
    front.protection.set_faults(faults_from_tree(faults), seed=3)
    policy = Endpoint(front, Listener("127.0.0.1", 25)).session(Arrival(PEER, str(PEER.ip), "127.0.0.1:25"))
    session = policy.session
    written = session.greeting()
    ended = False
    for piece in pieces:
        written += session.receive(piece)
        while session.effect is not None and not ended:
            written += session.effect.reply
            ended = bool(session.effect.then)
            written += b"" if ended else session.resume()
        if ended:
            break
    (record,) = journal.session_records()
    text = re.sub(rb" in [\d., ]+ KB/sec| \[SN1PEPF[^]]*\]|<[^>]*>|InternalId=\d+", b"", written)
    return text, list(record.faults), len(journal.message_records())


def test_without_a_fault_nothing_is_different():
    written, faults, messages = outcome([{"at": "mail", "sender": "nobody@*", "do": "drop"}], [DIALOGUE])
    assert faults == []
    assert messages == 2
    assert written.count(b"\r\n") == 1 + 10 + 3 + 1 + 1 + 1 + 3 + 1 + 1 + 1


FAULT = st.fixed_dictionaries(
    {"at": st.sampled_from(["ehlo", "mail", "rcpt", "data", "end-of-data"])},
    optional={
        "first": st.integers(1, 3),
        "nth": st.integers(1, 3),
        "probability": st.floats(0, 1),
        "delay": st.integers(0, 5),
        "drip": st.integers(0, 2),
        "reply": st.sampled_from(["451 4.3.2 later", "550 5.7.1 never", "250 2.0.0 fine", "421 4.3.2 bye"]),
    },
).map(lambda fault: fault if {"delay", "drip", "reply"} & set(fault) else {**fault, "do": "drop"})


@given(st.lists(FAULT, max_size=4), st.lists(st.integers(1, len(DIALOGUE) - 1), max_size=12, unique=True).map(sorted))
def test_cuts_change_nothing(faults: list[dict[str, Any]], cuts: list[int]):
    edges = [0, *cuts, len(DIALOGUE)]
    pieces = [DIALOGUE[start:end] for start, end in pairwise(edges)]
    assert outcome(faults, pieces) == outcome(faults, [DIALOGUE])
