"""The main.cf of a private instance: a base, the scenario's settings over it, and what keeps it private."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.postfix.config import main_cf, settings

BUILT_IN = {
    "mail_version": "3.7.11",
    "daemon_directory": "/usr/lib/postfix/sbin",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
}


def values(config=(), *, source="127.64.0.1", keys=(), version="3.7.11"):
    instance = Instance("mta", source, ("127.0.0.1", 2525), dict(config), lambda: dict(keys))
    return settings(instance, Path("/x"), BUILT_IN | {"mail_version": version})


def test_the_base_relays_to_the_target_from_the_alias():
    made = values()
    assert (made["relayhost"], made["smtp_bind_address"]) == ("[127.0.0.1]:2525", "127.64.0.1")
    assert (made["queue_directory"], made["data_directory"]) == ("/x/queue", "/x/data")
    assert "smtp_bind_address" not in values(source="")


def test_the_scenarios_settings_win():
    made = values({"relayhost": "[mx.example]", "myhostname": "relay.contoso.com", "mynetworks": ""})
    assert (made["relayhost"], made["myhostname"], made["mynetworks"]) == ("[mx.example]", "relay.contoso.com", "")


@pytest.mark.parametrize("name", ["queue_directory", "maillog_file", "mail_owner", "smtp_bind_address"])
def test_what_keeps_it_private_cannot_be_set(name):
    with pytest.raises(HarnessError, match=f"main.cf of mta: {name} is the harness's own"):
        values({name: "/var"})


def test_the_key_of_a_declared_certificate_is_found():
    keys = {"/pki/a.pem": Path("/pki/a.key")}
    assert values({"smtp_tls_cert_file": "/pki/a.pem"}, keys=keys)["smtp_tls_key_file"] == "/pki/a.key"
    assert "smtp_tls_key_file" not in values({"smtp_tls_cert_file": ""}, keys=keys)
    own = {"smtp_tls_cert_file": "/pki/a.pem", "smtp_tls_key_file": "/own.key"}
    assert values(own, keys=keys)["smtp_tls_key_file"] == "/own.key"


def test_old_versions_get_the_old_compatibility_level():
    assert values(version="3.5.25")["compatibility_level"] == "2"
    assert values(version="3.10.1")["compatibility_level"] == "3.6"


def test_the_file_continues_values_of_several_lines():
    assert main_cf({"a": "1", "b": "", "c": "x,\n  y\n"}) == "a = 1\nb =\nc = x,\n    y\n"
