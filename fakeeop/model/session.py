"""What is known of a connection: the peer's address, TLS, the client certificate as presented and as judged."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum

from attrs import frozen

from fakeeop.model.addresses import IpAddress

__all__ = ["UNKNOWN_TIME", "CertificateFacts", "ChainProblem", "PeerFacts", "TlsFacts"]

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # of a certificate whose dates cannot be read


class ChainProblem(Enum):
    """Why a presented chain is not accepted (facts connectors §3). Several can hold at once."""

    SELF_SIGNED = "self-signed"
    UNTRUSTED = "untrusted"  # chain complete, root not trusted
    INCOMPLETE = "incomplete"  # an intermediate is missing: KB 3212877
    ANOTHER_AUTHORITY = "another-authority"  # signed by an authority that has the name of a trusted one, not its key
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    REVOKED = "revoked"
    REVOCATION_UNKNOWN = "revocation-unknown"  # the CRL it names cannot be had
    WEAK_KEY = "weak-key"
    UNREADABLE = "unreadable"  # a certificate of it cannot be read
    OTHER = "other"


@frozen
class CertificateFacts:
    """A client certificate and its chain as the client sent it; facts only, no decision.

    ``names`` are the CN and every dNSName SAN: canonical, CN first, no duplicates; a wildcard name keeps its ``*.``.
    ``problems`` leaves key usage out: ``extended_key_usages`` (short names ``serverAuth``, ``clientAuth``,
    ``codeSigning`` or dotted OIDs; None = no EKU extension) is judged by the core under the knob.
    ``chain`` holds the subject of every certificate presented, leaf first.
    """

    names: tuple[str, ...]
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    common_name: str | None = None
    subject_alternative_names: tuple[str, ...] = ()
    serial: str = ""
    key: str = ""  # "EC P-256", "RSA 2048"
    extended_key_usages: tuple[str, ...] | None = None
    chain: tuple[str, ...] = ()
    problems: tuple[ChainProblem, ...] = ()
    detail: tuple[str, ...] = ()  # the verifier's own words, one a problem, for the trace
    sha256: str = ""

    def said_of(self, problem: ChainProblem) -> str:
        """The verifier's own words for one of the problems; the problem's name if it has none."""
        said = dict(zip(self.problems, self.detail, strict=False))
        return said.get(problem, problem.value)


@frozen
class TlsFacts:
    """An established TLS layer: ``version`` as ``TLSv1.2`` or ``TLSv1.3``."""

    version: str
    cipher: str
    certificate: CertificateFacts | None = None
    server_name: str | None = None  # SNI


@frozen
class PeerFacts:
    """The connecting address as the service sees it (after peer map, fixed identity, PROXY, XCLIENT), and the real one.

    ``name`` is the reverse name that XCLIENT gave; None: it is looked up where it is needed.
    """

    ip: IpAddress
    port: int = 0
    socket_ip: str = ""
    name: str | None = None
