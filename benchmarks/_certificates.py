"""Certificates for servers and clients that are measured."""

from __future__ import annotations

from pathlib import Path

__all__ = ["make_certificates"]


def make_certificates(folder: Path) -> None:
    """A lab CA, a server and a client certificate, as the emulator makes them."""
    from fakeeop.pki.authority import LabAuthority  # noqa: PLC0415  not needed for --no-starttls
    from fakeeop.pki.state import SERVER_NAMES  # noqa: PLC0415  as above

    authority = LabAuthority.create()
    (folder / "lab-ca.pem").write_bytes(authority.certificate_pem)
    for name, names in (("server", SERVER_NAMES), ("client", ("relay.contoso.com",))):
        issued = authority.server_certificate(names)
        (folder / f"{name}.pem").write_bytes(issued.chain_pem)
        (folder / f"{name}.key").write_bytes(issued.key_pem)
