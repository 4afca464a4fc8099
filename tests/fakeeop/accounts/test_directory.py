from __future__ import annotations

from itertools import product

import pytest
from attrs import evolve

from fakeeop.accounts.directory import Account, Accounts, address_of, disabled_by
from fakeeop.model import AcceptedDomain, Behaviour, Forest, Tenant
from fakeeop.model.addresses import Mailbox
from fakeeop.model.mailbox import AccountState, UserMailbox
from fakeeop.smtp.auth import Credentials

PRINTER = UserMailbox(
    "printer@contoso.com", "printer@contoso.com", "Pa55word", frozenset({"token"}), frozenset({"scans@contoso.com"})
)
BOSS = UserMailbox("boss@contoso.com", "b.oss@contoso.com", "Pa55word")
INFO = UserMailbox("info@contoso.com", "info@contoso.com", grant_send_as=("scans@contoso.com",))
CONTOSO = Tenant(
    "contoso",
    (AcceptedDomain("contoso.com"),),
    mailboxes=(PRINTER, BOSS, INFO),
    smtp_client_authentication_disabled=False,
)
PASSWORD = Credentials("LOGIN", "printer@contoso.com", "Pa55word")
TOKEN = Credentials("XOAUTH2", "Printer@Contoso.com", "token")


def saying(credentials: Credentials, secret: str) -> Credentials:
    return evolve(credentials, secret=secret)


def sign_in(
    credentials: Credentials, tenant: Tenant = CONTOSO, mailbox: UserMailbox | None = None, **knobs: str
) -> str:
    """The primary address, or the key of the refusal."""
    mailboxes = tenant.mailboxes if mailbox is None else (mailbox,)
    forest = Forest((evolve(tenant, mailboxes=mailboxes),), Behaviour(**knobs))  # type: ignore[arg-type]  # words
    found = Accounts(forest).authenticate(credentials)
    return found if isinstance(found, str) else found.address


@pytest.mark.parametrize("credentials", [PASSWORD, TOKEN, evolve(PASSWORD, user=" PRINTER@contoso.com")])
def test_the_right_ones_are_let_in(credentials):
    assert sign_in(credentials) == "printer@contoso.com"


@pytest.mark.parametrize(("credentials", "key"), [
    (saying(PASSWORD, "pa55word"), "auth-wrong-credentials"),
    (saying(PASSWORD, "token"), "auth-wrong-credentials"),
    (saying(PASSWORD, ""), "auth-wrong-credentials"),
    (evolve(PASSWORD, user="scans@contoso.com"), "auth-wrong-credentials"),  # an address is no user name
    (evolve(PASSWORD, user="boss@contoso.com"), "auth-wrong-credentials"),
    (evolve(PASSWORD, user="info@contoso.com"), "auth-wrong-credentials"),
    (saying(TOKEN, "Pa55word"), "auth-unsuccessful"),
    (evolve(TOKEN, user="b.oss@contoso.com"), "auth-unsuccessful"),
    (evolve(TOKEN, user="nobody@contoso.com"), "auth-unsuccessful"),
])  # fmt: skip
def test_the_wrong_ones_are_not(credentials, key):
    assert sign_in(credentials) == key


def test_the_other_wording_of_wrong_credentials():
    assert sign_in(saying(PASSWORD, "x"), wrong_credentials_reply="5.7.3") == "auth-unsuccessful"


@pytest.mark.parametrize(("tenant", "mailbox", "who"), [
    (True, None, "tenant"), (True, True, "mailbox"), (True, False, None),
    (False, None, None), (False, True, "mailbox"), (False, False, None),
])  # fmt: skip
def test_the_mailbox_speaks_before_the_tenant(tenant, mailbox, who):
    home = evolve(CONTOSO, smtp_client_authentication_disabled=tenant)
    box = evolve(PRINTER, smtp_client_authentication_disabled=mailbox)
    assert disabled_by(Account(home, box)) == who
    for credentials in (PASSWORD, TOKEN):
        assert sign_in(credentials, home, box) == (f"smtp-auth-disabled-{who}" if who else "printer@contoso.com")


@pytest.mark.parametrize(("change", "state", "knobs", "password", "token"), [
    ({"allow_basic_auth_smtp": False}, "Active", {}, "basic-auth-disabled", None),
    ({"security_defaults": True}, "Active", {}, "security-defaults", None),
    ({}, "Active", {"basic_auth_submission": "ended"}, "basic-auth-ended", None),
    ({}, "Locked", {}, "security-defaults", "security-defaults"),
    ({}, "ConditionalAccess", {}, "auth-criteria", "auth-criteria"),
    ({}, "LogonFailure", {}, None, None),
    ({}, "Restricted", {}, None, None),
])  # fmt: skip
def test_what_bars_the_right_credentials(change, state, knobs, password, token):
    tenant, box = evolve(CONTOSO, **change), evolve(PRINTER, state=AccountState(state))
    assert sign_in(PASSWORD, tenant, box, **knobs) == (password or "printer@contoso.com")
    assert sign_in(TOKEN, tenant, box, **knobs) == (token or "printer@contoso.com")


def test_a_wrong_password_tells_nothing_of_the_account():
    for state, defaults in product(AccountState, (True, False)):
        tenant, box = evolve(CONTOSO, security_defaults=defaults), evolve(PRINTER, state=state)
        assert sign_in(saying(PASSWORD, "x"), tenant, box) == "auth-wrong-credentials"


@pytest.fixture
def accounts() -> Accounts:
    return Accounts(Forest((CONTOSO,)))


def path(address: str) -> Mailbox:
    local, _, domain = address.rpartition("@")
    return Mailbox(local, domain)


@pytest.mark.parametrize(("reverse_path", "header", "refused"), [
    ("printer@contoso.com", (), None),
    ("Scans@contoso.com", ("printer@contoso.com",), None),
    ("info@contoso.com", ("info@contoso.com",), None),
    ("boss@contoso.com", ("printer@contoso.com",), "boss@contoso.com"),
    ("printer@contoso.com", ("printer@contoso.com", "boss@contoso.com"), "boss@contoso.com"),
    ("x@fabrikam.example", (), "x@fabrikam.example"),
    ("nobody@contoso.com", (), "nobody@contoso.com"),
    ("", ("printer@contoso.com",), None),
    ("", ("boss@contoso.com",), "boss@contoso.com"),
])  # fmt: skip
def test_who_it_may_send_as(accounts, reverse_path, header, refused):
    account = accounts.authenticate(PASSWORD)
    assert accounts.refused_sender(account, path(reverse_path), header) == refused


def test_a_grant_has_one_direction(accounts):
    info = accounts.owner("info@contoso.com")
    assert not accounts.may_send_as(info, "printer@contoso.com")


def test_addresses_compare_without_case():
    assert address_of(Mailbox("Scans", "contoso.com")) == "scans@contoso.com"


def test_secrets_are_not_shown():
    assert "Pa55word" not in repr(CONTOSO)
    assert "token" not in repr(PRINTER).replace("access_tokens", "")
