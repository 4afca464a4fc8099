"""Why mail of a signed-in mailbox was accepted: the trace of ``originating-by-authentication``."""

from __future__ import annotations

from attrs import frozen

from fakeeop.accounts.directory import Account, disabled_by
from fakeeop.decision.verdict import AttributedBy, Attribution, Direction, Reason
from fakeeop.model import PeerFacts, TlsFacts
from fakeeop.model.addresses import Mailbox
from fakeeop.why.trace import Candidate, Condition, Step, Trace

__all__ = ["SignedIn", "attribution_of"]


def attribution_of(account: Account) -> Attribution:
    """Originating in the mailbox's tenant; no connector is looked at."""
    return Attribution(account.tenant, None, AttributedBy.AUTHENTICATION, Direction.ORIGINATING)


@frozen(eq=False)
class SignedIn:
    """A session of a mailbox, able to tell why its recipients pass: the narrator of a ``Judgement``."""

    account: Account
    mechanism: str
    peer: PeerFacts
    tls: TlsFacts | None

    def explain(self, reverse_path: Mailbox, recipient: Mailbox, earlier: tuple[Mailbox, ...] = ()) -> Trace:  # noqa: ARG002  the shape of a judge
        """Everything that counts for one recipient."""
        tls = "none (clear text)" if self.tls is None else f"{self.tls.version} {self.tls.cipher}".strip()
        inputs = (
            ("client address", str(self.peer.ip)),
            ("TLS", tls),
            ("authenticated as", f"{self.account.address} by AUTH {self.mechanism}"),
            ("MAIL FROM", "<>" if reverse_path.is_null else str(reverse_path)),
            ("RCPT TO", str(recipient)),
        )
        steps = (self._authentication(), self._sender(), self._recipient(recipient))
        return Trace(inputs, steps, Reason.ORIGINATING_BY_AUTHENTICATION, attribution_of(self.account))

    def _authentication(self) -> Step:
        account = self.account
        own = account.mailbox.smtp_client_authentication_disabled
        where = "TransportConfig" if own is None else "the mailbox"
        conditions = (
            Condition("AUTH", self.mechanism, self.mechanism, holds=True, source="wire §1.6"),
            Condition(
                f"SmtpClientAuthenticationDisabled of {where}",
                "false",
                "false" if disabled_by(account) is None else "true",
                holds=disabled_by(account) is None,
                source="connectors §1.8",
            ),
        )
        candidate = Candidate(account.tenant.name, None, conditions, selected=True)
        conclusion = f"{account.mailbox.user_principal_name} signed in: Originating in {account.tenant.name}"
        return Step("authentication", "connectors §5", (candidate,), conclusion)

    def _sender(self) -> Step:
        conclusion = "MAIL FROM and the header From are looked at when the message is there (5.2.252)"
        return Step("sender", "wire §3.7", (), conclusion)

    def _recipient(self, recipient: Mailbox) -> Step:
        own = self.account.tenant.accepted(recipient.domain) is not None
        where = f"internal, in {self.account.tenant.name}" if own else "external"
        return Step("recipient", "connectors §5", (), f"any recipient is accepted; this one is {where}")
