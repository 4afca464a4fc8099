"""``DkimSigning`` of one tenant → values. Loaded only for a file that has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fakeeop.config import values
from fakeeop.config.parameters.tables import DKIM_SIGNING
from fakeeop.config.place import Fields, read_fields, say
from fakeeop.model.dkim import DkimKey
from fakeeop.model.tenant import Tenant

__all__ = ["build_dkim"]

_KEY = "DkimSigning"
_LABEL = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?\Z")


def build_dkim(fields: Fields, tenant: Tenant | None) -> tuple[DkimKey, ...]:
    """Read the keys; ``tenant`` None: its accepted domains are broken, so none is compared."""
    value = fields.values[_KEY]
    listed = values.elements(value)
    if listed is None:
        fix = "write a list: DkimSigning: [{DomainName: contoso.com, PrivateKey: ...}]"
        fields.error(_KEY, "wrong-type", f"{say(value)} is not a list", fix)
        return ()
    found: dict[str, DkimKey] = {}
    for element, line in listed:
        if not isinstance(element, Mapping):
            fix = "write a mapping: {DomainName: contoso.com, Selector: selector1, PrivateKey: ...}"
            fields.error(_KEY, "wrong-type", f"{say(element)} is not a key", fix, line)
            continue
        built = _key(element, fields, tenant)
        if built is None:
            continue
        if built.domain_name in found:
            fields.error(_KEY, "duplicate-domain", f"{built.domain_name} occurs twice", "remove one", line)
        found[built.domain_name] = built
    return tuple(found.values())


def _key(tree: Mapping[Any, Any], fields: Fields, tenant: Tenant | None) -> DkimKey | None:
    own = read_fields(tree, DKIM_SIGNING, fields.place.under(_KEY))
    name = values.text(own, "DomainName")
    domain = values.domain(own, "DomainName", name, own.line_of("DomainName")) if name else None
    selector = values.text(own, "Selector", "selector1")
    key = values.text(own, "PrivateKey")
    if domain is not None and tenant is not None and tenant.accepted(domain) is None:
        fix = f"add {domain} to AcceptedDomains, or take the key out"
        own.error("DomainName", "recipient-domain", f"{domain} is not an accepted domain of this tenant", fix)
    if not _LABEL.match(selector):
        own.error("Selector", "bad-value", f"{say(selector)} is not a selector", "write a name such as selector1")
    why = _unfit(key) if key else None
    if why is not None:
        fix = "write an RSA key as a block, with the lines BEGIN and END: PrivateKey: |"
        own.error("PrivateKey", "bad-value", why, fix)
    return DkimKey(domain, selector, key) if domain and key else None


def _unfit(key: str) -> str | None:
    """What is wrong with a private key; never the key itself."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  only for a file with keys: start-up time
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey  # noqa: PLC0415  as above
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  as above

    try:
        found = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return "this is not a private key in PEM without a passphrase"
    return None if isinstance(found, RSAPrivateKey) else "this is not an RSA key"
