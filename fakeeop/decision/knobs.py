"""Every setting of ``Behaviour``: the question that is open, what each answer means, and who says so.

The sources' tags are those of docs/attribution.md. A test keeps this table and ``Behaviour`` in step.
"""

from __future__ import annotations

from fakeeop.decision.knob import Knob, Side
from fakeeop.decision.knob import knob as _knob
from fakeeop.decision.knobs_dated import CONTENT, DATED, DELIVERY

__all__ = ["KNOBS", "Knob", "Side"]

_ATTRIBUTION = (
    _knob(
        "cert_fallback",
        "2.3-1",
        "The certificate matches a connector, its domain is not accepted, the MAIL FROM domain is: relay?",
        ("allow", "yes: the MAIL FROM domain makes up for it", "KB3169958 (a), KB4051495, JP3, MC1226222"),
        ("refuse", "no: only the certificate's domain counts", "ATT step 2, TLSHYB"),
    ),
    _knob(
        "cert_recipient_attribution",
        "2.3-2",
        "The certificate matches, neither its domain nor MAIL FROM is accepted, the recipient is own: tied to what?",
        ("connector", "the OnPremises connector", "JP3, MC1226222"),
        ("incoming", "none: anonymous incoming mail", "ATT"),
    ),
    _knob(
        "ip_recipient_attribution",
        "2.3-3",
        "An IP connector matches, MAIL FROM is foreign, the recipient is own: tied to what?",
        ("connector", "the OnPremises connector", "JP3, RELAY23, MC1226222"),
        ("incoming", "none: anonymous incoming mail", "ATT"),
    ),
    _knob(
        "recipient_attribution_restrictions",
        "2.4-P10",
        "Is mail that is tied to an OnPremises connector by its recipient held to the Partner restrictions?",
        ("apply", "yes: it is not Originating, so 5.7.51 and RequireTls can refuse it", "TLSHYB"),
        ("skip", "no: the connector lets it in", "own"),
    ),
    _knob(
        "ip_and_certificate",
        "2.3-4",
        "An OnPremises connector has both SenderIPAddresses and TlsSenderCertificateName: which must fit?",
        ("or", "either", "ATT (certificate and address are tried apart)"),
        ("and", "both", "own"),
    ),
    _knob(
        "on_premises_sender_domains",
        "2.3-5",
        "Does SenderDomains limit an OnPremises connector?",
        ("ignored", "no", "PS-New (limits the scope of a Partner type connector)"),
        ("scope", "yes: the MAIL FROM domain must be covered", "own"),
    ),
    _knob(
        "multi_domain_session",
        "2.3-9",
        "IP connector, foreign MAIL FROM, recipients in several own domains: what of the second domain?",
        ("accept", "each recipient is judged for itself", "own"),
        ("refuse", "refused", "JP3 point 3 (2017)"),
    ),
    _knob(
        "tenant_tie",
        "2.3-10",
        "Connectors of two tenants fit equally well: whose is the mail?",
        ("none", "no unique tenant, so not Originating", "ATT (if one tenant is found)"),
        ("first", "the first tenant of the file", "own"),
    ),
    _knob(
        "attr36_text",
        "2.3-11",
        "Which wording of 5.7.64?",
        ("by-case", "ATTR36 if a connector knew the server but no domain was accepted", "KB4051495, KB4019940"),
        ("never", "always TenantAttribution; Relay Access Denied", "PY-RCPT, IRR"),
        ("always", "always the ATTR36 text of 2017", "KB3169958"),
    ),
)

_PARTNER = (
    _knob(
        "partner_sender_scope",
        "2.3-6",
        "Which sender does SenderDomains of a Partner connector look at?",
        ("p1", "MAIL FROM, at RCPT TO", "PS-New (no source says otherwise)"),
        ("p2", "the header From, after DATA", "own"),
    ),
    _knob(
        "associated_accepted_domains",
        "C1",
        "Which side does AssociatedAcceptedDomains limit?",
        ("by-type", "the recipient's for Partner, the sender's for OnPremises", "GH2642, GH900, PS-New"),
        ("sender", "the MAIL FROM domain", "PS-New"),
        ("recipient", "the recipient's domain", "DSC, EXO-uc, GH900"),
        ("ignored", "neither", "own"),
    ),
    _knob(
        "partner_ip_identifies",
        "C3",
        "Does SenderIPAddresses count on a Partner connector without RestrictDomainsToIPAddresses?",
        ("always", "yes, it identifies the sender", "EXO-part ex. 5, DS1"),
        ("with-restrict", "no, the list is void", "PS-New"),
    ),
    _knob(
        "restrict_combination",
        "2.4-P12",
        "Two restricting connectors are in scope and one is met: enough?",
        ("any", "yes", "EXO-uc (separate connectors)"),
        ("all", "no, each must be met", "own"),
    ),
    _knob(
        "null_sender_in_scope",
        "C103",
        "Does SenderDomains * cover the null reverse-path?",
        ("yes", "yes: a locked tenant refuses reports from elsewhere", "own"),
        ("no", "no: it has no domain", "own"),
    ),
    _knob(
        "stage_5751",
        "2.8",
        "At which stage is 5.7.51 given?",
        ("rcpt", "at RCPT TO", "SEPP (since May 2024)"),
        ("data", "at the end of data", "SEPP (before)"),
    ),
    _knob(
        "stage_5768",
        "2.8",
        "At which stage is 5.7.68 given?",
        ("rcpt", "at RCPT TO", "second-hand (two scanners)"),
        ("data", "at the end of data", "own"),
    ),
)

