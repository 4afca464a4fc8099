from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from fakeeop.model import ChainProblem
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.issue import Issued, Issuer, issue
from fakeeop.pki.judge import LAB_CRL_URL, ChainJudge, problem_of_openssl
from fakeeop.pki.variants import UNREACHABLE_CRL_URL

NOW = datetime(2026, 6, 1, tzinfo=UTC)

# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=old.example -sha1 -days 36500
SIGNED_WITH_SHA1 = b"""\
-----BEGIN CERTIFICATE-----
MIIBgTCCASigAwIBAgIUWKHzvvegl/835q1OAscA0aRbpskwCQYHKoZIzj0EATAW
MRQwEgYDVQQDDAtvbGQuZXhhbXBsZTAgFw0yNjExMjQwNzIyNTNaGA8yMTI2MTAz
MTA3MjI1M1owFjEUMBIGA1UEAwwLb2xkLmV4YW1wbGUwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAATGFp7FHtkPULag0/TXuI4+CGM1rLLmajJsuyb2wYy5yGIDYw4Y
juCIiapXOa8HWUy9yDV9eTY/IO7e6FEjd/Uao1MwUTAdBgNVHQ4EFgQUOytHKE63
ZcGcvlreAMm0n6eVVUcwHwYDVR0jBBgwFoAUOytHKE63ZcGcvlreAMm0n6eVVUcw
DwYDVR0TAQH/BAUwAwEB/zAJBgcqhkjOPQQBA0gAMEUCICCqhvJ9O9RKhMYzzCaD
dXNeeXAsMuk7xYtfWKJRLNQsAiEA7BfB0PYIz3kqPqy5Fq/tLrK/oc/LOpvUMEfL
rIx0kgQ=
-----END CERTIFICATE-----
"""


def problems(authority: LabAuthority, issued: Issued, now: datetime = NOW, revoked=frozenset()):
    return ChainJudge(authority.certificate_pem, revoked).facts(issued.chain_der, now).problems


def test_several_problems_at_once(lab_authority):
    stranger = LabAuthority.create("stranger")
    made = stranger.issue(
        common_name="a.example",
        key="rsa-1024",
        not_after=datetime(2020, 1, 1, tzinfo=UTC),
        sent=[stranger.root.certificate],
    )
    facts = ChainJudge(lab_authority.certificate_pem).facts(made.chain_der, NOW)
    assert facts.problems == (ChainProblem.UNTRUSTED, ChainProblem.WEAK_KEY, ChainProblem.EXPIRED)
    assert len(facts.detail) == 3
    assert "2020-01-01" in facts.detail[2]


def test_a_private_root_that_is_not_sent_looks_incomplete(lab_authority):
    made = LabAuthority.create("stranger").issue(common_name="a.example", now=NOW)
    assert problems(lab_authority, made) == (ChainProblem.INCOMPLETE,)


def test_the_missing_issuer_is_named(lab_authority):
    made = lab_authority.issue(issuer=lab_authority.issuing, common_name="a.example", sent=[], now=NOW)
    detail = ChainJudge(lab_authority.certificate_pem).facts(made.chain_der, NOW).detail
    assert "OU=fakeeop lab issuing CA" in detail[0]


def test_a_chain_in_the_wrong_order_is_no_problem(lab_authority):
    upper = lab_authority.issuing
    made = lab_authority.issue(issuer=upper, common_name="a.example", now=NOW)
    swapped = Issued(made.certificate, made.key, (lab_authority.root.certificate, upper.certificate))
    assert problems(lab_authority, swapped) == ()


def test_a_certificate_signed_by_an_end_entity_is_refused(lab_authority):
    middle = lab_authority.issue(common_name="no ca", now=NOW)
    root = lab_authority.root
    made = issue(Issuer(middle.certificate, middle.key, root), common_name="a.example", now=NOW)
    assert problems(lab_authority, made) == (ChainProblem.OTHER,)


def test_a_forged_issuer_name_does_not_help(lab_authority):
    forger = LabAuthority.create()  # the same subject as the lab's root, another key
    made = forger.issue(common_name="a.example", now=NOW)
    assert problems(lab_authority, made) == (ChainProblem.ANOTHER_AUTHORITY,)


