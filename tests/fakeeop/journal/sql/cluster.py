"""A PostgreSQL of the test run's own: a private cluster in a temporary folder, behind a Unix socket."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

__all__ = ["cluster"]

PORT = 54321  # names the socket, in a folder that nobody else has


def programs() -> Path | None:
    """Where initdb and its friends are: on PATH, or where Debian puts them."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


@contextmanager
def cluster() -> Iterator[str]:
    """Its URL. Skips the test if there is no PostgreSQL; where CI has installed it, that is an error."""
    where = programs()
    as_postgres: list[str] = []
    if where is not None and os.geteuid() == 0:
        if _has_user() and shutil.which("setpriv"):
            as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        else:
            where = None
    if where is None:
        assert not os.environ.get("HARNESS_CLIENTS_INSTALLED"), "PostgreSQL should be here"
        pytest.skip("PostgreSQL is not installed (initdb, and a user postgres if the tests run as root)")
    with tempfile.TemporaryDirectory(prefix="fakeeop-pg-", dir="/tmp") as name:
        folder = Path(name)
        if as_postgres:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        user = "postgres"
        _run(*as_postgres, where / "initdb", "-D", data, "-U", user, "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c port={PORT} -c fsync=off"
        log = folder / "log"
        _run(*as_postgres, where / "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")
        try:
            yield f"postgresql://{user}@/postgres?host={folder}&port={PORT}"
        finally:
            _run(*as_postgres, where / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def _has_user() -> bool:
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        return False
    return True


def _run(*command: object) -> None:
    done = subprocess.run(
        [str(each) for each in command],
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
