"""``fakeeop serve``: the emulator in the foreground, with a log that says why."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from fakeeop.addresses import parse_ip
from fakeeop.cli import exits
from fakeeop.cli.serve_log import HumanLog, JsonLog, ServeLog, SilentLog
from fakeeop.config.loader import load_forest
from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import ConfigError, StoreError
from fakeeop.pki.roots import read_roots
from fakeeop.pki.state import default_state_folder, open_state
from fakeeop.server.listener import format_address

if TYPE_CHECKING:
    from fakeeop.model import Forest

HELP = """\
Run the emulator: a mail exchanger that judges each recipient by the inbound connectors of the tenants in TENANT,
and says why. Unofficial, not affiliated with Microsoft. It never delivers mail anywhere.
Without TENANT it serves a built-in sample tenant, contoso.

It ends on ctrl-C or SIGTERM, after it has answered what is under way (--drain); a second ctrl-C ends it at once.
SIGHUP reads TENANT again; a file with errors is reported and the old one stays."""

EXAMPLES = """\
  fakeeop serve                                           the sample tenant on 127.0.0.1:2525
  fakeeop serve tenant.yaml --port 0 --ready-file ready   any free port; 'ready' tells it
  fakeeop serve tenant.yaml --peer 127.0.0.25=203.0.113.25
                                                          who comes from 127.0.0.25 is 203.0.113.25
  fakeeop serve tenant.yaml --listen 127.0.0.1:2525 --listen 127.0.0.1:2526,peer=203.0.113.25
                                                          whoever calls port 2526 is 203.0.113.25
  fakeeop serve tenant.yaml --trust system                try the certificate that a public authority gave you
