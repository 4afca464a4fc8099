from __future__ import annotations

import json

from fakeeop.smtp.replies.every import EVERY, docs_text


def test_all_replies_are_listed_one_a_line(fakeeop):
    code, out, _ = fakeeop("replies")
    assert code == 0
    assert len(out.splitlines()) == len(EVERY)
    assert "relay-access-denied  550 5.7.64 TenantAttribution; Relay Access Denied  [mx, O]" in out


def test_a_code_is_told_in_full(fakeeop):
    code, out, _ = fakeeop("replies", "5.7.68")
    assert code == 0
    assert out.splitlines()[0] == "direct-send-rejected"
    assert "source:" in out
    assert "confidence:" in out
    code, out, _ = fakeeop("replies", "hop-count")
    assert "only as a fault" in out


def test_stage_and_kind_choose(fakeeop):
    rows = json.loads(fakeeop("replies", "--stage", "rcpt", "--kind", "mx", "--json")[1])["replies"]
    assert {row["kind"] for row in rows} == {"mx"}
    assert all({"rcpt", "any"} & set(row["stages"]) for row in rows)
    assert "relay-access-denied" in [row["key"] for row in rows]


def test_a_date_chooses_the_wording(fakeeop):
    def keys(*more: str) -> set[str]:
        return {row["key"] for row in json.loads(fakeeop("replies", "--json", *more)[1])["replies"]}

    assert {"recipient-unknown", "direct-send-rejected"} <= keys("--as-of", "2025-06-01")
    then = keys("--as-of", "2019-06-01")
    assert "recipient-unknown-2020" in then
    assert not then & {"recipient-unknown", "recipient-unknown-2012", "direct-send-rejected"}


def test_the_page(fakeeop):
    assert fakeeop("replies", "--markdown")[1] == docs_text()


def test_what_is_not_there(fakeeop):
    code, out, err = fakeeop("replies", "9.9.9")
    assert (code, out) == (1, "")
    assert "there is no such reply as '9.9.9'" in err
    code, _, err = fakeeop("replies", "--as-of", "yesterday")
    assert code == 2
    assert "write 2019-06-01" in err
