"""Client certificates against ``TlsSenderCertificateName``: usable or not, matching or not, how exactly.

Facts connectors §3 (K1-K13) and §2.5 T6. Names are canonical on both sides (``fakeeop.model.addresses``), so
everything here is comparison of labels.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from fakeeop.model import Behaviour, CertificateFacts
from fakeeop.model.addresses import DomainPattern

__all__ = [
    "EXACT",
    "THROUGH_WILDCARD_CERTIFICATE",
    "NameMatch",
    "best_match",
    "match_name",
    "parent_domains",
    "usable",
    "usage_allowed",
    "wildcard_rank",
]

EXACT = 1000  # rank of FQDN = FQDN; a wildcard connector ranks by its labels (1..127), see wildcard_rank
THROUGH_WILDCARD_CERTIFICATE = 0  # rank of an FQDN connector that only a wildcard certificate covers (assumption)

_SERVER_AUTH = frozenset({"serverAuth", "1.3.6.1.5.5.7.3.1"})
_CLIENT_AUTH = frozenset({"clientAuth", "1.3.6.1.5.5.7.3.2"})
_ANY_USAGE = frozenset({"anyExtendedKeyUsage", "2.5.29.37.0"})
_LENIENT = _SERVER_AUTH | _CLIENT_AUTH | _ANY_USAGE


@frozen
class NameMatch:
    """A certificate name that satisfies a connector; a higher ``rank`` is a more exact match (facts §2.1 A2)."""

    rank: int
    name: str


def parent_domains(domain: str) -> Iterable[str]:
    """The domain and each domain above it, longest first: ``a.b.c``, ``b.c``, ``c``."""
    while domain:
        yield domain
        _, _, domain = domain.partition(".")


def wildcard_rank(domain: str) -> int:
    """The rank of connector ``*.domain``: its number of labels, so that the longer wildcard is the more exact."""
    return domain.count(".") + 1


def match_name(pattern: DomainPattern, name: str, *, wildcard_certificate: bool) -> int | None:
    """How exactly one certificate name satisfies ``TlsSenderCertificateName``; None if it does not.

    ``wildcard_certificate`` is the knob of K7: may the certificate ``*.contoso.com`` stand for the connector
    ``mail.contoso.com``? It then covers one label, as RFC 6125 section 6.4.3 has it.
    """
    if pattern.subdomains:  # K3, K4, K5, K8: the domain, all below it, and wildcards at or below it
        bare = name.removeprefix("*.")
        return wildcard_rank(pattern.domain) if pattern.domain and pattern.covers(bare) else None
    if name == pattern.domain:
        return EXACT
    parent = pattern.domain.partition(".")[2]
    if wildcard_certificate and parent and name == f"*.{parent}":
        return THROUGH_WILDCARD_CERTIFICATE
    return None


def best_match(pattern: DomainPattern, names: Iterable[str], *, wildcard_certificate: bool) -> NameMatch | None:
    """The most exact of all matching certificate names (K2: any one suffices), the first of equals."""
    best: NameMatch | None = None
    for name in names:
        rank = match_name(pattern, name, wildcard_certificate=wildcard_certificate)
        if rank is not None and (best is None or rank > best.rank):
            best = NameMatch(rank, name)
    return best


def usage_allowed(certificate: CertificateFacts, behaviour: Behaviour) -> bool:
    """True if the extended key usages are good enough under the knob ``client_certificate_eku`` (K13)."""
    usages = certificate.extended_key_usages
    if usages is None or behaviour.client_certificate_eku == "any":
        return True
    wanted = _CLIENT_AUTH if behaviour.client_certificate_eku == "client-auth" else _LENIENT
    return not wanted.isdisjoint(usages)


def usable(certificate: CertificateFacts | None, behaviour: Behaviour) -> bool:
    """True if the certificate counts; an unusable one is treated as none (T6), never as a TLS failure."""
    return certificate is not None and not certificate.problems and usage_allowed(certificate, behaviour)
