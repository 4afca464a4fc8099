"""Each row of the table that is ours can be met on the wire: at its stage, with its text and its suffixes.

``WAYS`` says how, row by row: what the tenant file holds and what the client says; the last reply is the row's. Rows
that no rule leads to are met through a fault. A row without a way fails.
"""

from __future__ import annotations

import base64
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from attrs import field, frozen

from fakeeop.emulator import Emulator, Listener
from fakeeop.smtp.replies.rows import ROW, ROWS, ReplyRow
from fakeeop.system.clock import VirtualClock

EHLO, MAIL, RCPT, OUT = "EHLO x", "MAIL FROM:<x@example.net>", "RCPT TO:<user@contoso.com>", "RCPT TO:<a@example.org>"
OWN_MAIL = "MAIL FROM:<app@contoso.com>"
TLS, END = "<TLS>", b"Subject: x\r\n\r\nhello\r\n.\r\n"
RELAY, STRANGER, SIX = "203.0.113.10", "198.51.100.9", "2001:db8::25"
ON_PREMISES = {"Name": "r", "ConnectorType": "OnPremises", "SenderIPAddresses": [RELAY]}
LOCK = {
    **{"Name": "p", "ConnectorType": "Partner", "SenderDomains": ["*"], "SenderIPAddresses": ["203.0.113.77"]},
    "RestrictDomainsToIPAddresses": True,
}
TLS_PARTNER = {"Name": "p", "ConnectorType": "Partner", "SenderDomains": ["example.net"], "RequireTls": True}
USER = base64.b64encode(b"printer@contoso.com").decode()
PASSWORD = base64.b64encode(b"Pa55word").decode()
SIGN_IN = (EHLO, TLS, EHLO, f"AUTH LOGIN {USER}", PASSWORD)
SENT = ("MAIL FROM:<printer@contoso.com>", RCPT, "DATA", END)


def token(secret: str) -> str:
    return base64.b64encode(f"user=printer@contoso.com\x01auth=Bearer {secret}\x01\x01".encode()).decode()


@frozen
class Way:
    """``says``: lines, ``TLS``, or octets; ``knobs`` of Behaviour; ``top`` and ``tenant`` are keys of the file."""

    says: tuple[str | bytes, ...]
    peer: str = STRANGER
    knobs: dict[str, str] = field(factory=dict)
    tenant: dict[str, Any] = field(factory=dict)
    top: dict[str, Any] = field(factory=dict)
    submission: bool = False
    region: str | None = None
    at: str = "last"  # last, banner, second-banner, later (the clock goes on), stopped


def mx(*says: str | bytes, **more: Any) -> Way:
    return Way(says, **more)


def sub(*says: str | bytes, mailbox: dict[str, Any] | None = None, **more: Any) -> Way:
    box = {
        "PrimarySmtpAddress": "printer@contoso.com",
        "Password": "Pa55word",
        "AccessTokens": ["t"],
        **(mailbox or {}),
    }
    tenant = {
        **{"Mailboxes": [box], "TransportConfig": {"SmtpClientAuthenticationDisabled": False}},
        **more.pop("tenant", {}),
    }
    return Way(says, submission=True, tenant=tenant, **more)


def blocked(word: str, **more: Any) -> Way:
    return mx(EHLO, MAIL, RCPT, top={"Limits": {"BlockedAddresses": {word: [STRANGER]}}}, **more)


def partners(*connectors: dict[str, Any]) -> dict[str, Any]:
    return {"InboundConnectors": list(connectors)}


