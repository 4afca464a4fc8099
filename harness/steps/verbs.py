"""The verbs of a step, one function each: do it, and say what the client saw."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import define, field

from fakeeop.errors import ConfigError
from harness.clients.base import Driver
from harness.clients.contexts import client_context
from harness.clients.proxy_header import proxy_header
from harness.clients.raw import tls_reason
from harness.clients.wire import SmtpConnection, reply_code
from harness.engine.lab import CaseLab
from harness.errors import HarnessError
from harness.match.values import duration
from harness.model.result import Matched, Mismatch, Observation
from harness.model.scenario import ScenarioCase, ScenarioStep
from harness.scenario.names import proxied_host
from harness.steps.agreement import SessionObservation
from harness.steps.dialogue import RawSession
from harness.steps.plans import data_bytes, make_plan
from harness.steps.relays import Relays
from harness.targets.base import RunningTarget

__all__ = ["StepContext", "perform"]

_DEFAULT_SESSION = "session"


@define
class StepContext:
    """What the steps of a case share: the server, the open sessions, and what every finished client session saw."""

    lab: CaseLab[ScenarioCase]
    running: RunningTarget
    driver: Driver
    sessions: dict[str, RawSession] = field(factory=dict)
    seen: list[tuple[int, SessionObservation]] = field(factory=list)  # connection number → what it saw
    transcript: list[str] = field(factory=list)
    opened: int = 0  # connections so far
    order: list[int] = field(factory=list)  # the connections that the journal remembers, oldest first
    current: int = -1  # the connection the step was about
    relays: Relays = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.relays = Relays(self.lab, self.driver)

    def address(self, host: str, arguments: Mapping[str, Any]) -> tuple[str, int]:
        """Where to connect to from a host, for the endpoint that the step names."""
        return self.running.address(host, str(arguments.get("endpoint") or "mx"))

    def next_connection(self) -> int:
        """The number of a new connection."""
        self.current = self.opened
        self.opened += 1
        self.order.append(self.current)
        return self.current

    def session_tree(self, number: int, sessions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        """The journal's tree of a connection: the journal lists them as they came."""
        index = self.order.index(number) if number in self.order else len(sessions)
        return sessions[index] if index < len(sessions) else None

    def forget(self) -> None:
        """The journal has been cleared: only what is open is remembered."""
        self.order = sorted(session.index for session in self.sessions.values())
        self.seen.clear()
        self.relays.forget()
        for session in self.sessions.values():
            session.taken.clear()

    def session(self, arguments: Mapping[str, Any]) -> RawSession:
        """The session a step speaks on: the one it names, else the only one."""
        name = arguments.get("session") or (next(iter(self.sessions)) if len(self.sessions) == 1 else _DEFAULT_SESSION)
        if name not in self.sessions:
            raise HarnessError(f"no open session {name!r}; open are: {', '.join(self.sessions) or 'none'}")
        self.current = self.sessions[name].index
        return self.sessions[name]

    def retire(self, name: str) -> RawSession:
        """Close a session and keep what it saw."""
        session = self.sessions.pop(name)
        session.close()
        outcome = "tls-failed" if session.tls_failed else None
        tree = {"tls": session.connection.tls, "recipients": {}, "outcome": outcome}
        self.seen.append(
            (session.index, SessionObservation(session.path, session.line, tree, tuple(session.taken), whole=False))
        )
        self.transcript += [f"{session.name}  {line}" for line in session.connection.transcript]
        return session

    def retire_all(self) -> None:
        """Close whatever session is still open."""
        for name in list(self.sessions):
            self.retire(name)

    def end_relays(self) -> None:
        """End whatever MTA is still up, and keep its log."""
        self.transcript += self.relays.stop_all()


def perform(step: ScenarioStep, number: int, context: StepContext) -> tuple[Observation | Matched, float]:
    """Do one step: what was seen, and the seconds it took. ``wait`` judges by itself and gives what it found."""
    path = f"steps[{number}]"
    arguments = step.arguments if isinstance(step.arguments, Mapping) else {"session": step.arguments}
    began = time.monotonic()
    found = _VERBS[step.verb](arguments, context, step, path)
    return found, time.monotonic() - began


