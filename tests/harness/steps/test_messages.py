from __future__ import annotations

import os
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.steps.messages import message_bytes

BASE: dict[str, Any] = {
    "mail_from": "app@contoso.com",
    "recipients": ["ann@contoso.com", "bob@x.example"],
    "run_id": "r-1",
    "seed": "s",
}


def made(message, **changes):
    return message_bytes(message, **({"folder": Path(), **BASE} | changes))


def parsed(content):
    return message_from_bytes(content, policy=policy.default)


def test_nothing_said_gives_realistic_text_the_same_for_the_same_seed():
    first, second = parsed(made(None)), parsed(made(None))
    assert first["Subject"] == second["Subject"]
    assert first.get_content() == second.get_content()
    assert len(str(first["Subject"])) > 8
    assert first["From"] == "app@contoso.com"
    assert first["To"] == "ann@contoso.com, bob@x.example"
    assert first["Message-ID"] == "<r-1@harness.example>"
    assert parsed(made(None, seed="other"))["Subject"] != first["Subject"]


def test_what_is_said_is_taken_and_the_rest_added():
    message = {
        "subject": "Scan 1",
        "text": "hello\nthere",
        "headers": {"From": "x@y.example", "Date": None, "X-A": ["1", "2"]},
    }
    content = made(message)
    found = parsed(content)
    assert (found["Subject"], found["From"], found["Date"]) == ("Scan 1", "x@y.example", None)
    assert found.get_all("X-A") == ["1", "2"]
    assert content.endswith(b"\r\n\r\nhello\r\nthere\r\n")


def test_text_that_is_not_ascii_is_declared():
    found = parsed(made({"subject": "Grüße", "text": "für alle"}))
    assert found["Subject"] == "Grüße"
    assert found.get_content() == "für alle\r\n"


def test_raw_is_taken_as_it_is():
    assert made({"raw": "A: 1\n\nx"}) == b"A: 1\r\n\r\nx\r\n"
    assert made({"raw": "A: 1\r\n\r\nx\ny\r\n"}) == b"A: 1\r\n\r\nx\ny\r\n"


@given(st.integers(600, 3000))
def test_a_size_is_met_to_the_octet(size):
    content = made({"subject": "x", "text": "y", "size": size})
    assert len(content) == size
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_a_file_beside_the_scenario(tmp_path):
    (tmp_path / "m.eml").write_bytes(b"A: 1\n\nx\n")
    assert made({"file": "m.eml"}, folder=tmp_path) == b"A: 1\r\n\r\nx\r\n"
    with pytest.raises(HarnessError, match=r"none.eml: No such file"):
        made({"file": "none.eml"}, folder=tmp_path)


def test_a_file_elsewhere_is_not_read(tmp_path):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder / "link.eml").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe.eml")
    for name in ("../secret", str(tmp_path / "secret"), "link.eml", "."):
        with pytest.raises(HarnessError, match="not in the scenario's folder"):
            made({"file": name}, folder=folder)
    with pytest.raises(HarnessError, match="not a regular file"):
        made({"file": "pipe.eml"}, folder=folder)


def test_the_null_path_has_somebody_to_be_from():
    assert parsed(made({"text": "x"}, mail_from="<>"))["From"] == "MAILER-DAEMON@harness.example"
