from __future__ import annotations

import json
import signal
import smtplib
import socket
import ssl
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.files import write_issued
from fakeeop.pki.variants import make_variant

FOREIGN = "someone@fabrikam.example"


def submit(
    address: tuple[str, int], recipient: str, *, source: str = "127.0.0.1", context: ssl.SSLContext | None = None
) -> tuple[int, bytes]:
    """One MAIL and one RCPT; the reply to RCPT."""
    with smtplib.SMTP(*address, source_address=(source, 0), timeout=30) as client:
        if context:
            client.starttls(context=context)
        client.ehlo("relay.contoso.com")
        client.mail("app@contoso.com")
        return client.rcpt(recipient)


def connect(address: tuple[str, int]) -> smtplib.SMTP:
    host, port = address
    return smtplib.SMTP(host, port, timeout=30)


def banner(address: tuple[str, int]) -> bytes:
    with socket.create_connection(address, timeout=30) as connection:
        return connection.recv(1000)


def test_from_ready_to_stopped(serve):
    served = serve()
    assert banner(served.ready()).startswith(b"220 ")
    assert served.stop() == 0
    assert "unofficial, not affiliated with Microsoft" in served.lines[0]
    assert served.lines[-1] == "fakeeop: stopped"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_end_it(serve, number):
    served = serve()
    served.ready()
    assert served.stop(number) == 0


def test_the_ready_file(serve, tmp_path):
    ready = tmp_path / "ready"
    served = serve("--ready-file", ready, "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0")
    served.ready()
    first, second = ready.read_text().splitlines()
    assert first != second
    for line in (first, second):
        host, _, port = line.rpartition(":")
        assert banner((host, int(port))).startswith(b"220 ")
    served.stop()
    assert not ready.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".ready")] == []


def test_a_ready_file_that_cannot_be_written(serve, tmp_path):
    served = serve("--ready-file", tmp_path / "no" / "such" / "folder")
    assert served.wait() == 4
    assert "the ready file cannot be written" in served.lines[-1]


def test_the_log_says_why_and_what_to_do(serve):
    served = serve("--peer", "127.0.0.25=203.0.113.25")
    address = served.ready()
    assert submit(address, FOREIGN, source="127.0.0.25")[0] == 250
    line = served.until(f"<{FOREIGN}>")
    assert " 203.0.113.25 <app@contoso.com> " in line
    assert "accepted: originating-by-ip-address (contoso / By address): 250" in line
    assert submit(address, FOREIGN)[0] == 550
    assert "rejected: relay-access-denied" in served.until(f"<{FOREIGN}>")
    assert "of contoso" in served.until("nearest: connector")
    assert served.until("fix: ")
    assert served.stop() == 0


def test_a_listener_with_an_identity(serve):
    served = serve("--listen", "127.0.0.1:0,peer=203.0.113.25")
    assert submit(served.ready(), FOREIGN)[0] == 250


def test_a_client_certificate_of_the_lab(serve, tmp_path):
    served = serve()
    address = served.ready()
    authority = LabAuthority.load(serve.state / "pki")
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    paths = write_issued(tmp_path, "relay", make_variant("match", authority), pfx=False)
    context.load_cert_chain(paths.certificate, paths.key)
    context.check_hostname = False  # the address is 127.0.0.1; the chain is still verified
    assert submit(address, FOREIGN, context=context)[0] == 250
    assert "originating-by-certificate (contoso / By certificate)" in served.until(f"<{FOREIGN}>")
    served.stop()


