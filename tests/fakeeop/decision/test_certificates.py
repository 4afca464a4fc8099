from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fakeeop.decision.certificates import EXACT, NameMatch, best_match, match_name, usable
from fakeeop.model import Behaviour, CertificateFacts, ChainProblem
from fakeeop.model.addresses import DomainPattern

DAY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "name", "rank"),
    [
        pytest.param("*.contoso.com", "mail.contoso.com", 2, id="K3"),
        pytest.param("*.contoso.com", "contoso.com", 2, id="K4"),
        pytest.param("*.contoso.com", "a.b.contoso.com", 2, id="K5"),
        pytest.param("contoso.com", "mail.contoso.com", None, id="K6"),
        pytest.param("mail.contoso.com", "*.contoso.com", 0, id="K7"),
        pytest.param("*.contoso.com", "*.contoso.com", 2, id="K8"),
        pytest.param("*.contoso.com", "*.sub.contoso.com", 2, id="wildcard-below"),
        pytest.param("*.sub.contoso.com", "*.contoso.com", None, id="wildcard-above"),
        pytest.param("mail.contoso.com", "mail.contoso.com", EXACT, id="equal"),
        pytest.param("a.mail.contoso.com", "*.contoso.com", None, id="one-label-only"),
        pytest.param("contoso.com", "*.contoso.com", None, id="not-the-parent"),
        pytest.param("*.contoso.com", "evilcontoso.com", None, id="C61-suffix"),
        pytest.param("*.contoso.com", "contoso.com.evil.example", None, id="C61-prefix"),
        pytest.param("localhost", "*.", None, id="no-parent"),
        pytest.param("*", "mail.contoso.com", None, id="bare-wildcard"),
    ],
)
def test_match_name(pattern, name, rank):
    assert match_name(DomainPattern.parse(pattern), name, wildcard_certificate=True) == rank


def test_a_wildcard_certificate_can_be_told_not_to_match():
    assert match_name(DomainPattern.parse("mail.contoso.com"), "*.contoso.com", wildcard_certificate=False) is None


def test_the_most_exact_name_is_taken():
    pattern = DomainPattern.parse("mail.contoso.com")
    names = ("*.contoso.com", "other.example", "mail.contoso.com")
    assert best_match(pattern, names, wildcard_certificate=True) == NameMatch(EXACT, "mail.contoso.com")
    assert best_match(pattern, ("other.example",), wildcard_certificate=True) is None


@pytest.mark.parametrize("problem", ChainProblem)
def test_a_certificate_with_any_problem_counts_as_none(problem):
    good = CertificateFacts(("a.example",), "CN=a.example", "CN=CA", DAY, DAY)
    bad = CertificateFacts(("a.example",), "CN=a.example", "CN=CA", DAY, DAY, problems=(problem,))
    assert usable(good, Behaviour())
    assert not usable(bad, Behaviour())
    assert not usable(None, Behaviour())
