from __future__ import annotations

import pytest

from fakeeop.message.fields import Head
from fakeeop.message.loops import HOPS, LOOPS, looping

OURS = b"Received: from a (1.2.3.4) by SN1PEPF000252A1.mail.protection.outlook.com (10.167.0.1) with x; y\r\n"
OTHER = b"Received: from a by mail.protection.outlook.com.example with x; y\r\n"


@pytest.mark.parametrize(("header", "looped"), [
    (b"", False),
    (OURS * LOOPS, False),
    (OURS * (LOOPS + 1), True),
    (OTHER * HOPS, False),
    (OTHER * (HOPS + 1), True),
])  # fmt: skip
def test_circles(header, looped):
    assert looping(Head.of(header + b"\r\n")) is looped