"""

DEFAULT_PORT = 2525


@define
class _Service:
    """One run: what to serve, and how it is going."""

    args: Namespace
    listeners: tuple[Listener, ...]
    log: ServeLog
    emulator: Emulator | None = None
    stop: asyncio.Event = field(factory=asyncio.Event)
    stopping: bool = False


def add_arguments(parser: ArgumentParser) -> None:
    """The command line of ``fakeeop serve``."""
    parser.add_argument("tenant", nargs="?", type=Path, metavar="TENANT", help="the tenant file, YAML or JSON")
    parser.add_argument("--host", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=_port, help=f"the port; 0 takes any free one ({DEFAULT_PORT})")
    parser.add_argument(
        "--listen",
        action="append",
        default=[],
        type=_listener,
        metavar="HOST:PORT[,peer=IP][,starttls=off]",
        help="a listener, instead of --host and --port; peer=IP: all its clients come from IP; may be repeated",
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        type=_peer,
        metavar="LOOPBACK=PUBLIC",
        help="who comes from this loopback address counts as that public one; may be repeated",
    )
    parser.add_argument("--state", type=Path, metavar="DIR", help=f"where the lab CA lives ({default_state_folder()})")
    parser.add_argument(
        "--trust",
        action="append",
        default=[],
        metavar="FILE|system",
        help="roots to trust besides the lab CA: a PEM file, or what this machine trusts; may be repeated",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of the log for people")
    parser.add_argument("--ready-file", type=Path, metavar="F", help="write HOST:PORT lines to F once it answers")
    parser.add_argument(
        "--drain", type=_seconds, default=5.0, metavar="SECONDS", help="how long open sessions may go on at the end (5)"
    )
    parser.add_argument("--allow-public", action="store_true", help="allow addresses that other machines can reach")
    parser.add_argument("--quiet", action="store_true", help="no log of recipients")


def run(args: Namespace) -> int:
    """Serve until told to stop. Raises ConfigError, ListenError, StoreError, UsageError."""
    listeners = _listeners(args)
    log = _log(args)
    forest = _load(args.tenant)
    certificates = evolve(
        open_state(args.state or default_state_folder()), public_roots_pem=read_roots(args.trust) if args.trust else b""
    )
    service = _Service(args, listeners, log)
    service.emulator = Emulator(forest, listeners=listeners, peers=dict(args.peer), certificates=certificates)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(service))
    return exits.FINE


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  optional, and heavy
    except ImportError:  # Windows
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(service: _Service) -> None:
    emulator, log, args = service.emulator, service.log, service.args
    assert emulator is not None  # noqa: S101  run() made it
    log.attach(emulator.journal)
    await emulator.open()
    try:
        _handle_signals(service)
        addresses = [format_address(host, port) for host, port in emulator.addresses]
        if args.ready_file:
            _write_ready_file(args.ready_file, addresses)
        log.ready(addresses, emulator.forest, args.tenant)
        # The first STARTTLS should not have to wait for OpenSSL to load; the first banner did not.
        asyncio.get_running_loop().run_in_executor(None, import_module, "fakeeop.tls.context")
        await service.stop.wait()
        log.stopping(args.drain)
    finally:
        await emulator.close(args.drain if service.stopping else 0)
        if args.ready_file:
            args.ready_file.unlink(missing_ok=True)
    log.stopped()


def _handle_signals(service: _Service) -> None:
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if service.stopping:
            _end_at_once(service)
        service.stopping = True
        service.stop.set()

    handlers = {"SIGINT": stop, "SIGTERM": stop, "SIGHUP": lambda: _reload(service)}
    for name, handler in handlers.items():
        if hasattr(signal, name):
            try:
                loop.add_signal_handler(getattr(signal, name), handler)
            except NotImplementedError:  # Windows: ctrl-C raises KeyboardInterrupt instead
                return


def _end_at_once(service: _Service) -> None:
    if service.args.ready_file:
        service.args.ready_file.unlink(missing_ok=True)
    sys.stdout.flush()
    os._exit(exits.INTERRUPTED)


def _reload(service: _Service) -> None:
    if service.emulator is None:
        return
    try:
        service.emulator.replace_forest(_load(service.args.tenant))
    except ConfigError as why:
        service.log.not_reloaded(why)
    else:
        service.log.reloaded(service.args.tenant)


def _load(tenant: Path | None) -> Forest:
    if tenant is not None:
        return load_forest(tenant)
    from importlib import resources  # noqa: PLC0415  only for the sample

    with resources.as_file(resources.files("fakeeop.config") / "sample.yaml") as path:
        return load_forest(path)


def _write_ready_file(path: Path, addresses: list[str]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text("".join(f"{address}\n" for address in addresses), "ascii")
        beside.replace(path)
    except OSError as why:
        raise StoreError(f"{path}: the ready file cannot be written: {why.strerror}") from why


def _log(args: Namespace) -> ServeLog:
    if args.json:
        return JsonLog(sys.stdout, recipients=not args.quiet)
    return SilentLog(sys.stdout) if args.quiet else HumanLog(sys.stdout)


def _listeners(args: Namespace) -> tuple[Listener, ...]:
    listeners = list(args.listen)
    if not listeners or args.host is not None or args.port is not None:
        port = DEFAULT_PORT if args.port is None else args.port
        listeners.insert(0, Listener(args.host or "127.0.0.1", port))
    for listener in listeners:
        if not args.allow_public and not _is_loopback(listener.host):
            raise exits.UsageError(
                f"{listener.host} can be reached from other machines. This is a lab, it trusts whoever calls. "
                "Fix: listen on 127.0.0.1, or add --allow-public if that is what you want"
            )
    return tuple(listeners)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e6:
        raise ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _listener(text: str) -> Listener:
    place, *options = text.split(",")
    host, colon, port = place.rpartition(":")
    if not colon or not host:
        raise ArgumentTypeError(f"{text!r}: write HOST:PORT, as in 127.0.0.1:2525 or [::1]:2525")
    peer, starttls = None, True
    for option in options:
        key, _, value = option.partition("=")
        if key == "peer":
            peer = _ip(value)
        elif key == "starttls" and value in ("on", "off"):
            starttls = value == "on"
        else:
            raise ArgumentTypeError(f"{text!r}: unknown option {option!r}; there is peer=IP and starttls=off")
    return Listener(host.strip("[]"), _port(port), peer, starttls)


def _peer(text: str) -> tuple[str, str]:
    loopback, equals, public = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text!r}: write LOOPBACK=PUBLIC, as in 127.0.0.25=203.0.113.25")
    source = _ip(loopback)
    if not ip_address(source).is_loopback:
        raise ArgumentTypeError(f"{text!r}: {source} is no loopback address; only these may stand for another")
    return source, _ip(public)


def _ip(text: str) -> str:
    try:
        return str(parse_ip(text))
    except ValueError as why:
        raise ArgumentTypeError(f"{text!r} is no IP address") from why
