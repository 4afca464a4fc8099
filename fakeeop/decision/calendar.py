"""The change calendar: what Microsoft, certificate authorities and others announced for the service, and what came.

One row, one line. The columns:

* ``id``: ours, stable; ``reference``: message-center number, blog number or other public name.
* ``when``: a day, a month or a year of ISO 8601, or an interval ``BEGIN/END`` of them; ``BEGIN/..`` began then and came
  gradually; ``..`` is a change without a day. A month counts as the range of its days.
* ``status``: a key of ``STATUS``.
* ``touches``: who should look, keys of ``TOUCHES``, by blanks.
* ``acts``: the knobs here that play it, by blanks; empty where only advice follows from it.
* ``sure``: high, medium or low. What is uncertain, and what sources contradict, stands in ``notes`` with earlier plans.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from attrs import frozen

from fakeeop.model import ConnectorType, Forest

__all__ = ["CALENDAR", "STATUS", "TOUCHES", "Announcement", "concerns", "near"]

STATUS = {
    "done": "in force",
    "announced": "still to come",
    "cancelled": "did not happen",
    "standing": "in force, day not known",
    "planned": "planned without a day",
}
TOUCHES = {
    "submission": "mailboxes that sign in at smtp.office365.com:587",
    "certificate": "relays that are known by a client certificate",
    "connector": "OnPremises inbound connectors",
    "direct-send": "devices that send to the tenant's own recipients without a connector",
    "hybrid": "Exchange servers that connect through an OnPremises connector",
    "hve": "High Volume Email accounts",
    "moera": "mail from an onmicrosoft.com address",
    "external": "mail to external recipients",
    "dns": "configurations that name the MX of the tenant",
    "tls": "clients and servers that speak TLS with the service",
    "powershell": "scripts of administrators",
    "trace": "reports on messages",
    "content": "messages with unusual content, forwarded or spoofed messages",
    "consumer": "mail to or from outlook.com, hotmail.com, live.com",
    "other": "services next to mail flow",
}


@frozen
class Announcement:
    """One row. ``begin`` and ``end`` (inclusive) bound the day; both are None where none is known."""

    id: str
    reference: str
    when: str
    status: str
    touches: tuple[str, ...]
    acts: tuple[str, ...]
    sure: str
    scope: str
    what: str
    do: str
    notes: str
    source: str

    @property
    def begin(self) -> date | None:
        """The first day on which it can be in force."""
        return _bounds(self.when)[0]

    @property
    def end(self) -> date | None:
        """The day by which it is in force; None where no end was told."""
        return _bounds(self.when)[1]

    def shown(self) -> str:
        """``when`` as people read it."""
        begin, _, end = self.when.partition("/")
        if begin == "..":
            return "no day"
        if not end:
            return begin
        return f"from {begin}, gradually" if end == ".." else f"{begin} to {end}"


def _bounds(when: str) -> tuple[date | None, date | None]:
    begin, slash, end = when.partition("/")
    if begin == "..":
        return None, None
    first, last = _days(begin)
    return first, (last if not slash else None if end == ".." else _days(end)[1])


def _days(text: str) -> tuple[date, date]:
    """The first and the last day of ``2026``, ``2026-12`` or ``2026-12-31``."""
    year, *rest = (int(part) for part in text.split("-"))
    if len(rest) == 2:
        return date(year, *rest), date(year, *rest)
    if len(rest) == 1:
        after = date(year + rest[0] // 12, rest[0] % 12 + 1, 1)
        return date(year, rest[0], 1), after - timedelta(days=1)
    return date(year, 1, 1), date(year, 12, 31)


def near(day: date, days: int, touches: frozenset[str] | None = None) -> Iterator[Announcement]:
    """What is announced, begins at the latest ``days`` after ``day``, and is not past.

    ``touches`` limits it to those concerned. Rows without a day are never near; one without an end is past once it
    has begun.
    """
    for row in CALENDAR:
        begin = row.begin
        if row.status != "announced" or begin is None or (touches is not None and not touches & set(row.touches)):
            continue
        if (begin - day).days <= days and (row.end or begin) >= day:
            yield row


def concerns(forest: Forest) -> frozenset[str]:
    """The keys of ``TOUCHES`` that the tenants of a file have to do with, as far as the file shows it.

    Every tenant has an MX and speaks TLS. What a file does not show, such as administrators' scripts, is left out.
    """
    found = {"dns", "tls"}
    for tenant in forest.tenants:
        on_premises = [each for each in tenant.inbound_connectors if each.connector_type is ConnectorType.ON_PREMISES]
        if tenant.mailboxes:
            found.add("submission")
        if on_premises:
            found |= {"connector", "external"}
        if any(each.tls_sender_certificate_name is not None for each in tenant.inbound_connectors):
            found.add("certificate")
        if not tenant.reject_direct_send:
            found.add("direct-send")
        if any(each.domain_name.endswith(".onmicrosoft.com") for each in tenant.accepted_domains):
            found.add("moera")
    return frozenset(found)


def _row(*columns: str) -> Announcement:
    known, reference, when, status, touches, acts, sure, scope, what, do, notes, source = columns
    return Announcement(
        *(known, reference, when, status, tuple(touches.split()), tuple(acts.split())),
        *(sure, scope, what, do, notes, source),
    )


# fmt: off
CALENDAR: tuple[Announcement, ...] = (
    # id, reference, when, status, touches, acts, sure, scope, what, do, notes, source
    _row("size-150-mb", "Office blog of 2015-04-15", "2015-04-15", "done", "content", "", "medium", "all tenants", "The largest message is 150 MB; an administrator can set 1 to 150 MB, the default stays 25 MB", "Keep the relay's own limit at or below that of the mailbox; encoding adds a third", "", "MEMPH"),
    _row("relay-needs-accepted-domain", "KB3169958; TC 604355", "2017-07-05", "done", "connector", "RelayCondition", "high", "OnPremises connectors", "A connector relays to the internet only for an accepted domain, in MAIL FROM or in the certificate; otherwise 5.7.64 ATTR36", "Use a certificate connector with your own domain, or an accepted domain in MAIL FROM", "first planned for 2017-02-01", "TC604355"),
    _row("azure-port-25", "Azure MAST blog", "2017-11-15", "done", "connector direct-send", "", "high", "new Azure subscriptions of most kinds", "Port 25 outwards is blocked: the connection fails, there is no SMTP reply", "Send by port 587 (OAuth, High Volume Email, Azure Communication Services), or relay from elsewhere", "Enterprise Agreements are not blocked", "MAST, AZDOC"),
    _row("old-mx-names", "", "2018-05-25", "done", "dns", "", "medium", "smart hosts with names of the time before 2018", "mail.eo.outlook.com, mail.messaging.microsoft.com and others give 451 4.4.62 ATTR35", "Use the tenant's MX name, never a fixed address", "an earlier deadline, 1 June of a year that is not clear, is told too", "VERMA"),
    _row("three-connections", "TC 607825", "2018-06-01/..", "done", "submission", "", "high", "SMTP AUTH", "A mailbox can have three connections at once; more get 432 4.3.2", "Keep at most three connections, and try again after 432", "the texts of the reply differ between sources", "TC607825, LEARNSUB"),
    _row("tls-1-0-unsupported", "KB4057306; MC128929", "2018-10-31", "done", "tls", "", "high", "all", "TLS 1.0 and 1.1 are no longer supported, which does not mean blocked", "", "planned for 2018-03-01; many pages say wrongly that they were blocked then", "CLOUDY, ITPROS-TLS"),
    _row("3des", "MC171089", "2019-02-28/..", "done", "tls", "", "high", "all", "Connections with 3DES fail", "Offer AES suites", "", "BENB"),
    _row("smtp-auth-off-for-new-tenants", "Set-TransportConfig", "2020-01", "done", "submission", "", "high", "tenants created after January 2020", "SmtpClientAuthenticationDisabled is true by default: AUTH gets 535 5.7.139", "Turn it on for the mailbox that needs it", "", "PSDOC"),
    _row("recipient-limits", "roadmap 55025", "2020-01/2020-02", "done", "submission", "", "high", "all", "Recipients per message can be set for a mailbox, 1 to 1,000; the default is 500", "Set-Mailbox -RecipientLimits", "", "TCREC, ITPROS-REC"),
    _row("recipient-envelope-limit", "TC 1571564", "2020-08-06", "done", "submission", "", "high", "all", "Set-TransportConfig -MaxRecipientEnvelopeLimit; Unlimited means 1,000", "", "", "TC1571564"),
    _row("tls-retirement", "MC218794", "2020-10-15", "done", "tls", "", "medium", "Office 365 in general", "TLS 1.0 and 1.1 begin to go; for mail see the next two rows on TLS", "", "planned for 2020-06-01, halted; other pages say July 2020", "MOTECH"),
    _row("tls-1-2-mx", "MC229914", "2021-01-11/..", "done", "tls connector", "MinimumTls", "high", "mail flow endpoints, both directions", "TLS 1.0 and 1.1 are refused at the MX", "Use TLS 1.2", "the day of completion is not published", "PETRI229914"),
    _row("relay-pool", "MC266466", "2021-07-27/..", "done", "content", "", "high", "relayed and forwarded mail", "Mail of a foreign sender domain that failed SPF and DKIM leaves by the relay pool", "Send from an accepted domain, or sign with DKIM", "", "PUPU266466"),
    _row("tls-1-2-submission", "TC 2659652", "2022-02/..", "done", "submission tls", "", "high", "smtp.office365.com", "TLS 1.0 and 1.1 get 421 4.7.66; smtp-legacy.office365.com and AllowLegacyTLSClients are the way out", "Use TLS 1.2", "21Vianet: 2023-06-30; US Government clouds cannot opt in", "TC2659652, LEARNTLS"),
    _row("outbound-dane", "MC308285; TC 3100920", "2022-01/2022-05", "done", "external", "", "high", "mail that leaves Exchange Online", "Outbound DANE with DNSSEC: a receiver with broken TLSA or DNSSEC gets no mail (4/5.7.321 to 325)", "Mend the receiver's DNS", "", "PETRI308285, JP-DANE"),
    _row("basic-auth-off-except-smtp", "TC of September 2021", "2022-10-01/..", "done", "other", "", "high", "all", "Basic authentication ends for EWS, POP, IMAP and others; SMTP AUTH is exempt", "", "from 2020-10-13, then 2021; extension until 2023-01-01", "ITPROS-BASIC"),
    _row("connector-created-disabled", "inbound-connector-faq", "2023-01-01/..", "done", "connector", "", "medium", "some offers, new tenants", "A new inbound connector is created disabled; support enables it", "Open a support case with a business reason", "the day is a journalist's", "ITPROS-CONN, FAQ-IC"),
    _row("oauth-client-credentials", "TC of 2023-07-10", "2023-07-10", "done", "submission", "", "high", "all clouds", "OAuth client credentials (SMTP.SendAsApp) work for SMTP AUTH", "Use it where no user is there to sign in", "", "BORN-CCF"),
    _row("dmarc-reject", "TC 3878883", "2023-07-19/2023-12", "done", "content", "", "high", "tenants whose MX is here", "DMARC policies reject and quarantine are honoured: 5.7.509", "Align SPF or DKIM with the From domain", "the day of a tenant is not published", "TC3878883"),
    _row("old-servers-first-floor", "TC 3815328", "2023-08/2024-03", "done", "hybrid", "", "high", "Exchange 2007 to 2019 that connect through an OnPremises connector", "Out-of-date servers are throttled (450 4.7.230), then blocked (550 5.7.230), in stages over 90 days", "Update; New-TenantExemptionInfo pauses it for up to 90 days a year", "days per version differ between sources", "TC4007169, PFI"),
    _row("srs-for-forwarding", "MC649482", "2023-08/2023-10", "done", "content", "", "high", "mail that is forwarded out", "Forwarded mail has an SRS address as its sender", "", "planned from 2021-10-01", "MSWIKI"),
    _row("remote-powershell-ends", "TC 3779692", "2023-10-01", "done", "powershell", "", "high", "all", "Remote PowerShell ends; the REST module stays", "Use ExchangeOnlineManagement 3", "from 2023-06-01; other clouds during October 2023", "TC3779692"),
    _row("smuggling-outbound", "VU#302671", "2023-06/2023-12-18", "done", "content", "", "medium", "mail that leaves Exchange Online", "Ends of data such as LF.CRLF are no longer passed on", "", "no exact day is published", "SEC, SPOTIT"),
    _row("header-from-no-longer-counts", "TC 3851357", "2023-11-01/..", "done", "connector", "HeaderFromRelay MultiDomainSession", "high", "OnPremises connectors", "The header From no longer makes up for MAIL FROM: certificate or MAIL FROM must have an accepted domain", "Set MAIL FROM to an accepted domain, or use a certificate connector", "staged; a note of 2023-11-13 says how to know when it reached a tenant", "TC3851357, LEARN-RELAY"),
    _row("hve-preview", "MC765811; roadmap 382633", "2024-04/..", "done", "hve", "", "high", "High Volume Email", "An endpoint for internal mass mail works (preview)", "", "general availability was planned for September 2025", "MCc-765811, JP-HVE1"),
    _row("inbound-dane", "MC711018; TC 4281292", "2024-07/2024-10", "done", "dns", "", "high", "opt-in", "Enable-DnssecForVerifiedDomain gives an MX below mx.microsoft; smart hosts must use it", "After opting in, change the smart host to the new name", "preview from March, then July 2024", "MCc-711018, TC3939694"),
    _row("consumer-basic-auth", "support page of June 2024", "2024-09-16", "done", "consumer", "", "medium", "outlook.com, hotmail.com, live.com", "Basic authentication ends, SMTP too", "Use OAuth", "sources differ on app passwords", "TECHISS, AUSSIE"),
    _row("ipv6-mx", "MC835648", "2024-10-16/..", "done", "connector dns", "", "high", "accepted domains without DNSSEC", "MX names have AAAA records: a dual-stack relay may come over IPv6, where no address of a connector fits", "Make the relay use IPv4, or Disable-IPv6ForAcceptedDomain", "from 2024-10-01", "MCc-835648"),
    _row("several-from-addresses", "MC886603", "2025-02-03/..", "done", "content connector", "", "high", "inbound mail", "More than one address in From without Sender: non-delivery report 550 5.1.20", "Write one address in From, or a Sender field", "from 2024-12-01", "MCc-886603"),
    _row("tenant-external-limit", "MC1023294; TC 4372797", "2025-04-03/2025-04-28", "done", "external", "", "high", "tenants of up to 500 licences", "External recipients of a tenant in 24 hours: 500 x licences^0.7 + 9,500 (5.7.233), trial 5.7.232", "Get-LimitsEnforcementStatus; more licences", "planned from 2025-03-03, then 2025-04-03; halted in June 2025", "JP-TERRL"),
    _row("reject-direct-send-preview", "TC 4408790; MC1093237", "2025-04-28", "done", "direct-send", "DirectSendSetting", "high", "opt-in", "Set-OrganizationConfig -RejectDirectSend: 550 5.7.68", "Give every device a connector first", "not in GCC High, DoD and others", "JP-DS, MCm-1093237"),
    _row("consumer-high-volume-senders", "Defender blog of 2025-04-02", "2025-05-05/..", "done", "consumer", "", "high", "senders of more than 5,000 messages a day to outlook.com and others", "SPF, DKIM and DMARC must pass: 550 5.7.515", "Set up all three", "sources differ: junk first, or reject; May, or September to November 2025", "SENDREP, DMARCIAN"),
    _row("hve-internal-only", "TC 4411197", "2025-06/..", "done", "hve", "", "high", "High Volume Email", "External recipients are no longer possible", "Azure Communication Services for external mail", "the reply is not published", "JP-HVE1"),
    _row("dbeb-groups", "TC 4421006", "2025-06", "done", "connector", "", "high", "Authoritative domains", "DBEB knows mail-enabled public folders and dynamic groups", "Such domains can be Authoritative again", "", "JP-DBEB"),
    _row("message-trace-v2", "TC 4420243", "2025-09-01/..", "done", "trace powershell", "", "high", "worldwide", "Get-MessageTrace is deprecated; Get-MessageTraceV2: 90 days, 10 days a query, 100 requests in 5 minutes", "Use the V2 cmdlets or Graph", "the Reporting Web Service ended on 2026-04-08, planned for 2025-09-01", "JP-MT"),
    _row("reject-direct-send-ga", "MC1093237", "2025-09", "done", "direct-send", "", "low", "worldwide, GCC", "RejectDirectSend is generally available", "", "contradicted: the blog of May 2026 says no date is decided", "MCm-1093237, JP-DS"),
    _row("client-auth-optional", "DigiCert ALERT53; Sectigo FAQ", "2025-09-15/2025-10-14", "done", "certificate", "", "high", "new certificates of public authorities", "clientAuth is no longer in a certificate unless it is ordered", "Order it, as long as that is possible", "the days of Sectigo differ between sources", "DIGI, SECT"),
    _row("exchange-2016-2019-end", "TC 4461192", "2025-10-14", "done", "hybrid", "", "high", "Exchange Server 2016 and 2019", "End of support; later updates for buyers of extended support only", "Exchange Server SE", "", "JP-ESU2"),
    _row("moera-cap", "TC 4446167", "2025-10-15/2026-06-01", "done", "moera external", "", "high", "mail from onmicrosoft.com, by seats of the tenant", "100 external recipients of a tenant in 24 hours; non-delivery report 550 5.7.236", "Send from a domain of your own", "trial 2025-10-15, fewer than 3 seats 2025-12-01, up to 10 2026-01-07, 50 02-02, 200 03-02, 2,000 04-01, 10,000 05-04, more 06-01", "JP-MOERA"),
    _row("hybrid-shared-principal", "TC on the hybrid application", "2025-10-31", "done", "hybrid other", "", "high", "hybrid organizations", "Free/busy, MailTips and photos need an application of one's own; mail flow is not concerned", "", "tests on 2025-09-16 and 10-07", "JP-HYB"),
    _row("in-region-routing", "TC 4494860", "2025-12", "done", "dns", "", "medium", "Multi-Geo tenants, opt-in", "Mail may have to be sent to the name of the region: 451 4.4.62, 550 4.4.4", "", "", "JP-GEO"),
    _row("mailbox-external-limit", "MC787382; TC 4483498", "2026-01-06", "cancelled", "external submission", "", "high", "mailboxes", "2,000 external recipients of a mailbox in 24 hours: never enforced", "", "planned for 2025-01-01, then October 2025, then April 2026", "MCc-787382, JP-MERRLX"),
    _row("attribution-guidance", "MC1226222", "2026-02-02", "done", "connector certificate", "", "high", "OnPremises connectors", "Warned against: a certificate name outside the accepted domains, one address for several tenants", "Use a certificate with an accepted domain", "guidance without a day", "MCm-1226222"),
    _row("lets-encrypt-client-auth", "Let's Encrypt 2025-05-14", "2026-02-11/2026-07-08", "done", "certificate", "", "high", "certificates of Let's Encrypt", "clientAuth is gone; the tlsclient profile ended on 2026-07-08", "Whether the service needs clientAuth is not known: try with a test message", "the tlsclient profile was to end on 2026-05-13", "LE, POCKET"),
    _row("dane-mta-sts-modes", "MC1220759; TC 4501005", "2026-02/2026-03", "done", "external", "", "high", "outbound connectors", "SmtpDaneMode and MtaStsMode; the default changes nothing", "", "", "JP-MODES"),
    _row("basic-auth-removal-2026", "MC786329", "2026-03-01/2026-04-30", "cancelled", "submission", "", "high", "smtp.office365.com", "550 5.7.30 for basic authentication: did not happen", "", "planned for September 2025, then March and April 2026; superseded on 2026-01-27", "MCm-786329, MCMERILL"),
    _row("tenant-external-limit-large", "TC 4372797", "2026-03-11/2026-04-22", "done", "external", "", "high", "tenants of more than 500 licences", "The tenant's external recipient limit holds for large tenants as well", "", "", "JP-TERRL"),
    _row("certificates-200-days", "CA/B SC-081v3", "2026-03-15", "done", "certificate", "", "high", "new public certificates", "They live for at most 200 days", "Renew automatically", "", "CERTSH"),
    _row("digicert-g2", "MC1224565; TC 4488311", "2026-03-22", "done", "tls", "", "high", "clients that verify the service's certificate", "The chain ends in DigiCert Global Root G2; strict clients without it stop", "Trust G1 and G2", "planned for 2026-04-30, then 2026-03-15", "MCm-1224565, JP-G2"),
    _row("hve-ga", "TC 4505302", "2026-03-31", "done", "hve", "", "high", "High Volume Email", "Generally available; charged from 2026-06-01", "Set-HVEAccountBillingPolicy", "", "JP-HVE2"),
    _row("change-optics", "TC 4513047", "2026-04", "done", "moera direct-send trace", "", "high", "Exchange admin center", "A report with samples of onmicrosoft.com mail and Direct Send (preview)", "Look at it before you turn on RejectDirectSend", "", "JP-COR"),
    _row("sub-cas-server-auth", "Chrome Root Program 1.8", "2026-06-15", "done", "certificate", "", "medium", "new intermediate authorities", "New intermediates are for servers only", "", "version 1.6 had this day for leaf certificates too", "ENCON"),
    _row("pop-imap-tls", "TC 4515201", "2026-07/..", "done", "other", "", "high", "POP and IMAP", "TLS 1.0 and 1.1 end; SMTP is not named", "", "", "JP-POP"),
    _row("mx-microsoft-for-new-domains", "MC1048624; TC 3939694, 4514248", "2026-07/2026-12", "announced", "dns", "", "high", "new accepted domains", "The MX is below mx.microsoft and cannot be built from the domain; existing names stay", "Copy the MX name from the admin center", "planned for April 2025, July 2025, August, October, February 2026, July 2026; whether it began is not known", "JP-DNS, MCm-1048624"),
    _row("dnssec-wizard", "TC 4514248", "2026-07/2026-09", "done", "dns", "", "medium", "Exchange admin center", "A wizard for DNSSEC; no DNSSEC for mail.protection.outlook.com", "", "", "JP-DNS"),
    _row("old-servers-second-floor", "TC 4552717", "2026-09-07/2026-09-13", "done", "hybrid", "", "high", "Exchange 2016 and 2019 through OnPremises connectors", "The lowest accepted build is that of October 2025", "Update, or pause with New-TenantExemptionInfo", "the stage at which it starts is not published", "JP-ENF26, PFI"),
    _row("tenant-external-limit-age", "TC 4372797", "2026-09-14/..", "done", "external", "", "medium", "worldwide", "New tenants have 10 % of the limit, after 30 days 25 %, after 60 all; trials 500 in all", "", "trials had 5,000", "JP-TERRL"),
    _row("ews-allow-list", "TC 4492361", "2026-10-01/..", "done", "other", "", "high", "applications that send by EWS", "EWS is off unless it is turned on with a list of applications", "Move to Graph", "", "JP-EWS"),
    _row("esu-end", "extended support 2", "2026-10-31", "done", "hybrid certificate", "", "high", "Exchange 2016 and 2019; a reseller's clientAuth", "The last updates of Exchange 2016 and 2019", "Exchange Server SE", "", "JP-ESUEND, TRUST"),
    _row("old-servers-full-block", "TC 3815328", "2026-12", "announced", "hybrid", "", "low", "servers below the floor of September 2026", "All mail of such servers is blocked: 550 5.7.230", "Update before", "derived: 90 days after the second floor, if the cycle began at day 0", "PFI, JP-ENF26"),
    _row("module-without-credential", "MC1248389; TC 4494584", "2026-12/..", "announced", "powershell", "", "high", "new versions of the module", "Connect-ExchangeOnline has no -Credential any more", "Application certificates or managed identities", "moved from June 2026", "JP-CRED"),
    _row("old-servers-third-floor", "TC 4552717", "2026-12/2027-03", "announced", "hybrid", "", "low", "Exchange 2016 and 2019", "Only builds of extended support or SE pass", "Exchange Server SE", "announced as a few months after September 2026", "JP-ENF26"),
    _row("public-docs-retired", "TC skills-hub 4554909", "2026-12-31", "announced", "other", "", "medium", "readers of Microsoft's documentation on GitHub", "The public repositories of the documentation are retired", "", "second hand", "file of 2026"),
    _row("basic-auth-off-by-default", "MC786329; TC 4489835", "2026-12", "announced", "submission", "AllowBasicAuthSmtpDefault", "high", "existing tenants, all clouds", "SMTP AUTH with a password is off by default; an administrator can turn it on again", "OAuth, a relay through a connector, High Volume Email or Azure Communication Services", "end of December, no exact day; the reply and the switch are not published", "JP-AUTH, TC4489835"),
    _row("basic-auth-not-for-new-tenants", "MC786329; TC 4489835", "2027-01/..", "announced", "submission", "", "high", "tenants created after December 2026", "SMTP AUTH with a password is unavailable by default", "OAuth from the start", "whether an administrator can turn it on is contradicted", "JP-AUTH, PROCISE"),
    _row("sectigo-client-auth", "Sectigo", "2027-02-10", "announced", "certificate", "", "medium", "public certificates of Sectigo", "clientAuth is removed", "Another authority, or try without clientAuth", "planned for 2026-05-15", "CHEAP, TRUST"),
    _row("digicert-client-auth", "DigiCert ALERT53", "2027-03-01", "announced", "certificate", "", "high", "DigiCert, GeoTrust, Thawte, RapidSSL", "clientAuth is removed from all public certificates", "Try without clientAuth", "planned for 2026-05-01", "DIGI"),
    _row("chrome-client-auth", "Chrome Root Program 1.8", "2027-03-15", "announced", "certificate", "", "medium", "all public authorities", "Leaf certificates are for servers only", "Try without clientAuth", "planned for 2026-06-15", "ENCON, CHEAP"),
    _row("certificates-100-days", "CA/B SC-081v3", "2027-03-15", "announced", "certificate", "", "high", "new public certificates", "They live for at most 100 days", "Renew automatically", "", "CERTSH"),
    _row("old-module-sign-in", "TC 4561418", "2027-03-31", "announced", "powershell", "", "high", "ExchangeOnlineManagement before 3.10.1", "Interactive sign-in may fail", "Update the module", "", "JP-MOD"),
    _row("ews-ends", "TC 4492361", "2027-04-01", "announced", "other", "", "high", "all", "EWS is off for good", "Graph", "", "JP-EWS"),
    _row("se-cu2", "Exchange SE roadmap", "2027-01/2027-06", "announced", "hybrid", "", "medium", "on-premises servers", "CU2 does not install next to Exchange 2013 to 2019", "", "one source says the second half of 2026", "JP-SE, PFI"),
    _row("basic-auth-removal-day", "MC786329", "2027-07/2027-12", "announced", "submission", "", "high", "all", "The day of the final removal is announced; after it 550 5.7.30", "OAuth", "the message center also says: in 2027", "JP-AUTH, MCMERILL"),
    _row("hve-basic-auth-ends", "TC 4411197", "2028-09", "announced", "hve", "", "high", "High Volume Email", "Passwords end; OAuth only", "Add-HVEAppAccess", "", "JP-HVE1, PSDOC"),
    _row("certificates-47-days", "CA/B SC-081v3", "2029-03-15", "announced", "certificate", "", "high", "new public certificates", "They live for at most 47 days", "ACME", "", "CERTSH"),
    _row("reject-direct-send-default", "TC 4408790", "..", "planned", "direct-send", "", "high", "new tenants", "RejectDirectSend is on by default and cannot be turned off", "Connectors from the first day", "plan repeated on 2026-05-20", "JP-DS"),
    _row("tenant-external-limit-government", "TC 4372797", "..", "planned", "external", "", "high", "GCC, GCC High, DoD, 21Vianet", "The tenant's external recipient limit", "", "planned for 2025-06-30, 2025-07-30, 2026-01-26, April and September 2026; postponed without a day on 2026-08-13", "JP-TERRL"),
    _row("digicert-g1-ends", "TC 4488311", "..", "planned", "tls", "", "high", "the service's own chains", "DigiCert Global Root G1 is phased out", "Trust G1 and G2", "", "JP-G2"),
    _row("smtp-legacy-ends", "MC786329", "..", "planned", "submission tls", "", "low", "smtp-legacy.office365.com", "The end of AllowLegacyTLSClients", "Assume that it goes", "named in a plan of 2024, not in that of 2026", "MCm-786329, JP-POP"),
    _row("client-auth-at-connectors", "", "..", "standing", "certificate", "ClientCertificateEku", "low", "connectors by certificate", "Whether the service needs clientAuth in a relay's certificate: no statement was found", "Try it with a test message", "", "searched"),
    _row("submission-rates", "", "..", "standing", "submission", "", "high", "SMTP AUTH", "30 messages a minute, 10,000 recipients a day", "", "before 2021; an old page has 1,500 a day", "LEARNSUB"),
    _row("invalid-from", "", "..", "standing", "content", "", "high", "inbound mail", "5.7.512 for an invalid From, 5.6.11 for a bare LF on the way out, 5.7.520 for forwarding outside", "", "before July 2021", "OFFDOC, JP-FWD"),
)
# fmt: on
