"""What to change: for each cause a sentence, and the setting in each MTA's own words.

Sources: the manuals of the MTAs (postconf(5), Exim's specification, sendmail's cf/README, smtpd.conf(5)), Microsoft
Learn for Exchange (Set-SendConnector, Enable-ExchangeCertificate) and IIS. ``generic`` is for all.
"""

from __future__ import annotations

from typing import Final

__all__ = ["ADVICE", "MTAS", "advice"]

MTAS: Final = ("postfix", "exim", "sendmail", "opensmtpd", "exchange", "generic")

_TLS: Final = {
    "generic": "Require TLS for the smart host.",
    "postfix": "smtp_tls_security_level = encrypt (and no 'may' or 'none' for this host in smtp_tls_policy_maps)",
    "exim": "hosts_require_tls = * on the smtp transport, and no hosts_avoid_tls",
    "sendmail": "in the access map: TLS_Srv:SMART.HOST ENCR:112",
    "opensmtpd": 'action … relay host "smtp+tls://…"',
    "exchange": "Set-SendConnector -RequireTLS $true; IIS: Delivery, Outbound Security, TLS encryption",
}
_CERTIFICATE: Final = {
    "generic": "Give the relay a client certificate for outgoing mail; the one it shows as a server is another "
    "setting.",
    "postfix": "smtp_tls_cert_file and smtp_tls_key_file (smtp_, not smtpd_), and smtp_tls_security_level = encrypt",
    "exim": "tls_certificate and tls_privatekey on the smtp transport, not in the main section; its user must "
    "read the key",
    "sendmail": "define(`confCLIENT_CERT', …) and define(`confCLIENT_KEY', …); the key must not be readable by others",
    "opensmtpd": 'pki NAME cert … and key …, then action … relay host "smtp+tls://…" pki NAME',
    "exchange": "Set-SendConnector -TlsCertificateName '<I>issuer<S>subject', with that certificate enabled for SMTP; "
    "IIS takes the certificate of the machine store whose name is that of the machine",
}
_FULL: Final = {
    "generic": "Put the certificate first and its intermediates behind it, in one file.",
    "postfix": "smtp_tls_cert_file = the file with certificate and intermediates (fullchain.pem, not cert.pem)",
    "exim": "tls_certificate = the file with certificate and intermediates (fullchain.pem)",
    "sendmail": "sendmail sends the certificate alone: use one that a root issued itself, or add the intermediate to "
    "confCACERT",
    "opensmtpd": "pki NAME cert = the file with certificate and intermediates (fullchain.pem)",
    "exchange": "import the intermediate into 'Intermediate Certification Authorities' of the machine, restart "
    "the service",
}
_RETRY: Final = {
    "generic": "Keep what is refused with 4xx, try again after minutes, and give up after four or five days.",
    "postfix": "minimal_backoff_time = 300s, maximal_backoff_time = 4000s, queue_run_delay = 300s, "
    "maximal_queue_lifetime = 5d, bounce_queue_lifetime = 5d, and an empty defer_transports",
    "exim": "in the retry section: * * F,2h,15m; G,16h,1h,1.5; F,4d,6h, and a queue runner (-q15m)",
    "sendmail": "start it with -q15m; define(`confTO_QUEUERETURN', `5d')",
    "opensmtpd": "queue ttl 4d; bounce warn-interval is for the first notice only",
    "exchange": "Set-TransportService -MessageExpirationTimeout 2.00:00:00 -OutboundConnectionFailureRetryInterval "
    "00:10:00; IIS: Delivery, retry intervals and expiration",
}
_SMART_HOST: Final = {
    "generic": "Send all mail for outside to NAME.mail.protection.outlook.com, port 25, as the MX of your domain says.",
    "postfix": "relayhost = [contoso-com.mail.protection.outlook.com]:25",
    "exim": "a manualroute router: route_list = * contoso-com.mail.protection.outlook.com::25 byname",
    "sendmail": "define(`SMART_HOST', `[contoso-com.mail.protection.outlook.com]')",
    "opensmtpd": 'action … relay host "smtp+tls://contoso-com.mail.protection.outlook.com:25"',
    "exchange": "Set-SendConnector -DNSRoutingEnabled $false -SmartHosts "
    "contoso-com.mail.protection.outlook.com -Port 25; "
    "IIS: Delivery, Advanced, Smart host",
}

