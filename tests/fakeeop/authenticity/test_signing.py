from __future__ import annotations

import base64
import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.authenticity.dkim_check import check_dkim
from fakeeop.authenticity.signing import sign
from fakeeop.model.zone import Zone

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


PUBLIC = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
ZONE = Zone({"s1._domainkey.contoso.com": {"TXT": (f"v=DKIM1; p={base64.b64encode(PUBLIC).decode()}",)}})
HEADER = b"Received: x\r\nFrom:  a@contoso.com\r\nSubject: a\r\n\tlong  subject \r\nX-Other: y\r\n"


def signed(content: bytes) -> bytes:
    return sign(content, "contoso.com", "s1", pem(KEY)) + content


def test_the_form_is_the_service_s():
    field = sign(HEADER + b"\r\nhello\r\n", "contoso.com", "s1", pem(KEY)).decode()
    assert re.fullmatch(
        r"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=contoso\.com;\r\n s=s1;\r\n h=From:Subject;\r\n"
        r" bh=[\w+/]{43}=;\r\n b=[\w+/]{342}==\r\n",
        field,
    )


def test_it_is_the_same_each_time():
    assert signed(HEADER + b"\r\nhello\r\n") == signed(HEADER + b"\r\nhello\r\n")


@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"\xff", b"--"]), max_size=30).map(b"".join))
def test_another_library_verifies_it(body):
    found = check_dkim(ZONE, signed(HEADER + b"\r\n" + body + b"\r\n"), lambda _: True)
    assert (found.result, found.detail) == ("pass", "signature was verified")


@pytest.mark.parametrize("content", [b"From: a@contoso.com\r\n\r\n", b"From: a@contoso.com\r\nSubject: x\r\n"])
def test_an_empty_body(content):
    assert check_dkim(ZONE, signed(content), lambda _: True).result == "pass"


def test_the_last_of_several_fields_is_signed():
    content = b"Subject: one\r\nFrom: a@contoso.com\r\nSubject: two\r\n\r\nx\r\n"
    assert check_dkim(ZONE, signed(content), lambda _: True).result == "pass"
    assert check_dkim(ZONE, signed(content).replace(b"two", b"2"), lambda _: True).result == "fail"
    assert check_dkim(ZONE, signed(content).replace(b"one", b"1"), lambda _: True).result == "pass"


def test_a_key_that_cannot_sign():
    with pytest.raises(ValueError, match="is not an RSA key"):
        sign(HEADER, "contoso.com", "s1", pem(ec.generate_private_key(ec.SECP256R1())))
