"""Transcripts of SMTP, whoever wrote them down: commands and replies, with or without marks in front. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fakeeop.reading.ndr.values import Finding, finding, stage_of

__all__ = ["dialogue"]

_PATH = re.compile(r"<([^<>\s]{1,320}@[^<>\s]{1,255})>")
_COMMAND = re.compile(
    r"^(?:\S{1,12}\s+){0,2}?(?:C:|>>>|[-~]?>|send:)?\s*['\"]?"
    r"(EHLO|HELO|STARTTLS|AUTH|MAIL FROM:|RCPT TO:|DATA|BDAT|RSET|QUIT)(.{0,400})",
    re.I,
)
_ANSWER = re.compile(r"^(?:\S{1,12}\s+){0,2}?(?:S:|<<<|<[-~*]*|reply:)?\s*['\"b]{0,2}([2-5]\d\d)([ -])(.*)")
_END = ("end of data", "")


def dialogue(lines: Sequence[str]) -> list[Finding]:
    """Each final reply answers the command that has waited longest (pipelining); the greeting answers none."""
    found: list[Finding] = []
    waiting: list[tuple[str, str]] = []
    commands = 0
    for line in lines:
        answer, command = _ANSWER.match(line), _COMMAND.match(line)
        if answer is not None and answer[2] == " ":
            verb, rest = waiting.pop(0) if waiting else ("connect", "")
            if answer[1] == "354":
                waiting.insert(0, _END)
            elif answer[1][0] in "45":
                path = _PATH.search(rest) if verb.upper().startswith("RCPT") else None
                said = f"{answer[1]} {answer[3]}".rstrip("'\"")
                found.append(finding(said, stage=stage_of(verb), recipient=path[1] if path else None))
        elif command is not None and answer is None and _END not in waiting:
            commands += 1
            waiting.append((command[1], command[2]))
    if not commands:
        return []
    return [each for each in found if each.status != "5.5.2"] or found  # what only follows from a refusal