def test_json_lines(serve):
    served = serve("--json", "--peer", "127.0.0.25=203.0.113.25")
    ready: dict[str, Any] = json.loads(served.until("ready"))
    assert ready["event"] == "ready"
    assert ready["tenants"] == ["contoso"]
    host, _, port = ready["addresses"][0].rpartition(":")
    submit((host, int(port)), FOREIGN, source="127.0.0.25")
    submit((host, int(port)), FOREIGN)
    accepted, rejected = (json.loads(served.until('"recipient"')) for _ in range(2))
    assert (accepted["accepted"], accepted["connector"], accepted["peer"]) == (True, "By address", "203.0.113.25")
    assert accepted["socket-peer"] == "127.0.0.25"
    assert (rejected["accepted"], rejected["verdict"]) == (False, "relay-access-denied")
    assert rejected["reply"].startswith("550 5.7.64 ")
    assert rejected["nearest"]
    assert served.stop() == 0
    assert [json.loads(line)["event"] for line in served.lines][-2:] == ["stopping", "stopped"]


def test_a_refusal_at_the_end_of_data(serve):
    text = serve.tenant.read_text().replace(
        "    Recipients", "    OrganizationConfig: {RejectDirectSend: true}\n    Recipients"
    )
    serve.tenant.write_text(text + "Behaviour: {Stage5768: data}\n")
    for arguments, expected in (([], "rejected at message"), (["--json"], '"refusal"')):
        served = serve(*arguments, "--ready-file", serve.folder / "ready")
        served.until("ready")
        host, _, port = (serve.folder / "ready").read_text().strip().rpartition(":")
        with connect((host, int(port))) as client, pytest.raises(smtplib.SMTPDataError):
            client.sendmail("app@contoso.com", ["ann@contoso.com"], "Subject: x\n\nhello\n")
        assert "5.7.68" in served.until(expected)
        assert served.stop() == 0


def test_reloading_as_json(serve):
    served = serve("--json")
    served.until("ready")
    served.process.send_signal(signal.SIGHUP)
    assert json.loads(served.until("reloaded"))["file"] == str(serve.tenant)
    serve.tenant.write_text("Tenants: 7\n")
    served.process.send_signal(signal.SIGHUP)
    (problem,) = json.loads(served.until("not-reloaded"))["problems"]
    assert problem.startswith(f"{serve.tenant}:1: error")
    served.stop()


def test_tls_that_failed_as_json(serve):
    served = serve("--json")
    host, _, port = json.loads(served.until("ready"))["addresses"][0].rpartition(":")
    with connect((host, int(port))) as client:
        client.ehlo()
        client.docmd("STARTTLS")
        client.close()
    assert json.loads(served.until("tls-failure"))["why"]
    served.stop()


def test_a_listener_without_starttls(serve):
    served = serve("--listen", "127.0.0.1:0,starttls=off")
    with connect(served.ready()) as client:
        client.ehlo()
        assert not client.has_extn("starttls")


def test_quiet(serve):
    served = serve("--quiet")
    submit(served.ready(), FOREIGN)
    served.stop()
    assert not any(FOREIGN in line for line in served.lines)


def test_tls_that_failed_is_told(serve):
    served = serve()
    with connect(served.ready()) as client:
        client.ehlo()
        client.docmd("STARTTLS")
        assert client.sock
        client.sock.sendall(b"MAIL FROM:<a@contoso.com>\r\n")
        client.close()
    assert "is not a TLS handshake" in served.until("TLS failed")


