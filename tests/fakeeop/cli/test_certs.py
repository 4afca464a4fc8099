from __future__ import annotations

import json
import ssl

import pytest

from fakeeop.pki.variants import VARIANT_NAMES


def test_every_variant_by_default(fakeeop, tmp_path):
    out = tmp_path / "certs"
    code, text, err = fakeeop("certs", "make", "--out", out)
    assert (code, err) == (0, "")
    for name in VARIANT_NAMES:
        assert name in text
        for suffix in ("pem", "key", "both.pem", "pfx", "legacy.pfx"):
            assert (out / f"{name}.{suffix}").exists()
    assert "BEGIN CERTIFICATE" in (out / "lab-ca.pem").read_text()


def test_what_each_line_says(fakeeop, tmp_path):
    _, text, _ = fakeeop("certs", "make", "--out", tmp_path, "--variant", "match", "expired", "revoked", "untrusted-ca")
    says = {line.split()[0]: line for line in text.splitlines() if line}
    assert says["match"].endswith("trusted")
    assert says["expired"].endswith("not trusted: expired")
    assert says["revoked"].endswith("not trusted: revoked")
    assert says["untrusted-ca"].endswith("not trusted: untrusted")


def test_the_lines_to_paste(fakeeop, tmp_path):
    _, text, _ = fakeeop("certs", "make", "--out", tmp_path, "--variant", "wildcard", "--password", "pw")
    for line in (
        f"smtp_tls_cert_file = {tmp_path}/wildcard.pem",
        f"tls_privatekey = {tmp_path}/wildcard.key",
        f"--tls-cert {tmp_path}/wildcard.pem",
        f'X509Certificate2("{tmp_path}/wildcard.pfx", "pw")',
        f"smtp_tls_CAfile = {tmp_path}/lab-ca.pem",
    ):
        assert line in text


def test_json(fakeeop, tmp_path):
    arguments = (
        "--out",
        tmp_path,
        "--variant",
        "missing-intermediate",
        "--name",
        "Gw.Fabrikam.Example",
        "--key",
        "rsa",
    )
    code, text, _ = fakeeop("certs", "make", *arguments, "--json")
    (made,) = json.loads(text)["certificates"]
    assert code == 0
    assert made["names"] == ["gw.fabrikam.example"]
    assert (made["chain"], made["key"]) == ("incomplete", "RSA 2048")
    ssl.create_default_context().load_cert_chain(made["files"]["certificate"], made["files"]["key"])


def test_two_runs_have_one_ca(fakeeop, tmp_path):
    for folder in ("a", "b"):
        assert fakeeop("certs", "make", "--out", tmp_path / folder, "--variant", "match")[0] == 0
    assert (tmp_path / "a" / "lab-ca.pem").read_bytes() == (tmp_path / "b" / "lab-ca.pem").read_bytes()
    code, text, _ = fakeeop("certs", "show", tmp_path / "a" / "match.pem")
    assert code == 0
    assert "trusted" in text


def test_files_are_not_overwritten_unless_told(fakeeop, tmp_path):
    assert fakeeop("certs", "make", "--out", tmp_path, "--variant", "match")[0] == 0
    before = (tmp_path / "match.pem").read_bytes()
    code, out, err = fakeeop("certs", "make", "--out", tmp_path, "--variant", "match", "expired")
    assert (code, out) == (4, "")
    assert f"{tmp_path}/match.pem: exists" in err
    assert "--force" in err
    assert (tmp_path / "match.pem").read_bytes() == before
    assert not (tmp_path / "expired.pem").exists()
    assert fakeeop("certs", "make", "--out", tmp_path, "--variant", "match", "--force")[0] == 0
    assert (tmp_path / "match.pem").read_bytes() != before


def test_an_unknown_variant(fakeeop, tmp_path):
    code, _, err = fakeeop("certs", "make", "--out", tmp_path, "--variant", "expird")
    assert code == 2
    assert err == "fakeeop certs: no variant 'expird': did you mean 'expired'?\n"


@pytest.mark.parametrize("name", ["not a host", "localhost", "[127.0.0.1]", "a..b"])
def test_a_name_that_is_no_host(fakeeop, tmp_path, name: str):
    code, _, err = fakeeop("certs", "make", "--out", tmp_path, "--name", name)
    assert code == 2
    assert "--name" in err


