"""What a user gets: the wheel holds everything the commands read, and nothing else; the metadata says what is true."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel of this checkout, built without the network: the build back-end is a dependency of the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("fakeeop-*.whl")
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def names(wheel: zipfile.ZipFile) -> set[str]:
    return set(wheel.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile, names: set[str]) -> Message:
    (name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    return Parser().parsestr(wheel.read(name).decode())


def test_every_module_is_in_the_wheel(names: set[str], repository: Path):
    modules = {
        str(path.relative_to(repository))
        for package in ("fakeeop", "exoshell", "harness")
        for path in (repository / package).rglob("*.py")
    }
    assert modules - names == set()


@pytest.mark.parametrize("package", ["fakeeop", "exoshell", "harness"])
def test_the_packages_are_marked_as_typed(names: set[str], package: str):
    assert f"{package}/py.typed" in names


def test_every_data_file_of_the_packages_is_in_the_wheel(names: set[str], repository: Path):
    data = {
        str(path.relative_to(repository))
        for package in ("fakeeop", "exoshell", "harness")
        for suffix in ("json", "yaml", "html")
        for path in (repository / package).rglob(f"*.{suffix}")
    }
    assert data - names == set()
    assert any("schema" in name for name in data), "the schemas are package data"


def test_every_scenario_is_in_the_wheel(names: set[str], repository: Path):
    scenarios = {
        f"harness/_scenarios/{path.relative_to(repository / 'scenarios')}"
        for path in (repository / "scenarios").rglob("*.yaml")
    }
    assert scenarios
    assert scenarios - names == set()


@pytest.mark.parametrize("page", ["fakeeop.1", "harness.1"])
def test_the_manual_pages_are_in_the_wheel(names: set[str], page: str):
    assert any(name.endswith(f".data/data/share/man/man1/{page}") for name in names)


def test_nothing_else_is_in_the_wheel(names: set[str]):
    assert {name.partition("/")[0] for name in names} <= {
        "fakeeop",
        "exoshell",
        "harness",
        *(n.partition("/")[0] for n in names if ".dist-info/" in n or ".data/data/share/man/man1/" in n),
    }
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_the_licence_is_in_the_wheel(names: set[str], metadata: Message):
    assert metadata["License-Expression"] == "MIT"
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_description_says_that_this_is_not_microsofts(metadata: Message):
    assert "not affiliated" in str(metadata.get_payload()).lower()[:1500]


def test_the_version_is_stated_once_more_in_the_package(metadata: Message):
    import fakeeop  # noqa: PLC0415  the package under test

    assert metadata["Version"] == fakeeop.__version__


def test_the_commands_and_the_plugin_are_registered(wheel: zipfile.ZipFile, names: set[str]):
    (name,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
    text = wheel.read(name).decode()
    assert "fakeeop = fakeeop.cli.main:main" in text
    assert "harness = harness.cli:main" in text
    assert "[pytest11]" in text
    assert "fakeeop = fakeeop.pytest_plugin" in text
