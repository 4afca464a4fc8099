"""A running server as the tenant's backend, and changes that take their time."""

from __future__ import annotations

import smtplib
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from exoshell.backends.opening import open_backend
from exoshell.backends.server import RunningServer
from exoshell.cmdlets import register
from fakeeop.config.editor.changes import Add, Configure, NoSuchElement, Remove, Update
from fakeeop.errors import ConfigError, RemoteError

CONNECTOR = {"Name": "New", "ConnectorType": "OnPremises", "SenderDomains": ["*"], "SenderIPAddresses": ["127.0.0.9"]}


def relayed(emulator: Any, source: str = "127.0.0.9") -> bool:
    host, port = emulator.addresses[0]
    with smtplib.SMTP(host, port, source_address=(source, 0), timeout=60) as client:
        client.ehlo("relay.example")
        client.mail("printer@contoso.com")
        code, _ = client.rcpt("someone@fabrikam.example")
        return code == 250


def test_a_new_connector_relays_at_once(new_server: Any, tenant_file: Path):
    emulator, url = new_server(tenant_file)
    assert not relayed(emulator)
    backend = open_backend(url)
    backend.change(Add("InboundConnectors", CONNECTOR))
    assert relayed(emulator)
    backend.change(Update("InboundConnectors", "New", {"Enabled": False}))
    assert not relayed(emulator)


def test_the_rules_are_those_of_the_file(new_server: Any, tenant_file: Path):
    backend = open_backend(new_server(tenant_file)[1])
    with pytest.raises(ConfigError) as caught:
        backend.change(Add("InboundConnectors", {**CONNECTOR, "SenderIPAddresses": ["203.0.113.0/8"]}))
    (problem,) = caught.value.problems
    assert (problem.code, problem.where[-2:]) == ("E10", ("connector New", "SenderIPAddresses"))
    with pytest.raises(NoSuchElement):
        backend.change(Remove("InboundConnectors", "nobody"))


