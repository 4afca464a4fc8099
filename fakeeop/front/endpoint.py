"""Where sessions are made: the MX or the submission endpoint behind one listener."""

from __future__ import annotations

from attrs import evolve

from fakeeop.front.mx import MxPolicy
from fakeeop.front.settings import listener_limits, session_settings
from fakeeop.front.shared import FrontEnd
from fakeeop.front.submission import SubmissionPolicy
from fakeeop.model.limits import Limits
from fakeeop.server.listener import Arrival, Listener
from fakeeop.smtp.policy import SessionSettings

__all__ = ["Endpoint"]


class Endpoint:
    """Makes the session of each client that arrives at ``listener``, whole, and has the limits of the listener.

    ``idle`` is an idle time-out in seconds, whatever the limits say.
    """

    def __init__(self, front: FrontEnd, listener: Listener, idle: float | None = None) -> None:
        self._front = front
        self._listener = listener
        self._idle = idle
        self._policy: type[MxPolicy] = SubmissionPolicy if listener.submission else MxPolicy
        self._made = self._make()

    def session(self, arrival: Arrival) -> MxPolicy:
        """The policy of a new session, with the session."""
        return self._policy(self._front, self._current()[1], arrival)

    def limits(self) -> Limits:
        """The limits in force here."""
        return self._current()[2]

    def _current(self) -> tuple[int, SessionSettings, Limits]:
        if self._made[0] != self._front.version:
            self._made = self._make()
        return self._made

    def _make(self) -> tuple[int, SessionSettings, Limits]:
        front, listener = self._front, self._listener
        version, general = front.version, front.protection.limits.limits
        limits = listener_limits(general, listener)
        if self._idle is not None:
            limits = evolve(limits, idle_timeout=self._idle)
        return version, session_settings(front.forest.behaviour, general, listener, front.hosts, front.spool), limits
