"""Mailboxes as users write and paste them; ``bad/mailbox-*.yaml`` has what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakeeop.config.check import check_tree
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError
from fakeeop.model import Tenant
from fakeeop.model.mailbox import AccountState, SubmissionLimits, UserMailbox


def tenant_of(mailboxes: Any, **more: Any) -> Tenant:
    tree = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"], "Mailboxes": mailboxes, **more}]}
    return forest_from_tree(load_marked(json.dumps(tree), "<test>")).tenants[0]


def test_one_mailbox_with_next_to_nothing():
    [mailbox] = tenant_of({"PrimarySmtpAddress": "Printer@Contoso.com"}).mailboxes
    assert (mailbox.primary_smtp_address, mailbox.user_principal_name) == ("printer@contoso.com",) * 2
    assert (mailbox.password, mailbox.access_tokens, mailbox.grant_send_as) == (None, frozenset(), ())
    assert mailbox.smtp_client_authentication_disabled is None
    assert mailbox.state is AccountState.ACTIVE
    assert mailbox.addresses == {"printer@contoso.com"}


def test_everything_that_can_be_said():
    mailbox, _ = tenant_of([
        {
            "primarysmtpaddress": "smtp:printer@contoso.com",
            "UserPrincipalName": "p.rinter@contoso.com",
            "Password": "Pa55word",
            "AccessTokens": ["token-1", "token-2"],
            "EmailAddresses": ["SMTP:printer@contoso.com", "smtp:Scans@contoso.com", "SIP:a@b", "X500:/o=x"],
            "SmtpClientAuthenticationDisabled": "$false",
            "GrantSendAs": "boss@contoso.com",
            "State": "locked",
            "DisplayName": "Printer",
        },
        {"PrimarySmtpAddress": "boss@contoso.com", "AccessTokens": "token-3"},
    ]).mailboxes  # fmt: skip
    assert mailbox.addresses == {"printer@contoso.com", "scans@contoso.com"}
    assert mailbox.user_principal_name == "p.rinter@contoso.com"
    assert (mailbox.password, mailbox.access_tokens) == ("Pa55word", frozenset({"token-1", "token-2"}))
    assert mailbox.smtp_client_authentication_disabled is False
    assert mailbox.grant_send_as == ("boss@contoso.com",)
    assert mailbox.state is AccountState.LOCKED


def test_a_mailbox_exists_whatever_recipients_says():
    assert tenant_of([{"PrimarySmtpAddress": "a@contoso.com"}], Recipients=["b@contoso.com"]).knows("A@contoso.com")
    assert tenant_of([{"PrimarySmtpAddress": "a@contoso.com"}]).recipients is None


def test_the_switches_and_limits_of_the_tenant():
    plain = tenant_of([])
    assert (plain.security_defaults, plain.allow_basic_auth_smtp, plain.submission_limits) == (False, True, None)
    said = tenant_of([], SecurityDefaults=True, AllowBasicAuthSmtp=False, SubmissionLimits={"MessagesPerMinute": "5"})
    assert (said.security_defaults, said.allow_basic_auth_smtp) == (True, False)
    assert said.submission_limits == SubmissionLimits(messages_per_minute=5)


@pytest.mark.parametrize("secret", [{"Password": 81234567}, {"AccessTokens": [81234567]}, {"Password": ["81234567"]}])
def test_no_message_quotes_a_secret(secret):
    with pytest.raises(ConfigError) as caught:
        tenant_of([{"PrimarySmtpAddress": "a@contoso.com", **secret}])
    assert "81234567" not in str(caught.value)
    assert "81234567" not in "".join(problem.fix for problem in caught.value.problems)


def test_a_mailbox_shows_no_secret():
    assert "Pa55word" not in repr(UserMailbox("a@contoso.com", "a@contoso.com", "Pa55word", frozenset({"Pa55word"})))


def test_advice_is_silent_where_one_mailbox_may_sign_in():
    box = {"PrimarySmtpAddress": "a@contoso.com", "SmtpClientAuthenticationDisabled": False}
    tree = {"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com"], "Mailboxes": [box]}]}
    assert "W-smtp-auth-off" not in {problem.code for problem in check_tree(tree)[1]}
