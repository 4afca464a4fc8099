from __future__ import annotations

from fakeeop.decision import rules
from fakeeop.model import AcceptedDomain, Behaviour, ConnectorType, InboundConnector, Tenant
from fakeeop.model.addresses import DomainPattern, IpRange


def partner(*senders: str, restricted: bool = False, ips: tuple[str, ...] = ()) -> InboundConnector:
    return InboundConnector(
        "Partner",
        ConnectorType.PARTNER,
        sender_domains=tuple(map(DomainPattern.parse, senders)),
        sender_ip_addresses=tuple(map(IpRange.parse, ips)),
        restrict_domains_to_ip_addresses=restricted,
    )


def test_the_domain_of_a_certificate_name():
    tenant = Tenant("t", (AcceptedDomain("sub.contoso.com"), AcceptedDomain("wide.example", match_sub_domains=True)))
    accepted = {
        text: rules.certificate_domain_accepted(tenant, DomainPattern.parse(text))
        for text in (
            "*",
            "*.contoso.com",
            "contoso.com",
            "sub.contoso.com",
            "*.b.wide.example",
            "b.wide.example",
            "*.com",
        )
    }
    assert accepted == {
        "*": False,
        "*.contoso.com": True,
        "contoso.com": False,
        "sub.contoso.com": True,
        "*.b.wide.example": True,
        "b.wide.example": True,
        "*.com": True,
    }


def test_the_narrowest_pattern_counts_whatever_the_order():
    for senders in (("*", "*.contoso.com", "contoso.com"), ("contoso.com", "*.contoso.com", "*")):
        assert rules.sender_specificity(partner(*senders), ("contoso.com",)) == 5
        assert rules.sender_specificity(partner(*senders), ("a.contoso.com",)) == 4
        assert rules.sender_specificity(partner(*senders), ("example.net",)) == 0
    assert rules.sender_specificity(partner("contoso.com"), ("example.net",)) is None


def test_a_restricting_connector_never_identifies_by_sender_domain():
    assert not rules.identified_by_sender_domain(partner("contoso.com", restricted=True), 5, Behaviour())
    assert rules.identified_by_sender_domain(partner("contoso.com", ips=("203.0.113.1",)), 5, Behaviour())
    assert not rules.identified_by_sender_domain(partner("*", ips=("203.0.113.1",)), 0, Behaviour())
    assert rules.identified_by_sender_domain(partner("*"), 0, Behaviour())
