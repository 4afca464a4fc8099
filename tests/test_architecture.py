"""The rules of docs/architecture.md that a linter cannot state, read from the syntax trees of the sources."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = ("fakeeop", "exoshell", "harness")

# Values and core: values in, values out. A name ending in a dot is a whole package.
PURE = (
    "fakeeop.accounts.", "fakeeop.decision.", "fakeeop.delivery.disposition", "fakeeop.delivery.trace_query",
    "fakeeop.errors", "fakeeop.front.settings", "fakeeop.guard.", "fakeeop.message.", "fakeeop.model.",
    "fakeeop.reading.", "fakeeop.server.proxy_header", "fakeeop.smtp.", "fakeeop.why.",
    "harness.errors", "harness.match.", "harness.model.", "harness.steps.failure_text",
)  # fmt: skip
PURE_MAY_IMPORT = {
    "__future__", "abc", "attrs", "base64", "binascii", "bisect", "collections", "datetime", "difflib", "enum",
    "fnmatch", "functools", "ipaddress", "itertools", "operator", "re", "string", "textwrap", "types", "typing",
    "unicodedata",
}  # fmt: skip
PURE_ALSO_MAY: dict[str, set[str]] = {
    "fakeeop.reading.hops": {"email"},  # text to a date, no I/O
    "fakeeop.model.addresses": {"idna"},  # IDNA 2008 is a table, not I/O
    "fakeeop.message.dsn.report": {"email", "quopri"},  # octets to text and back, no I/O; so are the next two
    "fakeeop.message.dsn.text": {"html"},
    "fakeeop.reading.ndr.parts": {"email", "quopri"},
    "harness.model.scenario": {"pathlib"},  # names the file a scenario came from; never opens it
    "harness.steps.failure_text": {"pathlib"},  # prints that name
}
CLOCKS_AND_FILES = {
    "now",
    "utcnow",
    "today",
    "open",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "print",
    "input",
}

HARNESS_MAY_IMPORT = (
    "emulator",
    "model",
    "pki",
    "config.marked",
    "errors",
    "system.output",
    "system.parser",
    "why.settings",
)
HARNESS_MAY_NAME = ("journal",)  # the type of Emulator.journal, for type checkers only

HEAVY = ("OpenSSL", "cryptography", "trustme", "aiosmtpd", "rich", "jsonschema", "pytest", "faker", "uvloop", "dnslib",
         "fastapi", "uvicorn", "sqlalchemy", "dkim", "spf")  # fmt: skip
LIGHT_MODULES = ("fakeeop", "fakeeop.model", "fakeeop.cli.main", "fakeeop.cli.serve.command",
                 "fakeeop.cli.doctor", "fakeeop.cli.trace", "fakeeop.cli.certs", "fakeeop.emulator",
                 "fakeeop.testing.emulator", "harness", "harness.cli")  # fmt: skip

# Who loads modules of ours by name, and why. Everything else imports them at the top of its file.
LOADED_BY_NAME = {
    "fakeeop": "public names, each loaded when it is first used",
    "fakeeop.testing": "public names, each loaded when it is first used",
    "fakeeop.delivery": "what is made when somebody reads: start-up time",
    "fakeeop.cli.main": "the table of commands: each is loaded when it is called",
    "fakeeop.cli.completion": "every command of that table, for the options that it has",
    "fakeeop.admin.server": "the application needs FastAPI, an extra, and half a second",
    "harness.cli": "the table of commands: each is loaded when it is called",
    "harness.commands.completion": "every command of that table, for the options that it has",
    "harness.clients.registry": "the table of drivers: each is loaded when a case needs it",
    "harness.mtas.registry": "the table of MTAs: what is in each folder",
    "harness.pytest_plugin": "the hooks, only where there are folders of scenarios: start-up time",
    "harness.relay_check.suite": "the families of cases, by the names that users give",
    "harness.targets": "the table of targets: the one that is named is loaded",
}
TABLES_ELSEWHERE = {  # who loads what another module names
    "fakeeop.cli.completion": "fakeeop.cli.main",
    "harness.cli": "harness.commands",
    "harness.commands.completion": "harness.commands",
}
LINES_MAX = 400
LONGER_FILES: dict[str, str] = {  # path → why it is one thing
    "fakeeop/why/narrate.py": "one procedure, told from the certificate to the directory",
    "fakeeop/emulator.py": "the composition root and what its owner may do with it",
    "fakeeop/why/repair/candidates.py": "one candidate maker for each condition that can fail",
    "tests/fakeeop/why/test_narrate.py": "one table of refusals and what is told of each",
    "fakeeop/smtp/session.py": "one state machine: its lines, its verbs, its content",
}

FUNCTION_LINES_MAX = 60  # 40 is the aim; a table, an argparse set-up or a match may need more


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every imported module, with its line; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def lines_for_types(tree: ast.AST) -> set[int]:
    """The lines under ``if TYPE_CHECKING:``."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def at(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(ROOT)}:{line}: {what}"


