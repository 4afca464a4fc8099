from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from fakeeop.config.loader import forest_from_tree
from fakeeop.errors import ConfigError


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes | None = None) -> str:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption).decode()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def tree(*keys: Any) -> dict[str, Any]:
    return {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"], "DkimSigning": list(keys)}]}


def codes(data: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        forest_from_tree(data)
    assert all("PRIVATE KEY" not in str(problem) for problem in caught.value.problems)
    return [problem.code for problem in caught.value.problems]


def test_a_key(key):
    given = {"domainname": "Contoso.com", "PrivateKey": pem(key)}
    (found,) = forest_from_tree(tree(given)).tenants[0].dkim_signing
    assert (found.domain_name, found.selector) == ("contoso.com", "selector1")
    assert found.private_key.startswith("-----BEGIN PRIVATE KEY-----")
    assert "PRIVATE" not in repr(found)


def test_what_is_no_key(key):
    good = {"DomainName": "contoso.com", "PrivateKey": pem(key)}
    assert codes(tree("contoso.com")) == ["wrong-type"]
    assert codes(tree({**good, "PrivateKey": "no key"})) == ["bad-value"]
    assert codes(tree({**good, "PrivateKey": pem(key, b"passphrase")})) == ["bad-value"]
    assert codes(tree({**good, "PrivateKey": pem(ec.generate_private_key(ec.SECP256R1()))})) == ["bad-value"]
    assert codes(tree({**good, "Selector": "not a name"})) == ["bad-value"]
    assert codes(tree({**good, "DomainName": "fabrikam.com"})) == ["recipient-domain"]
    assert codes(tree(good, good)) == ["duplicate-domain"]
    assert codes(tree({"DomainName": "contoso.com"})) == ["missing-field"]
    assert codes({"Tenants": [{**tree()["Tenants"][0], "DkimSigning": "contoso.com"}]}) == ["wrong-type"]
