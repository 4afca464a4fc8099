"""Recipients that choose their own fate, for people at a prompt: ``temperror@contoso.com``. Off by default.

The local part, any case:

* ``temperror``: 451 4.3.2, ``permerror``: 550 5.7.1; with a status, ``permerror+5.7.64``.
* ``fault-451-4.7.500``: that reply, with the text of the reply table.
* ``fault-drop``, ``fault-reset``, ``fault-stall``: instead of a reply to RCPT.
* ``fault-delay-5s``: RCPT is answered so much later.
* ``fault-data-...``: any of these at the end of data; ``fault-data-lose-reply`` takes the message and says nothing.
"""

from __future__ import annotations

import re

from fakeeop.model.durations import seconds
from fakeeop.model.fault import Fault

__all__ = ["magic_fault"]

_ERROR = re.compile(r"(temp|perm)error(?:\+([245]\.\d{1,3}\.\d{1,3}))?")
_FAULT = re.compile(r"fault-(data-)?(.+)")
_REPLY = re.compile(r"([45]\d\d)(?:-([45]\.\d{1,3}\.\d{1,3}))?")


def magic_fault(local_part: str) -> Fault | None:
    """The fault that a local part asks for, None for an ordinary one."""
    word = local_part.lower()
    error = _ERROR.fullmatch(word)
    if error:
        code, status = ("451", "4.3.2") if error[1] == "temp" else ("550", "5.7.1")
        return Fault("rcpt", reply=f"{code} {error[2] or status}", name=f"magic recipient {word}")
    match = _FAULT.fullmatch(word)
    if not match:
        return None
    at, what, name = ("end-of-data" if match[1] else "rcpt"), match[2], f"magic recipient {word}"
    reply = _REPLY.fullmatch(what)
    if reply:
        return Fault(at, reply=f"{reply[1]} {reply[2]}" if reply[2] else reply[1], name=name)
    if what in ("drop", "reset", "stall") or (what == "lose-reply" and at == "end-of-data"):
        return Fault(at, do=what, name=name)
    if what.startswith("delay-"):
        try:
            return Fault(at, delay=seconds(what.removeprefix("delay-")), name=name)
        except ValueError:
            return None
    return None
