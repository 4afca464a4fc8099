"""Every how-to of docs/howto is followed, word for word, with the client it is about.

A page names what it needs in a comment, ``<!-- needs: swaks perl:Net::SSLeay -->``; without it the test is skipped, and
says so. A fenced block whose info string ends in ``howto`` is followed, all of a page in one folder, in their order.
``console served howto``: the ``fakeeop serve`` of the page, which runs from there on; ``console howto``: lines that
begin with ``$ `` are commands (one that ends in ``\\`` goes on in the next line), the lines below are what they print,
in which ``…`` stands for anything; ``LANGUAGE NAME howto``: a file. A page speaks of fixed ports, the test uses free
ones.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(path for path in (ROOT / "docs" / "howto").glob("*.md") if path.name != "README.md")
BLOCK = re.compile(r"^```(\w+)[ ]([^\n]*)howto\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS = re.compile(r"<!-- needs: (.*) -->")
LISTENER = re.compile(r"(?<=--listen )127\.0\.0\.1:(\d+)")
PORT = "2525"  # of a server without --listen
CLIENTS = Path(os.environ.get("HARNESS_CLIENTS_DIR") or Path("~/.local/share/fakeeop/clients").expanduser())
DOTNET = CLIENTS / "dotnet" / "dotnetcore2" / "bin"


def environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join(
        [sysconfig.get_path("scripts"), os.environ["PATH"], "/usr/sbin", str(DOTNET), str(folder / "bin")]
    )
    ours = {"PATH": path, "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"), "NO_COLOR": "1"}
    # The unpacked .NET has no OpenSSL and no ICU of its own.
    ours |= {"LD_LIBRARY_PATH": str(CLIENTS / "dotnet" / "openssl"), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    ours |= {"PYTHONUNBUFFERED": "1", "COLUMNS": "120", "NODE_PATH": str(CLIENTS / "node_modules")}
    # A compiler that has to build its standard library anew would be slow.
    return {**os.environ, **ours, "GOCACHE": os.environ.get("GOCACHE") or str(Path("~/.cache/go-build").expanduser())}


def unpacked_exim(folder: Path) -> bool:
    """Put an ``exim4`` into folder/bin that runs the unpacked one, for which there must be a user Debian-exim.

    A mount namespace has it; nothing in /etc changes. False if that cannot be done here.
    """
    program = CLIENTS / "exim" / "usr" / "sbin" / "exim4"
    if not program.exists() or subprocess.run(["unshare", "--mount", "true"], check=False).returncode != 0:
        return False
    real = Path(shutil.copy(program, folder / "bin" / "exim4.real"))
    for name, line in (
        ("passwd", "Debian-exim:x:64999:64999::/nonexistent:/bin/false\n"),
        ("group", "Debian-exim:x:64999:\n"),
    ):
        (folder / "bin" / name).write_text(Path("/etc", name).read_text() + line)
    mounts = "".join(f"mount --bind {folder}/bin/{name} /etc/{name} && " for name in ("passwd", "group"))
    script = folder / "bin" / "exim4"
    script.write_text(
        "#!/bin/sh\n"
        f'grep -q ^Debian-exim: /etc/passwd && exec {real} "$@"\n'  # it starts itself again
        f'exec unshare --mount --propagation private sh -c \'{mounts}exec "$@"\' sh {real} "$@"\n'
    )
    script.chmod(0o755)
    return True


def is_unpacked(need: str, folder: Path) -> bool:
    """Put a program that has to be unpacked, or is no command, into folder/bin; False if it is not here."""
    if need == "exim4":
        return unpacked_exim(folder)
    places = [base / "usr" / "lib" / "nullmailer" / "smtp" for base in (Path("/"), CLIENTS / "nullmailer")]
    found = [place for place in places if need == "nullmailer-smtp" and place.exists()]
    if found:
        (folder / "bin" / need).symlink_to(found[0])
    return bool(found)


def is_missing(need: str) -> bool:
    if need == "root":
        return os.geteuid() != 0
    kind, _, name = need.partition(":") if ":" in need else ("program", "", need)
    if kind == "python":
        return importlib.util.find_spec(name) is None
    if kind == "perl":
        return not shutil.which("perl") or subprocess.run(["perl", f"-M{name}", "-e", "1"], check=False).returncode != 0
    if kind == "node":
        return not ((CLIENTS / "node_modules" / name).is_dir() and shutil.which("node"))
    return shutil.which(name, path=environment(ROOT)["PATH"]) is None


def needs(page: str) -> list[str]:
    found = NEEDS.search(page)
    assert found is not None, "a page names what it needs, as in <!-- needs: curl -->"
    return found[1].split()


def blocks(page: str) -> list[tuple[str, list[str], str]]:
    """(language, words of the info string, text) of each block that is followed."""
    return [(language, words.split(), text) for language, words, text in BLOCK.findall(page)]


def examples(text: str) -> Iterator[tuple[str, str]]:
    """(command, what it prints) of a console block."""
    for example in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = example.splitlines(keepends=True)
        last = next(number for number, line in enumerate(lines) if not line.endswith("\\\n"))
        yield "".join(lines[: last + 1]), "".join(lines[last + 1 :])


def matches(expected: str, actual: str) -> bool:
    lines = [re.escape(line.rstrip()).replace("…", ".*") + "\n" for line in expected.rstrip().splitlines()]
    pattern = "".join("(?:.*\n)*" if line == ".*\n" else line for line in lines)
    return re.fullmatch(pattern, "".join(f"{line.rstrip()}\n" for line in actual.rstrip().splitlines())) is not None


class Reader:
    """Follows one page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "examples").symlink_to(ROOT / "examples")
        self.ports: dict[str, str] = {}  # that the page speaks of → that is used

    @contextmanager
    def server(self, block: str) -> Iterator[None]:
        """The server of the page, and the ports it got."""
        (command, _), *more = examples(block)
        assert not more, "one command"
        spoken = LISTENER.findall(command) or [PORT]
        command = LISTENER.sub("127.0.0.1:0", " ".join(command.replace("\\\n", " ").split()))
        arguments = command.split() + ([] if "--listen" in command else ["--port", "0"])
        with (self.folder / "log").open("w") as log:
            started = subprocess.Popen(
                [*arguments, "--ready-file", "ready"], cwd=self.folder, env=environment(self.folder),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            waited = self.run("fakeeop ready --wait 60 --ready-file ready")
            assert waited.returncode == 0, (self.folder / "log").read_text()
            used = [line.rpartition(":")[2] for line in (self.folder / "ready").read_text().splitlines()]
            self.ports = dict(zip(spoken, used, strict=True))
            yield
        finally:
            started.terminate()
            assert started.wait(60) == 0

    def used(self, text: str) -> str:
        """Text of the page, with the ports that are used."""
        return re.sub(r"\b\d{4}\b", lambda found: self.ports.get(found[0], found[0]), text)

    def spoken(self, text: str) -> str:
        """Text of a program, with the ports that the page speaks of."""
        back = {used: spoken for spoken, used in self.ports.items()}
        return re.sub(r"\b\d{4,5}\b", lambda found: back.get(found[0], found[0]), text)

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=environment(self.folder), text=True, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=180,
        )  # fmt: skip

    def follow(self, language: str, words: list[str], text: str) -> None:
        if language != "console":
            (name,) = words
            path = self.folder / name
            path.write_text(self.used(text), "utf-8")
            path.chmod(0o644)  # whatever the umask: mail servers read as a user of their own
            return
        for command, expected in examples(text):
            actual = self.spoken(self.run(self.used(command)).stdout)
            assert matches(expected, actual), f"$ {command}prints\n{actual}\nnot\n{expected}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the user of a mail server can get into; pytest's own it cannot."""
    with tempfile.TemporaryDirectory(prefix="howto-") as name:
        made = Path(name).resolve()
        made.chmod(0o755)
        (made / "bin").mkdir()
        yield made