DATA = (EHLO, MAIL, RCPT, "DATA")
WAYS: dict[str, Way] = {
    "banner": mx(at="banner"),
    "helo": mx("HELO x"),
    "ehlo": mx(EHLO),
    "starttls": mx(EHLO, "STARTTLS"),
    "mail": mx(EHLO, MAIL),
    "rcpt": mx(EHLO, MAIL, RCPT),
    "data": mx(*DATA),
    "chunk": mx(EHLO, MAIL, RCPT, b"BDAT 3\r\nabc"),
    "queued": mx(*DATA, END),
    "reset": mx("RSET"),
    "noop": mx("NOOP"),
    "vrfy": mx("VRFY user"),
    "help": mx("HELP"),
    "bye": mx("QUIT"),
    "unrecognized": mx("FROB"),
    "line-too-long": mx("NOOP " + "x" * 3000),
    "not-implemented": mx("EXPN list"),
    "hello-first": mx(MAIL),
    "need-mail": mx(EHLO, RCPT),
    "need-rcpt": mx(EHLO, MAIL, "DATA"),
    "sender-twice": mx(EHLO, MAIL, MAIL),
    "bad-sequence": mx(EHLO, MAIL, RCPT, b"BDAT 1\r\na", "DATA"),
    "tls-twice": mx(EHLO, TLS, EHLO, "STARTTLS"),
    "invalid-name": mx("EHLO a b"),
    "invalid-sender-501": mx(EHLO, "MAIL FROM:<a>"),
    "invalid-sender-550": mx(EHLO, "MAIL FROM:<a>", knobs={"InvalidSenderCode": "550"}),
    "invalid-recipient": mx(EHLO, MAIL, "RCPT TO:<a>"),
    "invalid-arguments": mx(EHLO, "MAIL x"),
    "no-authentication": mx(EHLO, "AUTH LOGIN"),
    "too-large": mx(EHLO, MAIL + " SIZE=999999999"),
    "too-many-recipients": mx(EHLO, MAIL, RCPT, RCPT, top={"Limits": {"RecipientsPerMessage": 1}}),
    "timeout": mx(EHLO, at="later", top={"Limits": {"SessionLifetime": 0}}),
    "too-many-errors": mx("FROB", "FROB", top={"Limits": {"ErrorsPerSession": 2}}),
    "service-unavailable": mx(EHLO, at="stopped"),
    # ---- the judge
    "relay-access-denied": mx(EHLO, MAIL, OUT),
    "relay-access-denied-attr36": mx(EHLO, MAIL, OUT, peer=RELAY, tenant=partners(ON_PREMISES)),
    "relay-access-denied-attr36-notice": mx(
        EHLO, MAIL, OUT, peer=RELAY, tenant=partners(ON_PREMISES), knobs={"Attr36Wording": "notice"}
    ),
    "partner-restriction": mx(EHLO, MAIL, RCPT, tenant=partners(LOCK)),
    "partner-restriction-rejecting": mx(
        EHLO, MAIL, RCPT, tenant=partners(LOCK), knobs={"PartnerRestrictionText": "rejecting"}
    ),
    **{
        f"tls-required-{value}": mx(EHLO, MAIL, RCPT, tenant=partners(TLS_PARTNER), knobs={"RequireTlsReply": value})
        for value in ("451-5.7.3", "530-5.7.0", "550-5.7.51")
    },
    "direct-send-rejected": mx(EHLO, OWN_MAIL, RCPT, tenant={"OrganizationConfig": {"RejectDirectSend": True}}),
    "recipient-unknown": mx(EHLO, MAIL, "RCPT TO:<nobody@contoso.com>"),
    **{
        f"recipient-unknown-{value}": mx(
            EHLO, MAIL, "RCPT TO:<nobody@contoso.com>", knobs={"RecipientUnknownText": value}
        )
        for value in ("2020", "2012")
    },
    "connector-blocked": mx(
        EHLO, OWN_MAIL, OUT, peer=RELAY, tenant={**partners(ON_PREMISES), "BlockedConnectors": ["r"]}
    ),
    "no-mail-subscription": mx(EHLO, MAIL, RCPT, tenant={"MailEnabled": False}),
    "no-mail-subscription-550": mx(EHLO, MAIL, RCPT, tenant={"MailEnabled": False}, knobs={"Attr5Code": "550"}),
    "multiple-recipient-domains": mx(
        *(EHLO, MAIL, RCPT, "RCPT TO:<b@other.example>"),
        peer=RELAY,
        tenant={**partners(ON_PREMISES), "AcceptedDomains": ["contoso.com", "other.example"]},
        knobs={"MultiDomainSession": "refuse"},
    ),
    "queued-2014": mx(*DATA, END, knobs={"QueuedText": "2014"}),
    "bare-line-feed": mx(*DATA, b"a\nb\r\n.\r\n", knobs={"BareLineFeeds": "reject"}),
    # ---- limits
    "server-busy": mx(EHLO, MAIL, RCPT, RCPT, top={"Limits": {"RecipientsPerMinute": 1}}),
    "too-many-connections": mx(at="second-banner", top={"Limits": {"ConnectionsPerAddress": 1}}),
    "session-lifetime": mx(EHLO, at="later", top={"Limits": {"IdleTimeout": 0, "SessionLifetime": "1m"}}),
    "address-banned": blocked("Banned"),
    "address-banned-2019": blocked("Banned", knobs={"BlockListEnding": "2019"}),
    "address-listed": blocked("Spamhaus"),
    "address-listed-2019": blocked("Spamhaus", knobs={"BlockListEnding": "2019"}),
    "address-listed-2014": blocked("Spamhaus", knobs={"BlockListEnding": "2014"}),
    "address-blocked-by-customer": blocked("CustomerBlockList"),
    "address-banned-sender": blocked("BannedSender"),
    "ipv6-not-accepted": mx(EHLO, MAIL, RCPT, peer=SIX, top={"Limits": {"AcceptIPv6": False}}),
    "ipv6-no-reverse-name": mx(EHLO, MAIL, RCPT, peer=SIX, top={"Limits": {"IPv6ReverseName": True}}),
    "ipv6-not-authenticated": mx(*DATA, END, peer=SIX, top={"Limits": {"IPv6Authentication": True}}),
    "wrong-region": mx(EHLO, MAIL, RCPT, tenant={"Region": "EUR"}, region="NAM"),
    # ---- submission
    "auth-username": sub(EHLO, TLS, EHLO, "AUTH LOGIN"),
    "auth-password": sub(EHLO, TLS, EHLO, f"AUTH LOGIN {USER}"),
    "auth-continue": sub(EHLO, TLS, EHLO, "AUTH XOAUTH2"),
    "auth-success": sub(*SIGN_IN),
    "auth-unsuccessful": sub(EHLO, TLS, EHLO, f"AUTH XOAUTH2 {token('wrong')}"),
    "auth-wrong-credentials": sub(*SIGN_IN, mailbox={"Password": "other"}),
    "smtp-auth-disabled-tenant": sub(*SIGN_IN, tenant={"TransportConfig": {"SmtpClientAuthenticationDisabled": True}}),
    "smtp-auth-disabled-mailbox": sub(*SIGN_IN, mailbox={"SmtpClientAuthenticationDisabled": True}),
    "basic-auth-disabled": sub(*SIGN_IN, tenant={"AllowBasicAuthSmtp": False}),
    "security-defaults": sub(*SIGN_IN, tenant={"SecurityDefaults": True}),
    "auth-criteria": sub(*SIGN_IN, mailbox={"State": "ConditionalAccess"}),
    "basic-auth-ended": sub(*SIGN_IN, knobs={"BasicAuthSubmission": "ended"}),
    "xoauth2-invalid": sub(EHLO, TLS, EHLO, "AUTH XOAUTH2 YWJj"),
    "auth-cancelled": sub(EHLO, TLS, EHLO, "AUTH LOGIN", "*"),
    "auth-base64": sub(EHLO, TLS, EHLO, "AUTH LOGIN", "%%%"),
    "auth-too-long": sub(EHLO, TLS, EHLO, "AUTH LOGIN", "A" * 12_400),
    "auth-twice": sub(*SIGN_IN, "AUTH LOGIN"),
    "starttls-required": sub(EHLO, MAIL),
    "client-not-authenticated": sub(EHLO, TLS, EHLO, MAIL),
    "client-not-authenticated-2020": sub(EHLO, TLS, EHLO, MAIL, knobs={"NotAuthenticatedText": "2020"}),
    "send-as-denied": sub(*SIGN_IN, MAIL, RCPT, "DATA", END),
    "send-as-denied-5.7.60": sub(*SIGN_IN, MAIL, RCPT, "DATA", END, knobs={"SendAsReply": "5.7.60"}),
    "mailbox-logon-failure": sub(*SIGN_IN, *SENT, mailbox={"State": "LogonFailure"}),
    "bad-outbound-sender": sub(*SIGN_IN, *SENT, mailbox={"State": "Restricted"}),
}
ELSEWHERE = {  # row → where it is met, for what takes more than one dialogue
    "concurrent-connections": "scenarios/submission/too-many-connections.yaml",
    "message-rate": "scenarios/submission/too-many-messages-a-minute.yaml",
    "recipient-rate": "scenarios/submission/too-many-recipients-a-day.yaml",
    "old-tls": "scenarios/submission/old-tls.yaml",
    "several-regions": "scenarios/limits/recipients-of-two-regions.yaml",
}
BY_FAULT = {row.key for row in ROWS if row.by == "fault"} | {
    "temporary-server-error",  # by itself only for a bug of ours
    "insufficient-storage",  # by itself only on a full disk
}
FAULT_AT = {"rcpt": "rcpt", "mail": "mail", "message": "end-of-data", "any": "rcpt"}


