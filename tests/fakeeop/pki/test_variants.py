from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fakeeop.pki.judge import certificate_facts
from fakeeop.pki.variants import VARIANT_NAMES, VARIANTS, Variant, make_variant

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize("key", ["ec", "rsa"])
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_each_is_what_it_says(lab_authority, variant: Variant, key: str):
    made = make_variant(variant.name, lab_authority, key=key, now=NOW)
    revoked = {made.serial} if variant.revoked else set()
    facts = certificate_facts(made.chain_der, lab_authority.certificate_pem, NOW, revoked=revoked)
    assert facts.problems == ((variant.problem,) if variant.problem else ())


@pytest.mark.parametrize(
    ("variant", "names", "common_name"),
    [
        ("match", ("gw.sub.contoso.com",), "gw.sub.contoso.com"),
        ("wildcard", ("*.sub.contoso.com",), "*.sub.contoso.com"),
        ("san-only", ("gw.sub.contoso.com",), None),
        ("cn-only", ("gw.sub.contoso.com",), "gw.sub.contoso.com"),
        ("multi-san", ("mail.fabrikam.example", "gw.sub.contoso.com"), "mail.fabrikam.example"),
        ("idn", ("xn--bcher-kva.sub.contoso.com",), "bücher.sub.contoso.com"),
        ("wrong-name", ("mail.fabrikam.example",), "mail.fabrikam.example"),
    ],
)
def test_names(lab_authority, variant: str, names: tuple[str, ...], common_name: str | None):
    made = make_variant(variant, lab_authority, name="gw.sub.contoso.com", now=NOW)
    facts = certificate_facts(made.chain_der, lab_authority.certificate_pem, NOW)
    assert (facts.names, facts.common_name) == (names, common_name)


@pytest.mark.parametrize(
    ("variant", "usages"),
    [
        ("match", ("clientAuth", "serverAuth")),
        ("server-auth-only", ("serverAuth",)),
        ("client-auth-only", ("clientAuth",)),
        ("code-signing-only", ("codeSigning",)),
        ("no-eku", None),
    ],
)
def test_usages(lab_authority, variant: str, usages: tuple[str, ...] | None):
    made = make_variant(variant, lab_authority, now=NOW)
    assert certificate_facts(made.chain_der, lab_authority.certificate_pem, NOW).extended_key_usages == usages


def test_the_wildcard_of_a_domain_with_two_labels_is_its_own(lab_authority):
    made = make_variant("wildcard", lab_authority, name="contoso.com", now=NOW)
    assert certificate_facts(made.chain_der, lab_authority.certificate_pem, NOW).names == ("*.contoso.com",)


def test_names_are_unique():
    assert len(set(VARIANT_NAMES)) == len(VARIANTS)


def test_an_unknown_variant(lab_authority):
    with pytest.raises(KeyError):
        make_variant("quantum", lab_authority)