@pytest.mark.needs_client
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_page_is_true(path: Path, folder: Path):
    page = path.read_text("utf-8")
    missing = [need for need in needs(page) if is_missing(need)]
    missing = [need for need in missing if not is_unpacked(need, folder)]
    if missing:
        assert not os.environ.get("HARNESS_CLIENTS_INSTALLED"), f"{missing} should be here"
        pytest.skip(f"not here: {', '.join(missing)}")
    (_, served, text), *rest = blocks(page)
    assert served == ["served"], "the first block is the server"
    reader = Reader(folder)
    with reader.server(text):
        try:
            for block in rest:
                reader.follow(*block)
        finally:
            # A Postfix is left, if the page was not followed to its end.
            for left in folder.glob("*/queue/pid/master.pid"):
                os.kill(int(left.read_text()), signal.SIGTERM)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_page_tells_what_all_tell(path: Path):
    page = path.read_text("utf-8")
    headings = re.findall(r"^## (.*)$", page, flags=re.MULTILINE)
    assert headings[:3] == ["From a public address", "With a certificate", "What a refusal looks like"]
    assert "5.7.64 TenantAttribution; Relay Access Denied" in page
    assert "match.key" in page or "match.pfx" in page or "match.both.pem" in page
    assert len(needs(page)) > 0
    unchecked = [found for found in re.findall(r"^```(\w+)[^\n]*$", page, re.MULTILINE)]
    assert len(unchecked) == len(blocks(page)), "every block is followed"


def test_the_list_of_pages_is_complete():
    listed = re.findall(r"\]\((\w[\w-]*\.md)\)", (ROOT / "docs" / "howto" / "README.md").read_text("utf-8"))
    assert sorted(listed) == [path.name for path in PAGES]
