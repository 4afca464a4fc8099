"""The knobs: each open question of the facts, declared once, with its answers, who gives them and since when.

A field of ``Behaviour`` is the declaration. What `fakeeop knobs` and `fakeeop eras` show, the keys under ``Behaviour:``
in a tenant file (in CamelCase, ``CertFallback: refuse``), the schema and the documentation are derived from it:
``fakeeop.decision.knobs``. The values of the type are those of the sides, for the type checker; a test compares them.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from attrs import field, frozen

__all__ = ["SETTLED", "Behaviour", "Settled"]


def _knob(
    conflict: str,
    question: str,
    *sides: tuple[str, str, str],
    what: str = "",
    first: str = "",
    since: list[tuple[str, str, str, str]] | None = None,
) -> Any:
    """One knob. The first side is the default, what holds today.

    ``conflict`` is its number in docs/attribution.md. A side is (value, what it means, its sources); the tags of
    sources are those of evidence/sources.md, ``own`` is our assumption. A knob that a date sets says ``what`` changed,
    the value that held ``first``, and ``since`` when another: (day, value, source, confidence), in order. Where a
    source knows no day, the first of the month or year stands for it; where none knows a boundary at all, the
    confidence says so (a letter of ``fakeeop.smtp.replies.rows.CONFIDENCE``).
    """
    told = {"conflict": conflict, "question": question, "sides": sides, "what": what, "first": first}
    return field(default=sides[0][0], metadata={**told, "since": tuple(since or ())})


# fmt: off
@frozen
class Behaviour:
    """One value for each knob. Values are lower-case words, so that a tenant file reads as a sentence."""

    # ---- attribution

    cert_fallback: Literal["allow", "refuse"] = _knob(
        "2.3-1", "The certificate matches a connector, its domain is not accepted, the MAIL FROM domain is: relay?",
        ("allow", "yes: the MAIL FROM domain makes up for it", "KB3169958 (a), KB4051495, JP3, MC1226222"),
        ("refuse", "no: only the certificate's domain counts", "ATT step 2, TLSHYB"),
    )
    cert_recipient_attribution: Literal["connector", "incoming"] = _knob(
        "2.3-2",
        "The certificate matches, neither its domain nor MAIL FROM is accepted, the recipient is own: tied to what?",
        ("connector", "the OnPremises connector", "JP3, MC1226222"),
        ("incoming", "none: anonymous incoming mail", "ATT"),
    )
    ip_recipient_attribution: Literal["connector", "incoming"] = _knob(
        "2.3-3", "An IP connector matches, MAIL FROM is foreign, the recipient is own: tied to what?",
        ("connector", "the OnPremises connector", "JP3, RELAY23, MC1226222"),
        ("incoming", "none: anonymous incoming mail", "ATT"),
    )
    recipient_attribution_restrictions: Literal["apply", "skip"] = _knob(
        "2.4-P10", "Is mail that is tied to an OnPremises connector by its recipient held to the Partner restrictions?",
        ("apply", "yes: it is not Originating, so 5.7.51 and RequireTls can refuse it", "TLSHYB"),
        ("skip", "no: the connector lets it in", "own"),
    )
    ip_and_certificate: Literal["or", "and"] = _knob(
        "2.3-4", "An OnPremises connector has both SenderIPAddresses and TlsSenderCertificateName: which must fit?",
        ("or", "either", "ATT (certificate and address are tried apart)"),
        ("and", "both", "own"),
    )
    on_premises_sender_domains: Literal["ignored", "scope"] = _knob(
        "2.3-5", "Does SenderDomains limit an OnPremises connector?",
        ("ignored", "no", "PS-New (limits the scope of a Partner type connector)"),
        ("scope", "yes: the MAIL FROM domain must be covered", "own"),
    )
    multi_domain_session: Literal["accept", "refuse"] = _knob(
        "2.3-9", "IP connector, foreign MAIL FROM, recipients in several own domains: what of the second domain?",
        ("accept", "each recipient is judged for itself", "own"),
        ("refuse", "refused", "JP3 point 3 (2017)"),
        what="several own domains in one transaction, foreign MAIL FROM, connector by address", first="accept", since=[
            ("2017-07-05", "refuse", "JP3 point 3 (December 2017); the day is that of the new rules", "I"),
            ("2023-11-01", "accept", "own; the day is that of RELAY23", "assumption"),
        ],
    )
    tenant_tie: Literal["none", "first"] = _knob(
        "2.3-10", "Connectors of two tenants fit equally well: whose is the mail?",
        ("none", "no unique tenant, so not Originating", "ATT (if one tenant is found)"),
        ("first", "the first tenant of the file", "own"),
    )
    attr36_text: Literal["by-case", "never", "always"] = _knob(
        "2.3-11", "Which wording of 5.7.64?",
        ("by-case", "ATTR36 if a connector knew the server but no domain was accepted", "KB4051495, KB4019940"),
        ("never", "always TenantAttribution; Relay Access Denied", "PY-RCPT, IRR"),
        ("always", "always the ATTR36 text of 2017", "KB3169958"),
        what="ATTR36 is said where the domains are at fault", first="never", since=[
            ("2017-07-05", "by-case", "KB3169958; what came before is not known", "D"),
        ],
    )

    # ---- Partner connectors

    partner_sender_scope: Literal["p1", "p2"] = _knob(
        "2.3-6", "Which sender does SenderDomains of a Partner connector look at?",
        ("p1", "MAIL FROM, at RCPT TO", "PS-New (no source says otherwise)"),
        ("p2", "the header From, after DATA", "own"),
    )
    associated_accepted_domains: Literal["by-type", "sender", "recipient", "ignored"] = _knob(
        "C1", "Which side does AssociatedAcceptedDomains limit?",
        ("by-type", "the recipient's for Partner, the sender's for OnPremises", "GH2642, GH900, PS-New"),
        ("sender", "the MAIL FROM domain", "PS-New"),
        ("recipient", "the recipient's domain", "DSC, EXO-uc, GH900"),
        ("ignored", "neither", "own"),
    )
    partner_ip_identifies: Literal["always", "with-restrict"] = _knob(
        "C3", "Does SenderIPAddresses count on a Partner connector without RestrictDomainsToIPAddresses?",
        ("always", "yes, it identifies the sender", "EXO-part ex. 5, DS1"),
        ("with-restrict", "no, the list is void", "PS-New"),
    )
    restrict_combination: Literal["any", "all"] = _knob(
        "2.4-P12", "Two restricting connectors are in scope and one is met: enough?",
        ("any", "yes", "EXO-uc (separate connectors)"),
        ("all", "no, each must be met", "own"),
    )
    stage_5751: Literal["rcpt", "data"] = _knob(
        "2.8", "At which stage is 5.7.51 given?",
        ("rcpt", "at RCPT TO", "SEPP (since May 2024)"),
        ("data", "at the end of data", "SEPP (before)"),
        what="5.7.51 comes at RCPT TO", first="data", since=[
            ("2024-05-01", "rcpt", "SEPP: about May 2024", "2"),
        ],
    )
    stage_5768: Literal["rcpt", "data"] = _knob(
        "2.8", "At which stage is 5.7.68 given?",
        ("rcpt", "at RCPT TO", "second-hand (two scanners)"),
        ("data", "at the end of data", "own"),
    )

    # ---- TLS

    require_tls_default: Literal["true", "false"] = _knob(
        "C2", "What is RequireTls when a connector does not give it?",
        ("true", "set", "PS-New, PS-git (2021-09-15)"),
        ("false", "not set", "DSC, PS-git"),
        what="RequireTls of a connector that does not give it", first="false", since=[
            ("2021-09-15", "true", "PS-git: the text of the documentation changed; DSC still has the other", "D"),
        ],
    )
    on_premises_require_tls: Literal["ignored", "enforced"] = _knob(
        "T4", "Does RequireTls of an OnPremises connector refuse clear text?",
        ("ignored", "no, it is for Partner connectors", "PS-New, EXO-mfd"),
        ("enforced", "yes", "own"),
    )
    require_tls_reply: Literal["451-5.7.3", "530-5.7.0", "550-5.7.51"] = _knob(
        "T3", "With what reply is clear text under RequireTls refused?",
        ("451-5.7.3", "451 5.7.3 STARTTLS is required to send mail", "TLSHYB (on-premises Exchange)"),
        ("530-5.7.0", "530 5.7.0 Must issue a STARTTLS command first", "own"),
        ("550-5.7.51", "550 5.7.51 TenantInboundAttribution", "own"),
    )
    wildcard_certificate: Literal["match", "no-match"] = _knob(
        "K7", "Connector mail.contoso.com, certificate *.contoso.com: a match?",
        ("match", "yes, a wildcard certificate covers one label", "own (RFC 6125)"),
        ("no-match", "no, the connector must be set to *.contoso.com", "KB4051495"),
    )
    client_certificate_eku: Literal["lenient", "client-auth", "any"] = _knob(
        "K13", "Which extended key usage must a client certificate have?",
        ("lenient", "serverAuth, clientAuth, any, or no such extension", "KB3212877 by inference"),
        ("client-auth", "clientAuth, or no such extension", "own"),
        ("any", "whatever it has", "own"),
    )

    # ---- replies

    attr5_code: Literal["451", "550"] = _knob(
        "wire 3.1", "The reply code in front of 4.4.4 ... ATTR5?",
        ("451", "451", "production regexes"),
        ("550", "550", "IRR"),
    )
    banner_session_id: Literal["on", "off"] = _knob(
        "wire 1.2", "Does the banner end in a session id?",
        ("on", "yes", "captures of 2025"),
        ("off", "no", "captures up to 2024-03"),
        what="the session id in the banner", first="off", since=[
            ("2025-03-09", "on", "wire §1.2: absent until 2024-03-13, seen on this day", "O"),
        ],
    )
    invalid_sender_code: Literal["501", "550"] = _knob(
        "wire 2.4", "The reply code in front of 5.1.7 Invalid address?",
        ("501", "501", "Microsoft's table of codes"),
        ("550", "550", "Microsoft's telnet article"),
    )

    # ---- the submission endpoint

    basic_auth_submission: Literal["supported", "ended"] = _knob(
        "wire 3.7", "Submission endpoint: may a client sign in with a password?",
        ("supported", "yes", "JPAUTH (no change before the end of December 2026)"),
        ("ended", "no: 550 5.7.30", "announcements (the date moved twice)"),
    )
    allow_basic_auth_smtp_default: Literal["true", "false"] = _knob(
        "wire 3.7", "Submission endpoint: what is AllowBasicAuthSmtp of a tenant that does not give it?",
        ("true", "passwords work", "JP-AUTH (no change before the end of December 2026)"),
        ("false", "off by default, 535 5.7.139; AllowBasicAuthSmtp: true turns it on again", "JP-AUTH"),
        what="basic authentication for SMTP is off unless the tenant turns it on", first="true", since=[
            ("2026-12-31", "false", "MC786329: end of December 2026; day, reply and switch are assumptions", "D"),
        ],
    )
    wrong_credentials_reply: Literal["5.7.139", "5.7.3"] = _knob(
        "wire 3.7", "Submission endpoint: the reply to a wrong password?",
        ("5.7.139", "535 5.7.139 ... the user credentials were incorrect", "application logs"),
        ("5.7.3", "535 5.7.3 Authentication unsuccessful", "PRN, magento-2-smtp#146"),
    )
    not_authenticated_text: Literal["present", "2020"] = _knob(
        "wire 2.4", "Submission endpoint: the text of 530 5.7.57?",
        ("present", "Client not authenticated to send mail.", "application logs since 2021, PRN"),
        ("2020", "SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", "a log of 2020"),
        what="the wording of 5.7.57", first="2020", since=[
            ("2021-01-01", "present", "wire §2.4: 2020 and 2021", "I"),
        ],
    )
    send_as_reply: Literal["5.2.252", "5.7.60"] = _knob(
        "wire 3.7", "Submission endpoint: the reply to a sender that the mailbox may not be?",
        ("5.2.252", "554 5.2.252 SendAsDenied, one long line", "a transcript of 2025-11"),
        ("5.7.60", "550 5.7.60 SMTP; Client does not have permissions to send as this sender", "PRN"),
    )
    message_rate_reply: Literal["carry-over", "4.4.2"] = _knob(
        "connectors 5", "Submission endpoint: what of the 31st message in a minute?",
        ("carry-over", "accepted, and delivered later", "smtp-submission-improvements (Microsoft Learn)"),
        ("4.4.2", "421 4.4.2, as Exchange Server", "own"),
    )
    submission_old_tls: Literal["handshake", "4.7.66"] = _knob(
        "wire 3.7", "Submission endpoint: what of a client that knows only TLS 1.0 or 1.1?",
        ("handshake", "no handshake", "own"),
        ("4.7.66", "the handshake succeeds, AUTH is answered by 421 4.7.66", "a log with that reply"),
    )

    # ---- administration

    missing_identity: Literal["error", "all"] = _knob(
        "C155", "What does Get-InboundConnector give for an -Identity that does not exist?",
        ("error", "an error: the object could not be found", "own (a general error, seen of other cmdlets)"),
        ("all", "every connector, which a Remove-InboundConnector after it removes", "PS-Get"),
    )

    # ---- what the service once did

    relay_condition: Literal["domain", "none"] = _knob(
        "2.2", "What else must fit, with the certificate or the address of an OnPremises connector, before it relays?",
        ("domain", "the certificate's domain or that of MAIL FROM is accepted", "KB3169958 (since 5 July 2017)"),
        ("none", "nothing", "KB3169958 (before)"),
        what="an OnPremises connector relays only for accepted domains", first="none", since=[
            ("2017-07-05", "domain", "KB3169958", "D"),
        ],
    )
    header_from_relay: Literal["off", "accepted"] = _knob(
        "2.2", "Does an accepted domain in the header From make up for a foreign MAIL FROM?",
        ("off", "no", "RELAY23 (since 1 November 2023)"),
        (
            "accepted", "yes; it is seen at the end of data only, so RCPT gets its 250",
            "RELAY23 (before), own (the stage)",
        ),
        what="an accepted domain in the header From may relay", first="off", since=[
            ("2017-07-05", "accepted", "RELAY23: the third possibility", "D"),
            ("2023-11-01", "off", "RELAY23", "D"),
        ],
    )
    direct_send_setting: Literal["honoured", "ignored"] = _knob(
        "1.6", "Does RejectDirectSend do anything?",
        ("honoured", "yes", "DS1 (public preview since 28 April 2025)"),
        ("ignored", "no, there was no such setting", "DS1 (before)"),
        what="RejectDirectSend exists", first="ignored", since=[
            ("2025-04-28", "honoured", "DS1: public preview", "D"),
        ],
    )
    minimum_tls: Literal["1.2", "1.0"] = _knob(
        "T2", "Which TLS version is the oldest that a client may speak?",
        ("1.2", "TLS 1.2", "TLSBLOG (since January 2021)"),
        ("1.0", "TLS 1.0", "TLSBLOG (before)"),
        what="TLS 1.0 and 1.1 are refused", first="1.0", since=[
            ("2021-01-11", "1.2", "PETRI229914 (MC229914): begins then; the day of completion is not published", "D"),
        ],
    )
    suffix_form: Literal["full", "box", "none"] = _knob(
        "wire 2", "What follows the text of an error reply?",
        ("full", "[box time session-id], more of them for servers behind", "captures since 2023-06-22"),
        ("box", "[box], once", "captures before"),
        ("none", "nothing", "some captures of 2015"),
        what="what follows the text of an error reply", first="none", since=[
            ("2016-01-01", "box", "wire §2: in 2015 some had none", "I"),
            ("2023-06-22", "full", "wire §2: the earliest that was seen", "O"),
        ],
    )
    box_names: Literal["pepf", "ft"] = _knob(
        "wire 1.1", "What are the boxes called?",
        ("pepf", "SN1PEPF000252A1, and ...prod.outlook.com in suffixes", "captures since 2023-11"),
        ("ft", "SN1NAM02FT012, and ...eop-nam02.prod.protection.outlook.com in suffixes", "captures until 2024"),
        what="the names of the boxes", first="ft", since=[
            ("2024-01-01", "pepf", "wire §1.1: first seen 2023-11, in most mail of 2024", "I"),
        ],
    )
    recipient_unknown_text: Literal["2025", "2020", "2012"] = _knob(
        "wire 3.3", "What does 5.4.1 say of an unknown recipient?",
        ("2025", "For more information see https://aka.ms/EXOSmtpErrors", "production regexes since 2025"),
        ("2020", "AS(201806281)", "captures of 2020 to 2024"),
        ("2012", "the address in front", "captures of 2012 to 2018"),
        what="the wording of 5.4.1", first="2012", since=[
            ("2019-01-01", "2020", "wire §3.3: seen 2012 to 2018, then 2020 to 2024", "I"),
            ("2025-01-01", "2025", "wire §3.3", "O"),
        ],
    )
    attr36_wording: Literal["link", "notice"] = _knob(
        "2.8", "Where does the ATTR36 text of 5.7.64 point to?",
        ("link", "https://support.microsoft.com/kb/3169958", "KB4019940 (a translated copy)"),
        ("notice", "see KB 3169958", "KB3169958"),
    )
    partner_restriction_text: Literal["full", "rejecting"] = _knob(
        "wire 3.1", "What does 5.7.51 say?",
        ("full", "which setting of the connector it was", "a tracking log of 2025-01"),
        ("rejecting", "Rejecting, and then nothing that is known", "second-hand"),
    )
    block_list_ending: Literal["present", "2019", "2014"] = _knob(
        "wire 3.4", "How do the refusals of listed addresses (5.7.606, 5.7.1) end?",
        ("present", "AS(1430), AS(1450)", "captures since 2022-07"),
        ("2019", "(AS16012609), (AS16012611)", "captures of 2019"),
        ("2014", "FBLW15 for 5.7.1, the rest as 2019", "captures of 2014 to 2017"),
        what="the endings of 5.7.606 and 5.7.1", first="2014", since=[
            ("2018-01-01", "2019", "wire §3.4: FBLW15 was seen until 2017", "I"),
            ("2022-07-01", "present", "wire §3.4: AS(1430), 2022-07", "O"),
        ],
    )
    queued_text: Literal["sized", "2014"] = _knob(
        "wire 2.2", "What does the reply to an accepted message contain?",
        ("sized", "octets, seconds and speed", "captures"),
        ("2014", "none of these", "own (Exchange Server of 2014 to 2016)"),
        what="the reply to an accepted message tells octets and speed", first="2014", since=[
            ("2017-01-01", "sized", "wire §2.2: the short form is of 2014 to 2016", "X"),
        ],
    )

    # ---- content that breaks rules

    bare_line_feeds: Literal["accept", "reject"] = _knob(
        "wire 2.3", "What of a bare LF in content of DATA?",
        ("accept", "kept; the journal tells where", "own (Exchange Online keeps it, and then needs BDAT)"),
        ("reject", "550 5.6.11", "own (the text is that of an outbound report)"),
    )

    # ---- delivery

    internal_relay_unknown: Literal["relay", "report"] = _knob(
        "wire 3.3", "What of a recipient of an InternalRelay domain that the directory does not know?",
        ("relay", "relayed on to the organization's own servers", "EXO-dbeb, PS-AD"),
        ("report", "550 5.1.10 in a report to the sender", "REPORTS"),
    )


# fmt: on
class Settled(NamedTuple):
    """What was a knob once: the version since which it is not one, and what holds now."""

    since: str
    holds: str


SETTLED = {
    "nullsenderinscope": Settled("0.2.0", "SenderDomains * covers the null reverse-path"),
    "requiretlsstage": Settled("0.2.0", "clear text under RequireTls is refused at RCPT TO"),
    "dbeborder": Settled("0.2.0", "5.7.51 and 5.7.68 come before 5.4.1"),
    "dbeboriginating": Settled("0.2.0", "the directory is not asked for Originating mail"),
    "nuloctets": Settled("0.2.0", "a NUL in content is accepted"),
    "longcontentlines": Settled("0.2.0", "a line of more than 998 octets in content is accepted"),
}
"""Knobs that no source answered on any side, in the compared form of their names: assumptions now."""
