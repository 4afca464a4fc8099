"""The names of settings that advice prints: what each mail server calls the thing to change. The only table of them.

Sources: the manuals of the MTAs (postconf(5), Exim's specification, sendmail's cf/README, smtpd.conf(5)), Microsoft
Learn for Exchange (Set-SendConnector, Enable-ExchangeCertificate) and IIS.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen

__all__ = ["MAIL_SERVERS", "PROGRAMS", "SETTINGS", "SettingNames", "names_of"]

MAIL_SERVERS: Final = {  # the columns, with their names for people
    "postfix": "Postfix",
    "exim": "Exim",
    "sendmail": "sendmail",
    "opensmtpd": "OpenSMTPD",
    "exchange": "IIS SMTP and Exchange",
}


PROGRAMS: Final = {**MAIL_SERVERS, "dotnet": ".NET (System.Net.Mail)"}  # with the programs that send by themselves


@frozen
class SettingNames:
    """``setting`` as it is written in the configuration; ``remark`` goes on behind it, where there is room."""

    setting: str
    remark: str = ""

    def __str__(self) -> str:
        return self.setting + self.remark


_MX: Final = "TENANT.mail.protection.outlook.com"
_S: Final = SettingNames

SETTINGS: Final[dict[str, dict[str, SettingNames]]] = {  # purpose → mail server → its names; those that have one
    "smart-host": {
        "postfix": _S(f"relayhost = [{_MX}]:25"),
        "exim": _S(f"route_list = * {_MX} in a manualroute router", ", with ::25 byname after the host"),
        "sendmail": _S(f"define(`SMART_HOST', `esmtp:[{_MX}]')"),
        "opensmtpd": _S(f'action "relay" relay host smtp+tls://{_MX}:25'),
        "exchange": _S(
            f"Set-SendConnector -DNSRoutingEnabled $false -SmartHosts {_MX} -Port 25",
            "; IIS: Delivery, Advanced, Smart host",
        ),
    },
    "tls": {
        "postfix": _S(
            "smtp_tls_security_level = encrypt",
            " (and no 'may' or 'none' for this host in smtp_tls_policy_maps)",
        ),
        "exim": _S("hosts_require_tls = * in the smtp transport", ", and no hosts_avoid_tls"),
        "sendmail": _S(f"TLS_Srv:{_MX} ENCR:128 in the access map"),
        "opensmtpd": _S("smtp+tls:// before the host of the relay action"),
        "exchange": _S("Set-SendConnector -RequireTLS $true", "; IIS: Delivery, Outbound Security, TLS encryption"),
        "dotnet": _S("client.EnableSsl = true"),
    },
    "client-certificate": {
        "postfix": _S("smtp_tls_cert_file = FILE and smtp_tls_key_file = FILE", " (smtp_, not smtpd_)"),
        "exim": _S(
            "tls_certificate = FILE and tls_privatekey = FILE in the smtp transport",
            ", not in the main section only; its user must read the key",
        ),
        "sendmail": _S(
            "define(`confCLIENT_CERT', `FILE') and define(`confCLIENT_KEY', `FILE')",
            "; the key must not be readable by others",
        ),
        "opensmtpd": _S('pki NAME cert "FILE", pki NAME key "FILE", and pki NAME in the relay action'),
        "exchange": _S(
            "the certificate, with its private key and its intermediates, in the computer's store",
            ", enabled for SMTP: Set-SendConnector -TlsCertificateName '<I>issuer<S>subject'; IIS takes the one whose "
            "name is that of the machine",
        ),
        "dotnet": _S("client.ClientCertificates.Add(certificate)"),
    },
    "certificate-chain": {
        "postfix": _S("smtp_tls_cert_file", " = the file with certificate and intermediates (fullchain.pem)"),
        "exim": _S("tls_certificate", " = the file with certificate and intermediates (fullchain.pem)"),
        "sendmail": _S(
            "confCACERT",
            ": add the intermediate to it, or use a certificate that a root issued itself; sendmail sends the "
            "certificate alone",
        ),
        "opensmtpd": _S("pki NAME cert", " = the file with certificate and intermediates (fullchain.pem)"),
        "exchange": _S(
            "'Intermediate Certification Authorities' of the machine",
            ": import the intermediate there, restart the service",
        ),
    },
    "certificate-renewal": {
        "postfix": _S("postfix reload", " after each renewal (certbot: --deploy-hook 'postfix reload')"),
        "exim": _S("tls_certificate", " is read for each connection: look at where the file is and who may read it"),
        "sendmail": _S("restart sendmail", " after each renewal"),
        "opensmtpd": _S("restart smtpd", " after each renewal"),
        "exchange": _S(
            "Set-SendConnector -TlsCertificateName",
            " to the new certificate after each renewal, then restart transport",
        ),
    },
    "source-address": {
        "postfix": _S("smtp_bind_address = the listed address", " (and inet_protocols = ipv4 if only IPv4 is listed)"),
        "exim": _S("interface = the listed address, in the smtp transport"),
        "sendmail": _S("CLIENT_OPTIONS(`Family=inet, Address=YOUR-ADDRESS')"),
        "opensmtpd": _S("src the-listed-address in the relay action"),
        "exchange": _S("Set-SendConnector -SourceIPAddress"),
        "dotnet": _S("client.ServicePoint.BindIPEndPointDelegate"),
    },
    "retry": {
        "postfix": _S(
            "minimal_backoff_time = 300s, maximal_backoff_time = 4000s, queue_run_delay = 300s",
            ", and an empty defer_transports",
        ),
        "exim": _S("a queue runner (-q15m)"),
        "sendmail": _S("start it with -q15m"),
        "opensmtpd": _S("bounce warn-interval", " is for the first notice only"),
        "exchange": _S(
            "Set-TransportService -OutboundConnectionFailureRetryInterval 00:10:00", "; IIS: Delivery, retry intervals"
        ),
    },
    "lifetime": {
        "postfix": _S("maximal_queue_lifetime = 5d and bounce_queue_lifetime = 5d"),
        "exim": _S("* * F,2h,15m; G,16h,1h,1.5; F,4d,6h in the retry section"),
        "sendmail": _S("define(`confTO_QUEUERETURN', `5d')"),
        "opensmtpd": _S("queue ttl 4d"),
        "exchange": _S("Set-TransportService -MessageExpirationTimeout 2.00:00:00", "; IIS: Delivery, expiration"),
    },
    "hard-errors": {
        "postfix": _S("soft_bounce = no"),
        "exim": _S("no 'defer' for 5xx", " (smtp transport: no rewriting of 5xx into 4xx)"),
    },
    "sender-rewriting": {
        "postfix": _S("sender_canonical_maps, canonical_maps, smtp_generic_maps, masquerade_domains and myorigin"),
        "exim": _S("the rewrite section, and return_path of the transport"),
        "sendmail": _S("MASQUERADE_AS, FEATURE(`masquerade_envelope') and genericstable"),
        "opensmtpd": _S("'mail-from' of the relay action, and senders masquerade"),
        "exchange": _S("address rewriting agents (Get-AddressRewriteEntry)"),
    },
    "reverse-path": {
        "postfix": _S("smtp_generic_maps or sender_canonical_maps"),
        "exim": _S("return_path = ADDRESS in the smtp transport"),
        "sendmail": _S("MASQUERADE_AS with FEATURE(`masquerade_envelope'), or genericstable"),
        "opensmtpd": _S("mail-from ADDRESS in the relay action"),
        "dotnet": _S("message.From and message.Sender"),
    },
    "one-domain-a-message": {
        "postfix": _S("smtp_destination_recipient_limit = 1"),
        "exim": _S("max_rcpt = 1 in the smtp transport"),
        "dotnet": _S("one MailMessage for each recipient domain"),
    },
    "local-domains": {
        "postfix": _S(
            "mydestination, virtual_mailbox_domains, virtual_alias_domains",
            ", and relay_domains with a local transport",
        ),
        "exim": _S("local_domains", " (dc_other_hostnames on Debian)"),
        "sendmail": _S("local-host-names"),
        "opensmtpd": _S("'match … for local' or 'for domain' for this domain with a local action"),
        "exchange": _S("the accepted domain", ": make it an internal relay"),
    },
    "way-out": {
        "postfix": _S("relayhost, transport_maps and smtp_bind_address", " decide where it connects to and from"),
    },
    "held-queue": {
        "postfix": _S("defer_transports", " must be empty, and master.cf must have a runnable smtp service"),
    },
    "queue": {"postfix": _S("postqueue -p", " says why it waits")},
    "tls-versions": {
        "postfix": _S(
            "smtp_tls_protocols and smtp_tls_mandatory_protocols",
            " must allow TLSv1.2; with verify or secure, smtp_tls_CAfile must hold public roots",
        ),
        "exim": _S("tls_require_ciphers and tls_verify_hosts", " decide; TLS 1.2 must be allowed"),
    },
    "reports": {
        "postfix": _S(
            "soft_bounce, notify_classes, bounce maps", "; and no 'bounce' service replaced by discard in master.cf"
        ),
    },
    "content": {"postfix": _S("disable_mime_output_conversion, smtp_line_length_limit, and filters")},
    "host-name": {"postfix": _S("myhostname"), "exim": _S("primary_hostname")},
}


def names_of(server: str) -> dict[str, SettingNames]:
    """One column of the table: purpose → its names with this mail server."""
    return {purpose: names[server] for purpose, names in SETTINGS.items() if server in names}
