from __future__ import annotations

import pytest

from fakeeop.accounts.directory import Account
from fakeeop.accounts.narrate import SignedIn
from fakeeop.decision.verdict import AttributedBy, Direction, Reason
from fakeeop.model import AcceptedDomain, PeerFacts, Tenant, TlsFacts
from fakeeop.model.addresses import Mailbox, parse_ip
from fakeeop.model.mailbox import UserMailbox
from fakeeop.why.render import trace_text

TENANT = Tenant("contoso", (AcceptedDomain("contoso.com"),), smtp_client_authentication_disabled=True)
MAILBOX = UserMailbox("printer@contoso.com", "printer@contoso.com", "Pa55word", frozenset(), frozenset(), False)


@pytest.mark.parametrize(
    ("domain", "where"), [("fabrikam.example", "external"), ("contoso.com", "internal, in contoso")]
)
def test_it_says_who_signed_in(domain, where):
    signed_in = SignedIn(
        Account(TENANT, MAILBOX), "LOGIN", PeerFacts(parse_ip("203.0.113.25")), TlsFacts("TLSv1.3", "X")
    )
    trace = signed_in.explain(Mailbox("printer", "contoso.com"), Mailbox("x", domain))
    assert trace.reason is Reason.ORIGINATING_BY_AUTHENTICATION
    assert trace.attribution.by is AttributedBy.AUTHENTICATION
    assert trace.attribution.direction is Direction.ORIGINATING
    text = trace_text(trace)
    assert "authenticated as   printer@contoso.com by AUTH LOGIN" in text
    assert "SmtpClientAuthenticationDisabled of the mailbox: false" in text
    assert where in text
    assert "Pa55word" not in text


def test_the_null_path_in_clear_text():
    signed_in = SignedIn(Account(TENANT, MAILBOX), "XOAUTH2", PeerFacts(parse_ip("203.0.113.25")), None)
    inputs = dict(signed_in.explain(Mailbox("", ""), Mailbox("x", "contoso.com")).inputs)
    assert (inputs["MAIL FROM"], inputs["TLS"]) == ("<>", "none (clear text)")
