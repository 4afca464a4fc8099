"""A sample of the long run of ``cures``, and that its checks would see a wrong fix."""

from __future__ import annotations

from itertools import islice

import pytest
from attrs import evolve

from fakeeop.model import AcceptedDomain, ConnectorType, Forest, InboundConnector, PeerFacts, Tenant
from fakeeop.model.addresses import DomainPattern, IpRange, Mailbox, parse_ip
from fakeeop.why.repair.values import AddToConnector, AllowDirectSend, Fix, Question, SendFrom, SetConnector
from tests.fakeeop.why.repair import cures

_LISTED = InboundConnector("Relay", ConnectorType.ON_PREMISES, sender_ip_addresses=(IpRange.parse("203.0.113.10"),))
_NAMED = InboundConnector(
    "Named", ConnectorType.ON_PREMISES, tls_sender_certificate_name=DomainPattern.parse("contoso.com")
)
_FOREST = Forest((Tenant("contoso", (AcceptedDomain("contoso.com"),), (_LISTED, _NAMED)),))
_QUESTION = Question(
    _FOREST,
    PeerFacts(parse_ip("203.0.113.26")),
    None,
    Mailbox("app", "contoso.com"),
    Mailbox("someone", "outside.invalid"),
)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_fix_that_is_told_is_right_and_none_is_missing(seed):
    sample = list(islice(cures.refusals(seed), 200))
    assert [fault for refusal in sample for fault in refusal.faults] == []
    assert sum(bool(refusal.fixes) for refusal in sample) > 150


@pytest.mark.parametrize(
    ("fix", "fault"),
    [
        (Fix((SendFrom("fabrikam.com"),)), "does not cure"),
        (Fix((AddToConnector("contoso", "Relay", "SenderIPAddresses", IpRange.parse("203.0.113.0/24")),)), "opens"),
        (Fix((AllowDirectSend("contoso"),)), "does not cure"),
        (
            Fix(
                (
                    SetConnector("contoso", "Named", "TlsSenderCertificateName", DomainPattern.parse("*.com")),
                    AddToConnector("contoso", "Relay", "SenderIPAddresses", IpRange.parse("203.0.113.26")),
                )
            ),
            "lets a stranger relay",
        ),
    ],
)
def test_a_wrong_fix_is_seen(fix, fault):
    assert any(found.startswith(fault) for found in cures.faults_of(_QUESTION, fix))


def test_brute_force_finds_what_two_changes_cure():
    assert cures.cure(_QUESTION) is not None
    blocked = evolve(_LISTED, blocked=True)
    tenant = evolve(_FOREST.tenants[0], inbound_connectors=(blocked,))
    found = cures.cure(evolve(_QUESTION, forest=Forest((tenant,))))
    assert found is not None