def test_the_port_is_in_use(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        served = serve("--port", port)
        assert served.wait() == 4
    (line,) = served.lines
    assert line.startswith(f"fakeeop serve: cannot listen on 127.0.0.1:{port}: the port is in use; choose another")


def test_a_broken_tenant_file(serve):
    serve.tenant.write_text("Tenants:\n  - Name: contoso\n    AcceptedDomain: [contoso.com]\n")
    served = serve()
    assert served.wait() == 3
    assert f"{serve.tenant}:3: error" in "\n".join(served.lines)
    assert "Traceback" not in "\n".join(served.lines)


def test_a_tenant_file_that_is_not_there(serve, tmp_path):
    served = serve(tenant=tmp_path / "nothing.yaml")
    assert served.wait() == 3
    assert "nothing.yaml" in served.lines[0]


def test_a_broken_state_folder(serve):
    serve().stop()
    first = serve()
    first.ready()
    first.stop()
    (serve.state / "pki" / "server.pem").write_text("nonsense")
    served = serve()
    assert served.wait() == 4
    assert "server.pem" in served.lines[-1]


def test_sighup_reads_the_tenant_file_again(serve):
    served = serve("--peer", "127.0.0.26=198.51.100.9")
    address = served.ready()
    assert submit(address, FOREIGN, source="127.0.0.26")[0] == 550
    serve.tenant.write_text(serve.tenant.read_text().replace("203.0.113.25", "198.51.100.9"))
    served.process.send_signal(signal.SIGHUP)
    served.until("read again")
    assert submit(address, FOREIGN, source="127.0.0.26")[0] == 250
    served.stop()


def test_sighup_with_a_broken_file_keeps_the_old_one(serve):
    served = serve("--peer", "127.0.0.25=203.0.113.25")
    address = served.ready()
    serve.tenant.write_text("Tenants: 7\n")
    served.process.send_signal(signal.SIGHUP)
    served.until("the old one stays in force")
    assert any(f"{serve.tenant}:1: error" in line for line in served.lines)
    assert submit(address, FOREIGN, source="127.0.0.25")[0] == 250
    assert served.stop() == 0


def test_an_open_session_may_go_on_while_it_drains(serve):
    served = serve("--drain", "60")
    with connect(served.ready()) as client:
        client.ehlo()
        served.process.send_signal(signal.SIGTERM)
        served.until("stopping")
        assert client.mail("app@contoso.com")[0] == 250
        client.quit()
    assert served.wait() == 0


def test_a_second_signal_ends_it_at_once(serve, tmp_path):
    served = serve("--drain", "600", "--ready-file", tmp_path / "ready")
    with connect(served.ready()) as client:
        client.ehlo()
        served.process.send_signal(signal.SIGINT)
        served.until("stopping")
        assert served.stop(signal.SIGINT) == 130
        client.close()
    assert not (tmp_path / "ready").exists()


def test_a_reader_that_goes_away_breaks_no_session(serve):
    served = serve()
    address = served.ready()
    assert served.process.stdout
    served.process.stdout.close()
    for _ in range(3):
        assert submit(address, FOREIGN)[0] == 550
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(timeout=60) == 0
    served.process.stdout = None


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--port", "70000"], "'70000' is not a port"),
        (["--port", "smtp"], "'smtp' is not a port"),
        (["--listen", "2525"], "write HOST:PORT"),
        (["--listen", "127.0.0.1:2525,peer=x"], "'x' is not an IP address"),
        (["--listen", "127.0.0.1:2525,tls=off"], "unknown option 'tls=off'"),
        (["--peer", "127.0.0.25"], "write LOOPBACK=PUBLIC"),
        (["--peer", "10.0.0.1=203.0.113.25"], "10.0.0.1 is not a loopback address"),
        (["--drain", "soon"], "'soon' is not a number of seconds"),
        (["--drain", "nan"], "'nan' is not a number of seconds"),
        (["--host", "::"], "--allow-public"),
        (["--listen", "192.0.2.1:2525"], "--allow-public"),
        (["--host", "mail.contoso.com"], "--allow-public"),
    ],
)
def test_a_wrong_command_line(fakeeop, serve, arguments: list[str], why: str):
    code, _, err = fakeeop("serve", serve.tenant, "--state", serve.state, *arguments)
    assert code == 2
    assert why in err
    assert not serve.state.exists()


def test_without_a_tenant_file_it_serves_the_sample(serve):
    served = serve(sample=True)
    address = served.ready()
    assert "contoso" in served.lines[-1]
    assert "the built-in sample" in served.lines[-1]
    assert banner(address).startswith(b"220 ")
    assert served.stop() == 0


def test_the_sample_is_the_example():
    example = Path(__file__).parents[4] / "examples" / "contoso.yaml"
    assert resources.files("fakeeop.config").joinpath("sample.yaml").read_bytes() == example.read_bytes()
