from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509

from fakeeop.errors import StoreError
from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.state import default_state_folder, open_state, revoke


def test_made_once_and_loaded_afterwards(tmp_path):
    first = open_state(tmp_path / "state")
    second = open_state(tmp_path / "state")
    assert (first.chain_pem, first.key_pem) == (second.chain_pem, second.key_pem)
    assert LabAuthority.load(tmp_path / "state" / "pki").certificate_pem == first.trusted_ca_pem


def test_the_names_of_the_server_certificate(tmp_path):
    leaf = x509.load_pem_x509_certificate(open_state(tmp_path).chain_pem)
    san = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert san.get_values_for_type(x509.DNSName) == [
        "mail.protection.outlook.com",
        "*.mail.protection.outlook.com",
        "smtp.office365.com",
        "localhost",
    ]
    assert [str(address) for address in san.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_keys_are_for_the_owner_only(tmp_path):
    open_state(tmp_path)
    for name in ("lab-ca.key", "server.key"):
        assert (tmp_path / "pki" / name).stat().st_mode & 0o777 == 0o600


def test_first_starts_at_once_agree(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: open_state(tmp_path), range(8)))
    assert len({certificates.key_pem for certificates in found}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["pki"]


def test_a_later_start_loads_no_openssl(tmp_path):
    open_state(tmp_path)
    program = (
        "import sys, pathlib; from fakeeop.pki.state import open_state; open_state(pathlib.Path(sys.argv[1]));"
        "print([name for name in ('OpenSSL', 'cryptography', 'trustme') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["lab-ca.pem", "lab-ca.key", "server.pem", "server.key"])
@pytest.mark.parametrize("content", [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_broken_file_is_named(tmp_path, name: str, content: bytes):
    open_state(tmp_path)
    (tmp_path / "pki" / name).write_bytes(content)
    with pytest.raises(StoreError, match=name.replace(".", r"\.")) as error:
        open_state(tmp_path)
    assert "to have new" in str(error.value)


@pytest.mark.parametrize("name", ["lab-ca.pem", "server.key"])
def test_a_missing_file_is_named(tmp_path, name: str):
    open_state(tmp_path)
    (tmp_path / "pki" / name).unlink()
    with pytest.raises(StoreError, match=rf"{name}: is missing"):
        open_state(tmp_path)


@pytest.mark.parametrize("name", ["lab-ca.key", "server.key"])
def test_a_key_of_another_state_is_refused(tmp_path, name: str):
    open_state(tmp_path / "a")
    open_state(tmp_path / "b")
    (tmp_path / "a" / "pki" / name).write_bytes((tmp_path / "b" / "pki" / name).read_bytes())
    with pytest.raises(StoreError, match="is not"):
        open_state(tmp_path / "a")


def test_a_server_certificate_of_ones_own_is_taken(tmp_path):
    open_state(tmp_path)
    own = LabAuthority.load(tmp_path / "pki").server_certificate(["mx.example"])
    (tmp_path / "pki" / "server.pem").write_bytes(own.chain_pem)
    (tmp_path / "pki" / "server.key").write_bytes(own.key_pem)
    assert open_state(tmp_path).chain_pem == own.chain_pem


def test_a_state_folder_that_is_a_file(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        open_state(tmp_path / "state")


def test_a_running_server_notices_a_revocation(tmp_path):
    certificates = open_state(tmp_path)
    assert "ABC123" not in certificates.revoked
    revoke(tmp_path, "ABC123")
    assert "ABC123" in certificates.revoked


def test_the_default_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_state_folder() == tmp_path / "fakeeop"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # the specification says: ignore it
    assert default_state_folder() == Path.home() / ".local" / "state" / "fakeeop"
