"""PowerShell that makes a tenant."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exoshell.twin.exporting import export_tenant, literal
from fakeeop.model.behaviour import Behaviour


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "'plain'"),
        ("it's", "'it''s'"),
        ("\u2018so\u2019 $x` \"q\" \u201cd\u201d", '"\u2018so\u2019 `$x`` `"q`" `\u201cd`\u201d"'),
        ("$x `n \"q\"\nnext", "'$x `n \"q\"\nnext'"),
        (True, "$true"),
        (None, "$null"),
        (["a", "b'"], "@('a','b''')"),
        (["one"], "'one'"),
        ([], "@()"),
    ],
)  # fmt: skip
def test_literals(value, text):
    assert literal(value) == text


TENANT = {
    "Name": "contoso",
    "AcceptedDomains": ["contoso.com", {"DomainName": "b.example", "Name": "B", "Default": True}],
    "InboundConnectors": [
        {"Name": "N'", "ConnectorType": "onpremises", "SenderIPAddresses": "10.0.0.1, 1.1.1.1"},
        {"Name": "P", "ConnectorType": "Partner", "SenderDomains": ["smtp:p.example;1"], "Enabled": "$false"},
    ],
    "OutboundConnectors": [{"Name": "Out", "UseMXRecord": False, "SmartHosts": ["mx.p.example"], "IsValidated": True}],
    "OrganizationConfig": {"RejectDirectSend": "True"},
    "Recipients": ["a@contoso.com", "bob@contoso.com"],
    "Mailboxes": [
        {"PrimarySmtpAddress": "m@contoso.com", "Password": "s3cret", "SmtpClientAuthenticationDisabled": False}
    ],
    "Region": "EUR",
}
SCRIPT = """\
# The tenant contoso, by fakeeop export.

New-AcceptedDomain -Name 'contoso.com' -DomainName 'contoso.com'
New-AcceptedDomain -Name 'B' -DomainName 'b.example'
Set-AcceptedDomain -Identity 'b.example' -MakeDefault $true
New-InboundConnector -Name 'N''' -ConnectorType OnPremises -SenderDomains '*' -SenderIPAddresses @('10.0.0.1','1.1.1.1')
New-InboundConnector -Name 'P' -ConnectorType Partner -Enabled $false -SenderDomains 'p.example'
New-OutboundConnector -Name 'Out' -ConnectorType Partner -UseMXRecord $false -SmartHosts 'mx.p.example'
Set-OutboundConnector -Identity 'Out' -IsValidated $true
Set-OrganizationConfig -RejectDirectSend $true
New-MailContact -Name 'a' -ExternalEmailAddress 'a@contoso.com' -PrimarySmtpAddress 'a@contoso.com' -BeginRecipients
New-MailContact -Name 'bob' -ExternalEmailAddress 'bob@contoso.com' -PrimarySmtpAddress 'bob@contoso.com'
New-Mailbox -Name 'm' -PrimarySmtpAddress 'm@contoso.com'
Set-CASMailbox -Identity 'm@contoso.com' -SmtpClientAuthenticationDisabled $false
# m@contoso.com: not written: Password
# Region: no cmdlet sets it; it is in the tenant file only
"""


def test_the_script_of_a_tenant():
    assert export_tenant(TENANT, Behaviour()) == SCRIPT


def test_for_the_service_the_labs_cmdlets_are_comments():
    text = export_tenant({**TENANT, "Name": "a\nb"}, Behaviour(), service=True)
    lines = text.splitlines()
    assert lines[0] == "# The tenant a b, by fakeeop export."
    assert "# the lab's own: New-AcceptedDomain -Name 'B' -DomainName 'b.example'" in lines
    running = [line.split()[0] for line in lines if line and not line.startswith("#")]
    assert not {"New-AcceptedDomain", "New-Mailbox", "New-MailContact"}.intersection(running)


@given(st.text(st.sampled_from("ab'\"`$#;\r\n\u2018\u201d "), max_size=12))
def test_no_text_gets_out_of_a_comment(text: str):
    tenant = {"Name": text, "AcceptedDomains": [{"DomainName": "contoso.com", "Name": text}]}
    lines = re.split(r"[\r\n]", export_tenant(tenant, Behaviour(), service=True))
    assert [line for line in lines if line and not line.startswith("#")] == []