_TLS = (
    _knob(
        "require_tls_default",
        "C2",
        "What is RequireTls when a connector does not give it?",
        ("true", "set", "PS-New, PS-git (2021-09-15)"),
        ("false", "not set", "DSC, PS-git"),
    ),
    _knob(
        "on_premises_require_tls",
        "T4",
        "Does RequireTls of an OnPremises connector refuse clear text?",
        ("ignored", "no, it is for Partner connectors", "PS-New, EXO-mfd"),
        ("enforced", "yes", "own"),
    ),
    _knob(
        "require_tls_reply",
        "T3",
        "With what reply is clear text under RequireTls refused?",
        ("451-5.7.3", "451 5.7.3 STARTTLS is required to send mail", "TLSHYB (on-premises Exchange)"),
        ("530-5.7.0", "530 5.7.0 Must issue a STARTTLS command first", "own"),
        ("550-5.7.51", "550 5.7.51 TenantInboundAttribution", "own"),
    ),
    _knob(
        "require_tls_stage",
        "T3",
        "At which stage is clear text under RequireTls refused?",
        ("rcpt", "at RCPT TO, when the recipient's tenant is known", "own"),
        ("mail", "at MAIL FROM, for whatever any tenant's connector claims by address or sender domain", "own"),
    ),
    _knob(
        "wildcard_certificate",
        "K7",
        "Connector mail.contoso.com, certificate *.contoso.com: a match?",
        ("match", "yes, a wildcard certificate covers one label", "own (RFC 6125)"),
        ("no-match", "no, the connector must be set to *.contoso.com", "KB4051495"),
    ),
    _knob(
        "client_certificate_eku",
        "K13",
        "Which extended key usage must a client certificate have?",
        ("lenient", "serverAuth, clientAuth, any, or no such extension", "KB3212877 by inference"),
        ("client-auth", "clientAuth, or no such extension", "own"),
        ("any", "whatever it has", "own"),
    ),
)

_REPLIES = (
    _knob(
        "dbeb_order",
        "C134",
        "Unknown recipient and another reason to refuse: which is told?",
        ("last", "5.7.51 and 5.7.68 come before 5.4.1", "own"),
        ("first", "5.4.1 comes first", "own"),
    ),
    _knob(
        "dbeb_originating",
        "2.9",
        "Is Originating mail to own recipients held to the directory at RCPT TO?",
        ("off", "no", "own (the procedure checks it for Incoming only)"),
        ("on", "yes", "own"),
    ),
    _knob(
        "attr5_code",
        "wire 3.1",
        "The reply code in front of 4.4.4 ... ATTR5?",
        ("451", "451", "production regexes"),
        ("550", "550", "IRR"),
    ),
    _knob(
        "banner_session_id",
        "wire 1.2",
        "Does the banner end in a session id?",
        ("on", "yes", "captures of 2025"),
        ("off", "no", "captures up to 2024-03"),
    ),
    _knob(
        "invalid_sender_code",
        "wire 2.4",
        "The reply code in front of 5.1.7 Invalid address?",
        ("501", "501", "Microsoft's table of codes"),
        ("550", "550", "Microsoft's telnet article"),
    ),
)

_SUBMISSION = (
    _knob(
        "basic_auth_submission",
        "wire 3.7",
        "Submission endpoint: may a client sign in with a password?",
        ("supported", "yes", "JPAUTH (no change before the end of December 2026)"),
        ("ended", "no: 550 5.7.30", "announcements (the date moved twice)"),
    ),
    _knob(
        "wrong_credentials_reply",
        "wire 3.7",
        "Submission endpoint: the reply to a wrong password?",
        ("5.7.139", "535 5.7.139 ... the user credentials were incorrect", "application logs"),
        ("5.7.3", "535 5.7.3 Authentication unsuccessful", "PRN, magento-2-smtp#146"),
    ),
    _knob(
        "not_authenticated_text",
        "wire 2.4",
        "Submission endpoint: the text of 530 5.7.57?",
        ("present", "Client not authenticated to send mail.", "application logs since 2021, PRN"),
        ("2020", "SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", "a log of 2020"),
    ),
    _knob(
        "send_as_reply",
        "wire 3.7",
        "Submission endpoint: the reply to a sender that the mailbox may not be?",
        ("5.2.252", "554 5.2.252 SendAsDenied, one long line", "a transcript of 2025-11"),
        ("5.7.60", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "PRN"),
    ),
    _knob(
        "message_rate_reply",
        "connectors 5",
        "Submission endpoint: what of the 31st message in a minute?",
        ("carry-over", "accepted, and delivered later", "smtp-submission-improvements (Microsoft Learn)"),
        ("4.4.2", "421 4.4.2, as Exchange Server", "own"),
    ),
    _knob(
        "submission_old_tls",
        "wire 3.7",
        "Submission endpoint: what of a client that knows only TLS 1.0 or 1.1?",
        ("handshake", "no handshake", "own"),
        ("4.7.66", "the handshake succeeds, AUTH is answered by 421 4.7.66", "a log with that reply"),
    ),
)

_ADMINISTRATION = (
    _knob(
        "missing_identity",
        "C155",
        "What does Get-InboundConnector give for an -Identity that does not exist?",
        ("error", "an error: the object could not be found", "own (a general error, seen of other cmdlets)"),
        ("all", "every connector, which Remove-InboundConnector behind it removes", "PS-Get"),
    ),
)

KNOBS: tuple[Knob, ...] = (
    *_ATTRIBUTION,
    *_PARTNER,
    *_TLS,
    *_REPLIES,
    *_SUBMISSION,
    *_ADMINISTRATION,
    *DATED,
    *CONTENT,
    *DELIVERY,
)