def key_identifier(certificate: x509.Certificate) -> str:
    """As ``openssl x509 -noout -ext subjectKeyIdentifier`` prints it."""
    found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return found.value.digest.hex(":").upper()


@pytest.mark.parametrize("sent", ["leaf", "intermediate", "everything"])
def test_the_lab_authority_of_another_state_is_told_by_its_key(lab_authority, sent: str):
    other = LabAuthority.create()
    issuer = other.root if sent == "leaf" else other.issuing
    along = [] if sent == "leaf" else [issuer.certificate]
    along += [other.root.certificate] if sent == "everything" else []
    made = other.issue(common_name="a.example", issuer=issuer, sent=along, now=NOW)
    facts = ChainJudge(lab_authority.certificate_pem).facts(made.chain_der, NOW)
    assert facts.problems == (ChainProblem.ANOTHER_AUTHORITY,)
    [said] = facts.detail
    match = re.fullmatch(
        r"signed by another authority of the same name, OU=fakeeop lab root CA, O=fakeeop lab "
        r"\(its key (\S+)…, ours (\S+)…\)",
        said,
    )
    assert match is not None
    its, ours = match.groups()
    assert key_identifier(other.root.certificate).startswith(its)
    assert key_identifier(lab_authority.root.certificate).startswith(ours)


def test_an_authority_renewed_under_its_old_name_is_told_and_can_be_trusted(lab_authority):
    old, new = LabAuthority.create("Contoso CA"), LabAuthority.create("Contoso CA")
    made = new.issue(common_name="a.example", now=NOW)
    judge = ChainJudge(lab_authority.certificate_pem, public_roots_pem=old.certificate_pem)
    assert judge.facts(made.chain_der, NOW).problems == (ChainProblem.ANOTHER_AUTHORITY,)
    both = ChainJudge(lab_authority.certificate_pem, public_roots_pem=old.certificate_pem + new.certificate_pem)
    assert both.facts(made.chain_der, NOW).problems == ()


def test_an_authority_without_key_identifiers_is_compared_by_its_signature(lab_authority):
    other, root = ec.generate_private_key(ec.SECP256R1()), lab_authority.root.certificate
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(root.subject).public_key(key.public_key())
    builder = builder.serial_number(7).not_valid_before(NOW).not_valid_after(NOW)
    facts = ChainJudge(lab_authority.certificate_pem).facts(
        Issued(builder.sign(other, hashes.SHA256()), key).chain_der, NOW
    )
    assert facts.problems == (ChainProblem.ANOTHER_AUTHORITY,)
    assert "(its key unknown, ours " in facts.detail[0]


def test_an_intermediate_that_did_not_sign_is_told_by_its_key(lab_authority):
    signed, sent = lab_authority.intermediate("Issuing CA"), lab_authority.intermediate("Issuing CA")
    made = lab_authority.issue(common_name="a.example", issuer=signed, sent=[sent.certificate], now=NOW)
    facts = ChainJudge(lab_authority.certificate_pem).facts(made.chain_der, NOW)
    assert facts.problems == (ChainProblem.INCOMPLETE,)
    match = re.search(r"with the key (\S+)… was not sent.*has the key (\S+)…", facts.detail[0])
    assert match is not None
    wanted, there = match.groups()
    assert key_identifier(signed.certificate).startswith(wanted)
    assert key_identifier(sent.certificate).startswith(there)


def test_the_bounds_of_validity_are_inside(lab_authority):
    made = lab_authority.issue(common_name="a.example", not_before=NOW, not_after=NOW + timedelta(days=1))
    assert problems(lab_authority, made, NOW) == ()
    assert problems(lab_authority, made, NOW + timedelta(days=1)) == ()
    assert problems(lab_authority, made, NOW - timedelta(seconds=1)) == (ChainProblem.NOT_YET_VALID,)
    assert problems(lab_authority, made, NOW + timedelta(days=1, seconds=1)) == (ChainProblem.EXPIRED,)


def test_revocation_of_a_lab_certificate(lab_authority):
    made = lab_authority.issue(common_name="a.example", crl_url=LAB_CRL_URL, now=NOW)
    assert problems(lab_authority, made) == ()
    assert problems(lab_authority, made, revoked={made.serial}) == (ChainProblem.REVOKED,)


