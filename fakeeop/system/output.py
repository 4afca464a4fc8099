"""What standard output and standard error may be: full, closed, in another encoding, a pipe that nobody reads."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["INTERRUPTED", "UNREAD", "discard", "finished", "prepared"]

INTERRUPTED = 130  # 128 + SIGINT, as shells count
UNREAD = 141  # 128 + SIGPIPE


@contextmanager
def prepared() -> Iterator[None]:
    """Streams that take every character: one that the encoding lacks becomes ``?``; a closed stream takes all."""
    closed = []
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            closed.append(name)
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  closed below
        elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="replace")
    try:
        yield
    finally:
        for name in closed:
            getattr(sys, name).close()
            setattr(sys, name, None)


def finished(work: Callable[[], int], name: str, failed: int) -> int:
    """The exit code of ``work``, with all output written; a reader that went away is ``UNREAD``, ctrl-C
    ``INTERRUPTED``, any other error of the system ``failed``, with one line that says what.
    """
    try:
        try:
            code = work()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        discard()
        return UNREAD
    except KeyboardInterrupt as why:
        told = f": {why}" if str(why) else ""
        print(f"{name}: interrupted{told}", file=sys.stderr)
        return INTERRUPTED
    except OSError as why:
        if os.environ.get(f"{name.upper()}_DEBUG"):
            raise
        lost = discard() or why.errno in (errno.ENOSPC, errno.EBADF)
        place = f"{why.filename}: " if why.filename else "the output cannot be written: " if lost else ""
        print(f"{name}: {place}{why.strerror or why}", file=sys.stderr)
        return failed
    return code


def discard() -> bool:
    """True if standard output cannot take what it holds; the interpreter must not try again when it ends."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False
