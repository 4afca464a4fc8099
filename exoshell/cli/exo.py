"""``fakeeop exo``: PowerShell scripts for Exchange Online, run offline on a tenant file or a running server."""

from __future__ import annotations

import json
import sys
from argparse import REMAINDER, ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any

from attrs import define, field

from exoshell.backends.opening import open_backend
from exoshell.cli.emulator import EmbeddedEmulator, ServerListeners
from exoshell.cli.screen import Screen, screen_width
from exoshell.cli.shell import Terminal, interact
from exoshell.cmdlets import register
from exoshell.dotnet.resolving import Resolver, parse_rule
from exoshell.dotnet.transport import SmtpTransport
from exoshell.dotnet.types import add_mail
from exoshell.powershell.blocks import Exit
from exoshell.powershell.commands import Registry
from exoshell.powershell.errors import PsError
from exoshell.powershell.formatting import Display, DisplayStreams
from exoshell.powershell.interpreter import Interpreter
from exoshell.powershell.library import add_general_commands
from exoshell.powershell.library.data import json_tree
from exoshell.powershell.library.host import ShellHost
from fakeeop.cli import exits
from fakeeop.errors import ConfigError, FakeEopError, Problem
from fakeeop.pki.state import default_state_folder, open_state

__all__ = ["EXAMPLES", "HELP", "add_arguments", "more_help", "run"]

HELP = """\
Runs PowerShell that is written for Exchange Online, offline: New-InboundConnector and the other cmdlets work on a
tenant file, or on a running server; Send-MailMessage and System.Net.Mail.SmtpClient send to the emulator, over a real
socket. Without a script and on a terminal it is a shell, with history and tab completion. What is not supported is an
error, never skipped: docs/powershell.md says what is. --cmdlets lists the commands.
Exit code 1: an error was shown, or ended the script; 3: the script cannot be read; 'exit N' gives N."""
EXAMPLES = """\
  fakeeop exo --tenant tenant.yaml connectors.ps1          run a script; it changes tenant.yaml
  fakeeop exo --tenant tenant.yaml -Command 'Get-InboundConnector | Format-List Name, SenderIPAddresses'
  fakeeop exo --server http://127.0.0.1:8025 test-relay.ps1  on a running 'serve --admin'; mail goes to its listeners
  fakeeop exo --tenant tenant.yaml --from-ip 203.0.113.25 test-relay.ps1
                                                           mail to an emulator that starts for it; from this address
  fakeeop exo --tenant tenant.yaml                         the shell
  fakeeop exo --cmdlets                                    the commands, by family
"""


