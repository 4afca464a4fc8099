"""Values of a scenario are never options, files or commands of the program that sends."""

from __future__ import annotations

import pytest

from harness.clients.base import Unavailable
from harness.clients.registry import driver, status
from harness.errors import DriverError

ODD = ("-Sexit", "--help", "-:/etc/passwd", "|touch made", "/srv/x", "+folder", "./here", "@/etc/hostname")


def _program(name: str):
    if isinstance(status(name), Unavailable):
        pytest.skip(f"{name} is not installed")
    return driver(name)


@pytest.mark.parametrize("value", ODD)
def test_recipients_of_snail(peer, plan, tmp_path, value):
    client = _program("s-nail")
    with pytest.raises(DriverError, match="for an option, a file or a command"):
        client.run(plan(peer, value))
    assert peer.handler.messages == []
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("content", [b"/etc/hostname\r\n", b"/etc/hostname", b"@/etc/hostname\r\n"])
def test_the_message_of_swaks_is_not_a_file_name(peer, plan, content):
    with pytest.raises(DriverError, match="for the name of a file"):
        _program("swaks").run(plan(peer, message=content))
    assert peer.handler.messages == []


@pytest.mark.parametrize("field", ["recipients", "mail_from", "helo"])
def test_values_of_swaks_are_not_options(peer, plan, tmp_path, field):
    option = f"--output-file={tmp_path / 'made'}"
    changes = {"recipients": ({"address": option},), "mail_from": {"address": option}, "helo": option}
    client = _program("swaks")
    with pytest.raises(DriverError, match="for an option"):
        client.run(plan(peer, **{field: changes[field]}))
    assert not (tmp_path / "made").exists()
