"""The certificates of a world on disk: one file set a process for each certificate, for clients that need paths."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from fakeeop.pki.authority import write_private
from fakeeop.pki.declared import DeclaredPki
from fakeeop.pki.files import read_pair, write_issued
from fakeeop.pki.issue import Issued
from harness.clients.base import Credential
from harness.errors import HarnessError

__all__ = ["CertificateFiles", "WorldPki"]

_PASSWORD = "harness"  # noqa: S105  of a file that lives as long as the run


class CertificateFiles:
    """Files of certificates and roots under ``folder``, written when first asked for, kept by what is in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._credentials: dict[tuple[int, bool], tuple[Issued, Credential]] = {}
        self._roots: dict[bytes, Path] = {}

    def credential(self, name: str, issued: Issued, *, from_pfx: bool = False) -> Credential:
        """The chain as it is sent, and the key, as PEM; mode 600.

        ``from_pfx``: what a PFX of it holds, read back, as an administrator's `openssl pkcs12` would give it.
        """
        known = self._credentials.get((id(issued), from_pfx))
        if known is not None:  # the certificate is held beside its files: an id stays its own
            return known[1]
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = f"{name}-{len(self._credentials)}"
        made = Credential(self._folder / f"{stem}.pem", self._folder / f"{stem}.key")
        chain, key = self._through_pfx(stem, issued) if from_pfx else (issued.chain_pem, issued.key_pem)
        write_private(made.certificate, chain)
        write_private(made.key, key)
        self._credentials[id(issued), from_pfx] = (issued, made)
        return made

    def _through_pfx(self, stem: str, issued: Issued) -> tuple[bytes, bytes]:
        (self._folder / "pfx").mkdir(exist_ok=True)
        files = write_issued(self._folder / "pfx", stem, issued, _PASSWORD)
        found = read_pair(files.pfx, password=_PASSWORD)
        chain = "".join(ssl.DER_cert_to_PEM_cert(each) for each in found.chain_der)
        return chain.encode(), found.key_pem or b""

    def keys(self) -> dict[str, Path]:
        """Path of each certificate file → the file of its key."""
        return {str(made.certificate): made.key for _, made in self._credentials.values()}

    def roots(self, pem: bytes) -> Path:
        """A file with these roots, by which a client verifies the server."""
        if pem not in self._roots:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._folder / f"roots-{len(self._roots)}.pem"
            path.write_bytes(pem)
            self._roots[pem] = path
        return self._roots[pem]


class WorldPki:
    """The ``pki`` of one world; nothing is made before something of it is asked for."""

    def __init__(self, declarations: Mapping[str, Any], path: str, files: CertificateFiles) -> None:
        self._declarations = declarations
        self._path = path
        self._files = files

    @cached_property
    def declared(self) -> DeclaredPki:
        """The certificates. Raises fakeeop's ConfigError for a wrong declaration."""
        plain = {
            name: {key: value for key, value in fields.items() if key != "format"} if "format" in fields else fields
            for name, fields in self._declarations.items()
        }
        return DeclaredPki(plain, self._path)

    def credential(self, name: str) -> Credential:
        """The files of one certificate. Raises HarnessError for a name that the world does not declare."""
        try:
            issued = self.declared.issued(name)
        except KeyError as why:
            known = ", ".join(self.declared.names) or "none"
            raise HarnessError(f"no certificate {name!r} in world.pki; declared: {known}") from why
        return self._files.credential(name, issued, from_pfx=self._declarations[name].get("format") == "pfx")

    def keys(self) -> dict[str, Path]:
        """Path of each certificate file that was asked for → the file of its key."""
        return self._files.keys()

    def server_roots(self) -> Path:
        """The root by which the server's certificate is verified."""
        return self._files.roots(self.declared.server_ca_pem)
