"""The forwarder: bytes both ways, from the alias, and a clear word when the other side is not there."""

from __future__ import annotations

import socket
import threading

from harness.clients.forwarder import ConnectingForwarder, Forwarder


def echo_server(peers):
    """Sends back what it gets until the client has finished, then says bye."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        sock, peer = listener.accept()
        peers.append(peer[0])
        with sock:
            while data := sock.recv(4096):
                sock.sendall(data)
            sock.sendall(b"bye")
        listener.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return listener.getsockname(), thread


def whole(sock):
    return b"".join(iter(lambda: sock.recv(65536), b""))


def test_bytes_go_both_ways_from_the_alias():
    peers: list[str] = []
    target, thread = echo_server(peers)
    data = bytes(range(256)) * 1000
    with Forwarder(target, "127.77.1.2") as way, socket.create_connection(("127.0.0.1", way.port), 10) as sock:

        def write():
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)

        writer = threading.Thread(target=write)
        writer.start()
        assert whole(sock) == data + b"bye"  # the other direction stays open after one end has finished
        writer.join(10)
    thread.join(10)
    assert peers == ["127.77.1.2"]
    assert way.failure == ""


def test_nobody_there():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound, not listening
        way = Forwarder(nobody.getsockname(), "127.77.1.2")
        with way, socket.create_connection(("127.0.0.1", way.port), 10) as sock:
            assert whole(sock) == b""
        assert "from 127.77.1.2: Connection refused" in way.failure


def test_it_ends_with_connections_open():
    target, thread = echo_server([])
    with Forwarder(target, "127.77.1.2") as way:
        sock = socket.create_connection(("127.0.0.1", way.port), 10)
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
    assert sock.recv(1) == b""
    sock.close()
    thread.join(10)


def test_a_doorway_leads_to_a_server_without_a_port(tmp_path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()

    def connect() -> socket.socket:
        onward = socket.socket(socket.AF_UNIX)
        onward.connect(str(tmp_path / "s"))
        return onward

    with ConnectingForwarder(connect) as way, socket.create_connection(("127.0.0.1", way.port), timeout=10) as client:
        server, _ = listener.accept()
        server.settimeout(10)
        client.sendall(b"to")
        assert server.recv(10) == b"to"
        server.sendall(b"fro")
        assert client.recv(10) == b"fro"
        server.close()
    listener.close()
