from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from fakeeop.authenticity.dkim_check import check_dkim
from fakeeop.authenticity.signing import sign
from fakeeop.message.authentication_results import DKIM_NONE, Dkim
from fakeeop.model.zone import Zone

MESSAGE = b"From: a@contoso.com\r\nTo: b@example.org\r\nSubject: x\r\n\r\nhello\r\n"


@pytest.fixture(scope="module")
def key() -> tuple[bytes, str]:
    """A private key, and its record."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem, f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"


@pytest.fixture
def zone(key) -> Zone:
    return Zone({"s1._domainkey.contoso.com": {"TXT": (key[1],)}, "s1._domainkey.other.example": {"TXT": (key[1],)}})


def signed(key, domain: str = "contoso.com", message: bytes = MESSAGE) -> bytes:
    return sign(message, domain, "s1", key[0]) + message


def any_domain(_: str) -> bool:
    return True


def test_a_good_signature(key, zone):
    assert check_dkim(zone, signed(key), any_domain) == Dkim("pass", "signature was verified", "contoso.com")


@pytest.mark.parametrize(("change", "detail"), [
    ((b"hello", b"hallo"), "body hash did not verify"),
    ((b"Subject: x", b"Subject: y"), "signature did not verify"),
    ((b"s=s1", b"s=s2"), "no key for signature"),
    ((b"a=rsa-sha256", b"a=rsa-md5"), "signature did not verify"),
    ((b" b=", b" b=!"), "signature did not verify"),
])  # fmt: skip
def test_a_bad_one_says_why(key, zone, change, detail):
    content = signed(key)
    assert change[0] in content
    assert check_dkim(zone, content.replace(change[0], change[1], 1), any_domain) == Dkim("fail", detail, "contoso.com")


def test_no_signature(zone):
    assert check_dkim(zone, MESSAGE, any_domain) == DKIM_NONE
    assert check_dkim(zone, b"", any_domain) == DKIM_NONE


def test_a_signature_without_sense(zone):
    found = check_dkim(zone, b"DKIM-Signature: rubbish\r\n" + MESSAGE, any_domain)
    assert (found.result, found.detail) == ("fail", "signature did not verify")


def test_a_key_without_sense(key):
    zone = Zone({"s1._domainkey.contoso.com": {"TXT": ("v=DKIM1; p=no",)}})
    assert check_dkim(zone, signed(key), any_domain).result == "fail"


def test_of_several_one_that_is_aligned(key, zone):
    both = sign(MESSAGE, "other.example", "s1", key[0]) + signed(key)
    assert check_dkim(zone, both, lambda domain: domain == "contoso.com").domain == "contoso.com"
    assert check_dkim(zone, both, lambda _: False).domain == "other.example"
    broken_first = both.replace(b"s=s1", b"s=s9", 1)
    assert check_dkim(zone, broken_first, any_domain).result == "pass"