def _submit(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:
    if "via" in arguments:
        context.current = -1  # what it makes of it is its own affair: any number of connections
        return context.relays.submit(arguments, step)
    host = context.lab.host(arguments.get("from-host"))
    plan = make_plan(arguments, context.lab, context.address(host, arguments), _server_name(context.lab, arguments))
    number = context.next_connection()
    seen = context.driver.run(plan)
    took = seen.outcome in ("accepted", "partially-accepted")
    good = [address for address, each in seen.recipients.items() if each["outcome"] == "accepted"]
    taken = (seen.reply or "",) if took else ()
    view = SessionObservation(
        path, step.line, seen.tree(), taken, recipients=tuple(good), observes=context.driver.observes
    )
    context.seen.append((number, view))
    context.transcript += seen.transcript
    return seen


def _connect(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:
    name = str(arguments.get("as") or _DEFAULT_SESSION)
    if name in context.sessions:
        raise HarnessError(f"the session {name!r} is open already")
    host = context.lab.host(arguments.get("from-host"))
    connection = SmtpConnection.open(context.address(host, arguments), context.lab.source(host), context.lab.deadline)
    session = RawSession(name, connection, index=context.next_connection(), path=path, line=step.line)
    session.endpoint = str(arguments.get("endpoint") or "mx")
    context.sessions[name] = session
    if "proxy" in arguments:
        connection.send(_proxy_header(arguments, context.lab), f"C: PROXY header for {proxied_host(arguments)}")
    if "first" in arguments:
        connection.send(f"{arguments['first']}\r\n".encode())
    return session.greeting()


def _proxy_header(arguments: Mapping[str, Any], lab: CaseLab[ScenarioCase]) -> bytes:
    name, options = str(proxied_host(arguments)), arguments["proxy"]
    if name not in lab.hosts:
        raise HarnessError(f"no host {name!r} in the world; there are: {', '.join(lab.hosts) or 'none'}")
    return proxy_header(lab.hosts[name], int(options.get("version", 1)) if isinstance(options, Mapping) else 1)


def _send(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:  # noqa: ARG001  one signature
    expect = step.expect if isinstance(step.expect, Mapping) else {}
    wanted = expect.get("replies")
    count = len(wanted) if isinstance(wanted, list) else None
    content = data_bytes(arguments["data"], context.lab) if "data" in arguments else None
    until_closed = expect.get("closed-by") == "server"
    return context.session(arguments).send(arguments, count, until_closed=until_closed, content=content)


def _starttls(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:
    session = context.session(arguments)
    if "injected" in arguments:  # in one packet; only STARTTLS is owed a reply
        seen = session.send({"lines": ["STARTTLS", *arguments["injected"]], "one-write": True}, 1)
    else:
        seen = _send({"session": session.name, "lines": ["STARTTLS"]}, context, step, path)
    if seen.reply is None or reply_code(seen.reply) != 220:
        return seen
    pki = context.lab.pki
    credential = pki.credential(str(arguments["certificate"])) if arguments.get("certificate") else None
    trust = pki.server_roots() if arguments.get("verify-server") else None
    layer = client_context(credential, trust, arguments.get("version"))
    name = str(arguments.get("server-name") or _server_name(context.lab, {"endpoint": session.endpoint}))
    connection = session.connection
    try:
        connection.starttls(layer, name)
    except OSError as why:  # ssl.SSLError is one
        session.tls_failed = True
        connection.note(f"* TLS failed: {tls_reason(why)}")
        return Observation(outcome="tls-failed", stage="starttls", reply=tls_reason(why), replies=seen.replies)
    return Observation(outcome="accepted", stage="starttls", reply=seen.reply, replies=seen.replies, tls=connection.tls)


def _disconnect(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:  # noqa: ARG001  one signature
    session = context.session(arguments)
    closed_by = "server" if session.connection.eof else "client"
    context.retire(session.name)
    return Observation(outcome="accepted", closed_by=closed_by)


def _admin(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:  # noqa: ARG001  one signature
    if arguments.get("clear-journal"):
        context.running.wait_quiet(context.lab.left, still_open=len(context.sessions))
        context.forget()
    try:
        context.running.admin(arguments)
    except ConfigError as why:
        if step.expect is None:
            raise
        return Observation(outcome="rejected", reply=str(why))
    return Observation(outcome="accepted")


def _wait(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Matched:
    limit = context.lab.left
    if "at-most" in arguments:
        limit = min(limit, duration(arguments["at-most"]) * context.lab.lab.settings.timeout_factor)
    wanted = arguments["for"]
    sessions, messages = int(wanted.get("sessions-ended", 0)), int(wanted.get("messages", 0))
    ended, held = context.running.wait_until(lambda ended, held: ended >= sessions and held >= messages, limit)
    if ended >= sessions and held >= messages:
        return Matched()
    expected = ", ".join(f"{name}: {count}" for name, count in wanted.items())
    actual = f"sessions-ended: {ended}, messages: {held}"
    note = f"the journal to get there within {limit:g} s"
    return Matched((Mismatch(f"{path}.wait.for", step.line, expected, actual, note, "journal"),))


def _advance(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Matched:  # noqa: ARG001  one signature
    context.running.advance(duration(arguments["by"]))
    return Matched()


def _start(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:
    address = context.address(context.lab.host(arguments.get("from-host")), arguments)
    return context.relays.start(arguments, address, step, path)


def _drain(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation | Matched:
    return context.relays.drain(arguments, step, f"{path}.drain")


def _retry(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:  # noqa: ARG001  one signature
    return context.relays.retry(arguments)


def _restart(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:  # noqa: ARG001  one signature
    return context.relays.restart(arguments)


def _stop(arguments: Mapping[str, Any], context: StepContext, step: ScenarioStep, path: str) -> Observation:  # noqa: ARG001  one signature
    context.transcript += context.relays.stop(arguments)
    return Observation()


def _server_name(lab: CaseLab[ScenarioCase], arguments: Mapping[str, Any]) -> str:
    """The MX name of the first accepted domain, as a relay finds it: ``contoso-com.mail.protection.outlook.com``."""
    if arguments.get("endpoint") == "submission":
        return "smtp.office365.com"
    tenants = lab.case.world.get("tenants") or [lab.case.world.get("tenant") or {}]
    domains = tenants[0].get("AcceptedDomains") or ["contoso.com"]
    first = domains[0].get("DomainName", "contoso.com") if isinstance(domains[0], Mapping) else str(domains[0])
    return f"{first.replace('.', '-')}.mail.protection.outlook.com"


_VERBS: dict[str, Callable[[Mapping[str, Any], StepContext, ScenarioStep, str], Observation | Matched]] = {
    "submit": _submit,
    "connect": _connect,
    "send": _send,
    "starttls": _starttls,
    "disconnect": _disconnect,
    "admin": _admin,
    "wait": _wait,
    "advance": _advance,
    "start": _start,
    "drain": _drain,
    "retry": _retry,
    "restart": _restart,
    "stop": _stop,
}
