"""A real Exim as users configure it; and what its text tells."""

from __future__ import annotations

import os
import sys

import pytest

from fakeeop.pki.files import write_issued
from harness.clients.base import Unavailable
from harness.clients.registry import status
from harness.mtas.exim.form import routes, schedule

CONFIGURATION = """\
primary_hostname = mail.contoso.com
domainlist local_domains = localhost
acl_smtp_rcpt = check_rcpt
tls_certificate = /etc/ssl/of-the-server.pem
begin acl
check_rcpt:
  deny message = relay not permitted
begin routers
smarthost:
  driver = manualroute
  domains = ! +local_domains
  transport = remote_smtp
  route_list = * contoso-com.mail.protection.outlook.com::25 byname
  no_more
begin transports
remote_smtp:
  driver = smtp
  hosts_require_tls = *
  tls_certificate = {folder}/relay.pem
  tls_privatekey = {folder}/relay.key
begin retry
* * F,2h,15m; G,16h,1h,1.5; F,4d,6h
"""


@pytest.fixture
def exim(tmp_path, authority):
    """A maker: a configuration file in which one text is replaced by another."""
    found = status("exim")
    if isinstance(found, Unavailable):
        pytest.skip(f"exim {found.reason}")
    if sys.platform == "win32" or os.geteuid() != 0:
        pytest.skip("exim needs root")

    def make(old: str = "", new: str = ""):
        issued = authority.issue(common_name="mail.contoso.com", issuer=authority.issuing)
        write_issued(tmp_path, "relay", issued, pfx=False)
        (tmp_path / "leaf.pem").write_bytes(issued.certificate_pem)
        (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
        assert old in CONFIGURATION
        path = tmp_path / "exim.conf"
        path.write_text((CONFIGURATION.replace(old, new) if old else CONFIGURATION).replace("{folder}", str(tmp_path)))
        return path

    return make


def test_a_configuration_that_does_not_parse(exim, checked):
    path = exim("primary_hostname =", "primary_hostnom =")
    code, report = checked("--exim", path, "--only", "accepted-by-ip")
    assert code == 3
    assert "primary_hostnom" in report["cases"][0]["reason"]


def test_what_the_text_tells():
    (found,) = routes(CONFIGURATION)
    assert (found.host, found.port) == ("contoso-com.mail.protection.outlook.com", "25")
    assert routes("  route_list = * ${lookup{x}}\n") == ()
    assert schedule(CONFIGURATION) == (900.0, 4 * 86400.0)
    assert schedule("begin retry\n") == (None, 0.0)
    assert schedule("") == (None, None)
