"""The names of the service: of its boxes (wire §1.1), in the suffix of error replies (wire §2), in banner and hello."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from attrs import evolve, field, frozen

from fakeeop.model import Behaviour
from fakeeop.smtp.replies.rows import ROW, render

__all__ = [
    "SUBMISSION_HOSTS",
    "HostNames",
    "ReplySuffix",
    "banner_date",
    "banner_stem",
    "dated_hosts",
    "ehlo_reply",
    "helo_reply",
    "in_box",
    "listener_hosts",
    "printable",
    "suffix_time",
]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BACKEND_OFFSET = 0x18F3_27C5_41B0  # the ids of two boxes differ by days (wire §2)


@frozen
class HostNames:
    """The box names of one front end; the default is a made-up box of the present naming scheme.

    ``box`` is the short name, ``forest`` its forest; ``backend`` and ``mailbox`` are whole names of boxes behind it.
    ``domain`` is the one that clients connect to. The whole name of a forest in upper case (``INDPRD01``) is so (wire
    §1.1). ``zone`` is the domain of the forests, ``suffix_form`` a value of the knob SuffixForm.
    """

    box: str = "SN1PEPF000252A1"
    forest: str = "namprd05"
    backend: str = "SN7PR05CA0017.namprd05.prod.outlook.com"
    mailbox: str = "LV4PR05MB11200.namprd05.prod.outlook.com"
    domain: str = "mail.protection.outlook.com"
    zone: str = "prod.outlook.com"
    suffix_form: str = "full"
    banner_name: str = field(init=False)
    """The name in the banner, the Hello line and the first Received."""
    suffix_name: str = field(init=False)
    """The name in the suffix of error replies."""

    @banner_name.default
    def _banner_name(self) -> str:
        return f"{self.box}.{self.domain}"

    @suffix_name.default
    def _suffix_name(self) -> str:
        return f"{self.box}.{self.forest}.{self.zone.upper() if self.forest.isupper() else self.zone}"


SUBMISSION_HOSTS = HostNames("SY5P282CA0041", "AUSP282", domain="outlook.office365.com")  # wire §1.1: port 587


@lru_cache(maxsize=64)
def in_box(hosts: HostNames, box: str) -> HostNames:
    """The same front end's other box."""
    return evolve(hosts, box=box)


_PEPF_HOSTS = HostNames()
_FT_HOSTS = HostNames("SN1NAM02FT012", "eop-nam02", zone="prod.protection.outlook.com")  # wire §1.1: until 2023


@lru_cache(maxsize=64)
def dated_hosts(hosts: HostNames, box_names: str, suffix_form: str) -> HostNames:
    """Host names under the knobs BoxNames and SuffixForm; box names that somebody chose stay."""
    if box_names == "ft" and hosts.box == _PEPF_HOSTS.box:
        hosts = _FT_HOSTS
    elif box_names == "pepf" and hosts.box == _FT_HOSTS.box:
        hosts = _PEPF_HOSTS
    return hosts if hosts.suffix_form == suffix_form else evolve(hosts, suffix_form=suffix_form)


def listener_hosts(hosts: HostNames, behaviour: Behaviour, *, submission: bool, box: str | None) -> HostNames:
    """How a listener of a front end calls itself; ``hosts`` are the names at the MX, ``box`` is another box of it."""
    found = SUBMISSION_HOSTS if submission else hosts
    found = dated_hosts(found, behaviour.box_names, behaviour.suffix_form)
    return found if box is None else in_box(found, box)


def banner_date(now: datetime) -> str:
    """``Sun, 9 Mar 2025 19:25:28 +0000``: no leading zero in the day, never a local zone or locale (wire §1.2)."""
    return f"{_DAYS[now.weekday()]}, {now.day} {_MONTHS[now.month - 1]} {now.year} {now:%H:%M:%S} +0000"


def suffix_time(now: datetime) -> str:
    """``2025-01-29T19:07:30.476Z``."""
    return now.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


class ReplySuffix:
    """What stands at the end of the error replies of one session: the box, the time, the session id."""

    __slots__ = ("hosts", "session_id", "wall_clock")

    def __init__(self, hosts: HostNames, wall_clock: Callable[[], datetime], session_id: str) -> None:
        self.hosts = hosts
        self.wall_clock = wall_clock
        self.session_id = session_id

    def blocks(self, count: int = 1) -> bytes:
        """``count`` blocks with a blank in front of each, the innermost box first; nothing for 0.

        Older forms have one block, without time and id, or none (wire §2).
        """
        if not count:
            return b""
        if self.hosts.suffix_form != "full":
            return f" [{self.hosts.suffix_name}]".encode() if self.hosts.suffix_form == "box" else b""
        time = suffix_time(self.wall_clock())
        own = f" [{self.hosts.suffix_name} {time} {self.session_id}]"
        if count == 1:
            return own.encode()
        inner = f"{int(self.session_id, 16) - _BACKEND_OFFSET:016X}"
        if count == 2:
            return f" [{self.hosts.backend} {time} {inner}]{own}".encode()
        innermost = f"{int(self.session_id, 16) - 2 * _BACKEND_OFFSET:016X}"
        return f" [{self.hosts.mailbox} {time} {innermost}] [{self.hosts.backend} {time} {inner}]{own}".encode()


@lru_cache(maxsize=64)
def banner_stem(box: str, second: datetime) -> bytes:
    """The banner up to the session id: the same for all who come in one second."""
    return render(ROW["banner"], box=box, date=banner_date(second), session="").removesuffix(b"\r\n")


@lru_cache(maxsize=4096)
def helo_reply(box: str, ip: str) -> bytes:
    """Wire §1.3."""
    return render(ROW["helo"], box=box, ip=ip)


@lru_cache(maxsize=4096)
def ehlo_reply(box: str, ip: str, size: int, offers_tls: bool) -> bytes:
    """Wire §1.4, §1.5."""
    return render(ROW["ehlo"], box=box, ip=ip, size=size, starttls="STARTTLS\n" if offers_tls else "")


def printable(verb: bytes) -> str:
    """A verb as it may stand in a reply."""
    return "".join(chr(octet) if 32 <= octet < 127 else "?" for octet in verb)
