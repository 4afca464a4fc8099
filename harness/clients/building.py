"""Small programs of ours in compiled languages: built once into the clients folder, found there by their source."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from harness.clients.process import clients_folder, find_program, run_program
from harness.clients.scripted import SOURCES
from harness.errors import HarnessError

__all__ = ["built_cs", "built_go"]

_SECONDS: Final = 180.0


@cache
def built_go() -> Path | None:
    """``send.go``; None where it is not built and there is no Go. Raises HarnessError if it does not compile."""
    extra = {"GO111MODULE": "off", "CGO_ENABLED": "0"}
    return _built("send.go", "go-smtp", "", "go", ("build", "-o", "program"), extra)


@cache
def built_cs() -> Path | None:
    """``Send.cs`` for Mono and .NET; None where it is not built and there is no mcs. Raises HarnessError."""
    return _built("Send.cs", "smtpclient", ".exe", "mcs", ("-nowarn:618", "-out:program"), {})


def _built(
    source: str, name: str, suffix: str, compiler: str, options: tuple[str, ...], extra: Mapping[str, str]
) -> Path | None:
    digest = hashlib.sha256((SOURCES / source).read_bytes()).hexdigest()[:12]
    built = clients_folder() / "built" / f"{name}-{digest}{suffix}"
    if built.exists():
        return built
    program = find_program(compiler)
    if program is None:
        return None
    try:
        built.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="build-", dir=built.parent) as made:
            folder = Path(made)
            argv = [str(program), *options, str(SOURCES / source)]
            done = run_program(argv, folder=folder, timeout=_SECONDS, extra=extra)
            if done.code != 0:
                raise HarnessError(done.output)
            os.replace(folder / "program", built)  # at once: others may be building it, too
    except OSError as why:
        raise HarnessError(f"{why.filename}: {why.strerror}") from why
    return built
