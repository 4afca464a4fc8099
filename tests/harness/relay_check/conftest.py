"""A Postfix configuration with certificates, as a user has it; the command as a user runs it; small relays."""

from __future__ import annotations

import json
import os
import sys

import pytest

from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import write_issued
from harness.cli import main
from harness.clients.base import Unavailable
from harness.clients.process import leftovers
from harness.clients.registry import status

GOOD = """\
compatibility_level = 3.6
myhostname = mail.contoso.com
mydomain = contoso.com
mydestination = localhost
relayhost = [contoso-com.mail.protection.outlook.com]:25
smtp_tls_security_level = encrypt
smtp_tls_cert_file = {folder}/relay.pem
smtp_tls_key_file = {folder}/relay.key
"""


@pytest.fixture(scope="session")
def authority():
    return LabAuthority.create("somebody's CA")


@pytest.fixture
def postfix(tmp_path, authority):
    """A maker: a folder with main.cf, the lines given put behind it; its certificate comes from an intermediate."""
    found = status("postfix")
    if isinstance(found, Unavailable):
        pytest.skip(f"postfix {found.reason}")
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("postfix needs root")

    def make(lines: str = "", name: str = "mail.contoso.com"):
        folder = tmp_path / "postfix"
        folder.mkdir()
        issued = authority.issue(common_name=name, dns_names=(name,), issuer=authority.issuing)
        write_issued(folder, "relay", issued, pfx=False)
        (folder / "leaf.pem").write_bytes(issued.certificate_pem)
        (folder / "ca.pem").write_bytes(authority.certificate_pem)
        (folder / "main.cf").write_text((GOOD + lines + "\n").replace("{folder}", str(folder)))
        return folder

    return make


@pytest.fixture
def checked(capsys):
    """``harness check-relay … --json``: the exit code and the report; nothing may be left behind."""

    def run(*arguments: object):
        code = main(["check-relay", "--json", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert leftovers() == []
        return code, json.loads(out) if out else {"error": err}

    return run


@pytest.fixture
def graded():
    """A report as name → case."""
    return lambda report: {each["name"]: each for each in report["cases"]}
