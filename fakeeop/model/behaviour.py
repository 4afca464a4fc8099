"""The settings of what is not known: one knob for each open question of the facts, with its default.

``fakeeop.decision.knobs`` holds what each knob means, its sources on both sides and its conflict number; a test keeps
the two in step. In a tenant file the knobs stand under ``Behaviour:`` in CamelCase (``CertFallback: refuse``).
"""

from __future__ import annotations

from typing import Literal

from attrs import frozen

__all__ = ["Behaviour"]


@frozen
class Behaviour:
    """Values are lower-case words, so that a tenant file reads as a sentence."""

    # 2.3-1: the certificate matches, its name is not accepted, P1 is accepted: relay?
    cert_fallback: Literal["allow", "refuse"] = "allow"
    # 2.3-2 (certificate) and 2.3-3 (IP): P1 foreign, recipient own: what is the mail attributed to?
    cert_recipient_attribution: Literal["connector", "incoming"] = "connector"
    ip_recipient_attribution: Literal["connector", "incoming"] = "connector"
    # 2.4-P10, C108 against §2.9 (a): does such mail still meet the Partner restrictions?
    recipient_attribution_restrictions: Literal["apply", "skip"] = "apply"
    # 2.3-4: an OnPremises connector with IP list and certificate name
    ip_and_certificate: Literal["or", "and"] = "or"
    # 2.3-5: SenderDomains of an OnPremises connector
    on_premises_sender_domains: Literal["ignored", "scope"] = "ignored"
    # 2.3-6: SenderDomains of a Partner connector looks at the reverse-path (P1) or at the From header (P2)
    partner_sender_scope: Literal["p1", "p2"] = "p1"
    # 2.3-9: several own recipient domains, IP connector, foreign P1
    multi_domain_session: Literal["accept", "refuse"] = "accept"
    # 2.3-10: two tenants match equally well
    tenant_tie: Literal["none", "first"] = "none"
    # 2.3-11: which wording of 5.7.64
    attr36_text: Literal["by-case", "never", "always"] = "by-case"
    # C1: which side AssociatedAcceptedDomains limits
    associated_accepted_domains: Literal["by-type", "sender", "recipient", "ignored"] = "by-type"
    # C2: RequireTls when New-InboundConnector does not give it
    require_tls_default: Literal["true", "false"] = "true"
    # C3: SenderIPAddresses of a Partner connector without RestrictDomainsToIPAddresses
    partner_ip_identifies: Literal["always", "with-restrict"] = "always"
    # C36, T4: RequireTls of an OnPremises connector
    on_premises_require_tls: Literal["ignored", "enforced"] = "ignored"
    # T3, wire §3.2: clear text under RequireTls
    require_tls_reply: Literal["451-5.7.3", "530-5.7.0", "550-5.7.51"] = "451-5.7.3"
    require_tls_stage: Literal["mail", "rcpt"] = "rcpt"
    # 2.8: the stage of 5.7.51 and 5.7.68
    stage_5751: Literal["rcpt", "data"] = "rcpt"
    stage_5768: Literal["rcpt", "data"] = "rcpt"
    # C134: unknown own recipient and own P1
    dbeb_order: Literal["last", "first"] = "last"
    # does DBEB look at Originating mail to own recipients? §2.9 reads no (assumption)
    dbeb_originating: Literal["off", "on"] = "off"
    # C103: is the null reverse-path in the scope of SenderDomains *
    null_sender_in_scope: Literal["yes", "no"] = "yes"
    # C110, 2.4-P12: two restrict connectors, one satisfied
    restrict_combination: Literal["any", "all"] = "any"
    # K7, C62: connector mail.contoso.com, certificate *.contoso.com
    wildcard_certificate: Literal["match", "no-match"] = "match"
    # K13, C70: which extended key usages are good enough
    client_certificate_eku: Literal["lenient", "client-auth", "any"] = "lenient"
    # wire 3.1: 451 or 550 in front of 4.4.4 ... ATTR5
    attr5_code: Literal["451", "550"] = "451"
    # wire 1.2: the session id in the banner
    banner_session_id: Literal["on", "off"] = "on"
    # wire 2.4: 501 or 550 in front of 5.1.7 Invalid address
    invalid_sender_code: Literal["501", "550"] = "501"
    # wire 3.7, 7-11: is basic authentication over at the submission endpoint (5.7.30)
    basic_auth_submission: Literal["supported", "ended"] = "supported"
    # wire 3.7: the reply to a wrong password
    wrong_credentials_reply: Literal["5.7.139", "5.7.3"] = "5.7.139"
    # wire 2.4: the text of 530 5.7.57
    not_authenticated_text: Literal["present", "2020"] = "present"
    # wire 3.7: the reply to a sender that the mailbox may not be
    send_as_reply: Literal["5.2.252", "5.7.60"] = "5.2.252"
    # connectors 5: more than 30 messages a minute
    message_rate_reply: Literal["carry-over", "4.4.2"] = "carry-over"
    # C155: Get-InboundConnector -Identity of a connector that does not exist (its page says all; §1.3 E19 is general)
    missing_identity: Literal["all", "error"] = "error"
    # wire 3.7: TLS 1.0 and 1.1 at the submission endpoint
    submission_old_tls: Literal["handshake", "4.7.66"] = "handshake"
    # connectors 2.2: what an OnPremises connector needs beside certificate or address (since 5 July 2017)
    relay_condition: Literal["domain", "none"] = "domain"
    # connectors 2.2: does the header From's domain make up for MAIL FROM (until 1 November 2023)
    header_from_relay: Literal["off", "accepted"] = "off"
    # connectors 1.6: is there such a thing as RejectDirectSend (since 28 April 2025)
    direct_send_setting: Literal["honoured", "ignored"] = "honoured"
    # connectors T2: the oldest TLS that the MX takes (1.2 since January 2021)
    minimum_tls: Literal["1.2", "1.0"] = "1.2"
    # wire 2: what follows the text of an error reply
    suffix_form: Literal["full", "box", "none"] = "full"
    # wire 1.1: how the boxes are called
    box_names: Literal["pepf", "ft"] = "pepf"
    # wire 3.3: the wording of 5.4.1
    recipient_unknown_text: Literal["2025", "2020", "2012"] = "2025"
    # connectors 2.8: the wording of 5.7.64 ATTR36
    attr36_wording: Literal["link", "notice"] = "link"
    # wire 3.1: the wording of 5.7.51
    partner_restriction_text: Literal["full", "rejecting"] = "full"
    # wire 3.4: the endings of 5.7.606 and of 5.7.1 Spamhaus
    block_list_ending: Literal["present", "2019", "2014"] = "present"
    # wire 2.2: the reply to an accepted message
    queued_text: Literal["sized", "2014"] = "sized"
    # wire 2.3: bare LF in content of DATA
    bare_line_feeds: Literal["accept", "reject"] = "accept"
    # NUL in content of DATA
    nul_octets: Literal["accept", "reject"] = "accept"
    # a line of more than 998 octets in content of DATA
    long_content_lines: Literal["accept", "reject"] = "accept"
    # connectors 1.5 (relayed on) against wire 3.3 (5.1.10 in a report): an unknown recipient of an InternalRelay domain
    internal_relay_unknown: Literal["relay", "report"] = "relay"