def test_every_row_of_ours_has_a_way_and_no_other():
    ways = [*WAYS, *ELSEWHERE, *BY_FAULT]
    assert len(ways) == len(set(ways))
    assert set(ways) == set(ROW)


@pytest.mark.parametrize("key", ELSEWHERE)
def test_rows_that_are_met_elsewhere_are_named_there(repository, key):
    scenario = (repository / ELSEWHERE[key]).read_text(encoding="utf-8")
    assert f"{ROW[key].code} {ROW[key].status}" in scenario


@pytest.mark.parametrize("key", WAYS)
def test_a_row_is_met_on_the_wire(key: str, lab_trust: ssl.SSLContext):
    way = WAYS[key]
    assert_is(met(way, lab_trust), ROW[key], way)


@pytest.mark.parametrize("key", sorted(BY_FAULT))
def test_a_row_is_met_through_a_fault(key: str, lab_trust: ssl.SSLContext):
    row = ROW[key]
    faults = [{"at": FAULT_AT[row.stages[0]], "reply": {"row": key}}]
    says: tuple[str | bytes, ...] = (EHLO, MAIL, RCPT, "DATA", END)
    until = {"mail": 2, "rcpt": 3, "end-of-data": 5}[str(faults[0]["at"])]
    if row.kind == "submission":
        way = sub(*SIGN_IN, *SENT, top={"Faults": faults})
    else:
        way = mx(*says[:until], top={"Faults": faults})
    assert_is(met(way, lab_trust), row, way)


