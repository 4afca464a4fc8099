"""Who may sign in, and as whom they may send (facts wire §3.7, connectors §1.8, §5).

The order in which the causes of a 535 are looked at is not documented; ours (assumption): basic authentication over for
everybody, unknown user, the switch of mailbox and tenant, AllowBasicAuthSmtp, the password or token, then what bars a
user who is right.
"""

from __future__ import annotations

from attrs import frozen

from fakeeop.model import Behaviour, Forest, Tenant
from fakeeop.model.addresses import Mailbox
from fakeeop.model.mailbox import AccountState, UserMailbox
from fakeeop.smtp.auth import Credentials

__all__ = ["Account", "Accounts", "address_of", "authenticate_key", "disabled_by"]


@frozen(eq=False)
class Account:
    """A mailbox and the tenant it is in."""

    tenant: Tenant
    mailbox: UserMailbox

    @property
    def address(self) -> str:
        """The primary address, by which replies and counters know it."""
        return self.mailbox.primary_smtp_address


class Accounts:
    """The mailboxes of a forest, by user name and by address. Immutable: a changed forest gets new ones."""

    def __init__(self, forest: Forest) -> None:
        self.forest = forest
        self._by_user: dict[str, Account] = {}
        self._by_address: dict[str, Account] = {}
        for tenant in forest.tenants:
            for mailbox in tenant.mailboxes:
                account = Account(tenant, mailbox)
                self._by_user[mailbox.user_principal_name] = account
                for address in mailbox.addresses:
                    self._by_address[address] = account

    def authenticate(self, credentials: Credentials) -> Account | str:
        """The account that may sign in, or the key of the reply that refuses."""
        account = self._by_user.get(credentials.user.strip().lower())
        key = authenticate_key(account, credentials, self.forest.behaviour)
        if key is not None:
            return key
        assert account is not None  # noqa: S101  an unknown user has a key
        return account

    def owner(self, address: str) -> Account | None:
        """Whose address it is; ``address`` as ``address_of`` gives it."""
        return self._by_address.get(address)

    def may_send_as(self, account: Account, address: str) -> bool:
        """True for the mailbox's own addresses, and for those of a mailbox that grants it SendAs."""
        owner = self._by_address.get(address)
        if owner is None:
            return False
        if owner.mailbox is account.mailbox:
            return True
        return not account.mailbox.addresses.isdisjoint(owner.mailbox.grant_send_as)

    def refused_sender(self, account: Account, reverse_path: Mailbox, header_from: tuple[str, ...]) -> str | None:
        """The first sender that the account may not be: MAIL FROM, then each address of the header From; or None.

        The null reverse-path belongs to no one (assumption: a receipt may be sent). ``header_from`` holds addresses as
        ``address_of`` gives them.
        """
        senders = header_from if reverse_path.is_null else (address_of(reverse_path), *header_from)
        return next((sender for sender in senders if not self.may_send_as(account, sender)), None)


def address_of(mailbox: Mailbox) -> str:
    """The form in which senders are compared: all lower case."""
    return f"{mailbox.local.lower()}@{mailbox.domain}"


def disabled_by(account: Account) -> str | None:
    """Who has SMTP AUTH disabled: ``mailbox``, ``tenant`` or None. The mailbox's own word counts first."""
    own = account.mailbox.smtp_client_authentication_disabled
    if own is not None:
        return "mailbox" if own else None
    return "tenant" if account.tenant.smtp_client_authentication_disabled else None


def authenticate_key(account: Account | None, credentials: Credentials, behaviour: Behaviour) -> str | None:
    """The key of the reply that refuses, None if the account may sign in."""
    basic = credentials.mechanism == "LOGIN"
    if basic and behaviour.basic_auth_submission == "ended":
        return "basic-auth-ended"
    told = basic and behaviour.wrong_credentials_reply == "5.7.139"
    wrong = "auth-wrong-credentials" if told else "auth-unsuccessful"
    if account is None:
        return wrong
    switch = disabled_by(account)
    if switch is not None:
        return f"smtp-auth-disabled-{switch}"
    if basic and not account.tenant.allow_basic_auth_smtp:
        return "basic-auth-disabled"
    if not _proven(account.mailbox, credentials):
        return wrong
    state = account.mailbox.state
    if state is AccountState.LOCKED or (basic and account.tenant.security_defaults):
        return "security-defaults"
    return "auth-criteria" if state is AccountState.CONDITIONAL_ACCESS else None


def _proven(mailbox: UserMailbox, credentials: Credentials) -> bool:
    if credentials.mechanism == "XOAUTH2":
        return credentials.secret in mailbox.access_tokens
    return mailbox.password is not None and credentials.secret == mailbox.password
