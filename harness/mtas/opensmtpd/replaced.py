"""A user's own smtpd.conf, made private: where it listens, where it relays to and from which address; no more.

Text in, text out. A file that is named by ``include`` is not looked into. What is taken out is left as a comment.
"""

from __future__ import annotations

import re
from typing import Final

from harness.mtas.form import Replaced
from harness.mtas.opensmtpd.config import HURRIED

__all__ = ["replaced"]

_LISTEN: Final = re.compile(r"\s*(?P<name>listen\s+on)\s+(?P<rest>.*)")
_ACTION: Final = re.compile(r"\s*action\s+(?P<name>\"[^\"]*\"|\S+)\s+(?P<kind>[\w-]+)(?P<rest>.*)")
_LIMIT: Final = re.compile(rf"\s*(?P<name>{'|'.join(HURRIED)})\s+(?P<value>\S+)\s*")
_HOST: Final = re.compile(r"\s+host\s+(?P<url>\"[^\"]*\"|\S+)")
_URL: Final = re.compile(r"(?P<scheme>[\w+]+://)?(?P<label>[^@/]+@)?(?P<place>.*)")
_SOURCE: Final = re.compile(r"\s+src\s+(?P<value>\"[^\"]*\"|<[^>]*>|\S+)")
_LOCAL: Final = ("expand-only", "forward-only", "lmtp", "maildir", "mbox", "mda")


def replaced(text: str, *, target: tuple[str, int], source: str, listen: str) -> tuple[str, list[Replaced]]:
    """The text for a private instance, and everything that is not as it was.

    ``target`` is where all mail goes, a name or an address with a port; ``source`` the address to connect from, empty
    for any; ``listen`` where it takes mail: ``127.1.2.3 port 2525``.
    """
    lines, found = [], []
    listens = False
    for line in _joined(text):
        action = _ACTION.fullmatch(line)
        if listening := _LISTEN.fullmatch(line):
            lines.append(f"# {line}")
            found.append(Replaced("listen on", listening["rest"].strip(), listen, "private"))
            if not listens:
                lines.append(f"listen on {listen}")
            listens = True
        elif limit := _LIMIT.fullmatch(line):
            lines.append(f"# {line}")
            found.append(Replaced(limit["name"], limit["value"], HURRIED[limit["name"]], "the check does not wait"))
        elif action and action["kind"] == "relay":
            lines.append(_relay(action, target, source, found))
        elif action and action["kind"] in _LOCAL:
            lines += [f"# {line}", f'action {action["name"]} mda "true"']
            place = f"action {action['name']}"
            found.append(Replaced(place, action["kind"] + action["rest"], 'mda "true"', "nothing is delivered here"))
        else:
            lines.append(line)
    if not listens:
        lines.insert(0, f"listen on {listen}")
        found.append(Replaced("listen on", "", listen, "private"))
    lines[:0] = [f"{name} {value}" for name, value in HURRIED.items()]
    return "\n".join(lines) + "\n", found


def _relay(action: re.Match[str], target: tuple[str, int], source: str, found: list[Replaced]) -> str:
    rest, place = action["rest"], f"action {action['name']} relay"
    host, src = _HOST.search(rest), _SOURCE.search(rest)
    old = host["url"].strip('"') if host else ""
    parts = _URL.fullmatch(old)
    address = f"[{target[0]}]" if ":" in target[0] else target[0]
    new = f"{parts['scheme'] or ''}{parts['label'] or ''}{address}:{target[1]}" if parts else f"{address}:{target[1]}"
    rest = _HOST.sub("", rest, count=1)
    found.append(Replaced(f"{place} host", old, new, "this server is the only way out"))
    added = f' host "{new}"'
    if source:
        rest = _SOURCE.sub("", rest, count=1)
        was = src["value"].strip('"') if src else ""
        found.append(Replaced(f"{place} src", was, source, "the address of the test"))
        added += f' src "{source}"'
    return f"action {action['name']} relay{added}{rest}"


def _joined(text: str) -> list[str]:
    """Logical lines: a backslash continues one."""
    return re.sub(r"\\\n\s*", " ", text).splitlines()
