"""The PowerShell of a public how-to for SMTP relays, run as its reader runs it: block after block, or all at once.

The blocks lie in ``tests/exoshell/tutorial`` as they were published, to the octet. Nothing is changed in them
but the placeholders below, which the how-to tells its reader to change.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from exoshell.cli.emulator import EmbeddedEmulator

BLOCKS = Path(__file__).parents[1] / "tutorial"
CONNECTOR, CONNECTOR_TLS, SEND, SEND_TLS = "1-connector.ps1", "2-connector-tls.ps1", "3-send.ps1", "4-send-tls.ps1"
PUBLISHED = {
    CONNECTOR: "66e9cfbec792917e",
    CONNECTOR_TLS: "d9026fce1c27cb05",
    SEND: "8db1abefe4f24c78",
    SEND_TLS: "fd8f31c5d215a004",
}
# What the how-to has → what a reader writes there; where it has one placeholder for several, in their order.
SUBSTITUTIONS = {
    "110.x.x.x": ["203.0.113.25"],
    "*.YourDomain.com": ["*.contoso.com"],
    "<tenant>": ["contoso-com"],
    "[email\N{NO-BREAK SPACE}protected]": ["printer@contoso.com", "ann@contoso.com", "someone@fabrikam.example"],
    "C:\\Certificate\\cert.pfx": [".\\certs\\match.pfx"],
    "<cert password here>": ["fakeeop"],
}
CHANGED = {CONNECTOR: 1, CONNECTOR_TLS: 1, SEND: 4, SEND_TLS: 6}  # how many places

TENANT = """\
Tenants:
  - Name: contoso  # the how-to's
    AcceptedDomains: [contoso.com]
    Recipients: [ann@contoso.com]
