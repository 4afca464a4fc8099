"""The ids and times that the service makes up for a message, all derived from what the journal holds of it.

So the same message reads the same each time. Forms and distances are those of real mail (facts wire §4.2); the values
themselves mean nothing.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from attrs import frozen

from fakeeop.message.numbers import mixed, ticks

__all__ = ["Identity", "header_date", "header_moment", "made_message_id"]

_MADE = re.compile(rb"250 2\.6\.0 (<[^<>]+>) \[")

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def header_date(moment: datetime) -> str:
    """``Wed, 1 Nov 2023 10:27:57 +0000``: no leading zero in the day, always UTC (wire §1.2, §4.1)."""
    return f"{_DAYS[moment.weekday()]}, {moment.day} {_MONTHS[moment.month - 1]} {moment.year} {moment:%H:%M:%S} +0000"


def header_moment(moment: datetime) -> str:
    """``01 Nov 2023 10:27:56.8567 (UTC)``: two digits for the day, four decimals (wire §4.2)."""
    clock = f"{moment:%H:%M:%S}.{moment.microsecond // 100:04d}"
    return f"{moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year} {clock} (UTC)"


def made_message_id(reply: bytes) -> str:
    """The Message-ID that a 250 names: the client's, else the one that the service made (wire §2.2)."""
    found = _MADE.match(reply)
    return found[1].decode("ascii", "replace") if found else ""


@frozen
class Identity:
    """One message inside the service: ``seed`` tells it from others, ``arrived`` is when its content was there (UTC).

    The distances between the steps are within those of real mail: 0 to 2 seconds over all hops (wire §4.1, §4.2).
    """

    seed: int
    arrived: datetime

    @property
    def network_message_id(self) -> str:
        """The GUID: its last 12 hex digits are the top 48 bits of the ticks at submission (wire §4.2)."""
        head, tail = mixed(self.seed), mixed(~self.seed) & 0xFFFF
        time = ticks(self.submitted) >> 16
        return f"{head >> 32:08x}-{head >> 16 & 0xFFFF:04x}-4{head >> 4 & 0xFFF:03x}-{tail:04x}-{time:012x}"

    @property
    def submitted(self) -> datetime:
        """ExpirationStartTime: 0.1 to 0.5 s after the arrival."""
        return self.arrived + timedelta(microseconds=93_700 + mixed(self.seed ^ 1) % 400 * 1_000)

    @property
    def filtered(self) -> datetime:
        """When the hub has it."""
        return self.submitted + timedelta(microseconds=100_000)

    @property
    def delivered(self) -> datetime:
        """When the mailbox has it, or when it leaves."""
        return self.arrived + timedelta(microseconds=self._latency // 10)

    @property
    def latency(self) -> str:
        """X-MS-Exchange-Transport-EndToEndLatency: ``00:00:01.8714478``."""
        seconds, rest = divmod(self._latency, 10_000_000)
        return f"00:00:{seconds:02d}.{rest:07d}"

    @property
    def _latency(self) -> int:
        return 12_000_000 + mixed(self.seed ^ 2) % 8_000_000  # ticks
