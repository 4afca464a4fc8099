from __future__ import annotations

import json

from fakeeop.decision.knobs import KNOBS


def test_all_knobs_are_listed_with_their_defaults_and_sources(fakeeop):
    code, out, _ = fakeeop("knobs")
    assert code == 0
    for knob in KNOBS:
        assert knob.name in out
        assert all(side.meaning in out for side in knob.sides)
    assert out.count("(default)") == len(KNOBS)


def test_one_knob_by_any_spelling(fakeeop):
    code, out, _ = fakeeop("knobs", "cert-fallback", "TENANTTIE")
    assert code == 0
    assert out.startswith("CertFallback")
    assert "TenantTie" in out
    assert "Stage5751" not in out


def test_json_has_names_as_a_tenant_file_writes_them(fakeeop):
    code, out, _ = fakeeop("knobs", "--json")
    knobs = json.loads(out)["knobs"]
    assert code == 0
    assert [knob["name"] for knob in knobs] == [knob.name for knob in KNOBS]
    assert all(knob["default"] == knob["values"][0]["value"] for knob in knobs)


def test_a_wrong_name_gets_a_hint(fakeeop):
    code, out, err = fakeeop("knobs", "CertFalback")
    assert (code, out) == (2, "")
    assert "did you mean CertFallback" in err
    assert "lists them" in fakeeop("knobs", "zzz")[2]
