"""``Mailboxes`` and ``SubmissionLimits`` of one tenant → values. Loaded only for a file that has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakeeop.config import values
from fakeeop.config.parameters.tables import MAILBOX, SUBMISSION_LIMITS
from fakeeop.config.place import Fields, read_fields, say
from fakeeop.model.addresses import Mailbox, canonical_domain
from fakeeop.model.mailbox import AccountState, SubmissionLimits, UserMailbox
from fakeeop.model.tenant import Tenant

__all__ = ["build_mailboxes", "build_submission_limits"]

_STATES = {state.value: state for state in AccountState}
_KEY = "Mailboxes"


def build_mailboxes(fields: Fields, tenant: Tenant | None) -> tuple[UserMailbox, ...]:
    """Read the mailboxes of a tenant; ``tenant`` None: its accepted domains are broken, so none is compared."""
    value = fields.values[_KEY]
    listed = values.elements(value)
    if listed is None:
        fix = "write a list: Mailboxes: [{PrimarySmtpAddress: printer@contoso.com, Password: secret}]"
        fields.error(_KEY, "wrong-type", f"{say(value)} is not a list", fix)
        return ()
    found: list[tuple[UserMailbox, Fields]] = []
    for element, line in listed:
        if not isinstance(element, Mapping):
            fix = "write a mapping: {PrimarySmtpAddress: printer@contoso.com, Password: secret}"
            fields.error(_KEY, "wrong-type", f"{say(element)} is not a mailbox", fix, line)
            continue
        built = _mailbox(element, fields, tenant)
        if built is not None:
            found.append(built)
    _unique(found)
    _trustees(found)
    return tuple(mailbox for mailbox, _ in found)


def build_submission_limits(fields: Fields) -> SubmissionLimits:
    """Read ``SubmissionLimits``; what is not given keeps the documented value."""
    value = fields.values["SubmissionLimits"]
    if not isinstance(value, Mapping):
        fix = "write SubmissionLimits: {MessagesPerMinute: 30}"
        fields.error("SubmissionLimits", "wrong-type", f"{say(value)} is not a mapping", fix)
        return SubmissionLimits()
    own = read_fields(value, SUBMISSION_LIMITS, fields.place.under("SubmissionLimits"))
    known = SubmissionLimits()
    return SubmissionLimits(
        values.whole_number(own, "MessagesPerMinute", known.messages_per_minute),
        values.whole_number(own, "RecipientsPerDay", known.recipients_per_day),
        values.whole_number(own, "ConcurrentConnections", known.concurrent_connections),
    )


def _mailbox(tree: Mapping[Any, Any], fields: Fields, tenant: Tenant | None) -> tuple[UserMailbox, Fields] | None:
    written = next((tree[key] for key in tree if isinstance(key, str) and key.lower() == "primarysmtpaddress"), None)
    words = (_KEY, written.strip()) if isinstance(written, str) else (_KEY,)
    own = read_fields(tree, MAILBOX, fields.place.under(*filter(None, words)))
    primary = _address(own, "PrimarySmtpAddress", tenant)
    user = _address(own, "UserPrincipalName", tenant) if "UserPrincipalName" in own else primary
    disabled: bool | None = None
    if "SmtpClientAuthenticationDisabled" in own:
        disabled = values.boolean(own, "SmtpClientAuthenticationDisabled", False)
    state = values.choice(own, "State", "Active")
    tokens = _secrets(own, "AccessTokens")
    password = _secrets(own, "Password")
    more = _addresses(own, "EmailAddresses", tenant)
    trustees = tuple(str(mailbox) for mailbox, _ in values.mailboxes(own, "GrantSendAs"))
    if primary is None or user is None:
        return None
    mailbox = UserMailbox(
        primary, user, next(iter(password), None), frozenset(tokens), more, disabled, trustees, _STATES[state]
    )
    return mailbox, own


def _address(fields: Fields, name: str, tenant: Tenant | None) -> str | None:
    entry = values.text(fields, name)
    if not entry:
        if name in fields and name not in fields.broken:
            fields.error(name, "not-a-mailbox", f"{name} is empty", "write local@domain")
        return None
    body = entry[5:] if entry[:5].lower() == "smtp:" else entry
    local, at, domain = body.rpartition("@")
    try:
        if not at or not local or any(map(str.isspace, local)):
            raise ValueError(f"{say(entry)} is not a mail address")
        mailbox = Mailbox(local.lower(), canonical_domain(domain))
    except ValueError as why:
        fields.error(name, "not-a-mailbox", str(why), "write local@domain")
        return None
    _owned(fields, name, mailbox, tenant, None)
    return str(mailbox)


def _addresses(fields: Fields, name: str, tenant: Tenant | None) -> frozenset[str]:
    """Addresses of other kinds than SMTP, which an export holds too (``X500:…``, ``SIP:…``), are read over."""
    listed = fields.values.get(name)
    if isinstance(listed, list):
        smtp = [not isinstance(each, str) or ":" not in each or each[:5].lower() == "smtp:" for each in listed]
        if not all(smtp):
            fields.values[name] = [each for each, good in zip(listed, smtp, strict=True) if good]
    found = values.mailboxes(fields, name)
    for mailbox, line in found:
        _owned(fields, name, mailbox, tenant, line)
    return frozenset(str(mailbox) for mailbox, _ in found)


def _owned(fields: Fields, name: str, mailbox: Mailbox, tenant: Tenant | None, line: int | None) -> None:
    if tenant is None or tenant.accepted(mailbox.domain) is not None:
        return
    fix = f"add {mailbox.domain} to AcceptedDomains, or take the mailbox out"
    message = f"{mailbox}: {mailbox.domain} is not an accepted domain of this tenant"
    fields.error(name, "recipient-domain", message, fix, line)


def _secrets(fields: Fields, name: str) -> tuple[str, ...]:
    """A password or tokens: a message about them never quotes them."""
    value = fields.values.get(name)
    if value is None:
        return ()
    listed = value if isinstance(value, list) and name == "AccessTokens" else [value]
    if not all(isinstance(each, str) and each for each in listed):
        fields.error(name, "wrong-type", f"the {name} is empty or not text", f"put it in quotes under {name}:")
        return ()
    return tuple(listed)


def _unique(found: list[tuple[UserMailbox, Fields]]) -> None:
    owners: dict[str, UserMailbox] = {}
    users: dict[str, UserMailbox] = {}
    for mailbox, fields in found:
        for address in sorted(mailbox.addresses):
            owner = owners.setdefault(address, mailbox)
            if owner is not mailbox:
                message = f"{address} is an address of {owner.primary_smtp_address} already"
                fields.error("PrimarySmtpAddress", "duplicate-mailbox", message, "take it out of one of them")
        owner = users.setdefault(mailbox.user_principal_name, mailbox)
        if owner is not mailbox and "UserPrincipalName" in fields:
            message = f"{owner.primary_smtp_address} has this UserPrincipalName already"
            fields.error("UserPrincipalName", "duplicate-mailbox", message, "give one another name")


def _trustees(found: list[tuple[UserMailbox, Fields]]) -> None:
    known = {address for mailbox, _ in found for address in mailbox.addresses}
    for mailbox, fields in found:
        for trustee in mailbox.grant_send_as:
            if trustee not in known:
                fix = f"the mailboxes are: {', '.join(sorted(known))}"
                fields.error("GrantSendAs", "unknown-mailbox", f"{trustee} is not a mailbox of this tenant", fix)
