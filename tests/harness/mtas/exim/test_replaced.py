"""A user's own Exim configuration becomes a private one: what is replaced is told, the rest stays as it was."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.clients.base import Unavailable
from harness.clients.registry import status
from harness.mtas.base import Instance, Mail
from harness.mtas.exim.config import own_options
from harness.mtas.exim.instance import EximInstance
from harness.mtas.exim.programs import EximPrograms, exim_programs
from harness.mtas.exim.replaced import replaced

PROGRAMS = EximPrograms(Path("/usr/sbin/exim4"), "4.96", "exim", "exim", (), False, frozenset())
USERS = r"""# a configuration as Debian makes it, shortened
SMARTHOST = mx.contoso.example::25
domainlist local_domains = @ : localhost
domainlist relay_to_domains =
primary_hostname = relay.contoso.com
spool_directory = /var/spool/exim4
log_file_path = \
  /var/log/exim4/%slog
daemon_smtp_ports = 25 : 587
acl_smtp_rcpt = acl_check_rcpt
.ifdef NOBODY_SETS_THIS
exim_path = /opt/exim
.endif
tls_certificate = /etc/exim4/exim.crt

begin acl

acl_check_rcpt:
  accept hosts = :
  deny message = relay not permitted

begin routers

dnslookup:
  driver = dnslookup
  domains = ! +local_domains : ! *
  transport = remote_smtp
  same_domain_copy_routing = yes
  mx_domains = *
  ignore_target_hosts = 0.0.0.0 : 127.0.0.0/8 : 192.168.0.0/16 :\
                        172.16.0.0/12
  no_more

smarthost:
  debug_print = "R: smarthost for $local_part@$domain"
  driver = manualroute
  domains = ! +local_domains
  transport = remote_smtp_smarthost
  route_list = * SMARTHOST byname
  host_find_failed = ignore
  no_more

local_user:
  driver = accept
  transport = local_delivery

begin transports

remote_smtp:
  driver = smtp

remote_smtp_smarthost:
  debug_print = "T: remote_smtp_smarthost"
  driver = smtp
  interface = 192.0.2.1
  hosts_require_tls = *
  tls_certificate = /etc/exim4/client.crt

local_delivery:
  driver = appendfile
  file = /var/mail/$local_part
  delivery_date_add

begin retry
*  *  F,2h,15m; G,16h,1h,1.5; F,4d,6h
"""


def made(text, *, source="127.0.0.25", files=None, programs=PROGRAMS, folder=Path("/x"), target=("127.0.0.1", 2525)):
    own = own_options(folder, programs)
    return replaced(text, target=target, source=source, own=own, programs=programs, files=files)


def kept(text):
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_what_is_replaced_is_told_with_what_it_was():
    _, found = made(USERS, files={"/etc/exim4/exim.crt": Path("/x/files/exim.crt")})
    told = {each.name: (each.old, each.new) for each in found}
    route = "* 127.0.0.1::2525 byname"
    assert told["spool_directory"] == (
        "/var/spool/exim4",
        "/x/spool",
    )
    assert told["log_file_path"] == ("/var/log/exim4/%slog", "/x/log/%slog")
    assert told["daemon_smtp_ports"] == ("25 : 587", "")
    assert told["tls_certificate"] == ("/etc/exim4/exim.crt", "/x/files/exim.crt")
    assert told["routers: smarthost: route_list"] == ("* SMARTHOST byname", route)
    assert told["routers: dnslookup: driver"] == ("dnslookup", "manualroute")
    assert told["routers: dnslookup: mx_domains"] == ("*", "")
    assert told["routers: dnslookup: ignore_target_hosts"][0].endswith("172.16.0.0/12")
    assert told["transports: remote_smtp_smarthost: interface"] == ("192.0.2.1", "127.0.0.25")
    assert told["transports: remote_smtp: interface"] == ("", "127.0.0.25")
    assert told["transports: local_delivery: driver"] == ("appendfile", "appendfile to /dev/null")
    assert "primary_hostname" not in told


def test_the_rest_stays_as_it_was():
    text, _ = made(USERS)
    lines = kept(text)
    for line in (
        "primary_hostname = relay.contoso.com",
        "domains = ! +local_domains",
        "hosts_require_tls = *",
        "tls_certificate = /etc/exim4/client.crt",
        "*  *  F,2h,15m; G,16h,1h,1.5; F,4d,6h",
        'debug_print = "R: smarthost for $local_part@$domain"',
    ):
        assert line in lines
    assert "file = /var/mail/$local_part" not in lines
    assert "interface = 192.0.2.1" not in lines


def test_without_a_source_the_interface_of_the_user_is_taken_out_all_the_same():
    text, found = made(USERS, source="")
    assert not [line for line in kept(text) if line.startswith("interface")]
    told = {each.name: each.new for each in found}
    assert told["transports: remote_smtp_smarthost: interface"] == ""


def test_a_configuration_without_sections():
    text, found = made("primary_hostname = a.example")
    assert "spool_directory = /x/spool" in kept(text)
    assert found == []


@given(st.text(alphabet="abz_=:#\\ \n.*12", max_size=80))
def test_any_text_is_taken(text):
    new, found = made(text)
    assert new.endswith("\n")
    assert len(found) <= text.count("\n") + 1


FOUND = status("exim")


@pytest.mark.skipif(
    isinstance(FOUND, Unavailable) or sys.platform == "win32" or os.geteuid() != 0, reason="needs exim and root"
)
def test_it_runs(peer):
    programs = exim_programs()
    assert isinstance(programs, EximPrograms)
    users = USERS.replace("hosts_require_tls = *", "").replace("tls_certificate = /etc/exim4/client.crt", "")
    target = ("127.0.0.1", peer.port)

    def text(folder):
        return made(users, programs=programs, folder=folder, target=target)[0]

    mta = EximInstance(Instance("relay", "127.0.0.25", target), programs, text)
    try:
        mta.start(20)
        both = ({"address": "ann@example.com"}, {"address": "root@relay.contoso.com"})
        queue_id = mta.submit(Mail({"address": "app@contoso.com"}, both, b"Subject: x\r\n\r\nhello\r\n"), 20)
        assert mta.wait(lambda: not mta.queue(), 20), mta.log()
        assert {each.recipient: each.status for each in mta.statuses(queue_id)} == {
            "ann@example.com": "sent",
            "root@relay.contoso.com": "sent",
        }
    finally:
        mta.stop()
    assert [each[:2] for each in peer.handler.messages] == [("app@contoso.com", ("ann@example.com",))]
    assert peer.handler.peers == ["127.0.0.25"]
