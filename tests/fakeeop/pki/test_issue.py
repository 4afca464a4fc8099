from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from fakeeop.pki.issue import KEY_KINDS, issue, make_key

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_the_default_validity_is_around_now():
    made = issue(common_name="a.example", now=NOW).certificate
    assert made.not_valid_before_utc < NOW < made.not_valid_after_utc


def test_an_end_in_the_past_moves_the_start_along():
    made = issue(common_name="a.example", not_after=datetime(2020, 1, 1, tzinfo=UTC), now=NOW).certificate
    assert made.not_valid_before_utc < made.not_valid_after_utc == datetime(2020, 1, 1, tzinfo=UTC)


def test_a_start_in_the_future_moves_the_end_along():
    start = NOW + timedelta(days=1000)
    made = issue(common_name="a.example", not_before=start, now=NOW).certificate
    assert made.not_valid_before_utc == start < made.not_valid_after_utc


def test_an_end_before_the_start_cannot_be():
    with pytest.raises(ValueError, match=r"not-after .* lies before not-before"):
        issue(common_name="a.example", not_before=NOW, not_after=NOW - timedelta(days=1))


@pytest.mark.parametrize("kind", [kind for kind in KEY_KINDS if kind != "rsa-4096"])
def test_every_kind_of_key_signs_for_itself(kind: str):
    made = issue(common_name="a.example", key=kind)
    made.certificate.verify_directly_issued_by(made.certificate)


def test_an_unknown_kind_of_key():
    with pytest.raises(ValueError, match="unknown kind of key 'dsa'"):
        make_key("dsa")


def test_ec_keys_are_new_and_rsa_keys_are_kept():
    assert make_key("ec").private_numbers() != make_key("ec").private_numbers()
    assert make_key("rsa") is make_key("rsa")


def test_u_labels_become_a_labels_in_the_san():
    made = issue(dns_names=["bücher.example", "*.bücher.example"]).certificate
    san = made.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert san.value.get_values_for_type(x509.DNSName) == ["xn--bcher-kva.example", "*.xn--bcher-kva.example"]
    assert san.critical  # the subject has no CN


def test_usages_by_name_and_by_oid():
    made = issue(common_name="a.example", eku=["serverAuth", "1.3.6.1.5.5.7.3.17"]).certificate
    usages = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [usage.dotted_string for usage in usages] == ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.17"]


def test_an_unknown_usage():
    with pytest.raises(ValueError, match="unknown extended key usage 'smtpAuth'"):
        issue(common_name="a.example", eku=["smtpAuth"])


def test_a_certificate_of_an_intermediate_is_sent_with_it_but_not_with_the_root(lab_authority):
    made = issue(lab_authority.issuing, common_name="a.example")
    assert made.sent == (lab_authority.issuing.certificate,)
    assert issue(lab_authority.root, common_name="a.example").sent == ()
    assert lab_authority.issuing.root == lab_authority.root.certificate
