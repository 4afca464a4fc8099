"""[Net.ServicePointManager]::SecurityProtocol chooses the versions of TLS."""

from __future__ import annotations

import socket
import ssl
from typing import Any

import pytest

from exoshell.dotnet.transport import limit, protocols_of, shown
from exoshell.powershell.errors import NetError
from tests.exoshell.dotnet.test_mail import client, message


@pytest.mark.parametrize(
    ("given", "bits", "text"),
    [
        ("Tls12", 3072, "Tls12"),
        ("tls11, Tls12", 3840, "Tls11, Tls12"),
        (3072, 3072, "Tls12"),
        (12288 | 3072, 15360, "Tls12, Tls13"),
        ("SystemDefault", 0, "SystemDefault"),
    ],
)
def test_names_and_numbers(given: Any, bits: int, text: str):
    assert protocols_of(given) == bits
    assert shown(bits).names == text


@pytest.mark.parametrize("given", ["Tls99", "Ssl3", 48])
def test_others_are_refused(given: Any):
    with pytest.raises(NetError):
        protocols_of(given)


def test_they_bound_the_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    limit(context, protocols_of("Tls12"))
    assert (context.minimum_version, context.maximum_version) == (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)


def test_a_script_that_asks_for_what_the_service_no_longer_speaks_fails(lab: Any):
    held = lab.registry.static("System.Net.ServicePointManager", "SecurityProtocol")
    held.put("Tls")
    with pytest.raises(NetError) as caught:
        client(lab, tls=True).methods["Send"](message(lab, "ann@contoso.com"))
    assert "AuthenticationException" in caught.value.types[0]
    held.put("Tls12")
    assert held.get().names == "Tls12"
    client(lab, tls=True).methods["Send"](message(lab, "ann@contoso.com"))
    assert len(lab.messages) == 1


def test_nobody_listens_there(lab: Any):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        lab.transport.resolve = lambda _host, _port: silent.getsockname()
        with pytest.raises(NetError, match=r"Failure sending mail\.") as caught:
            client(lab).methods["Send"](message(lab, "ann@contoso.com"))
    assert "Connection refused" in caught.value.advice