def test_a_list_that_grows_while_the_judge_lives(lab_authority):
    revoked: set[str] = set()
    judge = ChainJudge(lab_authority.certificate_pem, revoked)
    made = lab_authority.issue(common_name="a.example", now=NOW)
    assert judge.facts(made.chain_der, NOW).problems == ()
    revoked.add(made.serial)
    assert judge.facts(made.chain_der, NOW).problems == (ChainProblem.REVOKED,)


def test_a_strangers_serial_on_the_list_says_nothing_of_revocation(lab_authority):
    made = issue(common_name="a.example", now=NOW)
    assert problems(lab_authority, made, revoked={made.serial}) == (ChainProblem.SELF_SIGNED,)


def test_a_list_that_cannot_be_had(lab_authority):
    made = lab_authority.issue(common_name="a.example", crl_url=UNREACHABLE_CRL_URL, now=NOW)
    facts = ChainJudge(lab_authority.certificate_pem).facts(made.chain_der, NOW)
    assert facts.problems == (ChainProblem.REVOCATION_UNKNOWN,)
    assert UNREACHABLE_CRL_URL in facts.detail[0]


def test_the_list_of_a_public_authority_is_not_asked_for(lab_authority):
    public = LabAuthority.create("public")
    made = public.issue(common_name="a.example", crl_url=UNREACHABLE_CRL_URL, now=NOW)
    judge = ChainJudge(lab_authority.certificate_pem, frozenset(), public.certificate_pem)
    assert judge.facts(made.chain_der, NOW).problems == ()
    mine = lab_authority.issue(common_name="a.example", crl_url=UNREACHABLE_CRL_URL, now=NOW)
    assert judge.facts(mine.chain_der, NOW).problems == (ChainProblem.REVOCATION_UNKNOWN,)


def test_a_digest_that_is_too_weak(lab_authority):
    der = x509.load_pem_x509_certificate(SIGNED_WITH_SHA1).public_bytes(Encoding.DER)
    facts = ChainJudge(lab_authority.certificate_pem).facts((der,), datetime(2030, 1, 1, tzinfo=UTC))
    assert facts.problems == (ChainProblem.SELF_SIGNED, ChainProblem.WEAK_KEY)
    assert "sha1" in facts.detail[1]


def test_a_small_ec_key(lab_authority):
    key, root = ec.generate_private_key(ec.SECP192R1()), lab_authority.root
    builder = x509.CertificateBuilder().subject_name(x509.Name([])).issuer_name(root.certificate.subject)
    builder = builder.public_key(key.public_key()).serial_number(7).not_valid_before(NOW).not_valid_after(NOW)
    made = Issued(builder.sign(root.key, hashes.SHA256()), key)
    assert problems(lab_authority, made) == (ChainProblem.WEAK_KEY,)


def test_an_expired_intermediate(lab_authority):
    day = timedelta(days=1)
    upper = lab_authority.root
    key = lab_authority.issuing.key
    certificate = (
        x509.CertificateBuilder()
        .subject_name(lab_authority.issuing.certificate.subject)
        .issuer_name(upper.certificate.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - 3 * day)
        .not_valid_after(NOW - day)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(upper.key, hashes.SHA256())
    )
    made = issue(Issuer(certificate, key, upper), common_name="a.example", now=NOW)
    assert problems(lab_authority, made) == (ChainProblem.EXPIRED,)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        (18, ChainProblem.SELF_SIGNED),
        (19, ChainProblem.UNTRUSTED),
        (20, ChainProblem.INCOMPLETE),
        (21, ChainProblem.INCOMPLETE),
        (10, ChainProblem.EXPIRED),
        (9, ChainProblem.NOT_YET_VALID),
        (23, ChainProblem.REVOKED),
        (3, ChainProblem.REVOCATION_UNKNOWN),
        (66, ChainProblem.WEAK_KEY),
        (7, ChainProblem.OTHER),
    ],
)
def test_openssl_numbers(number: int, problem: ChainProblem):
    assert problem_of_openssl(number) is problem


def test_no_root_at_all():
    with pytest.raises(ValueError, match="PEM"):
        ChainJudge(b"")
