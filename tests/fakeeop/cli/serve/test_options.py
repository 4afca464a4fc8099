"""Who is calling, and names: the options of ``fakeeop serve`` for them."""

from __future__ import annotations

import json
import socket
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import Any

import pytest
from dnslib import DNSRecord

from fakeeop.cli import exits, main
from fakeeop.cli.serve import options as serve_options
from fakeeop.emulator import Listener
from fakeeop.errors import ConfigError
from fakeeop.model.limits import Limits
from fakeeop.server.listener import LOOPBACK

HEADER = b"PROXY TCP4 203.0.113.25 192.0.2.1 40000 25\r\n"


def said(address: tuple[str, int], octets: bytes) -> bytes:
    with socket.create_connection(address, timeout=30) as client:
        client.sendall(octets)
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as file:
            try:
                return file.read()
            except ConnectionResetError:  # it left octets unread
                return b""


@pytest.mark.parametrize(
    ("text", "listener"),
    [
        ("127.0.0.1:25", Listener("127.0.0.1", 25)),
        ("[::1]:0,peer=2001:db8::25", Listener("::1", 0, "2001:db8::25")),
        ("127.0.0.1:25,proxy,starttls=off", Listener("127.0.0.1", 25, None, starttls=False, proxy_from=LOOPBACK)),
        (
            "127.0.0.1:25,hide=chunking+DSN,region=EUR",
            Listener("127.0.0.1", 25, hide=frozenset({"CHUNKING", "DSN"}), region="EUR"),
        ),
        ("127.0.0.1:587,submission", Listener("127.0.0.1", 587, submission=True)),
        ("127.0.0.1:25,box=AM4PEPF00027A5E", Listener("127.0.0.1", 25, box="AM4PEPF00027A5E")),
        ("127.0.0.1:25,xclient,starttls=on", Listener("127.0.0.1", 25, xclient_from=LOOPBACK)),
    ],
)
def test_listeners(text, listener):
    assert serve_options.listener(text) == listener


def test_limits_of_a_listener_are_in_a_file(tmp_path):
    (tmp_path / "strict.yaml").write_text("IdleTimeout: 1m\nErrorsPerSession: 3\n")
    (tmp_path / "under.yaml").write_text("Limits:\n  ErrorsPerSession: 3\n")
    strict = serve_options.listener(f"127.0.0.1:25,limits={tmp_path / 'strict.yaml'}")
    assert strict == Listener("127.0.0.1", 25, limits=Limits(idle_timeout=60.0, errors_per_session=3))
    under = serve_options.listener(f"127.0.0.1:25,limits={tmp_path / 'under.yaml'}")
    assert under.limits == Limits(errors_per_session=3)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("IdelTimeout: 1m\n", "strict.yaml:1: .*IdleTimeout"),
        ("ErrorsPerSession: many\n", "strict.yaml:1: .*ErrorsPerSession"),
        ("- 3\n", "strict.yaml: .*not a mapping"),
        (None, "strict.yaml: .*"),
    ],
)
def test_wrong_limits_of_a_listener(tmp_path, content, why):
    path = tmp_path / "strict.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigError, match=why):
        serve_options.listener(f"127.0.0.1:25,limits={path}")


def test_trust_is_given_to_listeners_that_ask_for_it():
    plain, proxied = Listener("127.0.0.1", 0), serve_options.listener("127.0.0.1:0,proxy,xclient")
    assert serve_options.trusting(plain, ["192.0.2.0/24"], ["192.0.2.0/24"]) == plain
    trusting = serve_options.trusting(proxied, ["192.0.2.0/24"], [])
    assert (trusting.proxy_from, trusting.xclient_from) == (("192.0.2.0/24",), LOOPBACK)


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (serve_options.listener, "127.0.0.1:25,proxy=on", "there is peer=IP, box=NAME, hide=EXTENSION"),
        (serve_options.listener, "127.0.0.1:25,hide=XEXCH50", "not an extension of the service"),
        (serve_options.place, ":53", "write HOST:PORT"),
        (serve_options.place, "127.0.0.1", "write HOST:PORT"),
        (serve_options.network, "relay", "write an address or a CIDR"),
        (serve_options.ip, "relay", "is not an IP address"),
        (serve_options.port, "65536", "is not a port"),
        (serve_options.seconds, "-1", "is not a number of seconds"),
        (serve_options.peer, "203.0.113.1=203.0.113.2", "is not a loopback address"),
    ],
)
def test_wrong_words(read: Callable[[str], Any], text: str, why: str):
    with pytest.raises(ArgumentTypeError, match=why):
        read(text)


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--proxy-from", "127.0.0.1"], "--proxy-from needs a listener with it"),
        (["--xclient-from", "127.0.0.1"], "--xclient-from needs a listener with it"),
        (["--mx-address", "127.0.0.9"], "--mx-address needs --dns"),
        (["--dns", "0.0.0.0:5353"], "can be reached from other machines"),
    ],
)
def test_words_that_do_not_fit(fakeeop, arguments, why):
    code, _, err = fakeeop("serve", *arguments)
    assert code == 2
    assert why in err


