"""A mailbox that can sign in at the submission endpoint, and how much it may send (facts wire §3.7, connectors §5)."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

__all__ = ["AccountState", "SubmissionLimits", "UserMailbox"]


class AccountState(Enum):
    """Lab: what is the matter with an account. Each state but the first has its own reply (wire §3.5, §3.7)."""

    ACTIVE = "Active"
    LOCKED = "Locked"  # 535 5.7.139 user is locked by your organization's security defaults policy
    CONDITIONAL_ACCESS = "ConditionalAccess"  # 535 5.7.139 the request did not meet the criteria
    LOGON_FAILURE = "LogonFailure"  # 430 4.2.0 STOREDRV; mailbox logon failure, at the end of data
    RESTRICTED = "Restricted"  # 550 5.1.8 bad outbound sender, at the end of data


@frozen(eq=False)
class UserMailbox:
    """One mailbox with what signing in needs. Addresses are canonical ``local@domain`` in lower case.

    ``password`` and ``access_tokens`` are for the lab only and never shown. ``smtp_client_authentication_disabled``
    None: as the tenant. ``grant_send_as`` holds the addresses of those who may send as this mailbox.
    """

    primary_smtp_address: str
    user_principal_name: str
    password: str | None = field(default=None, repr=False)
    access_tokens: frozenset[str] = field(default=frozenset(), repr=False)
    email_addresses: frozenset[str] = frozenset()
    smtp_client_authentication_disabled: bool | None = None
    grant_send_as: tuple[str, ...] = ()
    state: AccountState = AccountState.ACTIVE

    @property
    def addresses(self) -> frozenset[str]:
        """Every address of the mailbox, the primary one too."""
        return self.email_addresses | {self.primary_smtp_address}


@frozen
class SubmissionLimits:
    """What one mailbox may send; the documented values (connectors §5)."""

    messages_per_minute: int = 30
    recipients_per_day: int = 10_000
    concurrent_connections: int = 3
