"""``harness lint-relay`` as a user runs it."""

from __future__ import annotations

import json

import pytest

from harness.cli import main

TENANT = """\
Tenants:
  - Name: contoso
    AcceptedDomains: [contoso.com]
    InboundConnectors:
      - {Name: relay, ConnectorType: OnPremises, SenderDomains: ["*"], TlsSenderCertificateName: "*.contoso.com", RequireTls: true}
"""  # noqa: E501  a line of the tenant file
GOOD = """\
relayhost = [contoso-com.mail.protection.outlook.com]:25
inet_protocols = ipv4
smtp_tls_security_level = encrypt
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "main.cf").write_text(GOOD)
    (tmp_path / "tenant.yaml").write_text(TENANT)
    return tmp_path


def test_warnings_are_no_failure_unless_strict(place, capsys):
    assert main(["lint-relay", str(place)]) == 0
    assert "no-client-certificate" in capsys.readouterr().out
    assert main(["lint-relay", str(place), "--strict"]) == 0
    (place / "main.cf").write_text(GOOD.replace("ipv4", "all"))
    assert main(["lint-relay", str(place)]) == 0
    assert main(["lint-relay", str(place), "--strict"]) == 1


def test_a_tenant_that_needs_a_certificate_makes_its_lack_an_error(place, capsys):
    assert main(["lint-relay", str(place / "main.cf"), "--tenant", str(place / "tenant.yaml")]) == 1
    said = capsys.readouterr()
    assert "main.cf: error: no client certificate is shown to the smart host [no-client-certificate]" in said.out
    assert "fix: smtp_tls_cert_file = FILE" in said.out
    assert said.err == "1 errors, 0 warnings, 0 notes\n"


def test_for_machines(place, capsys):
    assert main(["lint-relay", str(place), "--name", "mail.contoso.com", "--json"]) == 1
    tree = json.loads(capsys.readouterr().out)
    assert tree["schema"] == "fakeeop.lint-relay/1"
    (configuration,) = tree["configurations"]
    assert configuration["mta"] == "Postfix"
    assert configuration["purpose"] == "relay through a connector by certificate"
    assert configuration["findings"][0]["rule"] == "no-client-certificate"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["/no/such"], "no such file"), (["{place}/tenant.yaml", "--tenant", "/no/such"], "/no/such: cannot be read")],
)
def test_wrong_usage(place, capsys, arguments, words):
    assert main(["lint-relay", *(each.format(place=place) for each in arguments)]) == 4
    assert words in capsys.readouterr().err


def test_a_broken_configuration_names_its_line(place, capsys):
    (place / "main.cf").write_text("relayhost\n")
    assert main(["lint-relay", str(place)]) == 4
    assert "main.cf:1: no 'name = value'" in capsys.readouterr().err