def test_a_proxy_in_front(serve):
    served = serve("--listen", "127.0.0.1:0,proxy", "--proxy-from", "127.0.0.1")
    address = served.ready()
    assert b"Hello [203.0.113.25]" in said(address, HEADER + b"EHLO x\r\n")
    assert said(address, b"EHLO x\r\n") == b""
    line = served.until("turned away")
    assert line.endswith("127.0.0.1 turned away: PROXY header: this is not a PROXY header: b'EHLO x\\r\\n'")
    assert served.stop() == 0


def test_xclient(serve):
    served = serve("--listen", "127.0.0.1:0,xclient")
    assert b"Hello [203.0.113.25]" in said(served.ready(), b"XCLIENT ADDR=203.0.113.25\r\nEHLO x\r\n")
    assert served.stop() == 0


def test_the_name_server(serve, tmp_path):
    ready = tmp_path / "ready"
    serve.tenant.write_text(serve.tenant.read_text() + "Zone: {relay.example: {A: 203.0.113.25}}\n")
    served = serve("--dns", "127.0.0.1:0", "--mx-address", "127.0.0.9", "--ready-file", ready)
    smtp, dns = served.until("ready on ").split("; dns on ")
    assert ready.read_text().splitlines() == [smtp.split("ready on ")[1].split(" ")[0], f"dns {dns}"]
    host, _, port = dns.rpartition(":")

    def address_of(name: str) -> str:
        return str(DNSRecord.parse(DNSRecord.question(name).send(host, int(port), timeout=30)).short())

    assert address_of("contoso-com.mail.protection.outlook.com") == "127.0.0.9"
    assert address_of("relay.example") == "203.0.113.25"
    assert served.stop() == 0


def test_json_tells_the_name_server_and_who_was_turned_away(serve):
    served = serve("--json", "--dns", "127.0.0.1:0", "--listen", "127.0.0.1:0,proxy")
    ready = json.loads(served.until('"ready"'))
    assert ready["dns"].startswith("127.0.0.1:")
    host, _, port = ready["addresses"][0].rpartition(":")
    said((host, int(port)), b"NOOP\r\n")
    turned_away = json.loads(served.until('"turned-away"'))
    assert turned_away["why"] == "PROXY header: this is not a PROXY header: b'NOOP\\r\\n'"
    assert turned_away["socket-peer"] == "127.0.0.1"
    assert served.stop() == 0


def test_a_day_is_put_into_the_file():
    parser = ArgumentParser()
    serve_options.add_day(parser)
    args = parser.parse_args(["--as-of", "2019-06-01"])
    assert serve_options.dated({"Tenants": [], "AsOf": "2020-01-01"}, args.as_of) == {
        "Tenants": [],
        "AsOf": "2019-06-01",
    }
    assert serve_options.dated({"Tenants": []}, parser.parse_args([]).as_of) == {"Tenants": []}


def test_what_is_no_day_is_wrong_usage(capsys):
    parser = ArgumentParser()
    serve_options.add_day(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--as-of", "2019"])
    assert "write 2019-06-01" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "found"), [("0", 0), ("5", 5), ("2k", 2_048), ("3M", 3 * 1_048_576), ("1G", 1_073_741_824)]
)
def test_sizes(text, found):
    assert serve_options.octets(text) == found


@pytest.mark.parametrize("text", ["", "M", "-1", "1.5G", "1T", "\u0661M", "1 M"])
def test_what_is_no_size(text):
    with pytest.raises(ArgumentTypeError, match="is not a size: write octets"):
        serve_options.octets(text)


def test_a_folder_that_is_none(tmp_path, capsys):
    code = main.main(["serve", "--port", "0", "--state", str(tmp_path / "s"), "--spool", str(tmp_path / "nowhere")])
    assert code == exits.ENVIRONMENT
    assert "large messages cannot be spooled there" in capsys.readouterr().err
