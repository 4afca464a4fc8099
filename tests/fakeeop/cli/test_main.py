from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType

import pytest

from fakeeop import __version__
from fakeeop.cli import exits, main
from fakeeop.errors import CertificateFileError, ConfigError, FakeEopError, ListenError, Problem, StoreError


@pytest.fixture
def command(monkeypatch):
    """A command called ``serve`` that does what a test sets it to."""
    module = ModuleType("a_command")
    module.HELP, module.EXAMPLES = "Do something.", "  fakeeop serve\n"  # type: ignore[attr-defined]  # made here
    module.add_arguments = lambda parser: parser.add_argument("word", nargs="?")  # type: ignore[attr-defined]  # made here
    module.run = lambda _args: exits.FINE  # type: ignore[attr-defined]  # made here
    monkeypatch.setitem(sys.modules, "a_command", module)
    monkeypatch.setitem(main.COMMANDS, "serve", ("a_command", "a command"))
    return module


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["help"]])
def test_the_first_screen(fakeeop, arguments):
    code, out, err = fakeeop(*arguments)
    assert (code, err) == (0, "")
    assert out.startswith("fakeeop: an offline Exchange Online Protection. Unofficial, not affiliated with Microsoft.")
    for word in (*main.COMMANDS, "examples:", "exit codes:", "NO_COLOR"):
        assert word in out


def test_no_command_is_a_usage_error_with_the_help(fakeeop):
    code, out, err = fakeeop()
    assert (code, out) == (exits.USAGE, "")
    assert "usage: fakeeop COMMAND" in err


def test_a_mistyped_command(fakeeop):
    code, _, err = fakeeop("serv")
    assert code == exits.USAGE
    assert err == "fakeeop: no command 'serv': did you mean 'serve'? ('fakeeop --help' tells more)\n"


def test_a_command_like_no_other(fakeeop):
    code, _, err = fakeeop("xyzzy")
    assert code == exits.USAGE
    assert "one of serve, explain" in err


@pytest.mark.usefixtures("command")
def test_a_wrong_option_is_told_in_one_line(fakeeop):
    code, out, err = fakeeop("serve", "--bogus")
    assert (code, out) == (exits.USAGE, "")
    assert err == "fakeeop serve: unrecognized arguments: --bogus ('fakeeop serve --help' has examples)\n"


def test_version(fakeeop):
    assert fakeeop("--version") == (0, f"fakeeop {__version__}\n", "")


def test_a_command_has_help_with_examples_and_exit_codes(fakeeop, command):
    code, out, _ = fakeeop("serve", "--help")
    assert code == 0
    for words in (command.HELP, "examples:\n  fakeeop serve", "exit codes:"):
        assert words in out


@pytest.mark.usefixtures("command")
def test_a_wrong_argument_is_a_usage_error(fakeeop):
    assert fakeeop("serve", "--no-such")[0] == exits.USAGE


def test_the_code_of_a_command_is_the_code(fakeeop, command):
    command.run = lambda _args: exits.NO
    assert fakeeop("serve") == (exits.NO, "", "")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CertificateFileError("relay.pfx", "wrong PFX password"), exits.INPUT),
        (ListenError("127.0.0.1:25", "no permission"), exits.ENVIRONMENT),
        (StoreError("state: is broken"), exits.ENVIRONMENT),
        (exits.UsageError("not together"), exits.USAGE),
    ],
)
def test_one_message_and_no_traceback(fakeeop, command, error, code):
    def fail(_args):
        raise error

    command.run = fail
    assert fakeeop("serve") == (code, "", f"fakeeop serve: {error}\n")


def test_every_problem_of_a_file_is_told(fakeeop, command):
    problems = tuple(Problem("E1", f"wrong {n}", path="tenant.yaml", line=n) for n in (3, 7))

    def fail(_args):
        raise ConfigError(problems)

    command.run = fail
    code, out, err = fakeeop("serve")
    assert (code, out) == (exits.INPUT, "")
    assert err == "tenant.yaml:3: error E1: wrong 3\ntenant.yaml:7: error E1: wrong 7\n"


def test_debug_shows_where_an_error_came_from(fakeeop, command, monkeypatch):
    def fail(_args):
        raise StoreError("broken")

    command.run = fail
    monkeypatch.setenv("FAKEEOP_DEBUG", "1")
    with pytest.raises(FakeEopError):
        fakeeop("serve")


def test_ctrl_c(fakeeop, command):
    def interrupt(_args):
        raise KeyboardInterrupt

    command.run = interrupt
    assert fakeeop("serve") == (exits.INTERRUPTED, "", "fakeeop: interrupted\n")


def test_a_bug_is_not_hidden(fakeeop, command):
    def bug(_args):
        raise RuntimeError("a bug")

    command.run = bug
    with pytest.raises(RuntimeError):
        fakeeop("serve")


def test_a_reader_that_goes_away_is_told_by_the_code_alone():
    reader, writer = os.pipe()
    os.close(reader)
    program = [sys.executable, "-m", "fakeeop", "certs", "list"]
    done = subprocess.run(program, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_as_a_module():
    done = subprocess.run([sys.executable, "-m", "fakeeop", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"fakeeop {__version__}\n"
