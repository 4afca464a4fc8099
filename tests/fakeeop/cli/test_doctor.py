"""``fakeeop doctor`` as a user calls it."""

from __future__ import annotations

import json

import pytest

from fakeeop.testing.emulator import EmulatorForTests as Emulator

ENVELOPE = ("--from", "app@contoso.com", "--to-internal", "ann@contoso.com", "--to-external", "bob@example.net")


@pytest.fixture
def eop():
    with Emulator() as running:
        running.tenant("contoso").inbound_connector(
            Name="Relay", ConnectorType="OnPremises", TlsSenderCertificateName="*.contoso.com"
        )
        yield running


@pytest.fixture
def doctor(fakeeop, eop, tmp_path):
    """``doctor(…)`` at the emulator, with an empty state folder."""

    def run(*arguments, server=None):
        state = ("--state", tmp_path / "state")
        return fakeeop("doctor", server or f"{eop.host}:{eop.port}", *state, *arguments)

    return run


def test_all_is_well_with_the_certificate(doctor, eop):
    certificate = eop.certificate("mail.contoso.com")
    files = ("--cert", certificate.certificate, "--key", certificate.key, "--trust", certificate.roots)
    code, out, err = doctor(*files, *ENVELOPE)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].endswith("no message is sent")
    assert lines[-1] == "fine: nothing that was asked for was refused"
    assert any(line.startswith("✓ rcpt-external") and "250 2.1.5 Recipient OK" in line for line in lines)
    eop.assert_nothing_accepted()


def test_a_pfx_will_do(doctor, eop):
    certificate = eop.certificate("mail.contoso.com")
    code, out, _ = doctor("--cert", certificate.pfx, "--cert-password", certificate.pfx_password, *ENVELOPE)
    assert code == 0, out


def test_a_refusal_is_exit_code_1(doctor):
    code, out, _ = doctor(*ENVELOPE)
    assert code == 1
    assert "✗ rcpt-external" in out
    assert "a Partner connector never gives relay" in out
    assert "refused: the server said no\nrefused without a certificate" in out


def test_json(doctor):
    code, out, _ = doctor("--json", *ENVELOPE)
    tree = json.loads(out)
    assert (code, tree["outcome"], tree["kind"]) == (1, "refused", "mx")
    assert tree["steps"][-3]["recipient"] == "bob@example.net"


def test_no_server_is_exit_code_4(doctor, eop):
    eop.stop()
    code, out, _ = doctor()
    assert code == 4
    assert "connection refused" in out
    assert "rcpt-internal" not in out, "steps that were never reached are not told"


def test_another_machine_needs_a_word(doctor):
    for server in ("contoso-com.mail.protection.outlook.com", "203.0.113.1:25", "[2001:db8::1]:25", "2001:db8::1"):
        code, out, err = doctor(server=server)
        assert (code, out) == (2, "")
        assert "--allow-remote" in err


def test_with_the_word_it_goes_there(doctor):
    code, out, _ = doctor("--allow-remote", server="nowhere.invalid")
    assert code == 4
    assert "nowhere.invalid has no address" in out


@pytest.mark.parametrize(("arguments", "words"), [
    (("--no-tls", "--cert", "x.pem"), "--cert needs TLS"),
    (("--key", "x.key"), "need --cert"),
    (("--to-external", "a@b.example"), "need --from"),
    (("--from", "nobody"), "is not an address"),
    (("--from", "a@b", "--to-internal", "<>"), "is not an address"),
    (("--from", "a@b>\r\nDATA"), "a control character"),
    (("--helo", "a b"), "--helo"),
])  # fmt: skip
def test_wrong_usage(doctor, arguments, words):
    code, _, err = doctor(*arguments)
    assert code == 2
    assert words in err


@pytest.mark.parametrize("server", ["127.0.0.1:0", "127.0.0.1:smtp", ":25", "127.0.0.1:99999"])
def test_wrong_servers(doctor, server):
    code, _, err = doctor(server=server)
    assert code == 2
    assert "is not HOST or HOST:PORT" in err


def test_the_null_sender(doctor, eop):
    code, _, _ = doctor("--from", "<>", "--to-internal", "<ann@contoso.com>")
    assert code == 0
    eop.wait_for(sessions=1)
    assert "C: MAIL FROM:<>" in eop.sessions[0].transcript


def test_a_wrong_certificate_file_is_exit_code_3(doctor, tmp_path):
    (tmp_path / "x.pem").write_text("nothing")
    code, _, err = doctor("--cert", tmp_path / "x.pem")
    assert code == 3
    assert "x.pem" in err


def test_the_lab_of_the_state_folder_is_the_one_that_is_trusted(tmp_path, doctor):
    from fakeeop.pki.state import open_state  # noqa: PLC0415  makes certificates

    open_state(tmp_path / "state")
    _, out, _ = doctor("--json")
    (tls,) = [step["tls"] for step in json.loads(out)["steps"] if step["name"] == "starttls"]
    assert tls["server-certificate"]["problems"] == ["another-authority"], "the emulator of this test is of another lab"