def add_arguments(parser: ArgumentParser) -> None:
    """What to run, on what, and where mail goes."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--tenant", metavar="FILE", help="the tenant file to work on (./tenant.yaml)")
    where.add_argument("--server", metavar="URL", help="the admin API of a running server (FAKEEOP_TOKEN: its token)")
    parser.add_argument("--organization", metavar="NAME", help="which tenant, where there are several")
    parser.add_argument("-Command", "--command", metavar="TEXT", help="run this text instead of a script")
    parser.add_argument(
        "--propagation", type=float, default=0.0, metavar="SECONDS", help="until a change is in force (0)"
    )
    parser.add_argument("--resolve", action="append", default=[], type=_rule, metavar="NAME[:PORT]=HOST:PORT",
                        help="where a host of a script is; may be repeated")  # fmt: skip
    parser.add_argument("--source", default="", metavar="ADDRESS", help="the address of this machine to send from")
    parser.add_argument(
        "--from-ip", default="", metavar="PUBLIC", help="the public address that mail comes from (--tenant)"
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help=f"lab CA and history ({default_state_folder()})")
    parser.add_argument("--json", action="store_true", help="print the output objects as JSON")
    parser.add_argument("--cmdlets", action="store_true", help="list the commands, by family, with examples")
    parser.add_argument("script", nargs="?", metavar="SCRIPT", help="a .ps1 file; - for stdin")
    parser.add_argument(
        "arguments",
        nargs=REMAINDER,
        metavar="ARGS",
        help="of the script, also -Name VALUE; the options of exo come before it",
    )


def more_help() -> str:
    """What --help says last: the commands by family, with examples."""
    return "\n" + "\n".join(_cmdlets(_registry(None))) + "\n"


def run(args: Namespace) -> int:
    """The exit code. Raises ConfigError, StoreError, ListenError, UsageError."""
    if args.cmdlets:
        print("\n".join(_cmdlets(_registry(None))))
        return exits.FINE
    if args.server and not args.server.startswith(("http://", "https://")):
        raise exits.UsageError(
            f"--server {args.server}: not a URL. Fix: write http://HOST:PORT, as 'serve --admin' has it"
        )
    if args.from_ip and args.server:
        raise exits.UsageError("--from-ip is for the emulator of --tenant; a server has --peer")
    text = _text(args)
    shell = _Shell(args)
    try:
        return shell.interactive() if text is None else shell.script(text, args.script or "", args.arguments)
    finally:
        shell.close()


def _text(args: Namespace) -> str | None:
    """The script; None: ask a person."""
    if args.command is not None:
        args.arguments = [*([args.script] if args.script else []), *args.arguments]
        args.script = ""
        found: str = args.command
        return found
    if args.script in (None, "-"):
        if args.script is None and sys.stdin.isatty():
            return None
        args.script = ""
        return sys.stdin.read()
    try:
        return Path(args.script).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as why:
        what = f"cannot be read: {getattr(why, 'strerror', None) or why}"
        problem = Problem("script", what, "name a .ps1 file in UTF-8, or - for stdin", (), args.script)
        raise ConfigError((problem,)) from why


@define
class _Shell:
    """A session with everything around it."""

    args: Namespace
    screen: Screen = field(init=False)
    display: Display = field(init=False)
    session: Interpreter = field(init=False)
    _embedded: EmbeddedEmulator | None = None
    _backend: Any = None

    def __attrs_post_init__(self) -> None:
        self.display = _display()
        self.screen = Screen(_person(self.display) if sys.stdin.isatty() else None, quiet=self.args.json)
        registry = _registry(self)
        self.session = Interpreter(registry, DisplayStreams(self.screen, self.display))

    def script(self, text: str, path: str, arguments: list[str]) -> int:
        """Run it to its end."""
        found: list[Any] = []
        code = self._run(text, path, arguments, found.extend if self.args.json else self.display.emit)
        if self.args.json:
            print(json.dumps([json_tree(each, 6) for each in found], indent=2, ensure_ascii=False))
        return code

    def interactive(self) -> int:
        """Until ctrl-D or exit."""
        state = self.args.state or default_state_folder()
        state.mkdir(parents=True, exist_ok=True)
        place = self._backend.place
        print(f"fakeeop exo: {self._backend.organization} in {place}. Get-Command lists the commands; exit ends it.")
        try:
            interact(self.session, Terminal(self.session, state / "exo-history"), lambda text: self._line(text))
        except Exit as why:
            return why.code
        return exits.FINE

    def close(self) -> None:
        """Wait for what is not in force yet; stop the emulator."""
        try:
            if self._backend is not None:
                self._backend.settle()
        finally:
            if self._embedded is not None:
                self._embedded.close()

    def _line(self, text: str) -> None:
        try:
            self.session.run(text, emit=self.display.emit)
        except PsError as why:
            self.display.end()
            self.screen.error(why)
        except FakeEopError as why:
            self.display.end()
            print(f"fakeeop exo: {why}", file=sys.stderr)
        finally:
            self.display.end()

    def _run(self, text: str, path: str, arguments: list[str], emit: Any) -> int:
        try:
            self.session.run(text, path, arguments, emit)
        except Exit as why:
            return why.code
        except PsError as why:
            self.display.end()
            self.screen.error(why)
            return exits.INPUT if why.category == "ParserError" else exits.NO
        finally:
            self.display.end()
        return exits.NO if self.screen.failed else exits.FINE

    def fill(self, registry: Registry) -> None:
        """The cmdlets on the backend, and mail to the emulator."""
        args = self.args
        state = args.state or default_state_folder()
        where = args.server or args.tenant or "tenant.yaml"
        if not (args.server or args.tenant or Path(where).exists()):
            raise exits.UsageError("which tenant? --tenant FILE, or --server URL of a running 'serve --admin'")
        self._backend = open_backend(where, args.organization, args.propagation)
        register(registry, self._backend)
        if not args.server:
            peers = {args.source or "127.0.0.1": args.from_ip} if args.from_ip else {}
            self._embedded = EmbeddedEmulator(Path(where), lambda: open_state(state), peers)
        endpoints = self._embedded or ServerListeners(args.server)
        add_mail(
            registry,
            SmtpTransport(
                Resolver(dict(args.resolve), endpoints), lambda: open_state(state).trusted_ca_pem, args.source
            ),
        )


def _registry(shell: _Shell | None) -> Registry:
    """All commands; without a shell they are there to be listed only."""
    registry = Registry()
    ask = shell.screen.ask if shell is not None else None
    add_general_commands(registry, ShellHost(width=screen_width, ask=ask))
    if shell is None:
        nobody: Any = None
        register(registry, nobody)
        add_mail(registry, nobody)
    else:
        shell.fill(registry)
    return registry


def _cmdlets(registry: Registry) -> list[str]:
    families: dict[str, list[Any]] = {}
    for each in registry:
        families.setdefault(each.family or "other", []).append(each)
    lines = []
    for family, commands in sorted(families.items()):
        lines.append(f"{family}:")
        width = max(len(each.name) for each in commands)
        for each in commands:
            lines.append(f"  {each.name:<{width}}  {each.about}")
            lines += [f"      {example}" for example in each.examples[:1]]
    return lines


def _display() -> Display:
    return Display(lambda line: print(line, flush=True), screen_width)


def _person(display: Display) -> Any:
    def answer(question: str, secret: bool) -> str:
        display.flush()
        return Terminal.answer(question, secret)

    return answer


def _rule(text: str) -> Any:
    try:
        return parse_rule(text)
    except ValueError as why:
        raise ArgumentTypeError(str(why)) from why
