from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def greeter(greeting: bytes) -> Iterator[str]:
    """A server that says one thing to whoever calls, and hangs up; its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:  # closed at the end
                    return
                with connection:
                    connection.sendall(greeting)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=30)


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_running_server_is_ready(serve, fakeeop):
    host, port = serve().ready()
    assert fakeeop("ready", f"{host}:{port}") == (0, f"{host}:{port}\n", "")


def test_json_has_the_greeting(serve, fakeeop):
    host, port = serve().ready()
    code, out, _ = fakeeop("ready", "--json", f"{host}:{port}")
    told = json.loads(out)
    assert (code, told["ready"], told["address"]) == (0, True, f"{host}:{port}")
    assert told["greeting"].startswith("220 ")


def test_it_waits_for_a_server_that_is_started_later(serve, fakeeop, tmp_path):
    ready = tmp_path / "ready"
    served = serve("--ready-file", ready)
    code, out, _ = fakeeop("ready", "--wait", "60", "--ready-file", ready)
    assert code == 0
    assert out == ready.read_text()
    assert served.stop() == 0


def test_in_a_ready_file_it_passes_over_a_listener_that_waits_for_a_proxy(serve, fakeeop, tmp_path):
    ready = tmp_path / "ready"
    serve("--ready-file", ready, "--listen", "127.0.0.1:0,proxy", "--listen", "127.0.0.1:0,starttls=off").ready()
    silent, speaking = ready.read_text().splitlines()[:2]
    ready.write_text(f"{speaking}\nadmin http://127.0.0.1:1\n")
    assert fakeeop("ready", "--ready-file", ready)[:2] == (0, f"{speaking}\n")
    assert silent != speaking


def test_nobody_there(fakeeop):
    address = f"127.0.0.1:{unused_port()}"
    code, out, err = fakeeop("ready", address)
    assert (code, out, err) == (4, "", f"fakeeop ready: {address}: nothing listens there\n")


def test_the_time_is_over(fakeeop):
    address = f"127.0.0.1:{unused_port()}"
    code, _, err = fakeeop("ready", "--wait", "0.1", address)
    assert (code, err) == (4, f"fakeeop ready: {address}: nothing listens there (waited 0.1 s)\n")


@pytest.mark.parametrize(("greeting", "why"), [
    (b"220 files.example FTP server ready\r\n", "does not greet as an SMTP server that is ready: '220 files"),
    (b"554 5.3.2 no SMTP service here\r\n", "does not greet as an SMTP server that is ready: '554"),
    (b"SSH-2.0-OpenSSH\r\n", "does not greet as an SMTP server that is ready: 'SSH"),
    (b"", "closed without a greeting"),
])  # fmt: skip
def test_somebody_else_is_there(fakeeop, greeting, why):
    with greeter(greeting) as address:
        code, out, _ = fakeeop("ready", "--json", address)
    told = json.loads(out)
    assert (code, told["ready"], told["address"]) == (4, False, address)
    assert why in told["why"]


def test_a_server_that_hangs_up_after_its_greeting_is_ready(fakeeop):
    with greeter(b"220 mail.example ESMTP\r\n") as address:
        code, out, _ = fakeeop("ready", address)
    assert (code, out) == (0, f"{address}\n")


def test_no_ready_file(fakeeop, tmp_path):
    code, _, err = fakeeop("ready", "--ready-file", tmp_path / "ready")
    assert code == 4
    assert "there is no such file: the server is not ready, or has ended" in err


def test_a_file_that_is_no_ready_file(fakeeop, tmp_path):
    (tmp_path / "ready").write_text("hello world\n")
    code, _, err = fakeeop("ready", "--ready-file", tmp_path / "ready")
    assert code == 4
    assert "names no listener" in err


@pytest.mark.parametrize("address", ["2525", "localhost", "localhost:x", ":25", "localhost:0", "localhost:70000"])
def test_an_address_that_is_none(fakeeop, address):
    code, _, err = fakeeop("ready", address)
    assert code == 2
    assert "write HOST:PORT" in err


def test_a_server_and_a_file_are_too_much(fakeeop, tmp_path):
    code, _, err = fakeeop("ready", "--ready-file", tmp_path / "r", "127.0.0.1:1")
    assert code == 2
    assert "not allowed with" in err
