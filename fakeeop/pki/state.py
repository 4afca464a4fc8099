"""The certificates a server needs, kept in the state folder: made on the first start, loaded on every later one.

``<state>/pki/`` holds ``lab-ca.pem``, ``lab-ca.key``, ``server.pem``, ``server.key``, ``checked`` (the digest of these
four as they were when last found good, so that a start need not load OpenSSL to know that they are) and ``revoked/``
(one empty file for each revoked serial number).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Container
from pathlib import Path

from attrs import frozen

from fakeeop.errors import CertificateFileError, StoreError
from fakeeop.pki.authority import LabAuthority, write_private
from fakeeop.pki.files import read_pair

__all__ = [
    "PKI_FOLDER",
    "SERVER_NAMES",
    "RevokedFolder",
    "ServerCertificates",
    "default_state_folder",
    "open_state",
    "revoke",
]

SERVER_NAMES = (
    *("mail.protection.outlook.com", "*.mail.protection.outlook.com", "smtp.office365.com"),
    *("localhost", "127.0.0.1", "::1"),
)
PKI_FOLDER = "pki"
_FILES = ("lab-ca.pem", "lab-ca.key", "server.pem", "server.key")
_CHECKED = "checked"
_REVOKED = "revoked"


@frozen
class ServerCertificates:
    """What ``fakeeop.tls.context.ServerTls`` is made from. All PEM; ``revoked`` knows serials in upper-case hex.

    ``public_roots_pem`` are roots that count as trusted besides the lab's own (``fakeeop.pki.roots``). ``authority``
    gives the CA of the chain, where its key is at hand.
    """

    chain_pem: bytes
    key_pem: bytes
    trusted_ca_pem: bytes
    revoked: Container[str] = frozenset()
    public_roots_pem: bytes = b""
    authority: Callable[[], LabAuthority] | None = None


class RevokedFolder:
    """The revoked serial numbers of a state folder; asks the folder each time, so that a running server notices."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __contains__(self, serial: object) -> bool:
        return isinstance(serial, str) and os.path.exists(os.path.join(self._folder, serial))


def default_state_folder() -> Path:
    """``$XDG_STATE_HOME/fakeeop``, by default ``~/.local/state/fakeeop`` (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME", "")
    root = Path(base) if os.path.isabs(base) else Path(os.path.expanduser("~"), ".local", "state")
    return root / "fakeeop"


def open_state(folder: Path) -> ServerCertificates:
    """The certificates of a state folder, made if it has none yet. Several first starts at once agree on one set.

    Raises StoreError: the folder cannot be written, or a file in it is missing or broken (the message names it).
    """
    pki = folder / PKI_FOLDER
    if not pki.is_dir():
        _make(folder, pki)
    return _load(pki)


def revoke(folder: Path, serial: str) -> None:
    """Put a serial number (upper-case hex) on the lab's revocation list; a running server notices at once."""
    listed = folder / PKI_FOLDER / _REVOKED
    try:
        listed.mkdir(parents=True, exist_ok=True)
        (listed / serial).touch()
    except OSError as why:
        raise StoreError(f"{listed}: cannot be written: {why.strerror}") from why


def _load(pki: Path) -> ServerCertificates:
    contents = {}
    for name in _FILES:
        try:
            contents[name] = (pki / name).read_bytes()
        except FileNotFoundError as why:
            raise StoreError(f"{pki / name}: is missing; remove {pki} to have new certificates made") from why
        except OSError as why:
            raise StoreError(f"{pki / name}: cannot be read: {why.strerror}") from why
    digest = _digest(contents)
    if _read_checked(pki) != digest:
        _check(pki)
        _note_checked(pki, digest)
    return ServerCertificates(
        contents["server.pem"],
        contents["server.key"],
        contents["lab-ca.pem"],
        RevokedFolder(pki / _REVOKED),
        authority=lambda: _authority(pki),
    )


def _authority(pki: Path) -> LabAuthority:
    return LabAuthority.load(pki)


def _digest(contents: dict[str, bytes]) -> str:
    joined = hashlib.sha256()
    for name in _FILES:
        joined.update(hashlib.sha256(contents[name]).digest())
    return joined.hexdigest()


def _read_checked(pki: Path) -> str:
    try:
        return (pki / _CHECKED).read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _note_checked(pki: Path, digest: str) -> None:
    try:
        (pki / _CHECKED).write_text(digest + "\n", "ascii")
    except OSError:  # a read-only folder: then every start checks
        return


def _check(pki: Path) -> None:
    """Someone changed the files: are they still certificates with their keys? Raises StoreError."""
    LabAuthority.load(pki)
    try:
        read_pair(pki / "server.pem", pki / "server.key")
    except CertificateFileError as why:
        raise StoreError(f"{why}; remove {pki} to have new certificates made") from why


def _make(folder: Path, pki: Path) -> None:
    """Fill a folder next to it, then rename that: a process that comes second finds the first one's and takes it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    except OSError as why:
        raise StoreError(f"{folder}: cannot be written: {why.strerror}; choose another with --state") from why
    try:
        authority = LabAuthority.create()
        authority.save(made)
        server = authority.server_certificate(SERVER_NAMES)
        (made / "server.pem").write_bytes(server.chain_pem)
        write_private(made / "server.key", server.key_pem)
        (made / _REVOKED).mkdir()
        _note_checked(made, _digest({name: (made / name).read_bytes() for name in _FILES}))
        os.rename(made, pki)
    except OSError as why:
        if not pki.is_dir():
            raise StoreError(f"{pki}: cannot be written: {why.strerror}") from why
    finally:
        shutil.rmtree(made, ignore_errors=True)
