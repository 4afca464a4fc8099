"""The policy of a session at the submission endpoint: who signed in decides, no connector is looked at.

The rules are those of ``fakeeop.accounts``; here they meet the session, the journal and the clock.
"""

from __future__ import annotations

from fakeeop.accounts.diagnostics import dump
from fakeeop.accounts.directory import Account
from fakeeop.accounts.narrate import SignedIn, attribution_of
from fakeeop.decision.verdict import Reason, Stage, Verdict
from fakeeop.front.mx import MxPolicy
from fakeeop.front.shared import FrontEnd
from fakeeop.journal.memory import Judgement
from fakeeop.message.headers import from_addresses
from fakeeop.model import Envelope, Recipient
from fakeeop.model.addresses import Mailbox
from fakeeop.model.mailbox import AccountState, SubmissionLimits
from fakeeop.model.ports import Content
from fakeeop.server.listener import Arrival
from fakeeop.smtp.auth import Credentials
from fakeeop.smtp.policy import SessionSettings
from fakeeop.smtp.replies.rows import ROW, fixed, render

__all__ = ["SubmissionPolicy"]

_OLD_TLS = ("TLSv1", "TLSv1.1")
_LIMITS = SubmissionLimits()


class SubmissionPolicy(MxPolicy):
    """One connection to the submission endpoint. As ``MxPolicy``, and the ``Authenticator`` of its session."""

    __slots__ = ("_account", "_narrator", "_usage")

    def __init__(self, front: FrontEnd, settings: SessionSettings, arrival: Arrival) -> None:
        super().__init__(front, settings, arrival, authenticator=self)
        self._account: Account | None = None
        self._narrator: SignedIn | None = None
        self._usage = front.usage  # of then: the counters may begin anew meanwhile

    # ---- Authenticator

    def authenticate(self, credentials: Credentials) -> bytes | None:
        """Sign in, or say why not; who tried stands in the notes of the session."""
        if self._tls is not None and self._tls.version in _OLD_TLS:
            return self._refuse("auth", "old-tls")
        found = self._front.accounts.authenticate(credentials)
        if isinstance(found, str):
            self._record.notes += (f"AUTH {credentials.mechanism} as {credentials.user!r}: {found}",)
            return self._refuse("auth", found)
        self._account = found
        self._narrator = SignedIn(found, credentials.mechanism, self._peer, self._tls)
        self._record.authenticated = found.address
        self._usage.joined(found.address, self)
        return None

    # ---- SessionOwner

    def ended(self, closed_by: str) -> None:
        """The connection is gone."""
        if self._account is not None:
            self._usage.left(self._account.address, self)
        super().ended(closed_by)

    # ---- Policy

    def mail(self, reverse_path: Mailbox) -> bytes | None:  # noqa: ARG002  who it claims to be is looked at later
        """Under TLS and signed in, or not at all (wire §2.4)."""
        self._transaction += 1
        self._verdicts = []
        if self._tls is None:
            return self._refuse("mail", "starttls-required")
        if self._account is None:
            old = self._front.forest.behaviour.not_authenticated_text == "2020"
            return self._refuse("mail", "client-not-authenticated-2020" if old else "client-not-authenticated")
        return None

    def verdict(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...]) -> Verdict:  # noqa: ARG002  as there
        """The same for every recipient; only whether it is internal differs."""
        account, _ = self._signed_in()
        owners = self._front.directory.acceptances(recipient.domain)
        internal = bool(owners) and owners[0].tenant.tenant.name == account.tenant.name
        return Verdict(
            Reason.ORIGINATING_BY_AUTHENTICATION, attribution_of(account), Stage.RCPT, recipient_is_internal=internal
        )

    def recipient(self, reverse_path: Mailbox, recipient: Recipient, earlier: tuple[Mailbox, ...]) -> bytes | None:
        """Any recipient will do (connectors §5)."""
        _, narrator = self._signed_in()
        verdict = self.verdict(reverse_path, recipient.mailbox, earlier)
        self._verdicts.append((recipient, verdict))
        judgement = Judgement(
            self._transaction, reverse_path, recipient.mailbox, earlier, verdict, fixed("rcpt"), narrator
        )
        self._front.journal.recipient(self._record, judgement)
        return None

    def message(self, envelope: Envelope, content: Content, started: float) -> bytes:
        """Limits first, then the mailbox, then the senders (assumption: the order), then take it."""
        account, _ = self._signed_in()
        refusal = (
            self._over_limit(account, envelope) or self._unfit(account) or self._denied(account, envelope, content)
        )
        if refusal is not None:
            return refusal
        reply = self._take(envelope, content, started)
        self._usage.of(account.address).sent(len(envelope.recipients), self._front.clock.monotonic())
        return reply

    # ---- inside

    def _signed_in(self) -> tuple[Account, SignedIn]:
        assert self._account is not None  # noqa: S101  mail() let nobody else in
        assert self._narrator is not None  # noqa: S101  set with the account
        return self._account, self._narrator

    def _over_limit(self, account: Account, envelope: Envelope) -> bytes | None:
        limits = account.tenant.submission_limits or _LIMITS
        now = self._front.clock.monotonic()
        key = self._usage.of(account.address).over(self, len(envelope.recipients), now, limits)
        if key is None:
            return None
        if key == "message-rate":
            if self._front.forest.behaviour.message_rate_reply == "carry-over":
                self._record.notes += (f"over {limits.messages_per_minute} messages a minute: delivered later",)
                return None
            self.session.closed = True
        return self._refuse("message", key)

    def _unfit(self, account: Account) -> bytes | None:
        if account.mailbox.state is AccountState.LOGON_FAILURE:
            return self._refuse("message", "mailbox-logon-failure", dump=dump(account.address))
        if account.mailbox.state is AccountState.RESTRICTED:
            return self._refuse("message", "bad-outbound-sender")
        return None

    def _denied(self, account: Account, envelope: Envelope, content: Content) -> bytes | None:
        self._note_overlong(content)
        sender = self._front.accounts.refused_sender(account, envelope.reverse_path, from_addresses(content))
        if sender is None:
            return None
        if self._front.forest.behaviour.send_as_reply == "5.7.60":
            return self._refuse("message", "send-as-denied-5.7.60")
        words = {"user": account.address, "sender": sender, "dump": dump(f"{account.address} {sender}")}
        return self._refuse("message", "send-as-denied", **words)

    def _refuse(self, stage: str, key: str, **values: object) -> bytes:
        row = ROW[key]
        reply = render(row, self.session.suffix.blocks(row.suffix), **values)
        self._record.refusals.append((stage, reply, key))
        return reply
