"""Tests lie where CONTRIBUTING says: in a folder that mirrors the package, and each package has some."""

from __future__ import annotations

from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
PACKAGES = [
    path.parent.relative_to(ROOT)
    for name in ("fakeeop", "exoshell", "harness")
    for path in sorted((ROOT / name).rglob("__init__.py"))
]
# package → the test that reaches it, where its own folder has none
REACHED_BY = {
    "fakeeop/config/advice": "fakeeop/config/test_loader.py",
    "harness/pytest": "harness/test_pytest_plugin.py",
    "harness/relay_check/forms": "harness/relay_check/test_with_programs.py",
}


def test_every_folder_of_tests_mirrors_a_package():
    folders = {path.parent.relative_to(TESTS) for name in ("fakeeop", "exoshell", "harness")
               for path in (TESTS / name).rglob("test_*.py")}  # fmt: skip
    assert folders - set(PACKAGES) == set()


def test_every_package_has_tests():
    def tested(package: Path) -> bool:
        in_its_folder = any((TESTS / package).glob("test_*.py"))
        return in_its_folder or (TESTS / package.parent / f"test_{package.name}.py").exists()

    assert {str(package) for package in PACKAGES if not tested(package)} == set(REACHED_BY)
    assert [test for test in REACHED_BY.values() if not (TESTS / test).exists()] == []
