"""The values everything else is written in: frozen, no behaviour beyond what their own data says."""

from fakeeop.model.behaviour import Behaviour
from fakeeop.model.connector import ConnectorType, InboundConnector
from fakeeop.model.envelope import BodyType, DsnParameters, Envelope, Recipient
from fakeeop.model.session import CertificateFacts, ChainProblem, PeerFacts, TlsFacts
from fakeeop.model.tenant import AcceptedDomain, DomainType, Forest, Tenant

__all__ = [
    "AcceptedDomain",
    "Behaviour",
    "BodyType",
    "CertificateFacts",
    "ChainProblem",
    "ConnectorType",
    "DomainType",
    "DsnParameters",
    "Envelope",
    "Forest",
    "InboundConnector",
    "PeerFacts",
    "Recipient",
    "Tenant",
    "TlsFacts",
]
