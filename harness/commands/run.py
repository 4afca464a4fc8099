"""``harness run``: a thin front over pytest, with an output of our own."""

from __future__ import annotations

import argparse
import os
import random
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from harness.commands.common import (
    add_selection,
    cases_of,
    console,
    environment_list,
    left_out,
    nothing,
    print_json,
    scenario_root,
    selection_of,
)
from harness.errors import WrongUsage
from harness.model.result import CaseResult, Grade, RunResult
from harness.reporters.html import html_report
from harness.reporters.jsonl import from_tree, to_tree
from harness.reporters.markdown import markdown_summary
from harness.reporters.summary import counted
from harness.reporters.terminal import case_line, print_run
from harness.scenario.selection import Selection
from harness.targets import make_target

HELP = "Run scenarios against the emulator and say what holds."
EXAMPLES = """\
  harness run                                     everything in ./scenarios
  harness run 'certificate/*' ip/wrong-ip-denied  some of it
  harness run --client raw --tag knob -n 2        filtered, two processes
  harness run --repeat 20 --shuffle               look for what is not reproducible
  harness run --no-unsupported --strict           for CI: nothing may hide
every flag has a variable: HARNESS_CLIENT=raw,smtplib HARNESS_STRICT=1 HARNESS_TIMEOUT_FACTOR=3 …"""

