"""The manual pages are in step with the command lines, and roff can read them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def man() -> ModuleType:
    spec = importlib.util.spec_from_file_location("man_pages", ROOT / "ci" / "man.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["fakeeop", "harness"])
def test_the_page_is_in_step(man: ModuleType, name: str):
    written = (ROOT / "docs" / "man" / f"{name}.1").read_text("utf-8")
    assert written == man.page(getattr(man, name.upper())), "out of date: run python ci/man.py"


@pytest.mark.parametrize("name", ["fakeeop", "harness"])
def test_every_command_has_a_section_with_options_and_examples(man: ModuleType, name: str):
    program = getattr(man, name.upper())
    sections = man.page(program).split(".SS ")[1:]
    assert [section.splitlines()[0] for section in sections] == [f'"{name} {command}"' for command in program.commands]
    assert all("\nExamples:\n" in section for section in sections)


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
@pytest.mark.parametrize("name", ["fakeeop", "harness"])
def test_man_shows_it_without_a_warning(name: str):
    path = ROOT / "docs" / "man" / f"{name}.1"
    command = ["man", "--warnings", "--local-file", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{name.upper()}(1)")


def test_lines_that_roff_would_misread(man: ModuleType):
    assert man._text(".starts with a dot") == "\\&.starts with a dot"
    assert man._text("'starts with a quote") == "\\(aqstarts with a quote"
    assert man._text("--option \\ backslash") == "\\-\\-option \\e backslash"
