"""Every option of a listener, at the MX and at the submission endpoint, over real sockets."""

from __future__ import annotations

import base64
import smtplib
import ssl
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest

from fakeeop.emulator import Emulator, Listener
from fakeeop.model.limits import Limits
from fakeeop.smtp.auth import LONGEST_LINE

PASSWORD, TOKEN = "Pa55-word-of-printer", "T" * 3_000
TREE = {
    "Tenants": [
        {
            "Name": "contoso",
            "AcceptedDomains": ["contoso.com"],
            "Region": "EUR",
            "TransportConfig": {"SmtpClientAuthenticationDisabled": False},
            "Mailboxes": [
                {"PrimarySmtpAddress": "printer@contoso.com", "Password": PASSWORD, "AccessTokens": [TOKEN]},
            ],
        }
    ]
}
LOCAL = ("127.0.0.0/8",)
OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "peer": {"peer": "203.0.113.25"},
    "starttls": {"starttls": False},
    "proxy_from": {"proxy_from": LOCAL},
    "xclient_from": {"xclient_from": LOCAL},
    "hide": {"hide": frozenset({"CHUNKING", "DSN"})},
    "region": {"region": "NAM"},
    "limits": {"limits": Limits(line_length=400, message_size=1_000, recipients_per_message=1, errors_per_session=3)},
    "box": {"box": "AM4PEPF00027A5E"},
}
SUBMISSION = pytest.mark.parametrize("submission", [False, True], ids=["mx", "submission"])


class Client(smtplib.SMTP):
    """Says a PROXY header first, if it is to; ``say`` is one command and its reply."""

    def __init__(self, address: tuple[str, int], header: bytes) -> None:
        self._header = header
        self.banner = ""
        super().__init__(*address, timeout=20)

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        opened = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # not in typeshed
        opened.sendall(self._header)
        return opened

    def connect(self, *where: Any, **how: Any) -> tuple[int, bytes]:
        code, banner = super().connect(*where, **how)
        self.banner = banner.decode()
        return code, banner

    def say(self, line: str) -> str:
        code, text = self.docmd(line)
        return f"{code} {text.decode()}"


@pytest.fixture
def call() -> Iterator[Callable[..., tuple[Emulator, Client]]]:
    """A factory: options of one listener; gives the emulator and a client of it that said EHLO."""
    started: list[Emulator] = []
    clients: list[Client] = []

    def make(submission: bool, *, header: bytes = b"", tls: bool = False, **options: Any) -> Any:
        eop = Emulator.from_tree(TREE, listeners=[Listener("127.0.0.1", 0, submission=submission, **options)])
        eop.start()
        started.append(eop)
        clients.append(client := Client(eop.addresses[0], header))
        client.ehlo("device.example")
        if tls:
            client.starttls(context=ssl._create_unverified_context())  # noqa: S323  a lab
            client.ehlo("device.example")
        return eop, client

    yield make
    for client in clients:
        client.close()
    for eop in started:
        eop.stop()


def hello(client: Client) -> str:
    assert client.ehlo_resp is not None
    return client.ehlo_resp.decode()


def last_refusal(client: Client, *recipients: str) -> int:
    """The code of the last RCPT of a transaction."""
    client.say("MAIL FROM:<printer@contoso.com>")
    return [client.docmd(f"RCPT TO:<{each}>")[0] for each in recipients][-1]


@SUBMISSION
def test_without_options(call, submission):
    _, client = call(submission)
    assert client.banner.startswith(
        "SY5P282CA0041.outlook.office365.com " if submission else "SN1PEPF000252A1.mail.protect"
    )
    assert hello(client).splitlines()[0].endswith("Hello [127.0.0.1]")
    assert client.has_extn("starttls")
    assert not client.has_extn("auth")
    assert client.say("AUTH LOGIN").startswith("504 ")
    assert client.say("XCLIENT ADDR=203.0.113.9").startswith("500 ")


@SUBMISSION
def test_peer(call, submission):
    eop, client = call(submission, **OPTIONS["peer"])
    assert hello(client).splitlines()[0].endswith("Hello [203.0.113.25]")
    assert str(eop.journal.session_records()[0].peer.ip) == "203.0.113.25"


@SUBMISSION
def test_starttls(call, submission):
    _, client = call(submission, **OPTIONS["starttls"])
    assert not client.has_extn("starttls")
    assert client.say("STARTTLS").startswith("502 ")


@SUBMISSION
def test_proxy_from(call, submission):
    header = b"PROXY TCP4 198.51.100.7 192.0.2.1 4000 25\r\n"
    eop, client = call(submission, header=header, **OPTIONS["proxy_from"])
    assert hello(client).splitlines()[0].endswith("Hello [198.51.100.7]")
    [session] = eop.journal.sessions()
    assert "PROXY v1: 198.51.100.7 port 4000" in str(session["transcript"])


