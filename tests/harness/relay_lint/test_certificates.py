"""The certificate that a configuration names: every variant of the certificate lab, and files that are none."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509

from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import IssuedFiles, write_issued
from fakeeop.pki.variants import make_variant

from .conftest import NOW, Linter

FOUND = {
    **dict.fromkeys(("match", "wildcard", "san-only", "cn-only", "multi-san", "intermediate", "no-eku", "rsa-2048")),
    "wrong-name": "wrong-name",
    "expired": "expired",
    "not-yet-valid": "not-yet-valid",
    "self-signed": "self-signed",
    "untrusted-ca": "untrusted",
    "missing-intermediate": "missing-intermediate",
    "weak-rsa-1024": "weak-key",
    "server-auth-only": "no-client-auth",
    "code-signing-only": "no-client-auth",
}


@cache
def authority() -> LabAuthority:
    return LabAuthority.create()


@pytest.fixture
def files(tmp_path: Path):
    def make(variant: str) -> IssuedFiles:
        issued = make_variant(variant, authority(), name="mail.contoso.com", now=NOW)
        return write_issued(tmp_path, variant, issued)

    return make


def configuration(files: IssuedFiles) -> str:
    return (
        "relayhost = [contoso-com.mail.protection.outlook.com]:25\ninet_protocols = ipv4\n"
        "smtp_tls_security_level = encrypt\n"
        f"smtp_tls_cert_file = {files.certificate}\nsmtp_tls_key_file = {files.key}\n"
    )


@pytest.fixture
def trusting(linter: Linter) -> Linter:
    return linter.expect(names=("*.contoso.com",), by_certificate=True, roots=authority().certificate_pem)


@pytest.mark.parametrize("variant", FOUND)
def test_each_variant_is_told_by_its_own_rule(trusting, files, variant):
    rule = FOUND[variant]
    found = trusting.of(configuration(files(variant)))
    if rule is None:
        assert found == {}
    else:
        assert found[rule][1] == 4
        assert set(found) <= {rule, "wrong-name", "no-client-auth"}


def test_a_certificate_that_ends_soon(trusting, files):
    made = files("match")
    ends = x509.load_pem_x509_certificate(made.certificate.read_bytes()).not_valid_after_utc
    trusting.expect(now=ends - timedelta(days=29), days=30)
    assert trusting.of(configuration(made)) == {"expires-soon": ("warning", 4)}
    trusting.expect(now=ends - timedelta(days=31), days=30)
    assert trusting.of(configuration(made)) == {}


def test_without_a_name_to_compare_the_names_are_told(trusting, files):
    trusting.expect(names=())
    found = trusting.findings(configuration(files("match")))
    assert [each.rule for each in found] == ["certificate-names"]
    assert "mail.contoso.com" in found[0].message


@pytest.mark.parametrize(("name", "fits"), [("mail.contoso.com", True), ("other.contoso.com", False), ("*.contoso.com", True), ("contoso.com", False)])  # fmt: skip  # noqa: E501
def test_names_are_compared_as_the_service_does(trusting, files, name, fits):
    trusting.expect(names=(name,))
    assert ("wrong-name" not in trusting.of(configuration(files("match")))) is fits


def test_the_key_of_another_certificate(trusting, files):
    text = configuration(files("match")).replace(str(files("match").key), str(files("wrong-name").key))
    assert trusting.of(text)["key-mismatch"] == ("error", 5)


def test_a_key_that_everybody_can_read(trusting, files):
    made = files("match")
    made.key.chmod(0o644)
    assert trusting.of(configuration(made))["key-open"] == ("warning", 5)


def test_a_certificate_without_tls(trusting, files):
    text = configuration(files("match")).replace("= encrypt", "= none")
    assert {"certificate-without-tls", "tls-off"} <= set(trusting.of(text))


def test_no_certificate_in_the_file(trusting, files):
    made = files("match")
    made.certificate.write_text("hello\n")
    assert trusting.of(configuration(made))["certificate-unreadable"] == ("error", 4)


def test_the_leaf_is_not_first(trusting, files):
    made = files("missing-intermediate")
    leaf = made.certificate.read_text()
    made.certificate.write_text(authority().certificate_pem.decode() + leaf)
    assert set(trusting.of(configuration(made))) & {"leaf-not-first", "key-mismatch"}


def test_a_configuration_of_another_machine(trusting, files, tmp_path):
    made = files("match")
    text = configuration(made).replace(str(tmp_path), "/etc/pki")
    assert "certificate-not-here" in trusting.of(text)
    (tmp_path / "copy/etc").mkdir(parents=True)
    (tmp_path / "copy/etc/pki").symlink_to(tmp_path)
    trusting.expect(root=tmp_path / "copy")
    assert trusting.of(text) == {}
