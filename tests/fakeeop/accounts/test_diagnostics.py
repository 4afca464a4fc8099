from __future__ import annotations

import re

from fakeeop.accounts.diagnostics import dump


def test_it_is_long_hexadecimal_and_its_own():
    assert re.fullmatch(r"([0-9A-F]{8} ){71}[0-9A-F]{8}", dump("a"))
    assert dump("a") == dump("a") != dump("b")
