"""The lab's certificate authority: trustme's CA with a name, an issuing CA below it, and a place on disk."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

from fakeeop.errors import StoreError
from fakeeop.pki import crypto
from fakeeop.pki.issue import BOTH_USAGES, Issued, Issuer, PrivateKey, issue

__all__ = ["CA_FILE", "CA_KEY_FILE", "LabAuthority", "write_private"]

CA_FILE = "lab-ca.pem"
CA_KEY_FILE = "lab-ca.key"
_ORGANIZATION = "fakeeop lab"


class LabAuthority:
    """A root CA for certificates that prove nothing outside a lab. ``create``, or ``load`` from a folder."""

    def __init__(self, ca: crypto.trustme.CA) -> None:
        self._ca = ca

    @classmethod
    def create(cls, name: str = "fakeeop lab root CA") -> LabAuthority:
        """A new root; ``name`` is the OU of its subject (trustme gives its roots no CN)."""
        return cls(crypto.trustme.CA(organization_name=_ORGANIZATION, organization_unit_name=name))

    @classmethod
    def load(cls, folder: Path) -> LabAuthority:
        """The root that ``save`` wrote. Raises StoreError naming the file that is missing or broken."""
        certificate, key = folder / CA_FILE, folder / CA_KEY_FILE
        try:
            authority = cls(crypto.trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes()))
            matches = authority.root.certificate.public_key() == authority.root.key.public_key()
        except OSError as why:
            raise StoreError(f"{why.filename}: cannot be read: {why.strerror}") from why
        except (ValueError, TypeError) as why:
            raise StoreError(
                f"{folder}: {CA_FILE} or {CA_KEY_FILE} is broken; remove the folder to have new ones made"
            ) from why
        if not matches:
            raise StoreError(f"{key}: is not the key of {certificate}; remove the folder to have new ones made")
        return authority

    def save(self, folder: Path) -> None:
        """Write the root and its key (mode 600) into ``folder``. Raises OSError."""
        (folder / CA_FILE).write_bytes(self.certificate_pem)
        write_private(folder / CA_KEY_FILE, self._ca.private_key_pem.bytes())

    @property
    def certificate_pem(self) -> bytes:
        """The root certificate."""
        return self._ca.cert_pem.bytes()

    @cached_property
    def root(self) -> Issuer:
        """The root as an issuer."""
        return _issuer(self._ca, None)

    @cached_property
    def issuing(self) -> Issuer:
        """An intermediate below the root, made anew for each object: nobody needs to know it but its certificates."""
        return self.intermediate("fakeeop lab issuing CA")

    def intermediate(self, name: str) -> Issuer:
        """A new intermediate CA below the root, of any name."""
        return self.intermediate_of(self.root, name)

    @staticmethod
    def intermediate_of(above: Issuer, name: str) -> Issuer:
        """A new intermediate CA below any other."""
        parent = crypto.trustme.CA.from_pem(above.certificate_pem, above.key_pem)
        child = crypto.trustme.CA(
            parent_cert=parent, path_length=0, organization_name=_ORGANIZATION, organization_unit_name=name
        )
        return _issuer(child, above)

    def issue(
        self,
        *,
        common_name: str | None = None,
        dns_names: Sequence[str] = (),
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        eku: Sequence[str] | None = BOTH_USAGES,
        key: str = "ec",
        issuer: Issuer | None = None,
        crl_url: str | None = None,
        sent: Sequence[crypto.x509.Certificate] | None = None,
        now: datetime | None = None,
    ) -> Issued:
        """A certificate of the root, or of ``issuer``; the rest as in ``fakeeop.pki.issue.issue``."""
        return issue(
            issuer or self.root,
            common_name=common_name,
            dns_names=dns_names,
            not_before=not_before,
            not_after=not_after,
            eku=eku,
            key=key,
            crl_url=crl_url,
            sent=sent,
            now=now,
        )

    def server_certificate(self, names: Sequence[str]) -> Issued:
        """A server certificate for DNS names and IP addresses; the first name is also the CN. Valid until 3000."""
        made = self._ca.issue_cert(*names, common_name=names[0], organization_name=_ORGANIZATION)
        certificate = crypto.x509.load_pem_x509_certificate(made.cert_chain_pems[0].bytes())
        return Issued(certificate, _private_key(made.private_key_pem.bytes()))


def _issuer(ca: crypto.trustme.CA, above: Issuer | None) -> Issuer:
    certificate = crypto.x509.load_pem_x509_certificate(ca.cert_pem.bytes())
    return Issuer(certificate, _private_key(ca.private_key_pem.bytes()), above)


def _private_key(pem: bytes) -> PrivateKey:
    key = crypto.load_pem_private_key(pem, None)
    if not isinstance(key, crypto.rsa.RSAPrivateKey | crypto.ec.EllipticCurvePrivateKey):
        raise ValueError("the key is neither RSA nor EC")
    return key


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read; an existing one is replaced. Raises OSError."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
