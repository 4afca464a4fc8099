"""Client certificates of the lab for a test, of every kind, as files and as a context; one authority a process."""

from __future__ import annotations

import atexit
import os
import shutil
import ssl
import tempfile
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import PFX_PASSWORD, IssuedFiles, write_issued
from fakeeop.pki.issue import Issued
from fakeeop.pki.state import SERVER_NAMES, ServerCertificates
from fakeeop.pki.variants import VARIANT_NAMES, make_variant

__all__ = ["ClientCertificate", "client_certificate", "client_context", "server_certificates", "server_roots"]

_revoked: set[str] = set()


class ClientCertificate:
    """A certificate with its key. Files are written when they are first asked for, and removed when the process ends.

    ``name`` is the host, ``variant`` one of ``fakeeop certs make``; paths are absolute.
    """

    pfx_password = PFX_PASSWORD

    def __init__(self, name: str, variant: str, issued: Issued) -> None:
        self.name = name
        self.variant = variant
        self.issued = issued

    @property
    def certificate(self) -> Path:
        """PEM: the certificate, and what is sent along."""
        return self._files.certificate

    @property
    def key(self) -> Path:
        """PEM: the private key, not encrypted."""
        return self._files.key

    @property
    def both(self) -> Path:
        """PEM: the key, then the certificates, for clients that take one file."""
        return self._files.both

    @property
    def pfx(self) -> Path:
        """PFX (PKCS #12) with the password ``pfx_password``."""
        return self._with_pfx.pfx

    @property
    def roots(self) -> Path:
        """PEM: what a client verifies the server's certificate by."""
        return server_roots()

    @property
    def serial(self) -> str:
        """Upper-case hex."""
        return self.issued.serial

    def context(self, *, verify: bool = True) -> ssl.SSLContext:
        """For ``smtplib.SMTP.starttls(context=…)``; without ``verify`` any server will do."""
        context = client_context(verify=verify)
        context.load_cert_chain(self.certificate, self.key)
        return context

    @cached_property
    def _files(self) -> IssuedFiles:
        return write_issued(_new_folder(), self._stem, self.issued, pfx=False)

    @cached_property
    def _with_pfx(self) -> IssuedFiles:
        return write_issued(_new_folder(), self._stem, self.issued, self.pfx_password)

    @property
    def _stem(self) -> str:
        return f"{self.name.replace('*', 'wildcard')}.{self.variant}"

    def __repr__(self) -> str:
        return f"ClientCertificate({self.name!r}, variant={self.variant!r})"


def client_certificate(name: str, variant: str, key: str, now: datetime) -> ClientCertificate:
    """A certificate as it is made at ``now``. Raises ValueError for an unknown variant, naming the known ones."""
    if variant not in VARIANT_NAMES:
        raise ValueError(f"no variant {variant!r}; there are: {', '.join(VARIANT_NAMES)}")
    return _made(name, variant, key, now.replace(hour=0, minute=0, second=0, microsecond=0))


@lru_cache(maxsize=512)
def _made(name: str, variant: str, key: str, day: datetime) -> ClientCertificate:
    issued = make_variant(variant, _authority(), name=name, key=key, now=day)
    if variant == "revoked":
        _revoked.add(issued.serial)
    return ClientCertificate(name, variant, issued)


def client_context(*, verify: bool = True) -> ssl.SSLContext:
    """A client without a certificate; it knows the lab's root, or with ``verify=False`` takes any server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if verify:
        context.load_verify_locations(cadata=_authority().certificate_pem.decode("ascii"))
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


@lru_cache(maxsize=1)
def server_certificates() -> ServerCertificates:
    """The server's certificate and the authority of the clients; one set a process."""
    server = _authority().server_certificate(SERVER_NAMES)
    return ServerCertificates(server.chain_pem, server.key_pem, _authority().certificate_pem, _revoked)


def server_roots() -> Path:
    """A file with the lab's root."""
    return _roots(os.getpid())


@lru_cache(maxsize=1)
def _roots(_process: int) -> Path:
    path = _new_folder() / "lab-ca.pem"
    path.write_bytes(_authority().certificate_pem)
    return path


@lru_cache(maxsize=1)
def _authority() -> LabAuthority:
    return LabAuthority.create()


def _new_folder() -> Path:
    return Path(tempfile.mkdtemp(dir=_folder(os.getpid())))


@lru_cache(maxsize=1)
def _folder(process: int) -> Path:
    """The folder of this process; a forked child has its own."""
    folder = Path(tempfile.mkdtemp(prefix="fakeeop-"))
    atexit.register(_remove, process, folder)
    return folder


def _remove(process: int, folder: Path) -> None:
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)