def is_pure(module: str) -> bool:
    return any(f"{module}.".startswith(name) if name.endswith(".") else module == name for name in PURE)


PURE_FILES = [path for path in sources(*OURS) if is_pure(module_name(path))]


def test_the_pure_modules_are_found():
    names = {module_name(path) for path in PURE_FILES}
    for name in PURE:
        assert any(f"{module}.".startswith(name) or module == name for module in names), name


def test_pure_modules_import_values_only():
    found = []
    for path in PURE_FILES:
        module = module_name(path)
        allowed = PURE_MAY_IMPORT | set(OURS) | PURE_ALSO_MAY.get(module, set())
        found += [
            at(path, line, f"{module} is pure and may not import {name}")
            for line, name in imports(tree_of(path))
            if name.partition(".")[0] not in allowed
        ]
    assert found == []


def test_pure_modules_read_no_clock_and_no_file():
    found = []
    for path in PURE_FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in CLOCKS_AND_FILES:
                    found.append(at(path, node.lineno, f"calls {called}()"))
    assert found == []


def test_the_harness_imports_only_the_public_parts_of_fakeeop():
    found = []
    for path in sources("harness"):
        tree = tree_of(path)
        for_types = lines_for_types(tree)
        for line, name in imports(tree):
            first, _, rest = name.partition(".")
            allowed = (*HARNESS_MAY_IMPORT, *(HARNESS_MAY_NAME if line in for_types else ()), "__version__")
            if first == "fakeeop" and not f"{rest}.".startswith(tuple(f"{name}." for name in allowed)):
                found.append(at(path, line, f"imports {name}"))
    assert found == []


def test_fakeeop_never_imports_the_harness_nor_the_powershell_house():
    found = [
        at(path, line, name)
        for path in sources("fakeeop")
        for line, name in imports(tree_of(path))
        if name.partition(".")[0] in {"exoshell", "harness"}
    ]
    assert found == []


TREES = {module_name(path): tree_of(path) for path in sources(*OURS)}


def loads_by_name(tree: ast.Module) -> bool:
    """Does it call ``import_module``?"""
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any("import_module" in (getattr(func, "id", ""), getattr(func, "attr", "")) for func in called)


def named_in(module: str) -> dict[str, str]:
    """The modules of ours that a module names in its texts, ``module``, ``module:name`` or below itself: text → it."""
    texts = {
        node.value for node in ast.walk(TREES[module]) if isinstance(node, ast.Constant) and type(node.value) is str
    }
    candidates = (
        (text, name) for text in texts for home in [text.partition(":")[0]] for name in (home, f"{module}.{home}")
    )
    return {text: name for text, name in candidates if name in TREES}


def public_names(module: str) -> dict[str, str]:
    """Of a module with ``__getattr__`` and its table ``_HOMES``: public name → the module that has it."""
    tables = (
        node.value
        for node in TREES[module].body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HOMES"
    )
    named = named_in(module)
    return {name: named[home] for table in tables for name, home in ast.literal_eval(table).items() if home in named}


HOMES = {module: public_names(module) for module in ("fakeeop", "fakeeop.testing")}