def test_secrets_stay_while_something_else_changes(new_server: Any, tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text(
        "Tenants: [{Name: c, AcceptedDomains: [contoso.com],"
        " Mailboxes: [{PrimarySmtpAddress: a@contoso.com, Password: s3cret}]}]\n"
    )
    emulator, url = new_server(path)
    backend = open_backend(url)
    assert "s3cret" not in str(backend.whole())
    backend.change(Configure("OrganizationConfig", {"RejectDirectSend": True}))
    assert emulator.forest.tenants[0].mailboxes[0].password == "s3cret"  # noqa: S105  the lab's
    assert emulator.forest.tenants[0].reject_direct_send


def test_a_change_of_somebody_else_in_between_is_not_lost(
    new_server: Any, tenant_file: Path, monkeypatch: pytest.MonkeyPatch
):
    url = new_server(tenant_file)[1]
    backend, other = RunningServer(url), open_backend(url)
    ask = backend._ask
    meanwhile = [Add("InboundConnectors", {**CONNECTOR, "Name": "Other", "SenderIPAddresses": ["127.0.0.8"]})]

    def slow(method: str, *rest: Any) -> Any:
        if method == "PUT" and meanwhile:
            other.change(meanwhile.pop())
        return ask(method, *rest)

    monkeypatch.setattr(backend, "_ask", slow)
    backend.change(Add("InboundConnectors", CONNECTOR))
    assert [each["Name"] for each in other.tenant()["InboundConnectors"]][2:] == ["Other", "New"]


def test_what_is_unchanged_is_not_sent_again(new_server: Any, tenant_file: Path):
    _, url = new_server(tenant_file)
    one, other = open_backend(url), open_backend(url)
    before = one.whole()
    assert one.whole() is before
    other.change(Add("InboundConnectors", CONNECTOR))
    after = one.whole()
    assert [each["Name"] for each in after["Tenants"][0]["InboundConnectors"]][2:] == ["New"]
    assert len(before["Tenants"][0]["InboundConnectors"]) == 2
    assert one.whole() is after


def test_the_token(new_server: Any, tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    url = new_server(tenant_file, token="t0ken")[1]  # noqa: S106  the lab's
    with pytest.raises(RemoteError, match=r"401.*FAKEEOP_TOKEN"):
        open_backend(url)
    monkeypatch.setenv("FAKEEOP_TOKEN", "t0ken")
    assert open_backend(url).organization == "contoso"


def test_nobody_there():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(RemoteError, match="does not answer"):
        open_backend(f"http://127.0.0.1:{port}")


def test_a_server_of_another_protocol(new_server: Any, tenant_file: Path):
    host, port = new_server(tenant_file)[0].addresses[0]
    with pytest.raises(RemoteError, match="does not answer"):
        open_backend(f"http://{host}:{port}")


@pytest.mark.parametrize("said", [b"[]", b"{}", b'{"Tenants": 1}', b"<html>", b"", b"\xff"])
def test_a_web_server_that_is_no_emulator(said: bytes):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with pytest.raises(RemoteError, match=r"not an admin API|does not answer"):
                open_backend(f"http://127.0.0.1:{server.server_address[1]}")
        finally:
            server.shutdown()
            thread.join()


def test_message_trace_with_the_connector_in_its_events(new_server: Any, tenant_file: Path):
    from exoshell.powershell.commands import Invocation, Registry  # noqa: PLC0415  for this one test
    from exoshell.powershell.values import Position  # noqa: PLC0415  as above

    emulator, url = new_server(tenant_file)
    backend = open_backend(url)
    backend.change(Add("InboundConnectors", CONNECTOR))
    host, port = emulator.addresses[0]
    with smtplib.SMTP(host, port, source_address=("127.0.0.9", 0), timeout=60) as client:
        client.sendmail("p@contoso.com", ["someone@fabrikam.example", "ann@contoso.com"], "Subject: Scan\r\n\r\nhi\r\n")
    registry = Registry()
    register(registry, backend)

    def call(name: str, pipe: list[Any] | None = None, **given: Any) -> list[Any]:
        command = registry.command(name)
        assert command is not None
        streams: Any = None
        return list(command.run(Invocation(command, given, streams, Position(1, 1), pipe or [], bool(pipe))) or ())

    rows = call("Get-MessageTraceV2", RecipientAddress=["someone@fabrikam.example"])
    (row,) = rows
    assert (row.properties["Status"], row.properties["Subject"]) == ("Delivered", "Scan")
    assert row.properties["Received"].tzinfo is not None
    events = call("Get-MessageTraceDetailV2", pipe=rows)
    assert any("Name=New;" in each.properties["Data"] for each in events)
    assert len(call("Get-MessageTrace", PageSize=1, Page=2)) == 1
    assert call("Get-MessageTraceDetailV2", MessageTraceId="x", RecipientAddress="y@z.example") == []


@pytest.mark.parametrize("place", ["file", "server"])
def test_propagation_shows_a_change_at_once_and_applies_it_later(new_server: Any, tenant_file: Path, place: str):
    where = str(tenant_file) if place == "file" else new_server(tenant_file)[1]
    slow, plain = open_backend(where, propagation=0.2), open_backend(where)
    slow.change(Add("InboundConnectors", CONNECTOR))
    slow.change(Update("InboundConnectors", "New", {"Comment": "x"}))
    assert [each["Name"] for each in slow.tenant()["InboundConnectors"]][2:] == ["New"]
    with pytest.raises(ConfigError, match="E14"):
        slow.change(Add("InboundConnectors", CONNECTOR))
    slow.settle()
    assert plain.tenant()["InboundConnectors"][2]["Comment"] == "x"


def test_a_late_change_that_became_wrong_is_told(tenant_file: Path):
    slow, plain = open_backend(str(tenant_file), propagation=1.0), open_backend(str(tenant_file))
    slow.change(Update("InboundConnectors", "SMTP Relay", {"Comment": "x"}))
    plain.change(Remove("InboundConnectors", "SMTP Relay"))
    with pytest.raises(NoSuchElement):
        slow.settle()
