"""Servers to walk: the emulator, and small ones that do one thing wrong."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, datetime

import pytest

from fakeeop.doctor.findings import Order
from fakeeop.doctor.walk import walk
from fakeeop.pki.judge import certificate_facts
from fakeeop.testing.certificates import server_certificates
from fakeeop.testing.emulator import EmulatorForTests as Emulator


@pytest.fixture
def emulator():
    with Emulator() as running:
        yield running


@pytest.fixture
def examine():
    """``examine(port, …)``: the findings of a walk, the lab's root being trusted."""

    def run(port, host="127.0.0.1", on_step=lambda _: None, **settings):
        def judge(chain):
            return certificate_facts(chain, server_certificates().trusted_ca_pem, datetime.now(UTC))

        return walk(Order(host, port, **{"timeout": 20.0, **settings}), judge, on_step)

    return run


@pytest.fixture
def serve():
    """``serve(talk)`` → the port of a server that calls ``talk(socket)`` for every connection."""
    stop = threading.Event()
    listening, threads = [], []

    def start(talk):
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(0.05)
        listening.append(server)

        def loop():
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(5)
                    try:
                        talk(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=loop)
        thread.start()
        threads.append(thread)
        return server.getsockname()[1]

    yield start
    stop.set()
    for thread in threads:
        thread.join()
    for server in listening:
        server.close()


@pytest.fixture
def scripted(serve):
    """``scripted(banner, **replies)`` → the port of a server that says these things, by verb; 250 to others."""

    def start(banner, said=None, **replies):
        def talk(connection):
            connection.sendall(banner)
            with connection.makefile("rb") as lines:
                for line in lines:
                    if said is not None:
                        said.append(line)
                    verb = line.split(b" ")[0].strip().decode("latin-1").upper()
                    reply = replies.get(verb, b"250 OK\r\n")
                    if reply is None:
                        return
                    connection.sendall(reply)

        return serve(talk)

    return start