def needed_by(module: str) -> set[str]:
    """The modules of ours that it imports, wherever in the file, or names for ``import_module``; types do not count."""
    tree = TREES[module]
    for_types = lines_for_types(tree)
    found: set[str] = set()
    if module in LOADED_BY_NAME and module not in HOMES:
        found |= set(named_in(TABLES_ELSEWHERE.get(module, module)).values())
    for line, name in imports(tree):
        if line in for_types:
            continue
        parent, _, last = name.rpartition(".")
        found.add(name if name in TREES else HOMES.get(parent, {}).get(last, parent))
        if name in HOMES:
            attributes = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
            used = {node.attr for node in attributes if ast.unparse(node.value) in (name, last)}
            found |= {HOMES[name][each] for each in used & HOMES[name].keys()}
    return {name for name in found if name in TREES and name not in (module, *OURS)}


def test_modules_of_ours_are_imported_at_the_top():
    found = [
        f"{module}: line {node.lineno}: {ast.unparse(node)}"
        for module, tree in TREES.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if (isinstance(node, ast.Import) and node.names[0].name.partition(".")[0] in OURS)
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in OURS)
    ]
    assert found == []


def test_who_loads_a_module_of_ours_by_name_is_listed():
    by_name = {module for module, tree in TREES.items() if loads_by_name(tree) and named_in(module)}
    assert by_name | TABLES_ELSEWHERE.keys() == LOADED_BY_NAME.keys()


def test_no_modules_import_each_other():
    """No circle, lazy or not; what a table names counts as imported by who loads it."""
    graph = {module: needed_by(module) for module in TREES}
    graphlib.TopologicalSorter({each: needed & graph.keys() for each, needed in graph.items()}).prepare()


def test_a_public_class_name_stands_for_one_thing():
    homes: dict[str, list[str]] = {}
    for module, tree in TREES.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(module)
    assert {name: where for name, where in homes.items() if len(where) > 1} == {}


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_importing_a_door_loads_nothing_heavy(module: str):
    program = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")


def test_files_are_short():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(*OURS, "tests", "benchmarks", "ci")
    }
    too_long = {name for name, lines in lengths.items() if lines > LINES_MAX}
    assert too_long - LONGER_FILES.keys() == set()
    assert LONGER_FILES.keys() - too_long == set(), "these are short enough by now: take them off the list"


def test_three_files_that_share_a_prefix_are_a_package():
    families: dict[str, list[str]] = {}
    for module, path in zip(TREES, sources(*OURS), strict=True):
        parent, _, name = module.rpartition(".")
        if parent and path.name != "__main__.py":
            prefix = name.lstrip("_").partition("_")[0]
            families.setdefault(f"{parent}.{prefix}", []).append(name)
    assert {prefix: names for prefix, names in families.items() if len(names) > 2} == {}


def test_functions_are_short():
    found = [
        at(path, node.lineno, f"{node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines")
        for path in sources(*OURS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert found == []


def test_nothing_sleeps():
    found = [
        at(path, node.lineno, ast.unparse(node))
        for path in sources(*OURS, "tests")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
        and node.attr == "sleep"
        and isinstance(node.value, ast.Name)
        and node.value.id in ("time", "asyncio")
    ]
    assert found == []


def test_exceptions_to_a_rule_name_it_and_say_why():
    """``# noqa: PLC0415  heavy`` and ``# type: ignore[arg-type]  why``; a bare one is refused by the linter as well."""
    good = re.compile(r"# (noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)*|type: ignore\[[a-z-]+(, ?[a-z-]+)*\])\W+\w+")
    found = [
        at(path, number, line.strip())
        for path in sources(*OURS)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#\s*(noqa|type:\s*ignore)", line) and not good.search(line)
    ]
    assert found == []


def test_no_file_names_a_folder_of_one_machine():
    """Sources, scenarios and documents must make sense on any machine."""
    personal = re.compile(r"(?<![\w.{])/(root|home|Users|work)/\w")
    suffixes = {".py", ".md", ".toml", ".ini", ".yaml", ".yml", ".json", ".sh", ".txt", ".cfg"}
    folders = (*OURS, "tests", "benchmarks", "ci", "docs", "scenarios", "evidence")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    files += [path for path in ROOT.iterdir() if path.is_file() and path.suffix in suffixes]
    found = [
        at(path, number, line.strip())
        for path in files
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if personal.search(line)
    ]
    assert found == []
