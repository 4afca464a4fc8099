"""What to look at first when a refusal is all one has: by the value of its ``Reason``."""

from __future__ import annotations

from fakeeop.decision.verdict import Reason

__all__ = ["CODE_ADVICE"]

_RELAY = (
    "the recipient is outside every tenant, so the mail must be Originating: an OnPremises connector has to fit, first "
    "by the client certificate, then by the address you connect from",
    "by address: it must stand in SenderIPAddresses, and the MAIL FROM domain must be an accepted domain of the tenant "
    "(the header From does not help since November 2023, the null reverse-path has no domain)",
    "by certificate: TlsSenderCertificateName must match its CN or a SAN, the chain must be complete, in date and "
    "trusted, and that name's domain must be an accepted domain; then any sender will do",
    "a Partner connector never gives relay",
)

CODE_ADVICE: dict[str, tuple[str, ...]] = {
    Reason.RELAY_ACCESS_DENIED.value: (
        *_RELAY,
        "most often: the public address changed, the relay presents no certificate or a renewed one of another name, "
        "or it does not send the intermediate",
    ),
    Reason.RELAY_ACCESS_DENIED_ATTR36.value: (
        "a connector knows your server, but no domain ties the mail to its tenant: make the MAIL FROM domain, or the "
        "certificate's domain, an accepted domain",
        "a connector named mail.contoso.com needs mail.contoso.com itself as accepted domain; *.contoso.com is "
        "satisfied by contoso.com",
    ),
    Reason.PARTNER_RESTRICTION.value: (
        "the recipient's tenant accepts your sender domain only with the certificate or from the addresses of a "
        "Partner connector: come that way (through its filter service), or be Originating through an OnPremises "
        "connector",
        "SenderDomains * closes the whole tenant, its onmicrosoft.com domain included",
    ),
    Reason.TLS_REQUIRED.value: ("let the relay use STARTTLS, with TLS 1.2 or later",),
    Reason.DIRECT_SEND_REJECTED.value: (
        "MAIL FROM is one of the recipient tenant's own domains, and no connector fits by address or certificate: make "
        "a Partner connector for the device, or relay through an OnPremises connector",
        "a Partner connector that only names sender domains does not exempt; neither does the header From",
    ),
    Reason.RECIPIENT_UNKNOWN.value: (
        "the domain is Authoritative and its directory does not know the address: correct it, create the recipient, or "
        "make the domain InternalRelay",
    ),
    Reason.CONNECTOR_BLOCKED.value: (
        "the connector was judged abused: find what sent the mail, then Remove-BlockedConnector; the release takes up "
        "to an hour",
    ),
    Reason.NO_MAIL_SUBSCRIPTION.value: ("the recipient's tenant has no mailbox licences",),
    Reason.MULTIPLE_DOMAINS.value: ("send one message for each recipient domain",),
}
