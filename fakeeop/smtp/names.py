"""The names and marks of the service: box names (wire §1.1) and the suffix of error replies (wire §2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from attrs import evolve, field, frozen

__all__ = ["SUBMISSION_FACE", "Face", "Signature", "banner_date", "dated_face", "in_box", "suffix_time"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BACKEND_OFFSET = 0x18F3_27C5_41B0  # the ids of two boxes differ by days (wire §2)


@frozen
class Face:
    """The box names of one front end; the default is a made-up box of the present naming scheme.

    ``box`` is the short name, ``forest`` its forest; ``backend`` and ``mailbox`` are whole names of boxes behind it.
    ``door`` is the domain that clients connect to. The whole name of a forest in upper case (``INDPRD01``) is so (wire
    §1.1). ``zone`` is the domain of the forests, ``suffix_form`` a value of the knob SuffixForm.
    """

    box: str = "SN1PEPF000252A1"
    forest: str = "namprd05"
    backend: str = "SN7PR05CA0017.namprd05.prod.outlook.com"
    mailbox: str = "LV4PR05MB11200.namprd05.prod.outlook.com"
    door: str = "mail.protection.outlook.com"
    zone: str = "prod.outlook.com"
    suffix_form: str = "full"
    banner_name: str = field(init=False)
    """The name in the banner, the Hello line and the first Received."""
    suffix_name: str = field(init=False)
    """The name in the suffix of error replies."""

    @banner_name.default
    def _banner_name(self) -> str:
        return f"{self.box}.{self.door}"

    @suffix_name.default
    def _suffix_name(self) -> str:
        return f"{self.box}.{self.forest}.{self.zone.upper() if self.forest.isupper() else self.zone}"


SUBMISSION_FACE = Face("SY5P282CA0041", "AUSP282", door="outlook.office365.com")  # wire §1.1: port 587


@lru_cache(maxsize=64)
def in_box(face: Face, box: str) -> Face:
    """The same front end's other box."""
    return evolve(face, box=box)


_PEPF_FACE = Face()
_FT_FACE = Face("SN1NAM02FT012", "eop-nam02", zone="prod.protection.outlook.com")  # wire §1.1: until 2023


@lru_cache(maxsize=64)
def dated_face(face: Face, box_names: str, suffix_form: str) -> Face:
    """A face under the knobs BoxNames and SuffixForm; box names that somebody chose stay."""
    if box_names == "ft" and face.box == _PEPF_FACE.box:
        face = _FT_FACE
    elif box_names == "pepf" and face.box == _FT_FACE.box:
        face = _PEPF_FACE
    return face if face.suffix_form == suffix_form else evolve(face, suffix_form=suffix_form)


def banner_date(now: datetime) -> str:
    """``Sun, 9 Mar 2025 19:25:28 +0000``: no leading zero in the day, never a local zone or locale (wire §1.2)."""
    return f"{_DAYS[now.weekday()]}, {now.day} {_MONTHS[now.month - 1]} {now.year} {now:%H:%M:%S} +0000"


def suffix_time(now: datetime) -> str:
    """``2025-01-29T19:07:30.476Z``."""
    return now.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


class Signature:
    """Who signs the error replies of one session: the box, the time, the session id."""

    __slots__ = ("face", "session_id", "wall_clock")

    def __init__(self, face: Face, wall_clock: Callable[[], datetime], session_id: str) -> None:
        self.face = face
        self.wall_clock = wall_clock
        self.session_id = session_id

    def suffix(self, count: int = 1) -> bytes:
        """``count`` blocks with a blank in front of each, the innermost box first; nothing for 0.

        Older forms have one block, without time and id, or none (wire §2).
        """
        if not count:
            return b""
        if self.face.suffix_form != "full":
            return f" [{self.face.suffix_name}]".encode() if self.face.suffix_form == "box" else b""
        time = suffix_time(self.wall_clock())
        own = f" [{self.face.suffix_name} {time} {self.session_id}]"
        if count == 1:
            return own.encode()
        inner = f"{int(self.session_id, 16) - _BACKEND_OFFSET:016X}"
        if count == 2:
            return f" [{self.face.backend} {time} {inner}]{own}".encode()
        innermost = f"{int(self.session_id, 16) - 2 * _BACKEND_OFFSET:016X}"
        return f" [{self.face.mailbox} {time} {innermost}] [{self.face.backend} {time} {inner}]{own}".encode()
