"""The smtpd.conf of a private instance: a base, the scenario's settings over it, and what keeps it private."""

from __future__ import annotations

import pytest

from harness.errors import HarnessError
from harness.mtas.base import Instance
from harness.mtas.opensmtpd.config import configuration, settings


def text(config=(), *, source="127.64.0.1", host="127.0.0.1"):
    values = settings(Instance("mta", source, (host, 2525), dict(config)))
    return configuration(values, "127.200.0.1 port 2525")


def test_the_base_relays_to_the_target_from_the_alias():
    made = text()
    assert 'action "relay" relay host "smtp://127.0.0.1:2525" helo "mta.example" src "127.64.0.1"\n' in made
    assert 'listen on 127.200.0.1 port 2525 hostname "mta.example"\n' in made
    assert made.endswith('match from any for any action "relay"\n')
    assert " src " not in text(source="")
    assert '"smtp://[::1]:2525"' in text(host="::1")


def test_the_scenarios_settings_win():
    made = text({"bounce warn-interval": "1h", "mta limit session-keepalive": "10", "relay": {"helo": "relay.x"}})
    assert "bounce warn-interval 1h\n" in made
    assert "mta limit session-keepalive 10\n" in made
    assert 'host "smtp://127.0.0.1:2525" helo "relay.x"' in made


def test_the_name_of_the_host_is_in_one_place():
    made = text({"mailname": "relay.contoso.com"})
    assert 'hostname "relay.contoso.com"' in made
    assert 'helo "relay.contoso.com"' in made
    assert "mailname" not in made


def test_options_are_written_as_smtpd_conf_has_them():
    assert " tls no-verify pki c helo-src <names>\n" in text(
        {"relay": {"tls": "no-verify", "pki": "c", "helo-src": "<names>"}}
    )
    assert " srs\n" in text({"relay": {"srs": "yes"}})
    assert "srs" not in text({"relay": {"srs": "no"}})


def test_lines_of_match_come_first():
    assert text({"match": "match from socket for any reject"}).endswith(
        'match from socket for any reject\nmatch from any for any action "relay"\n'
    )


@pytest.mark.parametrize("name", ["listen on", "listen on socket", 'action "x"'])
def test_what_keeps_it_private_cannot_be_set(name):
    with pytest.raises(HarnessError, match="is the harness's own to set"):
        text({name: "x"})


def test_nor_the_source_address():
    with pytest.raises(HarnessError, match="relay src is the harness's own"):
        text({"relay": {"src": "10.0.0.1"}})


@pytest.mark.parametrize("config", [{"relay": "x"}, {"queue": {"ttl": "4d"}}])
def test_a_setting_is_a_line(config):
    with pytest.raises(HarnessError, match=r"smtpd\.conf"):
        text(config)
