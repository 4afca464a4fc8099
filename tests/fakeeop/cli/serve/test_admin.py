"""``fakeeop serve --admin``: the API of a process, by its command line."""

from __future__ import annotations

import json
import signal

import httpx


def url_of(line: str) -> str:
    return line.rpartition("admin on ")[2]


def test_it_is_off_unless_asked_for(serve):
    served = serve("--json")
    assert json.loads(served.until("ready"))["admin"] is None


def test_the_ready_line_names_it(serve, tmp_path):
    served = serve("--admin", "127.0.0.1:0", "--ready-file", tmp_path / "ready")
    url = url_of(served.until("ready on "))
    assert httpx.get(f"{url}/ready").json()["status"] == "ready"
    assert (tmp_path / "ready").read_text().splitlines()[1] == f"admin {url}"
    assert served.stop() == 0
    assert served.lines[-1] == "fakeeop: stopped"


def test_changes_last_until_the_file_is_read_again(serve):
    served = serve("--admin", "127.0.0.1:0", "--json")
    url = json.loads(served.until("ready"))["admin"]
    place = f"{url}/tenants/contoso/inbound-connectors"
    assert httpx.delete(f"{place}/By address").status_code == 204
    assert len(httpx.get(place).json()["InboundConnectors"]) == 1
    served.process.send_signal(signal.SIGHUP)
    served.until("reloaded")
    assert len(httpx.get(place).json()["InboundConnectors"]) == 2


def test_the_sample_can_be_changed_too(serve):
    served = serve("--admin", "127.0.0.1:0", sample=True)
    url = url_of(served.until("ready on "))
    assert httpx.get(f"{url}/tenants").json()["Tenants"][0]["Name"] == "contoso"
    assert httpx.patch(f"{url}/behaviour", json={"CertFallback": "refuse"}).status_code == 200


def test_the_token_and_a_name(serve, tmp_path):
    (tmp_path / "token").write_text("s3cret\n")
    served = serve("--admin", "127.0.0.1:0", "--admin-token-file", tmp_path / "token", "--admin-name", "eop")
    url = url_of(served.until("ready on "))
    assert httpx.get(f"{url}/tenants").status_code == 401
    headers = {"Authorization": "Bearer s3cret", "Host": "eop"}
    assert httpx.get(f"{url}/tenants", headers=headers).status_code == 200


def test_a_virtual_clock(serve):
    served = serve("--admin", "127.0.0.1:0", "--virtual-clock")
    url = url_of(served.until("ready on "))
    first = httpx.get(f"{url}/clock").json()
    assert first["virtual"] is True
    assert httpx.get(f"{url}/clock").json() == first
    assert httpx.post(f"{url}/clock/advance", json={"seconds": 60}).json()["now"] > first["now"]


def test_wrong_command_lines(fakeeop, tmp_path):
    for arguments, words in [
        (["--admin", "8025"], "write HOST:PORT"),
        (["--admin", "0.0.0.0:0"], "can be reached from other machines"),
        (["--admin-token-file", "x"], "--admin-token-file needs --admin HOST:PORT"),
        (["--admin-name", "x"], "--admin-name needs --admin HOST:PORT"),
        (["--virtual-clock"], "--virtual-clock needs --admin HOST:PORT"),
    ]:
        code, _, err = fakeeop("serve", "--port", "0", *arguments)
        assert (code, words in err) == (2, True), err
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff")
    for path, words in ((tmp_path / "none", "No such file"), (empty, "it has no token"), (binary, "more than ASCII")):
        code, _, err = fakeeop("serve", "--admin", "127.0.0.1:0", "--admin-token-file", path)
        assert (code, words in err) == (4, True), err
