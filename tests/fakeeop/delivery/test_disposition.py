from __future__ import annotations

from typing import Any

import pytest

from fakeeop.decision.directory import Directory
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction, Reason
from fakeeop.delivery.disposition import EXPIRY, Where, dispose
from fakeeop.model import AcceptedDomain, Behaviour, DomainType, Forest, Tenant
from fakeeop.model.addresses import DomainPattern, Mailbox
from fakeeop.model.internet import Destination

CONTOSO = Tenant(
    "contoso",
    (
        AcceptedDomain("contoso.com"),
        AcceptedDomain("onprem.contoso.com", DomainType.INTERNAL_RELAY, match_sub_domains=True),
    ),
    recipients=frozenset({"ann@contoso.com", "eve@onprem.contoso.com"}),
)
FABRIKAM = Tenant("fabrikam", (AcceptedDomain("fabrikam.com"),), recipients=frozenset({"bob@fabrikam.com"}))
OPEN = Tenant("open", (AcceptedDomain("open.example"),))
INTERNET = (
    Destination(DomainPattern("gone.example", subdomains=True), "550 5.1.1 User unknown"),
    Destination(DomainPattern("full.gone.example", subdomains=False), "552 5.2.2 Over quota"),
    Destination(DomainPattern("plain.example", subdomains=False), "550 Unknown user"),
    Destination(DomainPattern("slow.example", subdomains=False), delay=14_400.0),
    Destination(DomainPattern("never.example", subdomains=False), reply="550 5.1.1 no", delay=259_200.0),
    Destination(DomainPattern("telling.example", subdomains=False), delivery_reports=True),
    Destination(DomainPattern("old.onprem.contoso.com", subdomains=False), "550 5.1.1 no"),
)


def found(address: str, *, loop: bool = False, **behaviour: Any):
    forest = Forest((CONTOSO, FABRIKAM, OPEN), Behaviour(**behaviour), internet=INTERNET)
    attribution = Attribution(CONTOSO, None, AttributedBy.IP_ADDRESS, Direction.ORIGINATING)
    local, _, domain = address.partition("@")
    return dispose(Directory(forest), attribution, Mailbox(local, domain), loop=loop)


@pytest.mark.parametrize(
    ("address", "where", "status", "tenant", "key"),
    [
        ("ann@contoso.com", Where.MAILBOX, "2.0.0", CONTOSO, None),
        ("ANN@contoso.com", Where.MAILBOX, "2.0.0", CONTOSO, None),
        ("eve@onprem.contoso.com", Where.MAILBOX, "2.0.0", CONTOSO, None),
        ("bob@fabrikam.com", Where.MAILBOX, "2.0.0", FABRIKAM, None),
        ("anybody@open.example", Where.MAILBOX, "2.0.0", OPEN, None),
        ("nobody@onprem.contoso.com", Where.ON_PREMISES, "2.0.0", CONTOSO, None),
        ("nobody@a.onprem.contoso.com", Where.ON_PREMISES, "2.0.0", CONTOSO, None),
        ("nobody@contoso.com", Where.FAILED, "5.1.10", CONTOSO, "recipient-not-found"),
        ("nobody@fabrikam.com", Where.FAILED, "5.1.351", FABRIKAM, "remote-unknown"),
        ("x@elsewhere.example", Where.INTERNET, "2.0.0", None, None),
        ("x@gone.example", Where.FAILED, "5.1.351", None, "remote-unknown"),
        ("x@deep.gone.example", Where.FAILED, "5.1.351", None, "remote-unknown"),
        ("x@full.gone.example", Where.FAILED, "5.0.350", None, "remote-error"),
        ("x@plain.example", Where.FAILED, "5.1.351", None, "remote-unknown"),
        ("x@old.onprem.contoso.com", Where.FAILED, "5.1.351", CONTOSO, "remote-unknown"),
    ],
)
def test_where_a_recipient_ends(address, where, status, tenant, key):
    end = found(address)
    assert (end.where, end.status, end.tenant, end.key) == (where, status, tenant, key)
    assert end.failed is (where is Where.FAILED)


def test_a_refusal_elsewhere_is_told_with_its_own_words_and_name():
    end = found("x@gone.example")
    assert (end.remote, end.remote_mta, end.reason) == ("550 5.1.1 User unknown", "mx.gone.example", None)


def test_another_tenant_refuses_by_its_directory():
    end = found("nobody@fabrikam.com")
    assert (end.reason, end.remote) == (Reason.RECIPIENT_UNKNOWN, None)


def test_the_service_gives_up_after_a_day():
    end = found("x@never.example")
    assert (end.where, end.status, end.key, end.delay) == (Where.FAILED, "5.4.300", "expired", EXPIRY)


def test_a_destination_may_be_slow_or_tell_success_itself():
    assert found("x@slow.example").delay == 14_400.0
    assert found("x@telling.example").delivery_reports
    assert not found("x@slow.example").delivery_reports


def test_an_unknown_recipient_of_a_relayed_domain_fails_under_the_knob():
    end = found("nobody@onprem.contoso.com", internal_relay_unknown="report")
    assert (end.where, end.key) == (Where.FAILED, "recipient-not-found")
    assert found("eve@onprem.contoso.com", internal_relay_unknown="report").where is Where.MAILBOX


def test_a_message_that_goes_round_fails_for_everybody():
    end = found("ann@contoso.com", loop=True)
    assert (end.where, end.status, end.key) == (Where.FAILED, "5.4.14", "hop-count")
