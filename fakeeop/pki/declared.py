"""Certificates by declaration: a mapping of names to plain values becomes CAs and certificates.

```yaml
public-ca:  {ca: true, trusted-by-eop: true}
private-ca: {ca: true, trusted-by-eop: false}
relay:      {issued-by: public-ca, dns-names: ["*.contoso.com"]}
broken:     {issued-by: public-ca, common-name: mail.contoso.com, send-intermediate: false}
```

Equal declarations give the same certificate within a process, so that a thousand small worlds cost one world's keys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.errors import ConfigError, Problem
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.issue import BOTH_USAGES, KEY_KINDS, Issued, Issuer, issue
from fakeeop.pki.judge import LAB_CRL_URL
from fakeeop.pki.state import SERVER_NAMES, ServerCertificates
from fakeeop.pki.variants import UNREACHABLE_CRL_URL

__all__ = ["CA_FIELDS", "CERTIFICATE_FIELDS", "DeclaredPki"]

CA_FIELDS = ("ca", "trusted-by-eop", "issued-by")
CERTIFICATE_FIELDS = (
    "issued-by",
    "common-name",
    "dns-names",
    "not-before",
    "not-after",
    "extended-key-usage",
    "key",
    "self-signed",
    "send-intermediate",
    "revoked",
    "crl",
    "format",
)
_Frozen = tuple[tuple[str, Any], ...]


class DeclaredPki:
    """The certificates of one world. Everything is made at once; raises ConfigError naming certificate, field and fix.

    A CA is a root, or an intermediate when it has ``issued-by``. ``trusted-by-eop`` (default true) is read of roots.
    A certificate: ``issued-by`` a CA (default: a trusted lab CA), or ``self-signed: true``. Unless ``common-name`` is
    given, the CN is the first of ``dns-names``; ``common-name: null`` leaves it out. Dates are ISO 8601 (``2020-01-01``
    is midnight UTC). ``extended-key-usage``: a list of short names or OIDs, ``none`` for no extension. ``key``: ``ec``,
    ``rsa``, ``rsa-1024`` and so on. ``send-intermediate: false`` holds the intermediates back; under a root, giving it
    puts an issuing CA in between. ``revoked: true`` puts it on the revocation list; ``crl: unreachable`` (or a URL)
    names a list that cannot be had. The root of an untrusted CA is sent along: without it, the service could only tell
    that the chain is incomplete. ``format`` (``pem``, ``pfx``) is for those who write the files; nothing is made of it.
    """

    def __init__(self, declarations: Mapping[str, Any], path: str = "<input>") -> None:
        self._declarations = declarations
        self._path = path
        self._issuers: dict[str, Issuer] = {}
        self._trusted: dict[str, bool] = {}
        self._issued: dict[str, Issued] = {}
        self._revoked: set[str] = set()
        for name in declarations:
            if self._fields(name).get("ca"):
                self._issuer(name, (name,))
            else:
                self._certificate(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the certificates that are not a CA."""
        return tuple(self._issued)

    @property
    def trusted_ca_pem(self) -> bytes:
        """Every trusted root; the default lab CA is always one."""
        roots = [self._issuers[name].certificate_pem for name, trusted in self._trusted.items() if trusted]
        return b"".join((_default().certificate_pem, *dict.fromkeys(roots)))

    @property
    def revoked(self) -> frozenset[str]:
        """The serials of the revoked certificates."""
        return frozenset(self._revoked)

    def issued(self, name: str) -> Issued:
        """The certificate of that name. Raises KeyError for an unknown name or a CA."""
        return self._issued[name]

    def ca_pem(self, name: str) -> bytes:
        """The certificate of a CA. Raises KeyError."""
        return self._issuers[name].certificate_pem

    def server_certificates(self) -> ServerCertificates:
        """For an emulator: a server certificate of the default lab CA, and this world's roots and revocations."""
        server = _default_server()
        return ServerCertificates(
            server.chain_pem, server.key_pem, self.trusted_ca_pem, self.revoked, authority=_default
        )

    @property
    def server_ca_pem(self) -> bytes:
        """The root by which a client can verify the server certificate."""
        return _default().certificate_pem

    def _fields(self, name: str) -> Mapping[str, Any]:
        fields = self._declarations[name]
        if not isinstance(fields, Mapping):
            raise self._wrong(name, None, "a certificate is declared by a mapping", "write {dns-names: [...]}")
        known = CA_FIELDS if fields.get("ca") else CERTIFICATE_FIELDS
        for field in fields:
            if field not in known and not (field == "ca" and not fields["ca"]):
                raise self._wrong(name, field, f"unknown field {field!r}", f"one of {', '.join(known)}")
        return fields

    def _issuer(self, name: str, asked: tuple[str, ...]) -> Issuer:
        if name in self._issuers:
            return self._issuers[name]
        fields = self._fields(name)
        above = fields.get("issued-by")
        if above is None:
            made = _root(name)
            self._trusted[name] = bool(fields.get("trusted-by-eop", True))
        else:
            if above in asked:
                raise self._wrong(
                    name, "issued-by", f"CAs issue each other: {' -> '.join((*asked, above))}", "break it"
                )
            self._require_ca(name, above)
            made = _intermediate(name, self._issuer(above, (*asked, above)))
        self._issuers[name] = made
        return made

    def _require_ca(self, name: str, issuer: Any) -> None:
        if issuer not in self._declarations or not self._fields(issuer).get("ca"):
            known = [each for each in self._declarations if self._fields(each).get("ca")]
            raise self._wrong(
                name, "issued-by", f"{issuer!r} is not a declared CA", f"one of {', '.join(known) or '(none)'}"
            )

    def _certificate(self, name: str) -> None:
        fields = self._fields(name)
        names = fields.get("dns-names") or ()
        if isinstance(names, str) or not all(isinstance(each, str) for each in names):
            raise self._wrong(name, "dns-names", "is not a list of names", 'write ["mail.contoso.com"]')
        issuer = self._issuer_of(name, fields)
        arguments: dict[str, Any] = {
            "common_name": fields["common-name"] if "common-name" in fields else next(iter(names), None),
            "dns_names": tuple(names),
            "not_before": self._date(name, fields, "not-before"),
            "not_after": self._date(name, fields, "not-after"),
            "eku": self._usages(name, fields),
            "key": fields.get("key", "ec"),
            "crl_url": _crl_url(fields),
        }
        if arguments["key"] not in KEY_KINDS:
            raise self._wrong(name, "key", f"unknown kind {arguments['key']!r}", f"one of {', '.join(KEY_KINDS)}")
        if issuer is not None:
            arguments["sent"] = self._sent(fields, issuer)
        try:
            made = _issue(issuer, tuple(sorted(arguments.items())))
        except ValueError as why:
            raise self._wrong(name, None, str(why), "") from why
        if fields.get("revoked"):
            self._revoked.add(made.serial)
        self._issued[name] = made

    def _issuer_of(self, name: str, fields: Mapping[str, Any]) -> Issuer | None:
        if fields.get("self-signed"):
            if "issued-by" in fields:
                raise self._wrong(
                    name, "self-signed", "a self-signed certificate has no issued-by", "remove one of them"
                )
            return None
        above = fields.get("issued-by")
        if above is None:
            issuer = _default().root
        else:
            self._require_ca(name, above)
            issuer = self._issuer(above, (above,))
        if "send-intermediate" in fields and issuer.above is None:
            issuer = _intermediate(f"{above or 'default'} issuing", issuer)
        return issuer

    def _sent(self, fields: Mapping[str, Any], issuer: Issuer) -> tuple[Any, ...]:
        sent = issuer.intermediates if fields.get("send-intermediate", True) else ()
        untrusted = {self._issuers[name].certificate for name, trusted in self._trusted.items() if not trusted}
        return (*sent, issuer.root) if issuer.root in untrusted else sent

    def _usages(self, name: str, fields: Mapping[str, Any]) -> tuple[str, ...] | None:
        usages = fields.get("extended-key-usage", BOTH_USAGES)
        if usages is None or usages == "none":
            return None
        if isinstance(usages, str):
            return (usages,)
        if not isinstance(usages, Sequence):
            raise self._wrong(name, "extended-key-usage", "is not a list of usages", "write [serverAuth] or none")
        return tuple(usages)

    def _date(self, name: str, fields: Mapping[str, Any], field: str) -> datetime | None:
        value = fields.get(field)
        if value is None:
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = value.isoformat()
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except (TypeError, ValueError) as why:
            raise self._wrong(
                name, field, f"{value!r} is not a date", "write 2020-01-01 or 2020-01-01T12:00:00Z"
            ) from why
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def _wrong(self, name: str, field: str | None, message: str, fix: str) -> ConfigError:
        where = ("pki", name) if field is None else ("pki", name, field)
        line = line_of(self._declarations.get(name), field) or line_of(self._declarations, name)
        return ConfigError((Problem("certificate", message, fix, where, self._path, line),))


def _crl_url(fields: Mapping[str, Any]) -> str | None:
    crl = fields.get("crl")
    if crl is None:
        return LAB_CRL_URL if fields.get("revoked") else None
    return {"unreachable": UNREACHABLE_CRL_URL, "lab": LAB_CRL_URL}.get(crl, str(crl))


@lru_cache(maxsize=1)
def _default() -> LabAuthority:
    return LabAuthority.create("fakeeop default CA")


@lru_cache(maxsize=1)
def _default_server() -> Issued:
    return _default().server_certificate(SERVER_NAMES)


@lru_cache(maxsize=256)
def _root(name: str) -> Issuer:
    return LabAuthority.create(name).root


@lru_cache(maxsize=256)
def _intermediate(name: str, above: Issuer) -> Issuer:
    return LabAuthority.intermediate_of(above, name)


@lru_cache(maxsize=2048)
def _issue(issuer: Issuer | None, arguments: _Frozen) -> Issued:
    return issue(issuer, **dict(arguments))
