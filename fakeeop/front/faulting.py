"""How the owner of an emulator makes things go wrong: the part of ``Emulator`` that sets faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

if TYPE_CHECKING:
    from fakeeop.front.mx import Service
    from fakeeop.front.submission import SubmissionDesk
    from fakeeop.model.fault import Fault
    from fakeeop.server.listener import Door

__all__ = ["FaultControl", "guard", "read"]

_NO_LIMIT = 1 << 62


class FaultControl:
    """Everything here may be called from any thread, and is in force at once, in open sessions too."""

    _service: Service
    _doors: list[Door]
    _desk: SubmissionDesk | None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults in force."""
        engine = self._service.protection.faults
        return () if engine is None else engine.faults

    @property
    def faults_fired(self) -> tuple[int, ...]:
        """How often each of them has struck."""
        engine = self._service.protection.faults
        return () if engine is None else engine.fired()

    def set_faults(self, faults: Any, seed: int = 0) -> None:
        """Have these go wrong from now on; nothing: no more.

        ``faults`` are ``Fault`` values, or what ``Faults:`` of a tenant file holds. Raises ConfigError.
        """
        self._service.protection.set_faults(read(faults), seed)
        for door in self._doors:
            for judge in door.visits():
                guard(judge, self._service, door.listener)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self.set_faults(())

    def restart_faults(self) -> None:
        """The same faults as if nothing had happened: counters, flags and seed begin anew."""
        self._service.protection.restart_faults()

    def restart_counters(self) -> None:
        """Rates and quotas begin anew, of addresses and of mailboxes, and the faults with them."""
        self._desk = None
        protection = self._service.protection
        protection.limits = protection.limits.under(protection.limits.limits)
        protection.restart_faults()

    def set_flag(self, name: str) -> None:
        """End the faults that last until this flag is set."""
        engine = self._service.protection.faults
        if engine is not None:
            engine.flags.add(name)


def guard(judge: Any, service: Any, listener: Any) -> None:
    """Give a session (of ``fakeeop.front.mx.SessionJudge``) its guard, unless it has one or has ended.

    ``listener`` is what it came through: its hidden extensions, its region and its limits.
    """
    from fakeeop.guard.session import SessionGuard  # noqa: PLC0415  few need it: start-up time

    session = getattr(judge, "session", None)
    if session is None or session.guard is not None:
        return
    if listener.limits is not None:
        limits = listener.limits.over(service.protection.limits.limits)
        session.settings = evolve(
            session.settings,
            size=limits.message_size or _NO_LIMIT,
            line=limits.line_length or _NO_LIMIT,
            errors=limits.errors_per_session or _NO_LIMIT,
            recipients=limits.recipients_per_message or _NO_LIMIT,
        )
    session.guard = SessionGuard(service.protection, judge, listener.hide, listener.region)


def read(faults: Any) -> tuple[Fault, ...]:
    """Faults as values or as data. Raises ConfigError."""
    from fakeeop.config.faults.tree import faults_from_tree  # noqa: PLC0415  few need it: start-up time
    from fakeeop.model.fault import Fault  # noqa: PLC0415  as above

    if isinstance(faults, list | tuple) and all(isinstance(one, Fault) for one in faults):
        return tuple(faults)
    return faults_from_tree(faults)
