"""Random octets, random cuts, random handshakes against the session core, for as long as you like.

    python benchmarks/fuzz.py --seconds 60 --seed 1       our own generator
    python benchmarks/fuzz.py --atheris                   coverage-guided, where atheris is installed

A failure prints its seed, or atheris' own report. What must hold is what ``tests/fakeeop/smtp/test_fuzz.py`` asks for:
no crash, well-formed replies, as many messages as were queued.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from itertools import pairwise

from fakeeop.model import Envelope, TlsFacts
from fakeeop.smtp.policy import SessionSettings
from fakeeop.smtp.session import SmtpSession
from fakeeop.smtp.xclient import XclientCommand
from fakeeop.system.clock import VirtualClock

NOON = datetime(2025, 3, 9, 12, tzinfo=UTC)
TLS = TlsFacts("TLSv1.3", "X")
LINE = re.compile(rb"[2-5]\d\d[ -]")
PARTS = [
    *(
        b"EHLO x\r\n",
        b"HELO x\r\n",
        b"MAIL FROM:<a@b.example>\r\n",
        b"MAIL FROM:<> BODY=BINARYMIME\r\n",
        b"STARTTLS\r\n",
    ),
    *(b"RCPT TO:<c@d.example>\r\n", b"DATA\r\n", b"BDAT 5\r\n", b"BDAT 0 LAST\r\n", b"BDAT 9 LAST\r\n", b"RSET\r\n"),
    *(
        b"\r\n.\r\n",
        b"\n.\n",
        b"\r\n.\n",
        b".\r\n",
        b"..",
        b"\r",
        b"\n",
        b"\0",
        b"\xff",
        b"\x16\x03\x01",
        b"GET / HTTP/1.1",
    ),
    *(b"AUTH LOGIN\r\n", b"QUIT\r\n", b"NOOP\r\n", b"HELP\r\n", b"EXPN\r\n", b"XCLIENT ADDR=1.2.3.4\r\n", b"x" * 2_100),
]
_ENVELOPE = b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
PARTS += [_ENVELOPE + b"DATA\r\n", _ENVELOPE + b"BDAT 3\r\nabc", _ENVELOPE, b"\r\n.\r\n", b"\r\n.\r\n"]


class Everyone:
    """A policy that lets all in and counts."""

    def __init__(self) -> None:
        self.messages = 0

    def hello(self, name: str, esmtp: bool) -> None:
        """As ``Policy``."""

    def secured(self, facts: TlsFacts) -> None:
        """As ``Policy``."""

    def speaks_for(self, command: XclientCommand) -> None:
        """As ``Policy``."""

    def mail(self, *_: object) -> bytes | None:
        """As ``Policy``."""
        return None

    def recipient(self, *_: object) -> bytes | None:
        """As ``Policy``."""
        return None

    def message(self, envelope: Envelope, *_: object) -> bytes:
        """As ``Policy``."""
        if not envelope.recipients:
            raise AssertionError("a message without recipients")
        self.messages += 1
        return b"250 queued\r\n"

    def refused(self, stage: str, reply: bytes) -> None:
        """As ``Policy``."""


def run(pieces: list[bytes], xclient: bool) -> int:
    """One session; returns how many messages came of it. Raises AssertionError, or whatever broke."""
    policy = Everyone()
    session = SmtpSession(
        SessionSettings(errors=1_000, size=4_096), policy, "203.0.113.25", "0" * 16, VirtualClock(NOON), xclient=xclient
    )
    said = session.greeting()
    for piece in pieces:
        if session.wants_tls:
            session.tls_established(TLS)
        said += session.receive(piece)
    lines = said.split(b"\r\n")
    if lines.pop() or not all(map(LINE.match, lines)):
        raise AssertionError(f"not a reply: {said[-200:]!r}")
    if lines.count(b"250 queued") != policy.messages:
        raise AssertionError(f"{policy.messages} messages, {lines.count(b'250 queued')} replies")
    return policy.messages


def cut(octets: bytes, chance: random.Random) -> list[bytes]:
    """The octets in pieces of any size."""
    edges = sorted({0, len(octets), *(chance.randint(0, len(octets)) for _ in range(chance.randint(0, 20)))})
    return [octets[start:end] for start, end in pairwise(edges)]


def own(seconds: float, seed: int) -> int:
    """Our generator; returns the exit code."""
    sessions = messages = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        chance = random.Random(seed + sessions)  # noqa: S311  no secret
        parts = [
            chance.choice(PARTS) if chance.random() < 0.9 else chance.randbytes(chance.randint(0, 30))
            for _ in range(chance.randint(0, 60))
        ]
        try:
            messages += run(cut(b"".join(parts), chance), chance.random() < 0.2)
        except Exception:
            print(f"fails with --seed {seed + sessions}", file=sys.stderr)
            raise
        sessions += 1
    print(f"{sessions:,} sessions, {messages:,} messages, no failure (from seed {seed})")
    return 0


def guided() -> int:
    """Atheris, until it is stopped or finds something."""
    try:
        atheris = import_module("atheris")
    except ImportError:
        print("atheris is not installed: pip install atheris", file=sys.stderr)
        return 3

    def one(data: bytes) -> None:
        run(cut(data, random.Random(len(data))), False)  # noqa: S311  no secret

    atheris.Setup(sys.argv[:1], one)
    atheris.Fuzz()
    return 0


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--atheris", action="store_true")
    args = parser.parse_args()
    return guided() if args.atheris else own(args.seconds, args.seed)


if __name__ == "__main__":
    sys.exit(main())
