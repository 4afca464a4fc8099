"""Scripts and what a screen shows of them, in its order, blank lines left out: ``transcripts/*.txt``.

A block is ``### name``, the script, ``---``, what is shown. ``ERR LINE:COLUMN message`` is an error that the script
survives, ``END …`` one that ends it, ``EXIT N`` its exit code; ``…`` is anything in a line, alone it is any lines.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from attrs import define

from exoshell.backends.opening import open_backend
from exoshell.cmdlets import register
from exoshell.dotnet.transport import SmtpTransport
from exoshell.dotnet.types import add_mail
from exoshell.powershell.blocks import Exit
from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import PsError
from exoshell.powershell.formatting import Display, DisplayStreams
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.host import ShellHost
from tests.exoshell.powershell.conftest import MOMENT

SITES = "Name,Ip,Count\nBerlin,203.0.113.7,5\nParis,203.0.113.9,12\n"  # s.csv of the scripts
BLOCKS = [
    pytest.param(*block.partition("\n")[2].split("\n---", 1), id=f"{path.stem}: {block.partition(chr(10))[0]}")
    for path in sorted(Path(__file__).with_name("transcripts").glob("*.txt"))
    for block in re.split(r"^### ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
]


@define
class Screen:
    """``Streams`` as lines."""

    shown: str = ""

    def line(self, text: str) -> None:
        self.shown += f"{text}\n"

    def warning(self, text: str) -> None:
        self.line(f"WARNING: {text}")

    def verbose(self, text: str) -> None:
        self.line(f"VERBOSE: {text}")

    def host(self, text: str, *, newline: bool = True) -> None:
        self.shown += text + "\n" * newline

    def error(self, error: Exception) -> None:
        self.failed("ERR", error)

    def failed(self, word: str, error: Exception) -> None:
        assert isinstance(error, PsError)
        place = error.position
        assert place is not None, error
        self.line(f"{word} {place.line}:{place.column} {error.message}")

    def confirm(self, question: str, what: str) -> bool:
        raise AssertionError(f"{question} {what}")


def shown(text: str, tenant_file: Path) -> str:
    folder = tenant_file.parent
    (folder / "s.csv").write_text(SITES, encoding="utf-8")
    screen = Screen()
    display = Display(screen.line, lambda: 100)
    registry = Registry()
    add_general_commands(registry, ShellHost(lambda: MOMENT, lambda: 100, lambda: folder))
    register(registry, open_backend(str(tenant_file)))
    add_mail(registry, SmtpTransport(lambda host, port: (host, port), lambda: b""))
    try:
        Interpreter(registry, DisplayStreams(screen, display), now=lambda: MOMENT).run(text, emit=display.emit)
    except PsError as why:
        display.end()
        screen.failed("END", why)
    except Exit as why:
        display.end()
        screen.line(f"EXIT {why.code}")
    display.end()
    return screen.shown


def fits(wanted: str, actual: str) -> bool:
    lines = [line.rstrip() for line in wanted.splitlines() if line.strip()]
    pattern = "".join("(?:.*\n)*" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in lines)
    return re.fullmatch(pattern, "".join(f"{x.rstrip()}\n" for x in actual.splitlines() if x.strip())) is not None


@pytest.mark.parametrize(("script", "wanted"), BLOCKS)
def test_a_screen_shows(script: str, wanted: str, tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tenant_file.parent)
    actual = shown(script, tenant_file)
    assert fits(wanted.removeprefix("\n"), actual), actual
