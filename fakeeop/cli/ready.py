"""``fakeeop ready``: does a server answer? For scripts and health checks; waits until it does, if told to."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import suppress
from pathlib import Path

from attrs import frozen

from fakeeop.cli import exits
from fakeeop.cli.serve.options import seconds

__all__ = ["EXAMPLES", "HELP", "Readiness", "add_arguments", "run"]

HELP = """\
Does a server answer? Connects, reads the greeting, says QUIT. Exit code 0 once an SMTP server greets with 220, 4 if
none does. With --wait it tries until one does or the time is over. Each try that reaches fakeeop is a session in its
journal."""

EXAMPLES = """\
  fakeeop ready                                  does 127.0.0.1:2525 answer, now?
  fakeeop ready --wait 10 127.0.0.1:2526         wait at most ten seconds for it
  fakeeop serve --port 0 --ready-file r & fakeeop ready --wait 10 --ready-file r
                                                 print the port, once it is known and answers
"""

DEFAULT = "127.0.0.1:2525"
_ANSWER_SECONDS = 5.0  # how long one try may take; fakeeop greets in milliseconds, unless a fault delays it
_PAUSE_SECONDS = 0.02  # between tries: nothing tells a stranger that a port begins to listen, or a file to exist
_LINE_MAX = 4096  # octets of greeting that are read; RFC 5321 4.5.3.1.5 has 512 a line
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  where a server listens that may be met anywhere


@frozen
class Readiness:
    """The result of a try: who was asked, whether it is ready, and the greeting or what is wrong."""

    address: str
    ready: bool
    text: str


def add_arguments(parser: ArgumentParser) -> None:
    """The command line of ``fakeeop ready``."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("server", nargs="?", type=_server, metavar="HOST:PORT", help=f"whom to ask ({DEFAULT})")
    which.add_argument("--ready-file", type=Path, metavar="F", help="ask whom the ready file of 'fakeeop serve' names")
    parser.add_argument("--wait", type=_seconds, default=0.0, metavar="SECONDS", help="try for so long (0: once)")
    parser.add_argument("--json", action="store_true", help="print JSON: ready, address, greeting or why")


def run(args: Namespace) -> int:
    """Ask until the answer is yes or the time is over; 0 or 4."""
    deadline = time.monotonic() + args.wait
    pause = threading.Event()
    while True:
        answer = _ask_file(args.ready_file, deadline) if args.ready_file else _ask(args.server or DEFAULT, deadline)
        if answer.ready or time.monotonic() >= deadline:
            break
        pause.wait(min(_PAUSE_SECONDS, max(deadline - time.monotonic(), 0)))
    _tell(answer, args)
    return exits.FINE if answer.ready else exits.ENVIRONMENT


def _tell(answer: Readiness, args: Namespace) -> None:
    if args.json:
        told = {"ready": answer.ready, "address": answer.address, "greeting" if answer.ready else "why": answer.text}
        print(json.dumps(told))
    elif answer.ready:
        print(answer.address)
    else:
        waited = f" (waited {args.wait:g} s)" if args.wait else ""
        print(f"fakeeop ready: {answer.address}: {answer.text}{waited}", file=sys.stderr)


def _ask_file(path: Path, deadline: float) -> Readiness:
    """The first listener of a ready file that greets; a listener for PROXY headers does not."""
    try:
        lines = path.read_text("ascii").splitlines()
    except FileNotFoundError:
        return Readiness(str(path), False, "there is no such file: the server is not ready, or has ended")
    except (OSError, ValueError) as why:
        return Readiness(str(path), False, f"cannot be read: {getattr(why, 'strerror', None) or why}")
    answers: list[Readiness] = []
    for line in lines:
        if " " not in line:  # a line with a word before the address is about something else
            answers.append(_ask(line, deadline))
            if answers[-1].ready:
                break
    return answers[-1] if answers else Readiness(str(path), False, "names no listener: is this a ready file?")


def _ask(address: str, deadline: float) -> Readiness:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    patience = max(min(_ANSWER_SECONDS, deadline - time.monotonic()), 1.0)
    try:
        with socket.create_connection((_ANY.get(host, host), int(port)), timeout=patience) as connection:
            greeting = _line(connection)
            if greeting:
                _quit(connection)
    except ConnectionRefusedError:
        return Readiness(address, False, "nothing listens there")
    except TimeoutError:
        return Readiness(address, False, f"no answer in {patience:g} s")
    except OSError as why:
        return Readiness(address, False, (why.strerror or str(why)).lower())
    return _judged(address, greeting)


def _quit(connection: socket.socket) -> None:
    """End the session as sessions should end. Who has greeted is ready, even if it hangs up now."""
    with suppress(OSError):
        connection.sendall(b"QUIT\r\n")
        _line(connection)


def _line(connection: socket.socket) -> str:
    found = b""
    while b"\n" not in found and len(found) < _LINE_MAX:
        more = connection.recv(_LINE_MAX)
        if not more:
            break
        found += more
    return found.partition(b"\n")[0].decode("ascii", "replace").strip()


def _judged(address: str, greeting: str) -> Readiness:
    if not greeting:
        return Readiness(address, False, "closed without a greeting (does this listener wait for a PROXY header?)")
    if greeting.startswith("220") and "SMTP" in greeting.upper():  # FTP greets with 220, too
        return Readiness(address, True, greeting)
    return Readiness(address, False, f"does not greet as an SMTP server that is ready: {greeting[:100]!r}")


def _server(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isdecimal() and 0 < int(port) <= 65535):
        raise ArgumentTypeError(f"{text!r}: write HOST:PORT, as in {DEFAULT} or [::1]:2525")
    return text


def _seconds(text: str) -> float:
    return seconds(text)