ADVICE: Final[dict[str, dict[str, str]]] = {
    "no-certificate": _CERTIFICATE,
    "missing-intermediate": _FULL,
    "no-tls": _TLS,
    "clear-text-fallback": _TLS,
    "bounces-soft-errors": _RETRY,
    "slow-retry": _RETRY,
    "short-lifetime": _RETRY,
    "wrong-smart-host": _SMART_HOST,
    "no-smart-host": _SMART_HOST,
    "wrong-port": _SMART_HOST,
    "no-brackets": _SMART_HOST,
    "submission-endpoint": _SMART_HOST,
    "wrong-name": {
        "generic": "Use a certificate whose name the connector lists (TlsSenderCertificateName), or have the "
        "connector list "
        "the name that the certificate has; its domain must be an accepted domain.",
    },
    "certificate-expired": {"generic": "Renew the certificate, then reload the relay so that it takes the new file."},
    "certificate-untrusted": {
        "generic": "The service trusts public authorities only: use a certificate of one (an own authority for "
        "a trial: "
        "--trust FILE).",
    },
    "certificate-revoked": {"generic": "Have the certificate issued anew; its revocation list must be reachable."},
    "certificate-weak": {"generic": "Have it issued anew with RSA of 2048 bits or EC P-256."},
    "certificate-not-renewed": {
        "generic": "Reload the relay after each renewal (a deploy hook of the ACME client).",
        "postfix": "after each renewal: postfix reload (certbot: --deploy-hook 'postfix reload')",
        "exim": "Exim reads the file for each connection: look at where the file is and who may read it",
        "opensmtpd": "after each renewal: restart smtpd",
        "sendmail": "after each renewal: restart sendmail",
        "exchange": "after each renewal: Set-SendConnector -TlsCertificateName to the new certificate, then "
        "restart transport",
    },
    "no-client-auth": {
        "generic": "Public authorities drop clientAuth in 2026: look whether your relay still sends such a "
        "certificate; a "
        "connector by address needs none.",
    },
    "wrong-address": {
        "generic": "Add the public address that the relay sends from to SenderIPAddresses, or bind the relay to "
        "a listed one.",
        "postfix": "smtp_bind_address = the listed address (and inet_protocols = ipv4 if only IPv4 is listed)",
        "exim": "interface = the listed address, on the smtp transport",
        "sendmail": "CLIENT_OPTIONS(`Family=inet, Address=…')",
        "opensmtpd": "action … relay … src the-listed-address",
        "exchange": "Set-SendConnector -SourceIPAddress",
    },
    "sender-rewritten": {
        "generic": "The sender of the envelope must be of an accepted domain of the tenant: do not rewrite it "
        "to another.",
        "postfix": "look at sender_canonical_maps, canonical_maps, smtp_generic_maps, masquerade_domains and myorigin",
        "exim": "look at the rewrite section and at return_path of the transport",
        "sendmail": "look at MASQUERADE_AS, FEATURE(`masquerade_envelope') and genericstable",
        "opensmtpd": "look at 'mail-from' of the relay action, and at senders masquerade",
        "exchange": "look at address rewriting agents (Get-AddressRewriteEntry)",
    },
    "refused": {"generic": "Read the reply and the trace below; 'fakeeop explain CODE' says what it means."},
    "unreachable": {
        "generic": "The relay does not reach the smart host: look at its name, its port 25, and the way out of "
        "your network.",
        "postfix": "relayhost, transport_maps and smtp_bind_address decide where it connects to and from",
    },
    "never-connects": {
        "generic": "The relay has the message and does not connect: point its smart host at the address shown, "
        "look at its "
        "queue.",
        "postfix": "look at relayhost, transport_maps, defer_transports; postqueue -p says why",
    },
    "held": {
        "generic": "The queue is held: mail goes only when somebody tells it to.",
        "postfix": "defer_transports must be empty, and master.cf must have a runnable smtp service",
    },
    "tls-failed": {
        "generic": "TLS between the relay and the service fails: TLS 1.2 and certificate checks that the "
        "service can pass.",
        "postfix": "smtp_tls_protocols and smtp_tls_mandatory_protocols must allow TLSv1.2; with verify or secure, "
        "smtp_tls_CAfile must hold public roots",
        "exim": "tls_require_ciphers and tls_verify_hosts decide; TLS 1.2 must be allowed",
    },
    "starttls-not-offered": {
        "generic": "Something between relay and service takes STARTTLS away (an SMTP-inspecting firewall): "
        "switch that off.",
    },
    "local-delivery": {
        "generic": "The relay takes the domain for its own and keeps the mail: take the domain out of its local "
        "domains.",
        "postfix": "take the domain out of mydestination, virtual_mailbox_domains, virtual_alias_domains and "
        "relay_domains "
        "with a local transport",
        "exim": "take the domain out of local_domains (dc_other_hostnames on Debian)",
        "sendmail": "take the domain out of local-host-names",
        "opensmtpd": "no 'match … for local' or 'for domain' for this domain with a local action",
        "exchange": "make the accepted domain an internal relay",
    },
    "duplicate": {
        "generic": "A message whose 250 came must not be sent again, whatever happens to the connection after it.",
    },
    "lost": {"generic": "The relay has taken the message, and it is nowhere: it must keep it until a 250 came."},
    "retry-storm": {
        **_RETRY,
        "generic": "A refusal with 5xx is final; after 4xx wait for minutes before the next attempt.",
        "postfix": "soft_bounce = no; minimal_backoff_time = 300s",
    },
    "keeps-hard-errors": {
        "generic": "5xx is final: bounce it at once, or nobody learns of it for days.",
        "postfix": "soft_bounce = no",
        "exim": "no 'defer' for 5xx (smtp transport: no rewriting of 5xx into 4xx)",
    },
    "no-report": {
        "generic": "The sender learns nothing of the failure: let the relay make reports, and route them.",
        "postfix": "no 'bounce' service replaced by discard in master.cf; look at soft_bounce, notify_classes, "
        "bounce maps",
    },
    "many-reports": {"generic": "One report for one failure: look for a filter or copy rule that doubles reports."},
    "report-refused": {
        "generic": "Reports (null sender) of the relay are refused: their recipient must be a mailbox of the tenant.",
    },
    "content-changed": {
        "generic": "The relay changes the content on the way: no bare LF, dot-stuffing by the rules, no lost letters.",
        "postfix": "look at disable_mime_output_conversion, smtp_line_length_limit, and at filters",
    },
    "other-connector": {"generic": "Another connector fits this connection as well: look at the trace below."},
}


def advice(cause: str, mta: str) -> tuple[str, ...]:
    """The sentence for all, and the MTA's own words behind it, where the MTA is known."""
    texts = ADVICE.get(cause, {})
    own = [f"{mta}: {texts[mta]}"] if mta != "generic" and mta in texts else []
    return (*([texts["generic"]] if "generic" in texts else []), *own)
