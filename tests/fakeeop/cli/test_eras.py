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


def test_what_is_announced(fakeeop, tmp_path):
    code, out, _ = fakeeop("eras", "--within", "60d", "2026-11-24", "--for", "submission", "--exit-code")
    assert code == 1
    assert out.startswith("2026-12  basic-auth-off-by-default  (still to come)")
    assert max(map(len, out.splitlines())) <= 80
    tenant = tmp_path / "tenant.yaml"
    tenant.write_text("Tenants: [{Name: contoso, AcceptedDomains: [contoso.com]}]")
    rows = json.loads(fakeeop("eras", "--within", "8w", "2026-11-24", "--tenant", tenant, "--json")[1])["changes"]
    assert [row["id"] for row in rows] == ["mx-microsoft-for-new-domains"]
    code, out, _ = fakeeop("eras", "--within", "1d", "2035-01-01", "--exit-code")
    assert (code, out) == (0, "nothing is announced for the 1 days from 2035-01-01\n")


def test_the_whole_calendar(fakeeop):
    code, out, _ = fakeeop("eras", "--calendar")
    assert code == 0
    assert "(did not happen)" in out
    assert fakeeop("eras", "--for", "tls")[0] == 2
