from __future__ import annotations

from fakeeop.message.copies import queued_figures, split_by_scope


def test_split_by_scope():
    assert split_by_scope([("a", True), ("x", False), ("b", True)]) == [("internal", ["a", "b"]), ("external", ["x"])]
    assert split_by_scope([("x", False)]) == [("external", ["x"])]


def test_queued_figures():  # wire §2.2: 8547 bytes in 0.132, 63.086 KB/sec
    assert queued_figures(8547, 8547 / 1024 / 63.086) == ("0.132", "63.086")
    assert queued_figures(1024, 0.0) == ("0.001", "1000.000")
