"""Accepted domains and the directory of a tenant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.model import AcceptedDomain, Tenant


def test_the_exact_domain_comes_before_its_parents_and_the_nearest_parent_first():
    wide = AcceptedDomain("contoso.com", match_sub_domains=True)
    near = AcceptedDomain("b.contoso.com", match_sub_domains=True)
    exact = AcceptedDomain("a.b.contoso.com")
    for order in ((wide, near, exact), (exact, near, wide)):
        tenant = Tenant("contoso", order)
        assert tenant.accepted("a.b.contoso.com") is exact
        assert tenant.accepted("x.b.contoso.com") is near
        assert tenant.accepted("x.contoso.com") is wide
        assert tenant.accepted("x.a.b.contoso.com") is near
        assert tenant.accepted("notcontoso.com") is None
        assert tenant.accepted("com") is None


def test_sub_domains_count_only_with_match_sub_domains():
    tenant = Tenant("contoso", (AcceptedDomain("contoso.com"),))
    assert tenant.accepted("contoso.com") is not None
    assert tenant.accepted("sub.contoso.com") is None


LABELS = st.lists(st.sampled_from(["a", "b", "com"]), min_size=1, max_size=4).map(".".join)


@given(domain=LABELS, asked=LABELS, below=st.booleans())
def test_covering_is_by_label(domain: str, asked: str, below: bool):
    labels, wanted = asked.split("."), domain.split(".")
    expected = labels == wanted or (below and len(labels) > len(wanted) and labels[-len(wanted) :] == wanted)
    assert AcceptedDomain(domain, match_sub_domains=below).covers(asked) is expected


def test_a_directory_knows_its_addresses_in_any_case_and_without_one_all_are_known():
    listed = Tenant("contoso", (), recipients=frozenset({"ann@contoso.com"}))
    assert listed.knows("Ann@Contoso.com") is True
    assert listed.knows("bob@contoso.com") is False
    assert Tenant("contoso", (), recipients=frozenset()).knows("ann@contoso.com") is False
    assert Tenant("contoso", ()).knows("anyone@contoso.com") is True