def test_a_folder_that_cannot_be_made(fakeeop, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = fakeeop("certs", "make", "--out", tmp_path / "file" / "certs", "--variant", "match")
    assert code == 4
    assert "cannot be written" in err
    assert "Traceback" not in err


def test_show_tells_the_problem_and_says_no(fakeeop, tmp_path):
    fakeeop("certs", "make", "--out", tmp_path, "--variant", "missing-intermediate")
    code, text, _ = fakeeop("certs", "show", tmp_path / "missing-intermediate.pfx", "--password", "fakeeop")
    assert code == 1
    assert "not trusted: incomplete" in text
    assert "OU=fakeeop lab issuing CA, O=fakeeop lab was not sent" in text


def test_show_a_certificate_of_another_lab(fakeeop, tmp_path):
    other, out = tmp_path / "other", tmp_path / "certs"
    fakeeop("certs", "make", "--out", out, "--state", other, "--variant", "match")
    code, text, _ = fakeeop("certs", "show", out / "match.pem", "--state", tmp_path / "mine")
    assert code == 1
    assert "not trusted: another-authority" in text
    assert "signed by another authority of the same name, OU=fakeeop lab root CA, O=fakeeop lab (its key " in text
    assert text.splitlines()[-1].endswith("make the certificate with this lab's CA, or trust that one with --trust")
    trust = ("--trust", other / "pki" / "lab-ca.pem")
    code, text, _ = fakeeop("certs", "show", out / "match.pem", "--state", tmp_path / "mine", *trust)
    assert (code, text.splitlines()[-1].split()) == (0, ["chain", "trusted"])


def test_show_as_json(fakeeop, tmp_path):
    fakeeop("certs", "make", "--out", tmp_path, "--variant", "no-eku")
    code, text, _ = fakeeop("certs", "show", tmp_path / "no-eku.pem", "--json")
    shown = json.loads(text)
    assert code == 0
    assert (shown["chain"], shown["problems"], shown["extended-key-usages"], shown["has-key"]) == (
        "valid",
        [],
        None,
        False,
    )


def test_show_what_cannot_be_read(fakeeop, tmp_path):
    fakeeop("certs", "make", "--out", tmp_path, "--variant", "match")
    version = bytes.fromhex("a003020102")
    der = ssl.PEM_cert_to_DER_cert((tmp_path / "match.pem").read_text())
    (tmp_path / "odd.der").write_bytes(der.replace(version, version[:-1] + b"\x16", 1))
    code, text, _ = fakeeop("certs", "show", tmp_path / "odd.der")
    assert code == 1
    assert "not trusted: unreadable" in text
    assert "certificate cannot be read: 22 is not a valid X509 version" in text
    shown = json.loads(fakeeop("certs", "show", tmp_path / "odd.der", "--json")[1])
    assert (shown["chain"], shown["not-after"]) == ("unreadable", None)


def test_show_with_the_wrong_password(fakeeop, tmp_path):
    fakeeop("certs", "make", "--out", tmp_path, "--variant", "match")
    code, out, err = fakeeop("certs", "show", tmp_path / "match.pfx", "--password", "guess")
    assert (code, out) == (3, "")
    assert err == f"fakeeop certs: {tmp_path}/match.pfx: wrong PFX password (or a damaged file)\n"


def test_show_what_is_not_there(fakeeop, tmp_path):
    code, _, err = fakeeop("certs", "show", tmp_path / "nothing.pem")
    assert code == 3
    assert "nothing.pem: cannot be read: No such file or directory" in err


def test_list(fakeeop):
    code, text, _ = fakeeop("certs", "list")
    assert code == 0
    assert [line.split()[0] for line in text.splitlines()] == list(VARIANT_NAMES)
    listed = json.loads(fakeeop("certs", "list", "--json")[1])
    assert {each["name"]: each["problem"] for each in listed}["revoked"] == "revoked"


def test_no_action(fakeeop):
    code, _, err = fakeeop("certs")
    assert code == 2
    assert "make|show|list" in err
