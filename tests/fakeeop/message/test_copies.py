from __future__ import annotations

from fakeeop.message.copies import queued_figures


def test_queued_figures():  # wire §2.2: 8547 bytes in 0.132, 63.086 KB/sec
    assert queued_figures(8547, 8547 / 1024 / 63.086) == ("0.132", "63.086")
    assert queued_figures(1024, 0.0) == ("0.001", "1000.000")
