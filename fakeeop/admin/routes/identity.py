"""Who is who: the public addresses that callers stand for, the server's certificate and the roots it trusts."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from fakeeop.admin.bodies import read_mapping, refuse_unknown
from fakeeop.admin.document import answer, body
from fakeeop.admin.problems import ApiProblem, tree_response
from fakeeop.admin.subject import Subject
from fakeeop.pki.state import ServerCertificates

__all__ = ["identity_routes"]

_BODY = (400, 413, 415, 422)


def identity_routes(subject: Subject) -> APIRouter:
    """``/peers`` and ``/certificates``."""
    router = APIRouter(tags=["lab"])

    @router.get("/peers", summary="Source address → the public address it stands for", responses=answer("Peers"))
    async def get_peers() -> Response:
        return tree_response(subject.peers)

    @router.put(
        "/peers",
        summary="Another map, for the connections to come",
        responses=answer("Peers", *_BODY),
        openapi_extra=body("Peers"),
    )
    async def put_peers(request: Request) -> Response:
        given = await read_mapping(request)
        try:
            if not all(isinstance(public, str) for public in given.values()):
                raise ValueError("a public address is not text")
            subject.replace_peers(given)
        except ValueError as why:
            raise ApiProblem(422, str(why)) from why
        return tree_response(subject.peers)

    @router.get(
        "/certificates",
        summary="The server's certificate with its chain, and the roots that client certificates are judged by",
        responses=answer("Certificates"),
    )
    async def get_certificates() -> Response:
        return _shown(subject)

    @router.put(
        "/certificates",
        summary="Others, for the connections to come",
        responses=answer("Certificates", *_BODY),
        openapi_extra=body("CertificatesToSet"),
    )
    async def put_certificates(request: Request) -> Response:
        given = await read_mapping(request)
        subject.replace_certificates(_certificates(given))
        return _shown(subject)

    return router


def _shown(subject: Subject) -> Response:
    found = subject.certificates
    return tree_response({"server": found.chain_pem.decode("ascii"), "trusted": found.trusted_ca_pem.decode("ascii")})


def _certificates(given: dict[str, Any]) -> Any:
    """Checked: all PEM, and the key is that of the certificate."""
    from cryptography import x509  # noqa: PLC0415  heavy, and only for certificates
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  as above

    refuse_unknown(given, ("server", "key", "trusted", "revoked"))
    pems = {name: given.get(name) for name in ("server", "key", "trusted")}
    revoked = given.get("revoked", [])
    if not all(isinstance(pem, str) and pem.isascii() for pem in pems.values()):
        raise ApiProblem(422, "server, key and trusted are needed, each of them PEM text")
    if not isinstance(revoked, list) or not all(isinstance(serial, str) for serial in revoked):
        raise ApiProblem(422, "revoked is not a list of serial numbers in hex")
    chain, key, trusted = (str(pem).encode() for pem in pems.values())
    try:
        leaf = x509.load_pem_x509_certificates(chain)[0]
        x509.load_pem_x509_certificates(trusted)
        fits = load_pem_private_key(key, None).public_key() == leaf.public_key()
    except (ValueError, TypeError) as why:
        raise ApiProblem(422, "server, key or trusted is not PEM of certificates and an open key") from why
    if not fits:
        raise ApiProblem(422, "the key is not that of the server's certificate")
    return ServerCertificates(chain, key, trusted, frozenset(serial.upper() for serial in revoked))
