"""Knobs for what the service once did, set by a date (``fakeeop.decision.eras``), and for content that breaks rules.

``fakeeop.decision.knobs`` puts them with the others.
"""

from __future__ import annotations

from fakeeop.decision.knob import knob

__all__ = ["CONTENT", "DATED", "DELIVERY"]

DATED = (
    knob(
        "relay_condition",
        "2.2",
        "What must fit beside the certificate or the address of an OnPremises connector before it relays?",
        ("domain", "the certificate's domain or that of MAIL FROM is accepted", "KB3169958 (since 5 July 2017)"),
        ("none", "nothing", "KB3169958 (before)"),
    ),
    knob(
        "header_from_relay",
        "2.2",
        "Does an accepted domain in the header From make up for a foreign MAIL FROM?",
        ("off", "no", "RELAY23 (since 1 November 2023)"),
        (
            "accepted",
            "yes; it is seen at the end of data only, so RCPT gets its 250",
            "RELAY23 (before), own (the stage)",
        ),
    ),
    knob(
        "direct_send_setting",
        "1.6",
        "Does RejectDirectSend do anything?",
        ("honoured", "yes", "DS1 (public preview since 28 April 2025)"),
        ("ignored", "no, there was no such setting", "DS1 (before)"),
    ),
    knob(
        "minimum_tls",
        "T2",
        "Which TLS version is the oldest that a client may speak?",
        ("1.2", "TLS 1.2", "TLSBLOG (since January 2021)"),
        ("1.0", "TLS 1.0", "TLSBLOG (before)"),
    ),
    knob(
        "suffix_form",
        "wire 2",
        "What follows the text of an error reply?",
        ("full", "[box time session-id], more of them for servers behind", "captures since 2023-06-22"),
        ("box", "[box], once", "captures before"),
        ("none", "nothing", "some captures of 2015"),
    ),
    knob(
        "box_names",
        "wire 1.1",
        "How are the boxes called?",
        ("pepf", "SN1PEPF000252A1, and ...prod.outlook.com in suffixes", "captures since 2023-11"),
        ("ft", "SN1NAM02FT012, and ...eop-nam02.prod.protection.outlook.com in suffixes", "captures until 2024"),
    ),
    knob(
        "recipient_unknown_text",
        "wire 3.3",
        "What does 5.4.1 say of an unknown recipient?",
        ("2025", "For more information see https://aka.ms/EXOSmtpErrors", "production regexes since 2025"),
        ("2020", "AS(201806281)", "captures of 2020 to 2024"),
        ("2012", "the address in front", "captures of 2012 to 2018"),
    ),
    knob(
        "attr36_wording",
        "2.8",
        "Where does the ATTR36 text of 5.7.64 point to?",
        ("link", "https://support.microsoft.com/kb/3169958", "KB4019940 (a translated copy)"),
        ("notice", "see KB 3169958", "KB3169958"),
    ),
    knob(
        "partner_restriction_text",
        "wire 3.1",
        "What does 5.7.51 say?",
        ("full", "which setting of the connector it was", "a tracking log of 2025-01"),
        ("rejecting", "Rejecting, and then nothing that is known", "second-hand"),
    ),
    knob(
        "block_list_ending",
        "wire 3.4",
        "How do the refusals of listed addresses (5.7.606, 5.7.1) end?",
        ("present", "AS(1430), AS(1450)", "captures since 2022-07"),
        ("2019", "(AS16012609), (AS16012611)", "captures of 2019"),
        ("2014", "FBLW15 for 5.7.1, the rest as 2019", "captures of 2014 to 2017"),
    ),
    knob(
        "queued_text",
        "wire 2.2",
        "What does the reply to an accepted message hold?",
        ("sized", "octets, seconds and speed", "captures"),
        ("2014", "none of these", "own (Exchange Server of 2014 to 2016)"),
    ),
)

CONTENT = (
    knob(
        "bare_line_feeds",
        "wire 2.3",
        "What of a bare LF in content of DATA?",
        ("accept", "kept; the journal tells where", "own (Exchange Online keeps it, and then needs BDAT)"),
        ("reject", "550 5.6.11", "own (the text is that of an outbound report)"),
    ),
    knob(
        "nul_octets",
        "wire 2.3",
        "What of a NUL in content of DATA?",
        ("accept", "kept; the journal tells where", "own"),
        ("reject", "550 5.6.11", "own"),
    ),
    knob(
        "long_content_lines",
        "wire 2.4",
        "What of a line of more than 998 octets in content of DATA?",
        ("accept", "kept; the journal tells how long", "own"),
        ("reject", "500 5.3.3", "own"),
    ),
)

DELIVERY = (
    knob(
        "internal_relay_unknown",
        "wire 3.3",
        "What of a recipient of an InternalRelay domain that the directory does not know?",
        ("relay", "relayed on to the organization's own servers", "EXO-dbeb, PS-AD"),
        ("report", "550 5.1.10 in a report to the sender", "REPORTS"),
    ),
)