@SUBMISSION
def test_xclient_from(call, submission):
    _, client = call(submission, **OPTIONS["xclient_from"])
    assert client.has_extn("xclient")
    assert client.say("XCLIENT ADDR=203.0.113.9").startswith("220 ")
    client.ehlo("device.example")
    assert hello(client).splitlines()[0].endswith("Hello [203.0.113.9]")


@SUBMISSION
def test_hide(call, submission):
    _, client = call(submission, **OPTIONS["hide"])
    assert not client.has_extn("chunking")
    assert client.has_extn("8bitmime")
    assert client.say("BDAT 5").startswith("500 ")


@SUBMISSION
def test_box(call, submission):
    _, client = call(submission, **OPTIONS["box"])
    domain = "outlook.office365.com" if submission else "mail.protection.outlook.com"
    assert client.banner.startswith(f"AM4PEPF00027A5E.{domain} ")
    assert hello(client).startswith(f"AM4PEPF00027A5E.{domain} ")
    assert "[AM4PEPF00027A5E." in client.say("NONSENSE")


@SUBMISSION
def test_region(call, submission):
    """Another region refuses at the MX; at the submission endpoint it is nobody's matter."""
    _, client = call(submission, tls=True, **OPTIONS["region"])
    if submission:
        client.login("printer@contoso.com", PASSWORD)
    assert last_refusal(client, "boss@contoso.com") == (250 if submission else 451)


@SUBMISSION
def test_limits(call, submission):
    _, client = call(submission, tls=True, **OPTIONS["limits"])
    assert client.esmtp_features["size"] == "1000"
    if submission:
        client.login("printer@contoso.com", PASSWORD)
    assert client.say("MAIL FROM:<printer@contoso.com> SIZE=1001").startswith("552 ")
    assert last_refusal(client, "a@contoso.com", "b@contoso.com") == 452
    assert client.say("NOOP " + "x" * 400).startswith("500 ")
    assert client.say("NONSENSE").startswith("500 ")
    assert client.say("NONSENSE").startswith("421 ")


@pytest.mark.parametrize("option", ["none", "limits"])
def test_a_long_token_signs_in_whatever_the_limit_of_a_command_line(call, option):
    _, client = call(True, tls=True, **OPTIONS[option])
    said = f"user=printer@contoso.com\1auth=Bearer {TOKEN}\1\1"
    assert client.say("AUTH XOAUTH2 " + base64.b64encode(said.encode()).decode()).startswith("235 ")


@pytest.mark.parametrize("option", ["none", "limits"])
def test_auth_takes_lines_of_12288_octets(call, option):
    """RFC 4954 section 4: answers of up to 12,288 octets, line end included."""
    _, client = call(True, tls=True, **OPTIONS[option])
    assert client.say("AUTH LOGIN").startswith("334 ")
    assert client.say("A" * (LONGEST_LINE - 4)).startswith("334 ")
    assert client.say("*").startswith("501 ")
    assert client.say("AUTH XOAUTH2").startswith("334 ")
    assert client.say("A" * LONGEST_LINE).startswith("500 ")


@SUBMISSION
@pytest.mark.parametrize("pair", list(combinations(sorted(OPTIONS.keys() - {"none", "proxy_from"}), 2)), ids="+".join)
def test_options_go_together(call, submission, pair):
    _, client = call(submission, **OPTIONS[pair[0]], **OPTIONS[pair[1]])
    first = hello(client).splitlines()[0]
    assert client.banner.startswith("AM4PEPF00027A5E.") == ("box" in pair)
    assert first.endswith(f"Hello [{'203.0.113.25' if 'peer' in pair else '127.0.0.1'}]")
    assert client.has_extn("starttls") != ("starttls" in pair)
    assert client.has_extn("xclient") == ("xclient_from" in pair)
    assert client.has_extn("dsn") != ("hide" in pair)
    assert (client.esmtp_features["size"] == "1000") == ("limits" in pair)


def test_other_tenants_are_other_settings_for_the_sessions_to_come(call):
    eop, client = call(True, **OPTIONS["box"])
    assert client.esmtp_features["size"] == "157286400"
    other = Emulator.from_tree({**TREE, "Limits": {"MessageSize": 5_000}, "Behaviour": {"BannerSessionId": "off"}})
    eop.replace_forest(other.forest)
    with Client(eop.addresses[0], b"") as later:
        later.ehlo()
        assert later.esmtp_features["size"] == "5000"


def test_faults_set_later_strike_in_open_sessions(call):
    eop, client = call(False)
    eop.set_faults([{"at": "mail", "reply": "451 4.3.2 later"}])
    assert client.say("MAIL FROM:<a@contoso.com>").startswith("451 4.3.2 later")
    eop.clear_faults()
    assert client.say("MAIL FROM:<a@contoso.com>").startswith("250 ")