"""
INSIDE, OUTSIDE = "ann@contoso.com", "someone@fabrikam.example"
PUBLIC = "203.0.113.25"
SUBJECT = r"SMTP Relay( \(TLS\))? - \d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2} [AP]M"


def block(name: str) -> str:
    """With what its reader writes for the placeholders."""
    text = (BLOCKS / name).read_text(encoding="utf-8")
    changed = 0
    for placeholder, values in SUBSTITUTIONS.items():
        if placeholder in text:
            assert text.count(placeholder) == len(values), placeholder
            for value in values:
                text = text.replace(placeholder, value, 1)
                changed += 1
    assert changed == CHANGED[name]
    return text


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_blocks_are_as_they_were_published(name: str):
    octets = (BLOCKS / name).read_bytes()
    assert hashlib.sha256(octets).hexdigest()[:16] == PUBLISHED[name]
    before, after = octets.decode().splitlines(), block(name).splitlines()
    assert len(before) == len(after)
    for old, new in zip(before, after, strict=True):
        assert (old == new) is not any(placeholder in old for placeholder in SUBSTITUTIONS)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reader works: the tenant, and a script of each block."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "contoso.yaml").write_text(TENANT)
    for name in PUBLISHED:
        (tmp_path / name).write_text(block(name), encoding="utf-8")
    (tmp_path / "all.ps1").write_text("\n".join(map(block, PUBLISHED)), encoding="utf-8")
    return tmp_path


@pytest.fixture
def exo(fakeeop: Any, folder: Path) -> Any:
    """With the certificate in its place."""
    arguments = ("--variant", "match", "--key", "rsa", "--out", "certs", "--state", folder / "state")
    assert fakeeop("certs", "make", *arguments)[0] == 0
    return lambda *arguments: fakeeop("exo", "--state", folder / "state", *arguments)


@pytest.fixture
def served(serve: Any, folder: Path) -> Any:
    """``fakeeop serve`` for a relay at 203.0.113.25, which is 127.0.0.25 here."""
    arguments = ("--admin", "127.0.0.1:0", "--peer", f"127.0.0.25={PUBLIC}", "--deliver-to", folder / "delivered")
    return serve(*arguments, tenant=folder / "contoso.yaml")


def url_of(served: Any) -> str:
    return str(served.until("ready on ").rpartition("admin on ")[2])


def shown(out: str) -> list[str]:
    """The rows of connectors, blanks aside."""
    return [" ".join(line.split()) for line in out.splitlines() if line.startswith("SMTP Relay")]


BY_ADDRESS = "SMTP Relay {smtp:*;1} {203.0.113.25} True"
BY_CERTIFICATE = "SMTP Relay (TLS) {smtp:*;1} {} True"


def in_order(exo: Any, *where: object) -> list[tuple[str, str]]:
    """Both mails: subject and the connector that took it, as message trace tells; a row for each recipient."""
    tell = (
        "Get-MessageTraceV2 | Sort-Object Received, RecipientAddress | ForEach-Object {"
        " $received = $_ | Get-MessageTraceDetailV2 | Where-Object Event -eq 'Receive';"
        " [pscustomobject]@{ Row = $_; Data = $received.Data } }"
    )
    code, out, err = exo(*where, "--json", "-Command", tell)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [each["Row"]["RecipientAddress"] for each in found] == [INSIDE, OUTSIDE] * 2
    assert {each["Row"]["SenderAddress"] for each in found} == {"printer@contoso.com"}
    assert {each["Row"]["Status"] for each in found} == {"Delivered"}
    names = [re.search("InboundConnectorData=Name=([^;]*);ConnectorType=OnPremises;", each["Data"]) for each in found]
    assert all(re.fullmatch(SUBJECT, each["Row"]["Subject"]) for each in found)
    return [
        (each["Row"]["Subject"].partition(" - ")[0], name[1] if name else "")
        for each, name in zip(found, names, strict=True)
    ][::2]


MAILS = [("SMTP Relay", "SMTP Relay"), ("SMTP Relay (TLS)", "SMTP Relay (TLS)")]


def check_copies(fakeeop: Any, folder: Path, *addresses: str) -> None:
    """What came out: one copy inside and one outside of each mail, the latter with every hop of its way."""
    outside = sorted(folder.glob(f"*-internet-{OUTSIDE}.eml"))
    inside = sorted(folder.glob(f"*-mailbox-{INSIDE}.eml"))
    assert (len(inside), len(outside), len(list(folder.iterdir()))) == (2, 2, 4)
    for path, address, subject in zip(outside, addresses, ("SMTP Relay", "SMTP Relay (TLS)"), strict=True):
        tls = subject.endswith("(TLS)")
        code, out, err = fakeeop("headers", path)
        assert (code, err) == (0, "")
        assert re.search(rf"^Subject: +{re.escape(subject)} - ", out, re.MULTILINE)
        assert re.search(rf"^To: +{INSIDE}, {OUTSIDE}$", out, re.MULTILINE)
        assert "it went through an inbound connector of type OnPremises, as mail of the sender's tenant" in out
        how = "over TLS1.3" if tls else "in clear text, without TLS"
        assert re.search(rf"mail\.protection\.outlook\.com took it from {address} \(\S+\) {how}", out)
        assert "it left Microsoft 365 again, for a recipient outside" in out
        code, out, _ = fakeeop("headers", "--json", path)
        hops = [(each["from"], each["by"].split(" ")[0].partition(".")[2]) for each in json.loads(out)["hops"]]
        assert f"({address})" in hops[0][0]
        assert [by for _, by in hops] == [
            "mail.protection.outlook.com",
            "outlook.office365.com",
            "namprd05.prod.outlook.com",
            "fabrikam.example",
        ]
    for path in (*inside, *outside):
        assert b"This is a test email using SMTP Relay" in path.read_bytes()


def test_a_block_after_the_other_on_a_running_server(exo: Any, served: Any, folder: Path, fakeeop: Any):
    where = ("--server", url_of(served))
    code, out, err = exo(*where, CONNECTOR)
    assert (code, err, shown(out)) == (0, "", [BY_ADDRESS])
    code, out, err = exo(*where, CONNECTOR_TLS)
    assert (code, err, shown(out)) == (0, "", [BY_CERTIFICATE])
    assert exo(*where, "--source", "127.0.0.25", SEND) == (0, "", "")
    assert exo(*where, SEND_TLS) == (0, "", ""), "from anywhere: the certificate is enough"
    assert in_order(exo, *where) == MAILS
    code, out, _ = fakeeop("trace", "--server", where[1], "--recipient", OUTSIDE)
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()[1:]] == ["Delivered"] * 2
    assert served.stop() == 0
    ways = [line for line in served.lines if " accepted: " in line]
    assert [re.sub(r".* accepted: (.*): 250.*", r"\1", line) for line in ways] == [
        *["originating-by-ip-address (contoso / SMTP Relay)"] * 2,
        *["originating-by-certificate (contoso / SMTP Relay (TLS))"] * 2,
    ]
    check_copies(fakeeop, folder / "delivered", PUBLIC, "127.0.0.1")
    assert (folder / "contoso.yaml").read_text() == TENANT, "the server's file is not touched"


def test_all_of_them_as_one_script_on_a_running_server(exo: Any, served: Any, folder: Path, fakeeop: Any):
    where = ("--server", url_of(served))
    code, out, err = exo(*where, "--source", "127.0.0.25", "all.ps1")
    assert (code, err, shown(out)) == (0, "", [BY_ADDRESS, BY_CERTIFICATE])
    assert in_order(exo, *where) == MAILS
    assert served.stop() == 0
    check_copies(fakeeop, folder / "delivered", PUBLIC, PUBLIC)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[list[tuple[str, str]], Path]:
    """Of the emulator that starts for a script: what it saw, and the copies, before it is gone."""
    seen: list[tuple[str, str]] = []
    folder = tmp_path / "kept"
    folder.mkdir()
    close = EmbeddedEmulator.close

    def closed(self: EmbeddedEmulator) -> None:
        emulator = self.emulator
        for record in emulator.journal.message_records() if emulator is not None else ():
            assert emulator is not None
            connector = record.verdict.attribution.connector
            for each in emulator.deliveries(record):
                (folder / f"{len(seen)}-{each.where}-{each.recipient}.eml").write_bytes(each.whole() or b"")
                seen.append((connector.name if connector else "", str(each.recipient)))
        close(self)

    monkeypatch.setattr(EmbeddedEmulator, "close", closed)
    return seen, folder


def check_file(folder: Path) -> None:
    """The connectors stand in the file, under what stood there."""
    text = (folder / "contoso.yaml").read_text()
    assert text == TENANT + (
        "    InboundConnectors:\n"
        "      - Name: SMTP Relay\n"
        "        ConnectorType: OnPremises\n"
        '        SenderDomains: ["*"]\n'
        "        SenderIPAddresses: [203.0.113.25]\n"
        "        RestrictDomainsToIPAddresses: true\n"
        "      - Name: SMTP Relay (TLS)\n"
        "        ConnectorType: OnPremises\n"
        '        SenderDomains: ["*"]\n'
        '        TlsSenderCertificateName: "*.contoso.com"\n'
        "        RequireTls: true\n"
    )


def test_a_block_after_the_other_on_a_tenant_file(exo: Any, folder: Path, fakeeop: Any, kept: Any):
    where = ("--tenant", "contoso.yaml")
    for name, row in ((CONNECTOR, BY_ADDRESS), (CONNECTOR_TLS, BY_CERTIFICATE)):
        code, out, err = exo(*where, name)
        assert (code, err, shown(out)) == (0, "", [row])
    check_file(folder)
    assert exo(*where, "--from-ip", PUBLIC, SEND) == (0, "", "")
    assert exo(*where, SEND_TLS) == (0, "", "")
    seen, copies = kept
    names = ("SMTP Relay", "SMTP Relay (TLS)")
    assert seen == [(name, recipient) for name in names for recipient in (INSIDE, OUTSIDE)]
    check_copies(fakeeop, copies, PUBLIC, "127.0.0.1")
    check_file(folder)


def test_all_of_them_as_one_script_on_a_tenant_file(exo: Any, folder: Path, fakeeop: Any, kept: Any):
    code, out, err = exo("--tenant", "contoso.yaml", "--from-ip", PUBLIC, "all.ps1")
    assert (code, err, shown(out)) == (0, "", [BY_ADDRESS, BY_CERTIFICATE])
    seen, copies = kept
    names = ("SMTP Relay", "SMTP Relay (TLS)")
    assert seen == [(name, recipient) for name in names for recipient in (INSIDE, OUTSIDE)]
    check_copies(fakeeop, copies, PUBLIC, PUBLIC)
    check_file(folder)


def test_before_its_connectors_the_mail_is_refused_as_powershell_shows_it(exo: Any):
    code, out, err = exo("--tenant", "contoso.yaml", SEND)
    lines = err.splitlines()
    assert (code, out) == (1, "")
    assert lines[0].startswith(
        "Send-MailMessage : Mailbox unavailable. The server response was: 5.7.64 TenantAttribution"
    )
    assert lines[1:4] == ["At 3-send.ps1:11 char:1", "+ Send-MailMessage @mailParams", "+ ~~~~~~~~~~~~~~~~"]
    assert lines[5].endswith(": SmtpFailedRecipientException,Microsoft.PowerShell.Commands.SendMailMessage")


def test_a_certificate_that_is_not_there_is_told_by_its_path(exo: Any, folder: Path):
    (folder / SEND_TLS).write_text(block(SEND_TLS).replace("match.pfx", "nowhere.pfx"), encoding="utf-8")
    code, _, err = exo("--tenant", "contoso.yaml", SEND_TLS)
    assert code == 1
    assert 'Exception calling "Import" with "3" argument(s): "Array may not be empty or null.' in err
    assert "the certificate file was not read: look at its path" in err
