"""The configuration of a private Exim: a base, the scenario's settings over it, and what keeps it private."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.exim.config import configuration, settings
from harness.mtas.exim.programs import EximPrograms

UNPACKED = EximPrograms(Path("/c/exim4"), "4.96", "Debian-exim", "Debian-exim", (), True, frozenset({"Event"}))
INSTALLED = EximPrograms(Path("/usr/sbin/exim4"), "4.94", "exim", "mail", (), False, frozenset())


def values(config=(), *, source="127.64.0.1", keys=(), programs=UNPACKED, host="127.0.0.1"):
    instance = Instance("mta", source, (host, 2525), dict(config), lambda: dict(keys))
    return settings(instance, Path("/x"), programs)


def section(text, name):
    return text.partition(f"begin {name}\n")[2].partition("\nbegin ")[0]


def test_the_base_relays_to_the_target_from_the_alias():
    text = configuration(values())
    assert "spool_directory = /x/spool\n" in text
    assert "exim_path = /x/exim\n" in text
    assert "  route_list = * 127.0.0.1::2525 byname\n" in section(text, "routers")
    assert "  interface = 127.64.0.1\n" in section(text, "transports")
    assert "  interface = " not in configuration(values(source=""))


def test_an_installed_one_is_used_where_it_is():
    text = configuration(values(programs=INSTALLED))
    assert "exim_path = /usr/sbin/exim4\nspool_directory" in text
    assert "exim_user = exim\nexim_group = mail\n" in text
    assert "event_action" not in text


def test_colons_of_an_address_are_doubled():
    assert "route_list = * ::::1::2525 byname" in configuration(values(host="::1"))


def test_the_scenarios_settings_win():
    made = values({"primary_hostname": "relay.contoso.com", "transports": {"remote_smtp": {"hosts_avoid_tls": "*"}}})
    text = configuration(made)
    assert "primary_hostname = relay.contoso.com\n" in text
    assert "  driver = smtp\n" in section(text, "transports")
    assert "  hosts_avoid_tls = *\n" in section(text, "transports")


def test_more_routers_come_before_the_smart_host_and_say_their_driver_first():
    made = values({"routers": {"reports": {"senders": ":", "driver": "redirect", "data": ":blackhole:"}}})
    assert section(configuration(made), "routers").startswith("reports:\n  driver = redirect\n  senders = :\n")
    assert list(made["routers"]) == ["reports", "smarthost"]


def test_the_queue_interval_is_no_option():
    assert "-q" not in configuration(values({"-q": "1s", "retry": "* * F,1h,1s"})).replace("-queue", "")


@pytest.mark.parametrize("name", ["spool_directory", "log_file_path", "exim_user", "daemon_smtp_ports"])
def test_what_keeps_it_private_cannot_be_set(name):
    with pytest.raises(HarnessError, match=f"the configuration of mta: {name} is the harness's own"):
        values({name: "/var"})


def test_nor_the_source_address():
    with pytest.raises(HarnessError, match="interface is the harness's own"):
        values({"transports": {"remote_smtp": {"interface": "10.0.0.1"}}})


def test_a_driver_is_a_mapping():
    with pytest.raises(HarnessError, match=r"routers\.smarthost: a mapping of options is needed"):
        configuration(values({"routers": {"smarthost": "no"}}))


def test_the_key_of_a_declared_certificate_is_found():
    keys = {"/pki/a.pem": Path("/pki/a.key")}

    def of(**options):
        return values({"transports": {"remote_smtp": options}}, keys=keys)["transports"]["remote_smtp"]

    assert of(tls_certificate="/pki/a.pem")["tls_privatekey"] == "/pki/a.key"
    assert "tls_privatekey" not in of(tls_certificate="")
    assert of(tls_certificate="/pki/a.pem", tls_privatekey="/own.key")["tls_privatekey"] == "/own.key"


def test_values_of_several_lines_are_continued():
    assert "a = x : \\\n    y\n" in configuration({"a": "x :\n  y"})
