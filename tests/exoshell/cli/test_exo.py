"""``fakeeop exo``: scripts on a tenant file and on a running server; what is shown, and the exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fakeeop.admin import AdminSettings
from fakeeop.emulator import Emulator
from fakeeop.pki.state import open_state

TENANT = "Tenants:\n  - Name: contoso\n    AcceptedDomains: [contoso.com]\n    Recipients: [ann@contoso.com]\n"


@pytest.fixture
def tenant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tenant.yaml"
    path.write_text(TENANT)
    return path


@pytest.fixture
def exo(fakeeop: Any, tenant: Path) -> Any:
    return lambda *arguments: fakeeop("exo", "--state", tenant.parent / "state", *arguments)


@pytest.fixture
def server(tenant: Path) -> Iterator[Emulator]:
    from fakeeop.config.loader import load_tree  # noqa: PLC0415  for this fixture only

    state = tenant.parent / "state"
    emulator = Emulator.from_tree(
        load_tree(tenant),
        admin=AdminSettings("127.0.0.1", 0),
        certificates=open_state(state),
        peers={"127.0.0.25": "203.0.113.25"},
    )
    with emulator:
        yield emulator


def url(server: Emulator) -> str:
    host, port = server.admin_address or ("", 0)
    return f"http://{host}:{port}"


def test_json_is_for_machines(exo: Any):
    code, out, err = exo(
        "--json", "-Command", "Write-Host hello; Get-AcceptedDomain | Select-Object DomainName; 1; $true"
    )
    assert code == 0
    assert json.loads(out) == [{"DomainName": "contoso.com"}, 1, True]
    assert err == "hello\n"


@pytest.mark.parametrize(("text", "code", "said"), [
    ("exit 7", 7, ""),
    ("throw 'no'", 1, "no"),
    ("if (", 3, ""),
    ("Get-Nothing", 1, "The term 'Get-Nothing' is not recognized"),
    ("Read-Host 'Name'", 1, "nobody is there to answer"),
    ("Get-AcceptedDomain | Out-Null", 0, ""),
])  # fmt: skip
def test_exit_codes(exo: Any, text: str, code: int, said: str):
    found, _, err = exo("--command", text)
    assert found == code, err
    assert said in err


def test_a_script_that_is_not_there(exo: Any):
    code, _, err = exo("nothing.ps1")
    assert code == 3
    assert err.startswith("nothing.ps1: ")
    assert "name a .ps1 file" in err


def test_which_tenant(exo: Any, tenant: Path):
    tenant.unlink()
    code, _, err = exo("-Command", "1")
    assert code == 2
    assert "--tenant FILE, or --server URL" in err


def test_the_commands_by_family(exo: Any):
    code, out, _ = exo("--cmdlets")
    assert code == 0
    assert "\nmail:\n  Send-MailMessage  Sends a mail" in out


def test_help_lists_them_with_examples(exo: Any):
    code, out, _ = exo("--help")
    assert code == 0
    assert "\n  New-InboundConnector " in out
    assert "\n      New-InboundConnector -Name Scanners" in out


@pytest.mark.parametrize("rule", ["mx.example=192.0.2.1:25", "mx.example", "mx.example=127.0.0.1:0"])
def test_names_lead_to_this_machine_only(exo: Any, rule: str):
    code, _, err = exo("--resolve", rule, "-Command", "1")
    assert code == 2
    assert "--resolve" in err


def test_what_dotnet_throws_is_caught_by_its_type_and_bases(exo: Any, tmp_path: Path):
    (tmp_path / "try.ps1").write_text("""
[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12 -bor [Net.SecurityProtocolType]::Tls13
$message = New-Object Net.Mail.MailMessage('a@contoso.com', 'b@fabrikam.example', 'subject', 'body')
$message.CC.Add('Carl <c@fabrikam.example>')
$smtp = [System.Net.Mail.SmtpClient]::new('contoso-com.mail.protection.outlook.com')
try { $smtp.Send($message) } catch [System.Net.Mail.SmtpException] {
    $_.Exception.Message
    $_.Exception.InnerException.InnerExceptions | ForEach-Object { $_.FailedRecipient }
}
foreach ($to in $message.CC) { "$to at $($to.Host)" }
""")
    code, out, err = exo("try.ps1")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        'Exception calling "Send" with "1" argument(s): "Unable to send to all recipients."',
        "<b@fabrikam.example>",
        "<c@fabrikam.example>",
        '"Carl" <c@fabrikam.example> at fabrikam.example',
    ]


def test_arguments_of_a_script_by_name(exo: Any, tmp_path: Path):
    script = tmp_path / "named.ps1"
    script.write_text(
        'param([Parameter(Mandatory)][string]$Name, [switch]$Json, [int]$Count = 1)\n"$Name $Json $Count"\n'
    )
    assert exo("named.ps1", "-Name", "a b", "-Json", "-Count:3") == (0, "a b True 3\n", "")
    assert exo("named.ps1", "a", "-Json:$false") == (0, "a False 1\n", "")
    code, _, err = exo("named.ps1", "-Nome", "x")
    assert code == 1
    assert "A parameter cannot be found that matches parameter name 'Nome'." in err
    code, _, err = exo("named.ps1")
    assert code == 1
    assert "missing mandatory parameters: Name" in err


def test_output_stands_in_order_and_is_not_lost_when_the_script_ends(exo: Any):
    code, out, err = exo(
        "-Command", "foreach ($i in 1..2) { Write-Host \"h$i\"; \"o$i\" }; if (1) { 'a'; throw 'end' }"
    )
    assert (code, out.splitlines()) == (1, ["h1", "o1", "h2", "o2", "a"])
    assert "end" in err


def test_without_the_grammar_of_powershell(exo: Any, monkeypatch: pytest.MonkeyPatch):
    from exoshell.powershell import syntax  # noqa: PLC0415  for this test only

    monkeypatch.setitem(sys.modules, "tree_sitter_powershell", None)
    syntax._parser.cache_clear()
    code, out, err = exo("--command", "1")
    assert (code, out) == (4, "")
    assert err.rstrip().endswith("pip install 'fakeeop[exo]' (in a clone: '.[exo]')")
    assert "CategoryInfo" not in err


def test_a_server_that_is_not_a_url(exo: Any):
    code, out, err = exo("--server", "notaurl", "--command", "1")
    assert (code, out) == (2, "")
    assert "--server notaurl: not a URL. Fix: write http://HOST:PORT" in err
