"""The names of extensions, and what is refused without them."""

from __future__ import annotations

import pytest

from fakeeop.errors import ProtocolViolation
from fakeeop.smtp.extensions import EXTENSIONS, known_extensions, refuse_hidden, without
from fakeeop.smtp.names import ehlo_reply

EHLO = ehlo_reply("SN1PEPF000252A1.mail.protection.outlook.com", "203.0.113.25", 157_286_400, offers_tls=True)


def test_they_are_those_of_the_ehlo_reply_in_its_order():
    lines = EHLO.decode().splitlines()[1:]
    assert tuple(line[4:].partition(" ")[0] for line in lines) == EXTENSIONS


def test_names_in_any_case():
    assert known_extensions([" chunking", "DSN"]) == {"CHUNKING", "DSN"}
    with pytest.raises(ValueError, match="XEXCH50 is not an extension"):
        known_extensions(["XEXCH50"])


@pytest.mark.parametrize("hidden", EXTENSIONS)
def test_a_reply_without_one(hidden: str):
    lines = without(EHLO, frozenset({hidden})).decode().removesuffix("\r\n").split("\r\n")
    assert len(lines) == len(EXTENSIONS)
    assert not any(line[4:].startswith(hidden) for line in lines)
    assert [line[3] for line in lines] == ["-"] * (len(lines) - 1) + [" "]


def test_a_reply_without_any():
    assert without(EHLO, frozenset(EXTENSIONS)).startswith(b"250 SN1PEPF")


@pytest.mark.parametrize(
    ("argument", "hidden", "refused"),
    [
        (b"FROM:<a@b.example> SIZE=10", "SIZE", True),
        (b"FROM:<a@b.example> size=10 RET=HDRS", "DSN", True),
        (b"TO:<a@b.example> NOTIFY=NEVER", "DSN", True),
        (b"FROM:<a@b.example> BODY=BINARYMIME", "8BITMIME", False),
        (b"FROM:<a@b.example> BODY=BINARYMIME", "BINARYMIME", True),
        (b"FROM:<a@b.example> BODY=8BITMIME", "8BITMIME", True),
        (b"FROM:<a@b.example> SMTPUTF8", "SMTPUTF8", True),
        (b"FROM:<size=10@b.example>", "SIZE", False),
        (b"FROM:<a@b.example> X=1", "SIZE", False),
    ],
)
def test_parameters_of_a_hidden_extension(argument: bytes, hidden: str, refused: bool):
    if refused:
        with pytest.raises(ProtocolViolation, match="is not announced"):
            refuse_hidden(argument, frozenset({hidden}))
    else:
        refuse_hidden(argument, frozenset({hidden}))
