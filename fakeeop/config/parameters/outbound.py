"""The parameters of New-OutboundConnector (facts connectors §1.7). Nothing is routed by them here."""

from __future__ import annotations

from fakeeop.config.parameters.connectors import DIRECTORY_PROPERTIES
from fakeeop.config.parameters.table import Kind, Parameter, Table

__all__ = ["OUTBOUND_CONNECTOR", "PS_OUT"]

PS_OUT = "New-OutboundConnector (Microsoft Learn)"


def _row(
    name: str, kind: Kind, default: str, about: str, applies: str = "Both", values: tuple[str, ...] = ()
) -> Parameter:
    return Parameter(name, kind, default, about, PS_OUT, applies=applies, values=values, inert=True)


OUTBOUND_CONNECTOR = Table(
    "OutboundConnectors",
    (
        Parameter(
            "Name", Kind.TEXT, "required", "Label of the connector; unique in the tenant.", PS_OUT, required=True
        ),
        _row("ConnectorType", Kind.CHOICE, "Partner", "Whose servers it leads to.", "-", ("Partner", "OnPremises")),
        _row("Enabled", Kind.BOOLEAN, "true", "A disabled connector is not used."),
        _row("RecipientDomains", Kind.DOMAIN_PATTERNS, "none", "Domains of recipients that it is for."),
        _row("UseMXRecord", Kind.BOOLEAN, "true", "By the MX of the recipient; false: by SmartHosts."),
        _row("SmartHosts", Kind.TEXTS, "none", "Names or addresses of the next servers, where UseMXRecord is false."),
        _row(
            "TlsSettings",
            Kind.CHOICE,
            "none",
            "What TLS must prove.",
            values=("EncryptionOnly", "CertificateValidation", "DomainValidation"),
        ),
        _row("TlsDomain", Kind.CERTIFICATE_NAME, "none", "Name in the server's certificate, with DomainValidation."),
        _row("AllAcceptedDomains", Kind.BOOLEAN, "false", "For mail to accepted domains."),
        _row(
            "RouteAllMessagesViaOnPremises", Kind.BOOLEAN, "false", "Everything goes by the own servers.", "OnPremises"
        ),
        _row("SenderRewritingEnabled", Kind.BOOLEAN, "false", "Senders are rewritten (SRS).", "OnPremises"),
        _row("CloudServicesMailEnabled", Kind.BOOLEAN, "false", "Hybrid: internal headers are kept."),
        _row("IsTransportRuleScoped", Kind.BOOLEAN, "false", "Only for mail that a transport rule sends there."),
        _row("MtaStsMode", Kind.CHOICE, "Opportunistic", "MTA-STS.", "-", ("Opportunistic", "None")),
        _row("SmtpDaneMode", Kind.CHOICE, "Opportunistic", "DANE.", "-", ("Opportunistic", "Mandatory", "None")),
        _row("TestMode", Kind.BOOLEAN, "false", "Test mode.", "-"),
        _row("Comment", Kind.TEXT, "blank", "Free text."),
        _row("ConnectorSource", Kind.TEXT, "Default", "What made the connector; only a mark."),
        _row("ValidationRecipients", Kind.TEXTS, "none", "Addresses that Validate-OutboundConnector wrote to.", "-"),
        _row("IsValidated", Kind.BOOLEAN, "false", "Was it validated? Only a mark.", "-"),
        Parameter("LinkForModifiedConnector", Kind.IGNORED, "-", "Accepted and ignored.", PS_OUT, applies="-"),
        Parameter("LastValidationTimestamp", Kind.IGNORED, "-", "Accepted and ignored.", PS_OUT, applies="-"),
    ),
    ignored=DIRECTORY_PROPERTIES,
)
