"""The replies that are known and are never ours: of delivery reports, of other servers, of other services.

The columns are those of ``fakeeop.smtp.replies.table``. NDR table: Microsoft Learn, non-delivery reports in Exchange Online.
"""

from __future__ import annotations

from fakeeop.smtp.replies.table import Row

__all__ = ["ELSEWHERE"]

# fmt: off
ELSEWHERE: tuple[Row, ...] = (
    # key                                      kind        by      code status     stages       n  sure text, when, source
    # ---- only in delivery reports: the mail was let in, or never meets the MX
    ("recipient-not-found",                    "report",   "rule", 550, "5.1.10",  "report",    0, "O", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "the recipient does not exist, and the MX let it pass: InternalRelay, or no DBEB; newer reports name the address", "wire §3.3"),
    ("sender-not-authenticated-12",            "report",   "rule", 550, "5.7.12",  "report",    0, "D", "Sender was not authenticated by organization", "the recipient takes mail from inside only", "wire §3.3; NDR table"),
    ("sender-not-in-list",                     "report",   "rule", 550, "5.7.124", "report",    0, "D", "Sender not in allowed-senders list", "the group takes mail from listed senders only", "wire §3.3; NDR table"),
    ("sender-restricted-129",                  "report",   "rule", 550, "5.7.129", "report",    0, "D", "(text not known)", "the recipient takes mail from listed senders only", "wire §3.3"),
    ("sender-not-authenticated-for-group",     "report",   "rule", 550, "5.7.133", "report",    0, "O", "RESOLVER.RST.SenderNotAuthenticatedForGroup", "the group takes mail from inside only, and the relay's mail is Anonymous", "wire §3.3"),
    ("sender-not-authenticated-for-mailbox",   "report",   "rule", 550, "5.7.134", "report",    0, "O", "RESOLVER.RST.SenderNotAuthenticatedForMailbox", "the mailbox takes mail from inside only, and the relay's mail is Anonymous", "wire §3.3"),
    ("sender-not-authenticated-for-mail-user", "report",   "rule", 550, "5.7.136", "report",    0, "D", "Sender was not authenticated", "the mail user takes mail from inside only, and the relay's mail is Anonymous", "wire §3.3; NDR table"),
    ("thread-limit",                           "report",   "rule", 432, "4.3.2",   "report",    0, "D", "STOREDRV.Deliver; recipient thread limit exceeded", "the mailbox is busy; the service tries again by itself", "wire §3.3"),
    ("transport-rule",                         "report",   "rule", 550, "5.7.1",   "report",    0, "2", "TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy", "a mail flow rule rejects the message; the rule may choose 5.7.900 to 5.7.999 and another text", "wire §3.5"),
    ("spam-abuse",                             "report",   "rule", 550, "5.7.501", "report",    0, "D", "Access denied, spam abuse detected", "the sending account is banned", "wire §3.5; NDR table"),
    ("banned-sender-502",                      "report",   "rule", 550, "5.7.502", "report",    0, "D", "Access denied, banned sender", "the sending account is banned", "wire §3.5; NDR table"),
    ("banned-sender-503",                      "report",   "rule", 550, "5.7.503", "report",    0, "D", "Access denied, banned sender", "the sending account is banned", "wire §3.5; NDR table"),
    ("recipient-rejected-504",                 "report",   "rule", 550, "5.7.504", "report",    0, "D", "[{recipient}]: Recipient address rejected: Access denied", "the recipient is not valid", "NDR table"),
    ("tenant-block-list",                      "report",   "rule", 550, "5.7.703", "report",    0, "D", "Your message can't be delivered because messages to XXX, YYY are blocked by your organization using Tenant Allow Block List.", "a recipient is on the sender's own Tenant Allow/Block List", "wire §3.6; NDR table"),
    ("tenant-threshold",                       "report",   "rule", 550, "5.7.705", "report",    0, "D", "Service unavailable. Access denied, tenant has exceeded threshold.", "the tenant sends too much that looks like spam; the text goes on", "wire §3.6"),
    ("traffic-not-accepted",                   "report",   "rule", 550, "5.7.708", "report",    1, "O", "Service unavailable. Access denied, traffic not accepted from this IP. For more information please go to http://go.microsoft.com/fwlink/?LinkId=526653 AS(7230)", "between servers of the service, for mail of a new or abused tenant", "wire §3.6"),
    ("external-recipient-limit",               "report",   "rule", 550, "5.7.233", "report",    0, "D", "Your message can't be sent because your tenant exceeded its daily limit for sending email to external recipients (tenant external recipient rate limit).", "the tenant's limit of external recipients", "wire §3.6; connectors §2.8"),
    ("onmicrosoft-recipient-limit",            "report",   "rule", 550, "5.7.236", "report",    0, "D", "(text not known)", "more than 100 external recipients in 24 hours from an onmicrosoft.com address", "connectors §2.8, §5"),
    ("recipient-quota",                        "report",   "rule", 550, "5.1.90",  "report",    0, "D", "Your message can't be sent because you've reached your daily limit for message recipients", "the sender's limit of recipients", "wire §3.6; NDR table"),
    ("submission-quota",                       "report",   "rule", 550, "5.2.2",   "report",    0, "D", "Submission quota exceeded", "the sender's limit of recipients or messages", "wire §3.6; NDR table"),
    ("ipv6-reverse-name-required",             "report",   "rule", 550, "5.7.25",  "report",    0, "D", "Access denied, the sending IPv6 address [{ip}] must have a reverse DNS record", "as the table of codes has it; the wire says 450 4.7.25", "wire §3.4; NDR table"),
    ("sending-domain-banned",                  "report",   "rule", 550, "5.7.800", "report",    0, "D", "Access denied, banned sender", "the domain of EHLO, MAIL FROM or From is banned", "NDR table"),
    ("banned-recipient",                       "report",   "rule", 550, "5.7.505", "report",    0, "D", "Access denied, banned recipient", "the recipient is not valid", "NDR table"),
    # ---- Exchange Online about the servers of others
    ("bare-line-feed-outbound",                "outbound", "rule", 550, "5.6.11",  "report",    0, "D", "Invalid characters", "Exchange Online keeps a bare LF, and the next server has no BDAT", "wire §2.3, §3.5"),
    ("queue-expired",                          "outbound", "rule", 550, "4.4.7",   "report",    0, "D", "Message expired", "the next server did not answer for two days", "wire §3.8; NDR table"),
    ("expired",                                "outbound", "rule", 550, "5.4.300", "report",    0, "D", "Message expired", "the next server did not answer in time", "wire §3.8; NDR table"),
    ("connection-refused",                     "outbound", "rule", 450, "4.4.316", "report",    0, "D", "(text not known)", "the next server cannot be reached", "wire §3.8"),
    ("remote-tls-required",                    "outbound", "rule", 450, "4.4.317", "report",    0, "O", "… [Message=451 5.7.3 STARTTLS is required to send mail]", "the next server offers no STARTTLS, and the outbound connector requires it; the first words are not known", "wire §3.2, §3.8"),
    ("dane-no-starttls",                       "outbound", "rule", 450, "4.7.321", "report",    0, "D", "starttls-not-supported: Destination mail server must support TLS to receive mail.", "outbound DANE; 5.7.321 when it is given up", "wire §3.8; NDR table"),
    ("dane-certificate-expired",               "outbound", "rule", 450, "4.7.322", "report",    0, "D", "certificate-expired: Destination mail server's certificate is expired.", "outbound DANE; 5.7.322 when it is given up", "wire §3.8; NDR table"),
    ("dane-tlsa-invalid",                      "outbound", "rule", 450, "4.7.323", "report",    0, "D", "tlsa-invalid: The domain failed DANE validation.", "outbound DANE; 5.7.323 when it is given up", "wire §3.8; NDR table"),
    ("dane-dnssec-invalid",                    "outbound", "rule", 450, "4.7.324", "report",    0, "D", "dnssec-invalid: Destination domain returned invalid DNSSEC records", "outbound DANE; 5.7.324 when it is given up", "wire §3.8; NDR table"),
    ("dane-host-mismatch",                     "outbound", "rule", 450, "4.7.325", "report",    0, "D", "certificate-host-mismatch: Remote certificate MUST have a common name or subject alternative name matching the hostname (DANE)", "outbound DANE; 5.7.325 when it is given up", "wire §3.8; NDR table"),
    ("certificate-untrusted",                  "outbound", "rule", 454, "4.7.5",   "report",    0, "O", "Certificate validation failure, reason:UntrustedRoot", "written by an on-premises Exchange that sends, about its peer's certificate", "wire §3.8"),
    ("send-connector-certificate",             "outbound", "rule", 454, "4.7.5",   "report",    0, "O", "The certificate specified in TlsCertificateName of the SendConnector could not be found.", "written by an on-premises Exchange that sends, about its own certificate", "wire §3.8"),
    ("must-issue-starttls",                    "outbound", "rule", 451, "5.7.3",   "report",    0, "O", "Must issue a STARTTLS command first", "in the queue of an on-premises Exchange that sends", "wire §3.2"),
    ("remote-error",                           "outbound", "rule", 550, "5.0.350", "report",    0, "D", "(text not known)", "whatever the next server said; the words vary", "wire §3.8; NDR table"),
    ("remote-unknown",                         "outbound", "rule", 550, "5.1.351", "report",    0, "O", "Remote server returned unknown recipient or mailbox unavailable", "the next server does not know the recipient; its own words follow", "wire §3.8, §5"),
    ("remote-not-permitted",                   "outbound", "rule", 550, "5.7.367", "report",    0, "D", "(text not known)", "the next server refuses to relay; its own words follow", "wire §3.8"),
    ("remote-spf",                             "outbound", "rule", 550, "5.7.23",  "report",    0, "D", "The message was rejected because of Sender Policy Framework violation", "the next server refuses by SPF", "wire §3.5"),
    # ---- the consumer service (outlook.com)
    ("all-recipients-rejected",                "consumer", "rule", 550, "5.4.1",   "rcpt data", 1, "O", "All recipient addresses rejected : Access denied", "no recipient exists; the blank before the colon is there", "wire §3.3"),
    ("mailbox-unavailable",                    "consumer", "rule", 550, "5.5.0",   "rcpt",      1, "O", "Requested action not taken: mailbox unavailable", "the recipient does not exist", "wire §3.3"),
    ("rate-limited-650",                       "consumer", "rule", 451, "4.7.650", "mail",      1, "O", "The mail server [{ip}] has been temporarily rate limited due to IP reputation. For e-mail delivery information, see https://postmaster.live.com (S3113)", "throttling by reputation; 4.7.651 as well", "wire §3.4"),
    ("network-blocked",                        "consumer", "rule", 550, "5.7.1",   "mail",      1, "O", "Unfortunately, messages from [{ip}] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3150).", "the network is blocked; the text goes on", "wire §3.4"),
    ("authentication-level",                   "consumer", "rule", 550, "5.7.515", "message",   3, "O", "Access denied, sending domain {sender_domain} doesn't meet the required authentication level. The sender's domain in the 5322.From address doesn't meet the authentication requirements defined for the sender. To learn how to fix this see: https://go.microsoft.com/fwlink/p/?linkid=2319303 Spf= Fail , Dkim= Pass , DMARC= Pass", "SPF, DKIM and DMARC of a large sender; the blanks are there", "wire §3.5"),
    # ---- Exchange Server
    ("unable-to-relay",                        "server",   "rule", 550, "5.7.54",  "rcpt",      0, "X", "SMTP; Unable to relay recipient in non-accepted domain", "an anonymous client, and a recipient outside; the service says 5.7.64 instead", "wire §3.1"),
    ("reserved-domain-4",                      "server",   "rule", 550, "5.1.4",   "rcpt",      0, "X", "Recipient address reserved by RFC 2606", "a recipient in a reserved top-level domain; a switch of the Receive connector", "wire §2.4"),
    ("reserved-domain-5",                      "server",   "rule", 550, "5.1.5",   "rcpt",      0, "X", "Recipient address reserved by RFC 2606", "a recipient in a reserved second-level domain; a switch of the Receive connector", "wire §2.4"),
    ("single-label-domain",                    "server",   "rule", 550, "5.1.6",   "rcpt",      0, "X", "(text not known)", "a recipient in a domain of one label", "wire §2.4"),
    ("routing-loop",                           "server",   "rule", 554, "5.4.6",   "message",   0, "D", "Hop count exceeded - possible mail loop", "the twin of 5.4.14", "wire §3.1"),
)
# fmt: on
