"""The MTAs of a case: started, given mail, told to try again, restarted, stopped; and what a step sees of them."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from attrs import define, evolve, field

from harness.clients.base import Driver, Plan
from harness.clients.forwarder import ConnectingForwarder
from harness.clients.registry import driver
from harness.engine.lab import CaseLab
from harness.errors import HarnessError
from harness.match.values import address_key, duration
from harness.model.result import Matched, Mismatch, Observation
from harness.model.scenario import ScenarioCase, ScenarioStep
from harness.mtas.base import DeliveryStatus, Instance, Mail, Mta, MtaDriver, observed
from harness.scenario.mta_config import config_of
from harness.steps.plans import make_plan

__all__ = ["Relays", "way_back"]

_LOST: Final = "the journal to have a message for this recipient, taken by this reply"


@define
class _Relay:
    """One MTA and the messages that were handed to it: queue id → number of recipients."""

    mta: Mta
    given: dict[str, int] = field(factory=dict)
    place: str = ""  # of the target, as a log names it: ``:PORT``
    path: str = ""  # the step that started it
    line: int | None = None


@define
class Relays:
    """By the names of the scenario. ``look`` sees again what the last step was about."""

    lab: CaseLab[ScenarioCase]
    driver: Driver
    _up: dict[str, _Relay] = field(factory=dict)
    _delivered: list[tuple[DeliveryStatus, _Relay]] = field(factory=list)  # what those that are ended said was sent
    _cleared: bool = False
    _look: tuple[Mta, Callable[[], Observation]] | None = None

    def start(
        self, arguments: Mapping[str, Any], address: tuple[str, int], step: ScenarioStep, path: str
    ) -> Observation:
        """``start``: a private instance whose smart host is the target, unless its configuration says otherwise."""
        name, lab = str(arguments["as"]), self.lab
        if name in self._up:
            raise HarnessError(f"the MTA {name!r} is up already")
        config = self._settings(arguments)
        source = lab.source(lab.host(arguments.get("from-host")))
        mta = cast(MtaDriver, self.driver).mta(Instance(name, source, address, config, lab.pki.keys))
        self._up[name] = _Relay(mta, place=f":{address[1]}", path=path, line=step.line)
        mta.start(lab.left)
        return Observation()

    def submit(self, arguments: Mapping[str, Any], step: ScenarioStep) -> Observation:
        """``submit … via``: hand over one message. Waits until each recipient was tried, or for ``eventually``."""
        relay = self._named(arguments)
        plan = make_plan(arguments, self.lab, ("", 0), "")
        if "by-client" in arguments:
            found = self._by_client(str(arguments["by-client"]), relay.mta, plan)
            if isinstance(found, Observation):
                return found
            queue_id = found
        else:
            queue_id = relay.mta.submit(Mail(plan.mail_from, plan.recipients, plan.message), self.lab.left)
        wanted = len({str(each["address"]).lower() for each in plan.recipients})
        relay.given[queue_id] = wanted

        def look() -> Observation:
            return observed(relay.mta, queue_id, wanted)

        self._look = (relay.mta, look)
        if _eventually(step) is None:
            relay.mta.wait(lambda: len(relay.mta.statuses(queue_id)) >= wanted, self.lab.left)
        return look()

    def _by_client(self, name: str, mta: Mta, plan: Plan) -> str | Observation:
        """Have another client give it to the MTA, as an application does: the queue id, or why it was not taken."""
        client = driver(name)
        if client is None:
            raise HarnessError(f"the client {name!r} has no driver")
        before = set(mta.known())
        with ConnectingForwarder(lambda: mta.connect(self.lab.left)) as way:
            seen = client.run(evolve(plan, host="127.0.0.1", port=way.port, timeout=self.lab.left))
        if seen.outcome != "accepted":
            return seen
        mta.wait(lambda: bool(set(mta.known()) - before), self.lab.left)
        new = [each for each in mta.known() if each not in before]
        if not new:
            raise HarnessError(f"{name} says that its message was taken, and the MTA knows of none")
        return new[0]

    def retry(self, arguments: Mapping[str, Any]) -> Observation:
        """``retry``: everything in the queue, once, now."""
        relay = self._named(arguments)
        relay.mta.retry(self.lab.left)
        return self._all(relay)

    def connect(self, name: str) -> socket.socket:
        """A connection to the SMTP server of an MTA. Raises OSError."""
        if name not in self._up:
            raise ConnectionRefusedError(f"the MTA {name!r} is not up")
        try:
            return self._up[name].mta.connect(self.lab.left)
        except HarnessError as why:
            raise ConnectionRefusedError(str(why)) from why

    def restart(self, arguments: Mapping[str, Any]) -> Observation:
        """``restart``: the queue stays, ``config`` changes settings."""
        relay = self._named(arguments)
        relay.mta.restart(self.lab.left, self._settings(arguments))
        return self._all(relay)

    def drain(self, arguments: Mapping[str, Any], step: ScenarioStep, path: str) -> Matched | Observation:
        """``drain``: until the queue is empty. What is left when the time is over is a mismatch."""
        relay = self._named(arguments)
        if relay.mta.wait(lambda: not relay.mta.queue(), self._limit(arguments)):
            return self._all(relay)
        left = [f"{each}: {_shown(relay.mta, each)}" for each in relay.mta.queue()]
        return Matched((Mismatch(path, step.line, "an empty queue", "; ".join(left), "the queue to be empty"),))

    def stop(self, arguments: Mapping[str, Any]) -> list[str]:
        """``stop``: end it; its log."""
        name = str(arguments["via"])
        relay = self._named(arguments)
        del self._up[name]
        self._look = None
        said = [each for key in relay.given for each in relay.mta.statuses(key)]
        self._delivered += [(each, relay) for each in said if each.status == "sent"]
        return _end(name, relay.mta)

    def stop_all(self) -> list[str]:
        """Whatever is still up; the logs."""
        return [line for name in list(self._up) for line in self.stop({"via": name})]

    def eventually(self, step: ScenarioStep, seen: Observation, holds: Callable[[Observation], bool]) -> Observation:
        """Look again whenever the MTA logs something, until it ``holds`` or the step's time is over."""
        limit = _eventually(step)
        if limit is None or self._look is None:
            return seen
        mta, look = self._look
        latest = [seen]

        def again() -> bool:
            latest[0] = look()
            return holds(latest[0])

        mta.wait(again, min(limit * self.lab.lab.settings.timeout_factor, self.lab.left))
        return latest[0]

    def disagreeing(self, sessions: Sequence[Mapping[str, Any]], messages: Sequence[Mapping[str, Any]]) -> Matched:
        """Mail that an MTA says it has sent to the target, and the journal does not have: it is lost.

        Nothing is said where something went wrong on purpose, or where the journal was cleared.
        """
        if self._cleared or any(session.get("faults") for session in sessions):
            return Matched()
        held = {(address_key(each), message["reply"]) for message in messages for each in message["rcpt-to"]}
        lost = [
            Mismatch(relay.path, relay.line, one.said, "no such message", _LOST, "both-disagree", "", "none")
            for one, relay in self._delivered
            if one.relay.endswith(relay.place) and (address_key(one.recipient), one.reply) not in held
        ]
        return Matched(tuple(lost))

    def forget(self) -> None:
        """The journal has been cleared."""
        self._cleared = True

    def _all(self, relay: _Relay) -> Observation:
        """Every recipient of every message that was handed over, in that order."""

        def look() -> Observation:
            found = [each.tree() for key in relay.given for each in relay.mta.statuses(key)]
            return Observation(delivery_status=tuple(found), tls=relay.mta.tls())

        self._look = (relay.mta, look)
        return look()

    def _settings(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Those of this case's client."""
        config = config_of(arguments.get("config"), self.lab.case.client)
        return {str(name): _written(value) for name, value in config.items()}

    def _named(self, arguments: Mapping[str, Any]) -> _Relay:
        name = str(arguments["via"])
        if name not in self._up:
            raise HarnessError(f"no MTA {name!r} is up; up are: {', '.join(self._up) or 'none'}")
        return self._up[name]

    def _limit(self, arguments: Mapping[str, Any]) -> float:
        if "at-most" not in arguments:
            return max(self.lab.left - 0.5, 0.001)  # time to say what is wrong
        return min(duration(arguments["at-most"]) * self.lab.lab.settings.timeout_factor, self.lab.left)


def _end(name: str, mta: Mta) -> list[str]:
    mta.stop()
    return [f"{name}  {line}" for line in mta.log()]


def way_back(name: str, relays: Callable[[], Relays | None]) -> ConnectingForwarder:
    """A way to an MTA, open before that is up: delivery reports are given back there."""

    def connect() -> socket.socket:
        found = relays()
        if found is None:
            raise ConnectionRefusedError("the case has not begun")
        return found.connect(name)

    return ConnectingForwarder(connect)


def _eventually(step: ScenarioStep) -> float | None:
    value = step.expect.get("eventually") if isinstance(step.expect, Mapping) else None
    return None if value is None else duration(value)


def _written(value: Any) -> Any:
    """As MTAs write them: true and false are yes and no."""
    if isinstance(value, Mapping):
        return {str(name): _written(each) for name, each in value.items()}
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _shown(mta: Mta, queue_id: str) -> str:
    found = [f"{each.recipient} {each.status} ({each.said})" for each in mta.statuses(queue_id)]
    return ", ".join(found) or "not tried yet"
