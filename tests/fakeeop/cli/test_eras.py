from __future__ import annotations

import json

from fakeeop.decision.eras import changes


def test_every_change_is_listed_in_order(fakeeop):
    code, out, _ = fakeeop("eras")
    assert code == 0
    assert out.count(" -> ") == len(list(changes()))
    days = [line[:10] for line in out.splitlines() if " -> " in line]
    assert days == sorted(days)
    assert "2023-11-01  HeaderFromRelay: accepted -> off" in out


def test_one_day(fakeeop):
    code, out, _ = fakeeop("eras", "2019-06-01")
    assert code == 0
    assert "accepted  (not as today)" in out
    assert json.loads(fakeeop("eras", "2019-06-01", "--json")[1])["knobs"]["MinimumTls"] == "1.0"


def test_json_and_a_wrong_day(fakeeop):
    assert len(json.loads(fakeeop("eras", "--json")[1])["changes"]) == len(list(changes()))
    code, _, err = fakeeop("eras", "2019")
    assert code == 2
    assert "write 2019-06-01" in err
