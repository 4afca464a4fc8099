"""``fakeeop serve``: the emulator in the foreground, with a log that says why."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from fakeeop.cli import exits
from fakeeop.cli.serve import admin as serve_admin
from fakeeop.cli.serve import deliver as serve_deliver
from fakeeop.cli.serve import journal as serve_journal
from fakeeop.cli.serve import options as serve_options
from fakeeop.cli.serve.log import HumanLog, JsonLog, ServeLog, SilentLog
from fakeeop.config.loader import forest_from_tree, load_tree
from fakeeop.emulator import Emulator, Listener
from fakeeop.errors import ConfigError, StoreError
from fakeeop.journal.sql import schema
from fakeeop.pki import crypto
from fakeeop.pki.roots import read_roots
from fakeeop.pki.state import default_state_folder, open_state
from fakeeop.server.listener import format_address
from fakeeop.server.loop import calm_collector

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
                                                          clients of port 2526 count as 203.0.113.25
  fakeeop serve tenant.yaml --listen 127.0.0.1:2525,proxy behind a proxy of this machine that sends PROXY headers
  fakeeop serve tenant.yaml --dns 127.0.0.1:5353          the MX of its domains, and Zone, at 127.0.0.1:5353
  fakeeop serve tenant.yaml --admin 127.0.0.1:8025        the admin API; curl http://127.0.0.1:8025/journal/messages
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
    told_ready: bool = False  # the ready file is there, and ours


def add_arguments(parser: ArgumentParser) -> None:
    """The command line of ``fakeeop serve``."""
    parser.add_argument("tenant", nargs="?", type=Path, metavar="TENANT", help="the tenant file, YAML or JSON")
    parser.add_argument("--host", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=serve_options.port, help=f"the port; 0 takes any free one ({DEFAULT_PORT})")
    parser.add_argument(
        "--listen",
        action="append",
        default=[],
        type=serve_options.listener,
        metavar="HOST:PORT[,OPTION...]",
        help="a listener, instead of --host and --port; peer=IP: all its clients come from IP; box=NAME: the box"
        " it greets as; proxy: each connection"
        " starts with a PROXY header; xclient: XCLIENT is taken; submission: the submission endpoint; starttls=off;"
        " hide=CHUNKING+DSN: extensions that are not there; region=EUR: where it stands; limits=FILE: its own limits;"
        " may be repeated",
    )
    for word, what in (("proxy", "PROXY headers on listeners with 'proxy'"), ("xclient", "XCLIENT on those with it")):
        parser.add_argument(
            f"--{word}-from",
            action="append",
            default=[],
            type=serve_options.network,
            metavar="CIDR",
            help=f"who is trusted to send {what} (loopback); may be repeated",
        )
    serve_options.add_submission(parser)
    serve_options.add_dns(parser)
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        type=serve_options.peer,
        metavar="LOOPBACK=PUBLIC",
        help="who comes from this loopback address counts as that public one; may be repeated",
    )
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help=f"where the lab CA and the journal live ({default_state_folder()})"
    )
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
        "--drain", type=serve_options.seconds, default=5.0, metavar="SECONDS", help="for open sessions at the end (5)"
    )
    serve_journal.add_arguments(parser)
    serve_options.add_spool(parser)
    serve_options.add_reports(parser)
    serve_deliver.add_arguments(parser)
    serve_admin.add_arguments(parser)
    parser.add_argument("--allow-public", action="store_true", help="allow addresses that other machines can reach")
    serve_options.add_day(parser)
    parser.add_argument("--quiet", action="store_true", help="no log of recipients")


def run(args: Namespace) -> int:
    """Serve until told to stop. Raises ConfigError, ListenError, StoreError, UsageError."""
    listeners = _listeners(args)
    log = _log(args)
    admin = serve_admin.settings(args)
    forest, tree = _load(args.tenant, args.as_of)
    listeners = serve_options.with_submission(args, forest, listeners)
    state = args.state or default_state_folder()
    certificates = evolve(open_state(state), public_roots_pem=read_roots(args.trust) if args.trust else b"")
    service = _Service(args, listeners, log)
    with ExitStack() as until_served:
        kept = serve_journal.settings(args, state)
        until_served.callback(serve_journal.close, kept["journal"])
        service.emulator = Emulator(
            forest,
            listeners=listeners,
            peers=dict(args.peer),
            certificates=certificates,
            dns=args.dns,
            mx_address=args.mx_address,
            admin=admin,
            tree=tree,
            tree_path=str(args.tenant or "sample.yaml"),
            crashes="log",
            **serve_admin.clock(args),
            spool=args.spool,
            return_reports=args.return_reports,
            **kept,
        )
        delivering = serve_deliver.delivering(service.emulator.journal, args.deliver_to)
        with delivering, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            until_served.pop_all()  # _serve closes it, while the last copies can still be delivered
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
    try:
        log.attach(emulator.journal)
        await emulator.open()
        try:
            await _until_stopped(service, emulator)
        finally:
            await emulator.close(args.drain if service.stopping else 0)
            if service.told_ready:
                args.ready_file.unlink(missing_ok=True)
    finally:
        await asyncio.to_thread(serve_journal.close, emulator.journal)
    log.stopped()


async def _until_stopped(service: _Service, emulator: Emulator) -> None:
    log, args = service.log, service.args
    _handle_signals(service)
    addresses = [format_address(host, port) for host, port in emulator.addresses]
    addresses, submission = serve_options.told_apart(service.listeners, addresses)
    beside = submission | _beside(emulator)
    if args.ready_file:
        _write_ready_file(args.ready_file, [*addresses, *map(" ".join, beside.items())])
        service.told_ready = True
    log.ready(addresses, emulator.forest, args.tenant, beside)
    calm_collector()
    _preload(emulator)
    await service.stop.wait()
    log.stopping(args.drain)


def _preload(emulator: Emulator) -> None:
    """Libraries that the first STARTTLS, reader or query should not have to wait for; the first banner did not."""
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, crypto.load)
    if emulator.journal.durable:
        loop.run_in_executor(None, schema.load)
    if emulator.dns_address is not None:
        loop.run_in_executor(None, import_module, "dnslib")


def _beside(emulator: Emulator) -> dict[str, str]:
    """What answers in addition to the listeners, and where."""
    found = {}
    if emulator.dns_address is not None:
        found["dns"] = format_address(*emulator.dns_address)
    if emulator.admin_address is not None:
        found["admin"] = f"http://{format_address(*emulator.admin_address)}"
    return found


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
    if service.told_ready:
        service.args.ready_file.unlink(missing_ok=True)
    sys.stdout.flush()
    os._exit(exits.INTERRUPTED)


def _reload(service: _Service) -> None:
    if service.emulator is None:
        return
    try:
        service.emulator.replace_forest(*_load(service.args.tenant, service.args.as_of))
    except ConfigError as why:
        service.log.not_reloaded(why)
    else:
        service.log.reloaded(service.args.tenant)


def _load(tenant: Path | None, as_of: str | None) -> tuple[Forest, Any]:
    """The tenants, and the data that they were read from; ``as_of`` stands for its AsOf."""
    if tenant is not None:
        tree = serve_options.dated(load_tree(tenant), as_of)
        return forest_from_tree(tree, str(tenant)), tree
    from importlib import resources  # noqa: PLC0415  only for the sample

    with resources.as_file(resources.files("fakeeop.config") / "sample.yaml") as path:
        return _load(path, as_of)


def _write_ready_file(path: Path, addresses: list[str]) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text("".join(f"{address}\n" for address in addresses), "ascii")
        beside.replace(path)
    except OSError as why:
        if beside.is_file():
            beside.unlink()
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
    others = [place[0] for place in (args.dns, args.admin) if place is not None]
    for host in [*(listener.host for listener in listeners), *others]:
        if not args.allow_public and not _is_loopback(host):
            raise exits.UsageError(
                f"{host} can be reached from other machines. This is a lab, it trusts every client. "
                "Fix: listen on 127.0.0.1, or add --allow-public if that is what you want"
            )
    if args.proxy_from and not any(listener.proxy_from for listener in listeners):
        raise exits.UsageError("--proxy-from needs a listener with it: --listen HOST:PORT,proxy")
    if args.xclient_from and not any(listener.xclient_from for listener in listeners):
        raise exits.UsageError("--xclient-from needs a listener with it: --listen HOST:PORT,xclient")
    if args.mx_address is not None and args.dns is None:
        raise exits.UsageError("--mx-address needs --dns HOST:PORT")
    return tuple(serve_options.trusting(listener, args.proxy_from, args.xclient_from) for listener in listeners)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
