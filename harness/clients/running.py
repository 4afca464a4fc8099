"""What the drivers of programs share: probing by version, running with a plan, an observation from the trace."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

from harness.clients.base import Available, Plan, Unavailable
from harness.clients.outcome import ClientDialogue
from harness.clients.process import Finished, find_program, folder_closed, folder_opened, run_program
from harness.errors import DriverError, HarnessError
from harness.model.result import Observation

__all__ = [
    "PROGRAM_OBSERVES",
    "body_of",
    "header_of",
    "private_folder",
    "probe_program",
    "probe_version",
    "run_plan",
    "seen",
    "tls_words",
]

PROGRAM_OBSERVES: Final = frozenset(
    {"outcome", "stage", "reply", "replies", "recipients", "capabilities", "tls", "closed-by", "exit", "transcript"}
)
_PROBE_SECONDS: Final = 30.0


@contextmanager
def private_folder(plan: Plan, name: str) -> Iterator[Path]:
    """A folder of one run of one client, also its HOME; removed at the end, whatever happens."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=plan.folder) as made:
        path = Path(made)
        folder_opened(path, name)
        try:
            yield path
        finally:
            folder_closed(path)


@lru_cache(maxsize=64)
def probe_version(argv: tuple[str, ...], pattern: str, install: str) -> Available | Unavailable:
    """Run a program for its version; ``pattern`` finds it in what the program says (group 1)."""
    with tempfile.TemporaryDirectory(prefix="harness-probe-") as folder:
        try:
            done = run_program(argv, folder=Path(folder), timeout=_PROBE_SECONDS)
        except HarnessError as why:
            return Unavailable(f"does not start: {why}", install)
    found = re.search(pattern, f"{done.stdout}\n{done.stderr}")
    if found is None:
        return Unavailable(f"says no version: {done.output[-200:] or 'nothing'}", install)
    return Available(found.group(1))


def probe_program(
    name: str, pattern: str, install: str, *also: str, flag: str = "--version"
) -> Available | Unavailable:
    """Is the program here, and which version is it?"""
    program = find_program(name, *also)
    if program is None:
        return Unavailable("is not installed", install)
    return probe_version((str(program), flag), pattern, install)


def run_plan(
    argv: Sequence[str | Path],
    plan: Plan,
    folder: Path,
    *,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
) -> Finished:
    """Run the client for the plan's time."""
    return run_program(argv, folder=folder, timeout=plan.timeout, stdin=stdin, extra=extra)


def seen(note: ClientDialogue, command: str, done: Finished, failure: str = "") -> Observation:
    """The observation. ``failure``: the forwarder's.

    Raises DriverError when there was no dialogue at all: the program did not do its work, or nobody listens.
    """
    if failure:
        raise DriverError(command, failure, done.output)
    if not note.transcript and done.code != 0 and not _cut_off(done):
        raise DriverError(command, f"no dialogue, exit code {done.code}", done.output)
    return note.observation(command, done.code)


def _cut_off(done: Finished) -> bool:
    """Was it connected, and told nothing?"""
    words = r"clos|reset|eof|Connected to|did not get|lost|unexpected|response"
    return re.search(words, done.output, re.IGNORECASE) is not None and "refused" not in done.output.lower()


def header_of(message: bytes, name: str) -> str:
    """One header field's value, unfolded; empty if it is not there."""
    head = message.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    found = re.search(rf"^{re.escape(name)}:[ \t]*((?:[^\r\n]|\r\n[ \t])*)", head, re.IGNORECASE | re.MULTILINE)
    return re.sub(r"\r\n[ \t]+", " ", found.group(1)).strip() if found else ""


def body_of(message: bytes) -> str:
    """The content after the header, lines ended by LF."""
    return message.partition(b"\r\n\r\n")[2].decode("utf-8", "replace").replace("\r\n", "\n")


def tls_words(output: str, pattern: str) -> str:
    """The program's own words about a failed handshake, the first line that fits; empty if none does."""
    found = re.search(pattern, output)
    return found.group(1).strip() if found else ""
