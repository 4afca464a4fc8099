from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from fakeeop.model import CertificateFacts, ChainProblem
from fakeeop.pki.issue import issue, make_key
from fakeeop.pki.judge import certificate_facts

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def facts_of(authority, issued) -> CertificateFacts:
    return certificate_facts(issued.chain_der, authority.certificate_pem, NOW)


def self_made(subject: x509.Name, *extensions: x509.ExtensionType, key=None, digest=None) -> list[bytes]:
    """A self-signed certificate that ``issue`` would not make."""
    private = key or make_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    algorithm = None if isinstance(private, ed25519.Ed25519PrivateKey) else digest or hashes.SHA256()
    return [builder.sign(private, algorithm).public_bytes(Encoding.DER)]


def cn(*values: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, value) for value in values])


def test_names_are_canonical_common_name_first_without_repeats(lab_authority):
    names = ["*.Contoso.COM", "mail.contoso.com", "MAIL.contoso.com", "bücher.example"]
    made = lab_authority.issue(common_name="Mail.Contoso.com", dns_names=names, now=NOW)
    facts = facts_of(lab_authority, made)
    assert facts.names == ("mail.contoso.com", "*.contoso.com", "xn--bcher-kva.example")
    assert facts.common_name == "Mail.Contoso.com"
    assert facts.subject_alternative_names[0] == "*.Contoso.COM"


def test_a_u_label_as_common_name(lab_authority):
    assert facts_of(lab_authority, lab_authority.issue(common_name="BÜCHER.example", now=NOW)).names == (
        "xn--bcher-kva.example",
    )


@pytest.mark.parametrize("name", ["John Doe", "m*.contoso.com", "*", "a..b", "*.*.contoso.com"])
def test_what_is_no_domain_is_no_name(lab_authority, name: str):
    facts = facts_of(lab_authority, lab_authority.issue(common_name=name, now=NOW))
    assert facts.names == ()
    assert facts.common_name == name


def test_several_common_names(lab_authority):
    facts = certificate_facts(self_made(cn("a.example", "b.example")), lab_authority.certificate_pem, NOW)
    assert facts.names == ("a.example", "b.example")
    assert facts.common_name == "b.example"  # the last one is the most specific


def test_other_kinds_of_alternative_name_are_left_out(lab_authority):
    san = x509.SubjectAlternativeName([x509.RFC822Name("ann@contoso.com"), x509.DNSName("mail.contoso.com")])
    facts = certificate_facts(self_made(x509.Name([]), san), lab_authority.certificate_pem, NOW)
    assert facts.names == ("mail.contoso.com",)
    assert facts.subject == ""


@pytest.mark.parametrize(
    ("eku", "expected"),
    [
        (None, None),
        (["serverAuth"], ("serverAuth",)),
        (["clientAuth", "codeSigning"], ("clientAuth", "codeSigning")),
        (["emailProtection"], ("1.3.6.1.5.5.7.3.4",)),
    ],
)
def test_usages(lab_authority, eku, expected):
    made = lab_authority.issue(common_name="a.example", eku=eku, now=NOW)
    facts = facts_of(lab_authority, made)
    assert facts.extended_key_usages == expected
    assert facts.problems == ()  # the usage is for the core to judge


def test_subject_issuer_serial_and_chain(lab_authority):
    made = lab_authority.issue(issuer=lab_authority.issuing, common_name="a.example", now=NOW)
    facts = facts_of(lab_authority, made)
    assert facts.subject == "CN=a.example, O=fakeeop lab"
    assert facts.chain == (facts.subject, facts.issuer)
    assert facts.serial == made.serial
    assert facts.sha256 == made.certificate.fingerprint(hashes.SHA256()).hex()


def test_an_ed25519_key(lab_authority):
    der = self_made(cn("a.example"), key=ed25519.Ed25519PrivateKey.generate())
    assert certificate_facts(der, lab_authority.certificate_pem, NOW).key == "Ed25519"


def test_broken_der_is_a_fact(lab_authority):
    facts = certificate_facts([b"\x30\x03abc"], lab_authority.certificate_pem, NOW)
    assert facts.problems == (ChainProblem.UNREADABLE,)
    assert facts.detail[0].startswith("certificate cannot be read: error parsing asn1 value")
    assert facts.names == ()


def test_an_alternative_name_that_cannot_be_parsed_is_a_fact_and_the_other_names_stay(lab_authority):
    broken = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, b"\x30\x05zz")
    facts = certificate_facts(self_made(cn("a.example"), broken), lab_authority.certificate_pem, NOW)
    assert facts.names == ("a.example",)
    assert facts.problems == (ChainProblem.UNREADABLE,)
    assert "subject_alternative_name" in facts.detail[0]


def test_self_signed_twice_is_one_judgement():
    made = issue(common_name="a.example", now=NOW)
    assert certificate_facts(made.chain_der, made.certificate_pem, NOW).problems == ()  # trusted: it is a root itself
