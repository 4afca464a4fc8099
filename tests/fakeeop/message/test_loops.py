from __future__ import annotations

import pytest

from fakeeop.message.loops import LOOPS, looping

OURS = b"Received: from a (1.2.3.4) by SN1PEPF000252A1.mail.protection.outlook.com (10.167.0.1) with x; y\r\n"
FROM_US = b"Received: from b.mail.protection.outlook.com by a with x; y\r\n"
OTHER = b"Received: from a by contoso.mail.protection.outlook.com.example with x; y\r\n"


@pytest.mark.parametrize(("header", "looped"), [
    (b"", False),
    (OURS * LOOPS, False),
    (OURS * LOOPS + FROM_US * 30, False),
    (OURS * (LOOPS + 1), True),
    (OTHER * 200, False),
])  # fmt: skip
def test_circles(header, looped):
    assert looping(header + b"\r\n") is looped
    assert not looping(b"Subject: x\r\n\r\n" + header)  # a body may hold anything
