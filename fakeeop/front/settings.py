"""What the sessions of a listener announce and enforce: one pure function, for the MX and for submission."""

from __future__ import annotations

from fakeeop.model import Behaviour
from fakeeop.model.limits import Limits
from fakeeop.model.ports import OpenSpool
from fakeeop.server.listener import Listener
from fakeeop.smtp.auth import LONGEST_LINE
from fakeeop.smtp.names import HostNames, listener_hosts
from fakeeop.smtp.policy import SessionSettings

__all__ = ["listener_limits", "session_settings"]

_NO_LIMIT = 1 << 62
_AUTH_LINE = LONGEST_LINE + 1_024  # octets; longer than an AUTH line may be, so that the exchange says so itself


def listener_limits(limits: Limits, listener: Listener) -> Limits:
    """The limits in force at a listener: its own over the complete ones of the front end."""
    return limits if listener.limits is None else listener.limits.over(limits)


def session_settings(
    behaviour: Behaviour, limits: Limits, listener: Listener, hosts: HostNames, spool: OpenSpool | None = None
) -> SessionSettings:
    """The settings of every session at ``listener``; ``limits`` are complete, ``hosts`` are the names at the MX."""
    limits = listener_limits(limits, listener)
    return SessionSettings(
        size=limits.message_size or _NO_LIMIT,
        line=limits.line_length or _NO_LIMIT,
        auth_line=_AUTH_LINE if listener.submission else 0,
        errors=limits.errors_per_session or _NO_LIMIT,
        recipients=limits.recipients_per_message or _NO_LIMIT,
        starttls=listener.starttls,
        banner_session_id=behaviour.banner_session_id == "on",
        invalid_sender=f"invalid-sender-{behaviour.invalid_sender_code}",
        bare_line_feeds=behaviour.bare_line_feeds == "accept",
        hidden=listener.hide,
        region=listener.region,
        hosts=listener_hosts(hosts, behaviour, submission=listener.submission, box=listener.box),
        spool=spool,
    )
