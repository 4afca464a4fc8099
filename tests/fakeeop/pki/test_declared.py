from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError
from fakeeop.model import CertificateFacts
from fakeeop.pki.declared import DeclaredPki
from fakeeop.pki.judge import certificate_facts

NOW = datetime.now(UTC)
ROOTS: dict[str, Any] = {
    "public-ca": {"ca": True, "trusted-by-eop": True},
    "private-ca": {"ca": True, "trusted-by-eop": False},
    "issuing": {"ca": True, "issued-by": "public-ca"},
}


def facts(fields: dict[str, Any]) -> CertificateFacts:
    pki = DeclaredPki({**ROOTS, "relay": fields})
    made = pki.issued("relay")
    return certificate_facts(made.chain_der, pki.trusted_ca_pem, NOW, revoked=pki.revoked)


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, []),
        ({"issued-by": "public-ca"}, []),
        ({"issued-by": "private-ca"}, ["untrusted"]),
        ({"issued-by": "issuing"}, []),
        ({"issued-by": "issuing", "send-intermediate": False}, ["incomplete"]),
        ({"issued-by": "public-ca", "send-intermediate": True}, []),
        ({"issued-by": "public-ca", "send-intermediate": False}, ["incomplete"]),
        ({"self-signed": True}, ["self-signed"]),
        ({"issued-by": "public-ca", "not-after": "2020-01-01"}, ["expired"]),
        ({"issued-by": "public-ca", "not-after": date(2020, 1, 1)}, ["expired"]),
        ({"issued-by": "public-ca", "not-before": "2100-01-01T12:00:00Z"}, ["not-yet-valid"]),
        ({"issued-by": "private-ca", "not-after": "2020-01-01"}, ["untrusted", "expired"]),
        ({"issued-by": "public-ca", "revoked": True}, ["revoked"]),
        ({"issued-by": "public-ca", "crl": "unreachable"}, ["revocation-unknown"]),
        ({"issued-by": "public-ca", "crl": "lab"}, []),
        ({"issued-by": "public-ca", "key": "rsa-1024"}, ["weak-key"]),
        ({"issued-by": "public-ca", "key": "rsa"}, []),
    ],
)
def test_problems(fields: dict[str, Any], problems: list[str]):
    found = facts({"dns-names": ["mail.contoso.com"], **fields})
    assert [problem.value for problem in found.problems] == problems


@pytest.mark.parametrize(
    ("fields", "names", "common_name"),
    [
        ({"dns-names": ["*.contoso.com"]}, ("*.contoso.com",), "*.contoso.com"),
        ({"dns-names": ["a.example"], "common-name": None}, ("a.example",), None),
        ({"common-name": "a.example"}, ("a.example",), "a.example"),
        ({"dns-names": ["b.example"], "common-name": "a.example"}, ("a.example", "b.example"), "a.example"),
    ],
)
def test_names(fields: dict[str, Any], names: tuple[str, ...], common_name: str | None):
    found = facts(fields)
    assert (found.names, found.common_name) == (names, common_name)


@pytest.mark.parametrize(
    ("usages", "expected"),
    [
        (["serverAuth"], ("serverAuth",)),
        ("clientAuth", ("clientAuth",)),
        ("none", None),
        (None, None),
        ([], None),
    ],
)
def test_usages(usages: Any, expected: tuple[str, ...] | None):
    assert facts({"common-name": "a.example", "extended-key-usage": usages}).extended_key_usages == expected


def test_usages_by_default():
    assert facts({"common-name": "a.example"}).extended_key_usages == ("clientAuth", "serverAuth")


def test_equal_declarations_give_the_same_certificate():
    one, two = (DeclaredPki({**ROOTS, "relay": {"issued-by": "public-ca", "common-name": "a"}}) for _ in range(2))
    assert one.issued("relay") is two.issued("relay")
    assert one.trusted_ca_pem == two.trusted_ca_pem


def test_the_order_of_declarations_does_not_matter():
    pki = DeclaredPki({"relay": {"issued-by": "late", "common-name": "a"}, "late": {"ca": True}})
    assert "OU=late" in pki.issued("relay").certificate.issuer.rfc4514_string()
    assert pki.ca_pem("late") in pki.trusted_ca_pem


def test_an_untrusted_root_is_not_among_the_trusted():
    pki = DeclaredPki(ROOTS)
    assert pki.ca_pem("private-ca") not in pki.trusted_ca_pem
    assert pki.names == ()


def test_what_an_emulator_needs():
    pki = DeclaredPki({"relay": {"common-name": "a", "revoked": True}})
    certificates = pki.server_certificates()
    assert certificates.trusted_ca_pem == pki.trusted_ca_pem
    assert pki.issued("relay").serial in certificates.revoked
    assert pki.server_ca_pem in pki.trusted_ca_pem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("relay: {issued-by: nobody, common-name: a}", "<input>:1: error certificate: pki: relay: issued-by: 'nobody'"),
        ("relay:\n  dns-name: [a]", "<input>:2: error certificate: pki: relay: dns-name: unknown field 'dns-name'"),
        ("relay: {dns-names: a.example}", "dns-names: is not a list of names"),
        ("relay: {common-name: a, key: dsa}", "unknown kind 'dsa'"),
        ("relay: {common-name: a, not-after: soon}", "'soon' is not a date"),
        ("relay: {common-name: a, not-after: 7}", "7 is not a date"),
        ("relay: {common-name: a, not-before: 2026-01-01, not-after: 2025-01-01}", "lies before not-before"),
        ("relay: {common-name: a, extended-key-usage: [x]}", "unknown extended key usage 'x'"),
        ("relay: {common-name: a, extended-key-usage: 7}", "is not a list of usages"),
        ("relay: {self-signed: true, issued-by: x, common-name: a}", "has no issued-by"),
        ("relay: 7", "is declared by a mapping"),
        ("{a: {ca: true, issued-by: b}, b: {ca: true, issued-by: a}}", "CAs issue each other: a -> b -> a"),
        ("{a: {ca: true, common-name: x}}", "unknown field 'common-name'"),
    ],
)
def test_wrong_declarations(text: str, message: str):
    with pytest.raises(ConfigError) as error:
        DeclaredPki(load_marked(text))
    assert message in str(error.value)
