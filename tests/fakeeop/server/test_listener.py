from __future__ import annotations

import socket

import pytest

from fakeeop.errors import ListenError
from fakeeop.model.addresses import parse_ip
from fakeeop.server.listener import Listener, PeerMap, format_address, open_socket


def test_port_in_use():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match=f"cannot listen on 127.0.0.1:{port}: the port is in use; choose another"):
            open_socket(Listener("127.0.0.1", port))


@pytest.mark.parametrize("host", ["203.0.113.77", "no such host!", "a" * 70 + ".example"])
def test_an_address_that_is_not_ours(host):
    with pytest.raises(ListenError, match=r"no such address|is not an address of this machine"):
        open_socket(Listener(host, 0))


def test_port_0_is_chosen_by_the_system():
    with open_socket(Listener("127.0.0.1", 0)) as opened:
        assert opened.getsockname()[1] > 0


def test_peer_map():
    peers = PeerMap({"127.0.0.25": "203.0.113.25", "::1": "2001:db8::25"}, fixed=None)
    facts, text = peers.facts(("127.0.0.25", 4711))
    assert text == "203.0.113.25"
    assert (facts.ip, facts.port, facts.socket_ip) == (parse_ip("203.0.113.25"), 4711, "127.0.0.25")
    assert peers.facts(("127.0.0.9", 1))[0].ip == parse_ip("127.0.0.9")
    assert peers.facts(("::1", 1, 0, 0))[0].ip == parse_ip("2001:db8::25")
    assert peers.facts(("::ffff:127.0.0.25", 1, 0, 0))[0].ip == parse_ip("203.0.113.25")
    assert PeerMap({}, fixed="198.51.100.1").facts(("127.0.0.9", 1))[0].ip == parse_ip("198.51.100.1")


def test_another_map_is_for_those_who_come_later():
    peers = PeerMap({"127.0.0.25": "203.0.113.25"})
    assert peers.facts(("127.0.0.25", 1))[1] == "203.0.113.25"
    peers.replace({"127.0.0.9": "198.51.100.9"})
    assert peers.facts(("127.0.0.25", 1))[1] == "127.0.0.25"
    assert peers.facts(("127.0.0.9", 1))[1] == "198.51.100.9"
    with pytest.raises(ValueError, match="relay"):
        peers.replace({"relay": "203.0.113.25"})
    assert peers.facts(("127.0.0.9", 1))[1] == "198.51.100.9"


def test_peer_map_wants_addresses():
    with pytest.raises(ValueError, match="relay"):
        PeerMap({"relay": "203.0.113.25"})


def test_format_address():
    assert format_address("127.0.0.1", 25) == "127.0.0.1:25"
    assert format_address("::1", 25) == "[::1]:25"
