"""What to change: for each cause a sentence, and what the mail server calls the settings for it.

The names of settings are those of ``fakeeop.why.settings``, as the emulator's own advice has them.
"""

from __future__ import annotations

import re
from typing import Final

from fakeeop.why.settings import MAIL_SERVERS, SETTINGS

__all__ = ["ADVICE", "GENERIC", "MAIL_SERVERS_KNOWN", "MISSING", "advice", "error_advice"]

GENERIC: Final = "generic"  # the mail server is not known
MAIL_SERVERS_KNOWN: Final = (*MAIL_SERVERS, GENERIC)

_RETRY: Final = (
    "Keep what is refused with 4xx, try again after minutes, and give up after four or five days.",
    ("retry", "lifetime"),
)
_TLS: Final = ("Require TLS for the smart host.", ("tls",))
_SMART_HOST: Final = (
    "Send all mail for outside to NAME.mail.protection.outlook.com, port 25, as the MX of your domain says.",
    ("smart-host",),
)

ADVICE: Final[dict[str, tuple[str, tuple[str, ...]]]] = {  # cause → sentence, purposes of the table of settings
    "no-certificate": (
        "Give the relay a client certificate for outgoing mail; the one it shows as a server is another setting.",
        ("client-certificate", "tls"),
    ),
    "missing-intermediate": (
        "Put the certificate first and its intermediates behind it, in one file.",
        ("certificate-chain",),
    ),
    **dict.fromkeys(("no-tls", "clear-text-fallback"), _TLS),
    **dict.fromkeys(("bounces-soft-errors", "slow-retry", "short-lifetime"), _RETRY),
    **dict.fromkeys(
        ("wrong-smart-host", "no-smart-host", "wrong-port", "no-brackets", "submission-endpoint"), _SMART_HOST
    ),
    "wrong-name": (
        "Use a certificate whose name the connector lists (TlsSenderCertificateName), or have the connector list the "
        "name that the certificate has; its domain must be an accepted domain.",
        (),
    ),
    "certificate-expired": ("Renew the certificate, then reload the relay so that it takes the new file.", ()),
    "certificate-untrusted": (
        "The service trusts public authorities only: use a certificate of one (your own authority, for a trial: "
        "--trust FILE).",
        (),
    ),
    "certificate-revoked": ("Have the certificate issued anew; its revocation list must be reachable.", ()),
    "certificate-weak": ("Have it issued anew with RSA of 2048 bits or EC P-256.", ()),
    "certificate-not-renewed": (
        "Reload the relay after each renewal (a deploy hook of the ACME client).",
        ("certificate-renewal",),
    ),
    "no-client-auth": (
        "Public authorities drop clientAuth in 2026: look whether your relay still sends such a certificate; a "
        "connector by address needs none.",
        (),
    ),
    "wrong-address": (
        "Add the public address that the relay sends from to SenderIPAddresses, or bind the relay to a listed one.",
        ("source-address",),
    ),
    "sender-rewritten": (
        "The sender of the envelope must be of an accepted domain of the tenant: do not rewrite it to another.",
        ("sender-rewriting",),
    ),
    "refused": ("Read the reply and the trace below; 'fakeeop explain CODE' says what it means.", ()),
    "unreachable": (
        "The relay does not reach the smart host: look at its name, its port 25, and the way out of your network.",
        ("way-out",),
    ),
    "never-connects": (
        "The relay has the message and does not connect: point its smart host at the address shown, look at its queue.",
        ("way-out", "held-queue", "queue"),
    ),
    "held": ("The queue is held: mail goes only when somebody tells it to.", ("held-queue",)),
    "tls-failed": (
        "TLS between the relay and the service fails: TLS 1.2 and certificate checks that the service can pass.",
        ("tls-versions",),
    ),
    "starttls-not-offered": (
        "Something between relay and service takes STARTTLS away (an SMTP-inspecting firewall): switch that off.",
        (),
    ),
    "local-delivery": (
        "The relay takes the domain for its own and keeps the mail: take the domain out of its local domains.",
        ("local-domains",),
    ),
    "duplicate": (
        "A message whose 250 came must not be sent again, whatever happens to the connection after it.",
        (),
    ),
    "lost": ("The relay has taken the message, and it is nowhere: it must keep it until a 250 came.", ()),
    "retry-storm": (
        "A refusal with 5xx is final; after 4xx wait for minutes before the next attempt.",
        ("hard-errors", "retry"),
    ),
    "keeps-hard-errors": ("5xx is final: bounce it at once, or nobody learns of it for days.", ("hard-errors",)),
    "no-report": (
        "The sender learns nothing of the failure: let the relay make reports, and route them.",
        ("reports",),
    ),
    "mail-loop": (
        "Each report makes another one: leave the null sender as it is, and do not rewrite senders to an address that "
        "the service refuses.",
        ("sender-rewriting", "reports"),
    ),
    "many-reports": ("One report for one failure: look for a filter or copy rule that doubles reports.", ()),
    "report-refused": (
        "Reports (null sender) of the relay are refused: their recipient must be a mailbox of the tenant.",
        (),
    ),
    "content-changed": (
        "The relay changes the content on the way: no bare LF, dot-stuffing by the rules, no lost letters.",
        ("content",),
    ),
    "other-connector": ("Another connector fits this connection as well: look at the trace below.", ()),
}


MISSING: Final = re.compile(  # what MTAs say of a file that is not there
    r"(?P<table>open database )?(?<![\w.])(?P<path>/[^\s:,\"]+?)(?:\.db|\.lmdb|\.cdb)?[:,\"]* [^\n]*?"
    r"(?:No such file|does not exist)"
)


def error_advice(reason: str) -> tuple[str, ...]:
    """What to change so that a relay works at all: one line for one error."""
    found = MISSING.search(reason)
    if found is None:
        return ("the relay does not work as it is configured: mend what its own words name, then run again",)
    path = found["path"]
    if found["table"]:
        return (f"the table {path} is not there, or was never compiled: make it, or take it out of the configuration",)
    return (f"{path} is not there: make it, or do not name it",)


def advice(cause: str, mta: str) -> tuple[str, ...]:
    """The sentence for all, and the settings in the mail server's own words behind it, where it is known."""
    if cause not in ADVICE:
        return ()
    sentence, purposes = ADVICE[cause]
    named = [str(SETTINGS[each][mta]) for each in purposes if mta in SETTINGS[each]]
    return (sentence, f"{mta}: {'; '.join(named)}") if named else (sentence,)