_FLAGS = (
    ("strict", "a deviation fails"),
    ("keep", "keep the folder of every case, not only of failed ones"),
    ("no-unsupported", "what cannot run here fails"),
    ("allow-remote", "with --target smtp://HOST:PORT: it may be on another machine, and gets mail"),
    ("show-wire", "the dialogue of every failed case"),
)
_NO_AUTOLOAD = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
_FILES = ("results.jsonl", "junit.xml", "report.html", "summary.md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything of the run."""
    add_selection(parser)
    for name, text in _FLAGS:
        parser.add_argument(f"--{name}", action="store_true", default=_flag(name), help=text)
    parser.add_argument(
        "--target",
        default=os.environ.get("HARNESS_TARGET", "embedded"),
        help="the server: embedded, spawn, smtp://HOST:PORT, or the URL of the admin API of a running one",
    )
    parser.add_argument("-n", metavar="N", default=os.environ.get("HARNESS_N", ""), help="processes, or auto")
    parser.add_argument("--repeat", type=int, default=_number("REPEAT", 1), metavar="N", help="every case N times")
    parser.add_argument(
        "--shuffle",
        nargs="?",
        const="new",
        default=os.environ.get("HARNESS_SHUFFLE", ""),
        metavar="SEED",
        help="in another order; without SEED a new one, which is printed",
    )
    parser.add_argument(
        "--require",
        action="append",
        default=environment_list("REQUIRE"),
        metavar="CAP",
        help="fail where this capability is missing",
    )
    parser.add_argument(
        "--timeout-factor", type=float, default=_number("TIMEOUT_FACTOR", 1.0), metavar="F", help="stretch deadlines"
    )
    out = os.environ.get("HARNESS_OUT")
    parser.add_argument(
        "--out", type=Path, default=out, metavar="DIR", help="folder of the files (default: .harness/runs/<time>)"
    )
    parser.add_argument("-x", action="store_true", default=_flag("x"), help="stop at the first failure")
    text = "one line a case, every scenario in the table, failures explained"
    parser.add_argument("-v", "--verbose", action="store_true", default=_flag("verbose"), help=text)
    parser.add_argument("--json", action="store_true", help="the results on standard output, nothing else")


def run(arguments: argparse.Namespace) -> int:
    """Run; the exit code tells how it went."""
    arguments.client = arguments.client or environment_list("CLIENT")
    arguments.tag = arguments.tag or environment_list("TAG")
    arguments.level = arguments.level or os.environ.get("HARNESS_LEVEL") or None
    root = scenario_root(arguments.root, arguments.selectors)
    selection = selection_of(arguments, root)
    _check(arguments)
    total = 0
    if arguments.n not in ("", "0"):
        total = len(cases_of(root, selection)) * arguments.repeat
        if not total:  # the workers would each complain, and run on
            return nothing(arguments.selectors, root, selection)
    out = Path(arguments.out) if arguments.out else _new_folder()
    if arguments.shuffle == "new":
        arguments.shuffle = str(random.SystemRandom().randrange(1_000_000))
    return _pytest(arguments, root, selection, out, total)


def _check(arguments: argparse.Namespace) -> None:

    make_target(arguments.target, allow_remote=arguments.allow_remote).close()
    if arguments.repeat < 1:
        raise WrongUsage(f"--repeat {arguments.repeat}: at least 1")
    if arguments.timeout_factor <= 0:
        raise WrongUsage(f"--timeout-factor {arguments.timeout_factor:g}: more than 0")
    if arguments.n and not (arguments.n.isdigit() or arguments.n == "auto"):
        raise WrongUsage(f"-n {arguments.n}: a number, or auto")


def _pytest(arguments: argparse.Namespace, root: Path, selection: Selection, out: Path, total: int) -> int:
    screen = None if arguments.json else console()
    terminal = RunTerminal(screen, verbose=arguments.verbose, seed=arguments.shuffle, root=root, total=total)
    # What else is installed beside us has no say, and costs no time (some plugins take seconds to load).
    before = os.environ.get(_NO_AUTOLOAD)
    os.environ[_NO_AUTOLOAD] = "1"  # by the environment, so that xdist's workers have it too
    try:
        code = int(pytest.main(_pytest_arguments(arguments, root, selection, out), plugins=[terminal]))
    finally:
        if before is None:
            del os.environ[_NO_AUTOLOAD]
    terminal.raise_broken()
    result = terminal.result(out, arguments.target)
    code = terminal.exit_code(code)
    if code == pytest.ExitCode.NO_TESTS_COLLECTED:
        _forget(out)
        return nothing(arguments.selectors, root, selection)
    files = _write_reports(result, out) if result.cases else []
    if not result.cases:
        _forget(out)
    if screen is None:
        counts = {grade.value: count for grade, count in result.counts().items()}
        cases = [to_tree(case) for case in sorted(result.cases, key=lambda each: each.case_id)]
        others = left_out(root, selection)
        print_json({"exit-code": code, "counts": counts, "out": str(out), "cases": cases, "left-out": others})
    elif result.cases:
        print_run(screen, result, every=arguments.verbose, wire=arguments.show_wire, files=files)
        if arguments.shuffle:
            screen.print(f"  order: --shuffle={arguments.shuffle}", style="dim")
        for line in left_out(root, selection):
            screen.print(f"  ! {line}", markup=False, soft_wrap=True)
        terminal.print_breaking()
    terminal.raise_interrupted()
    return code


def _pytest_arguments(arguments: argparse.Namespace, root: Path, selection: Selection, out: Path) -> list[str]:
    own = Path(__file__).resolve().parents[1] / "pytest.ini"
    found = [str(root), "-c", str(own), "--rootdir", str(root.parent), "-p", "no:cacheprovider"]
    found += [
        "-p",
        "harness.pytest_plugin",
        "-p",
        "no:terminalreporter",
    ]  # RunTerminal speaks instead; xdist goes by its absence
    found += ["-o", f"fakeeop_scenarios={shlex.quote(str(root))}", f"--junitxml={out / 'junit.xml'}"]
    found += ["--fakeeop-out", str(out), "--fakeeop-target", arguments.target]
    found += [f"--fakeeop-repeat={arguments.repeat}", f"--fakeeop-timeout-factor={arguments.timeout_factor}"]
    for name, values in (
        ("select", selection.patterns),
        ("client", selection.clients),
        ("tag", selection.tags),
        ("require", tuple(arguments.require)),
    ):
        found += [f"--fakeeop-{name}={value}" for value in values]
    for name, value in (("level", selection.level), ("shuffle", arguments.shuffle)):
        found += [f"--fakeeop-{name}={value}"] if value else []
    found += [f"--fakeeop-{name}" for name, _ in _FLAGS if getattr(arguments, name.replace("-", "_"))]
    found += ["-x"] if arguments.x else []
    if arguments.n not in ("", "0"):
        found += ["-p", "xdist.plugin", "-n", arguments.n, "--dist", "worksteal"]
    return found


def _write_reports(result: Any, out: Path) -> list[str]:

    try:
        (out / "report.html").write_text(html_report(result), encoding="utf-8")
        (out / "summary.md").write_text(markdown_summary(result), encoding="utf-8")
    except OSError as why:
        print(f"harness run: {why.filename}: {why.strerror}", file=sys.stderr)
    return [name for name in _FILES if (out / name).exists()]


def _forget(out: Path) -> None:
    """A run in which nothing ran leaves nothing behind."""
    try:
        (out / "junit.xml").unlink(missing_ok=True)
        out.rmdir()
    except OSError:
        return  # it was there before, with something in it


def _new_folder() -> Path:
    base = Path(".harness")
    runs = base / "runs"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        ignore = base / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as why:
        raise WrongUsage(f"{why.filename}: {why.strerror}; name another folder with --out") from why
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    for number in range(1000):
        folder = runs / (stamp if number == 0 else f"{stamp}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder.resolve()
    raise WrongUsage(f"{runs}: too many runs in this second")


def _flag(name: str) -> bool:
    return os.environ.get("HARNESS_" + name.upper().replace("-", "_"), "").lower() in ("1", "yes", "true", "on")


def _number(name: str, default: float) -> Any:
    text = os.environ.get(f"HARNESS_{name}", "")
    try:
        return type(default)(text) if text else default
    except ValueError as why:
        raise WrongUsage(f"HARNESS_{name}={text}: not a number") from why


class RunTerminal:
    """A plugin object for ``pytest.main``, whose own reporter is blocked. ``console`` None: say nothing but errors."""

    def __init__(self, console: Any, *, verbose: bool, seed: str, root: Path, total: int = 0) -> None:
        self._console = console
        self._verbose = verbose
        self._seed = seed
        self._root = root
        self._cases: list[CaseResult] = []
        self._other: list[str] = []  # failures that are not cases: teardown, a worker that died
        self._began = monotonic()
        self._total = total
        self._interrupted = False
        self._broken: OSError | None = None  # what became of our output
        self._live = console is not None and console.is_terminal and not verbose and sys.stdout.isatty()

    def result(self, out: Path, target: str) -> RunResult:
        """The run so far."""
        seed = int(self._seed) if self._seed.isdigit() else None
        return RunResult(tuple(self._cases), target=target, seed=seed, out=str(out), duration=monotonic() - self._began)

    def print_breaking(self) -> None:
        """What broke the run and is not a case of it, again, at the end where it is seen."""
        if self._console is not None:
            for text in self._other:
                self._console.print(text, style="red", markup=False)

    def exit_code(self, code: int) -> int:
        """Of the run: processes that stop at a failure (-x) are not interrupted by anybody."""
        if code != pytest.ExitCode.INTERRUPTED or self._interrupted:
            return code
        return 3 if any(each.grade is Grade.ERROR for each in self._cases) else 1

    def raise_broken(self) -> None:
        """Raises the OSError that our output has met while pytest ran."""
        if self._broken is not None:
            raise self._broken

    def raise_interrupted(self) -> None:
        """Raises KeyboardInterrupt, saying how far it came, if ctrl-C ended the run."""
        if self._interrupted:
            raise KeyboardInterrupt(f"{len(self._cases)} of {self._total} cases have run")

    # ---- pytest's hooks

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """ctrl-C; what pytest and xdist raise to stop is of a class of its own."""
        self._interrupted = excinfo.type is KeyboardInterrupt

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The head line."""
        self._total = self._total or len(session.items)
        if self._console is None or not session.items or session.testsfailed:
            return
        scenarios = len({str(item.path) for item in session.items})
        head = f"{counted(len(session.items), 'case')} of {counted(scenarios, 'scenario')} in {_short(self._root)}"
        self._console.print(head, style="bold", markup=False)
        self._console.print()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read."""
        if report.failed:
            print(report.longrepr, file=sys.stderr)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result; show it, or the progress."""
        tree: dict[str, Any] | None = getattr(report, "fakeeop_result", None)
        if tree is not None:
            self._cases.append(from_tree(tree))
            self._show(self._cases[-1])
        elif report.failed and (report.when == "teardown" or "worker" in str(report.longrepr)):
            self._other.append(f"{report.nodeid}: {report.longrepr}")

    def pytest_sessionfinish(self) -> None:
        """Clear the progress line."""
        if self._live:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """pytest itself broke, or our output did."""
        if isinstance(excinfo.value, OSError) and excinfo.value.filename is None:
            self._broken = excinfo.value
            return True
        print(f"harness run: pytest broke:\n{excrepr}", file=sys.stderr)
        return True

    def _show(self, result: CaseResult) -> None:
        if self._console is None:
            return
        if self._verbose:
            self._console.print(case_line(result), soft_wrap=True)
        elif self._live:
            bad = sum(each.grade in (Grade.FAIL, Grade.ERROR) for each in self._cases)
            of = f"/{self._total}" if self._total else ""
            tail = f"  {bad} failed" if bad else ""
            line = f"{len(self._cases)}{of}{tail}  {result.case_id}"
            width = (os.get_terminal_size().columns or 80) - 1
            sys.stdout.write(f"\r\x1b[K{line[:width]}")
            sys.stdout.flush()


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
