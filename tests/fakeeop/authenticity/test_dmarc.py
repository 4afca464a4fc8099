from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.authenticity.dmarc import aligned, check_dmarc, organizational
from fakeeop.message.authentication_results import DKIM_NONE, Dkim, Dmarc, Spf
from fakeeop.model.zone import Zone

ZONE = Zone(
    {
        "_dmarc.none.example": {"TXT": ("v=DMARC1; p=none",)},
        "_dmarc.quarantine.example": {"TXT": ("unrelated", "v=DMARC1;p=quarantine; sp=none;")},
        "_dmarc.reject.example": {"TXT": ("v=DMARC1; p=reject; aspf=s; adkim=s",)},
        "_dmarc.bad.example": {"TXT": ("v=DMARC1; p=perhaps",)},
        "_dmarc.two.example": {"TXT": ("v=DMARC1; p=reject", "v=DMARC1; p=none")},
    },
    broken=("broken.example",),
)


def spf(domain: str, result: str = "pass") -> Spf:
    return Spf(result, domain, "192.0.2.1", "h.example")  # type: ignore[arg-type]  # words of the table


def dkim(domain: str) -> Dkim:
    return Dkim("pass", "signature was verified", domain)


FAIL = spf("elsewhere.example", "fail")


@pytest.mark.parametrize(("header_from", "spf_result", "dkim_result", "expected"), [
    ("none.example", FAIL, DKIM_NONE, ("fail", "none")),
    ("none.example", spf("none.example"), DKIM_NONE, ("pass", "none")),
    ("none.example", spf("bounce.none.example"), DKIM_NONE, ("pass", "none")),  # relaxed
    ("none.example", spf("elsewhere.example"), DKIM_NONE, ("fail", "none")),
    ("none.example", FAIL, dkim("mail.none.example"), ("pass", "none")),
    ("quarantine.example", FAIL, DKIM_NONE, ("fail", "quarantine")),
    ("sub.quarantine.example", FAIL, DKIM_NONE, ("fail", "none")),  # sp
    ("sub.none.example", spf("none.example"), DKIM_NONE, ("pass", "none")),
    ("reject.example", FAIL, DKIM_NONE, ("fail", "oreject")),
    ("reject.example", spf("bounce.reject.example"), DKIM_NONE, ("fail", "oreject")),  # strict
    ("reject.example", FAIL, dkim("mail.reject.example"), ("fail", "oreject")),
    ("sub.reject.example", FAIL, DKIM_NONE, ("fail", "oreject")),  # no sp: p
    ("bad.example", FAIL, DKIM_NONE, ("permerror", "none")),
    ("two.example", FAIL, DKIM_NONE, ("none", "none")),
    ("broken.example", FAIL, DKIM_NONE, ("temperror", "none")),
    ("nothing.example", FAIL, DKIM_NONE, ("none", "none")),
    ("nothing.example", spf("nothing.example"), DKIM_NONE, ("bestguesspass", "none")),
    ("nothing.example", FAIL, dkim("nothing.example"), ("bestguesspass", "none")),
])  # fmt: skip
def test_outcomes(header_from, spf_result, dkim_result, expected):
    assert check_dmarc(ZONE, (header_from,), spf_result, dkim_result) == Dmarc(expected[0], expected[1], header_from)


def test_no_from_and_many():
    assert check_dmarc(ZONE, (), FAIL, DKIM_NONE) == Dmarc("none", "none", "none")
    assert check_dmarc(ZONE, ("a.example", "b.example"), FAIL, DKIM_NONE) == Dmarc("permerror", "none", "a.example")


@pytest.mark.parametrize(("domain", "found"), [
    ("contoso.com", "contoso.com"),
    ("a.b.contoso.com", "contoso.com"),
    ("a.contoso.co.uk", "contoso.co.uk"),
    ("contoso.co.uk", "contoso.co.uk"),
    ("localhost", "localhost"),
])  # fmt: skip
def test_organizational_domains(domain, found):
    assert organizational(domain) == found


DOMAINS = st.lists(st.sampled_from(["a", "b", "co", "uk", "com"]), min_size=1, max_size=4).map(".".join)


@given(DOMAINS, DOMAINS)
def test_alignment_is_symmetric_and_strict_is_narrower(one, other):
    assert aligned(one, other) == aligned(other, one)
    assert aligned(one, one, strict=True)
    assert not aligned(one, other, strict=True) or aligned(one, other)
