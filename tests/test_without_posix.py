"""What people with Windows use needs nothing that only POSIX has: it is imported and run with that hidden from us.

This cannot show that it works on Windows, where nobody has tried it (docs/windows.md); it shows what would not.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HIDE = """
import builtins, importlib, sys, types
MODULES = {"fcntl", "grp", "pwd", "posix", "pty", "resource", "syslog", "termios", "tty", "uvloop"}
NAMES = {
    "os": {"fork", "forkpty", "getuid", "geteuid", "getgid", "getegid", "getpgid", "getpgrp", "killpg", "setsid",
           "setpgid", "mkfifo", "chown", "lchown", "fchown", "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC",
           "uname", "sysconf", "statvfs", "sched_getaffinity", "pread", "pwrite", "register_at_fork", "WNOHANG",
           "WIFEXITED", "openpty", "nice", "getloadavg", "pidfd_open", "setuid", "setgid", "initgroups"},
    "signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGCHLD", "SIGALRM", "SIGQUIT", "SIGSTOP",
               "SIGCONT", "alarm", "setitimer", "pthread_sigmask", "sigwait", "pidfd_send_signal"},
    "socket": {"AF_UNIX", "SO_REUSEPORT", "AF_NETLINK", "SCM_RIGHTS", "MSG_DONTWAIT", "send_fds", "recv_fds"},
}
real = builtins.__import__

class Without(types.ModuleType):
    def __init__(self, module, hidden):
        super().__init__(module.__name__)
        self.__dict__.update(_module=module, _hidden=hidden)
    def __getattr__(self, name):
        if name in self._hidden:
            raise AttributeError(f"module {self._module.__name__!r} has no attribute {name!r} on Windows")
        return getattr(self._module, name)

def hiding(name, globals=None, locals=None, fromlist=(), level=0):
    ours = (globals or {}).get("__name__", "").partition(".")[0] in ("fakeeop", "exoshell", "harness")
    if ours and not level and name.partition(".")[0] in MODULES:
        raise ModuleNotFoundError(f"No module named {name!r} on Windows", name=name)
    found = real(name, globals, locals, fromlist, level)
    return Without(found, NAMES[name]) if ours and name in NAMES else found

builtins.__import__ = hiding
"""
# What drives MTAs and makes networks of its own is for Linux: no sub-package of these is imported.
POSIX_ONLY = ("harness/mtas/",)


def run(program: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", HIDE + program, *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def modules() -> list[str]:
    found = []
    for package in ("fakeeop", "exoshell", "harness"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(POSIX_ONLY) and not name.endswith("__main__.py"):
                found.append(name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    return found


def test_every_module_can_be_imported():
    done = run("for name in sys.argv[1:]: importlib.import_module(name)", *modules())
    assert done.returncode == 0, done.stderr


def test_what_is_hidden_is_hidden():
    program = "exec('import os, signal, ' + sys.argv[1], {'__name__': 'fakeeop.x'})"
    assert run(program, "json").returncode == 0
    assert "No module named 'fcntl' on Windows" in run(program, "fcntl").stderr


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("explain", "--tenant", "TENANT", "--ip", "203.0.113.25", "--from", "a@contoso.com", "--to", "b@x.org"),
         0, "250"),
        (("check", "TENANT"), 0, ""),
        (("exo", "--tenant", "TENANT", "-Command", "Set-InboundConnector 'SMTP Relay' -Comment x"), 0, ""),
        (("read-ndr", "NDR"), 0, "5.7.64"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_commands_run(tmp_path, arguments, code, text):
    (tmp_path / "TENANT").write_text((ROOT / "fakeeop/config/sample.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "NDR").write_text("550 5.7.64 TenantAttribution; Relay Access Denied", "ascii")
    program = f"sys.path.insert(0, {str(ROOT)!r})\nfrom fakeeop.cli.main import main\nsys.exit(main(sys.argv[1:]))"
    done = run(program, *arguments, cwd=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert text in done.stdout


def test_the_plugin_and_a_scenario_run(tmp_path):
    (tmp_path / "test_one.py").write_text(
        "def test_one(eop):\n"
        "    eop.tenant('contoso')\n"
        "    assert eop.port\n"
    )  # fmt: skip
    program = (
        f"sys.path.insert(0, {str(ROOT)!r})\nimport pytest\nsys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))"
    )
    done = run(program, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    program = f"sys.path.insert(0, {str(ROOT)!r})\nfrom harness.cli import main\nsys.exit(main(sys.argv[1:]))"
    root = str(ROOT / "scenarios")
    done = run(
        program, "run", "--root", root, "ip/wrong-ip-denied", "--client", "raw", "--client", "smtplib", cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