# ---- how a way is gone


def assert_is(reply: str, row: ReplyRow, way: Way):
    lines = row.text.replace("{starttls}", "STARTTLS\n").split("\n")
    status = f"{row.status} " if row.status else ""
    marks = ["-"] * (len(lines) - 1) + [" "]
    patterns = [
        f"{row.code}{mark}{status if mark == ' ' else ''}" + re.sub(r"\\{\w+\\}", ".*", re.escape(line))
        for mark, line in zip(marks, lines, strict=True)
    ]
    suffix = r" \[\S+ \S+Z [0-9A-F]{16}\]" * row.suffix
    assert re.fullmatch("\n".join(patterns) + suffix, reply), (reply, way)


@pytest.fixture(scope="module")
def lab_trust() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def met(way: Way, trust: ssl.SSLContext) -> str:
    clock = VirtualClock()
    tenant = {"Name": "contoso", "AcceptedDomains": ["contoso.com"], "Recipients": ["user@contoso.com"], **way.tenant}
    tree = {"Tenants": [tenant], "Behaviour": way.knobs, **way.top}
    listener = Listener("127.0.0.1", 0, peer=way.peer, submission=way.submission, region=way.region)
    eop = Emulator.from_tree(tree, listeners=[listener], clock=clock)
    eop.start()
    try:
        with client(eop.addresses[0]) as talk:
            replies = [talk.reply(), *(talk.say(each, trust) for each in way.says)]
            if way.at == "second-banner":
                with client(eop.addresses[0]) as second:
                    return second.reply()
            if way.at == "later":
                clock.advance(3_600)
            if way.at == "stopped":
                eop.stop()
            return talk.reply() if way.at in ("later", "stopped") else replies[-1]
    finally:
        eop.stop()


class Client:
    """Lines over a socket; replies as whole texts."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.file = connected.makefile("rb")

    def reply(self) -> str:
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            lines.append(self.file.readline().decode().removesuffix("\r\n"))
            assert lines[-1], "the server closed the connection"
        return "\n".join(lines)

    def say(self, what: str | bytes, trust: ssl.SSLContext) -> str:
        self.socket.sendall(what if isinstance(what, bytes) else f"{'STARTTLS' if what == TLS else what}\r\n".encode())
        reply = self.reply()
        if what == TLS:
            self.file.close()
            self.socket = trust.wrap_socket(self.socket)
            self.file = self.socket.makefile("rb")
        return reply


@contextmanager
def client(address: tuple[str, int]) -> Iterator[Client]:
    talk = Client(socket.create_connection(address, timeout=20))
    try:
        yield talk
    finally:
        with closing(talk.socket), closing(talk.file):
            pass
