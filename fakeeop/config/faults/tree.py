"""``Faults:`` as data → ``Fault`` values, or every mistake in it at once.

The words are those of ``Fault``; ``KEYS`` documents them, and the schema and docs/faults.md are made from it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fakeeop.config.marked import line_of
from fakeeop.errors import ConfigError, Problem
from fakeeop.model.durations import seconds
from fakeeop.model.fault import ACTIONS, HANDSHAKE_ACTIONS, PER, STAGES, Fault
from fakeeop.smtp.extensions import EXTENSIONS
from fakeeop.smtp.replies.rows import ROW

__all__ = ["KEYS", "faults_from_tree", "read_faults"]

KEYS: dict[str, str] = {
    "at": f"Where it fires: {', '.join(STAGES)}. Needed.",
    "name": "What reports call it.",
    "address": "Client addresses or CIDR networks, one or a list.",
    "tenant": "Name of the tenant that a recipient belongs to.",
    "recipient": "Shell pattern of the forward-path, `*@contoso.com`; from data on, of any of them.",
    "sender": "Shell pattern of the reverse-path; the null one is the empty text.",
    "tls": "true: only under TLS; false: only in clear text.",
    "per": f"What matches are counted for: {', '.join(PER)}. Default: all.",
    "nth": "Only the match with this number, or these numbers; the first is 1.",
    "first": "Only the first N matches.",
    "every": "Only each match whose number divides by this one.",
    "probability": "0 to 1: seeded, so that the same seed gives the same run.",
    "until": "No more after this long (`30s`), this often (`5`), or once this flag is set (a name).",
    "reply": "The reply, `451 4.7.500 text`; {ip}, {recipient}, {sender} and {domain} are filled in. Code and status"
    " alone take the text of that row of the reply table; `{row: KEY}` is the row with this key.",
    "suffix": "false: without the service's [box time session] after a refusal.",
    "delay": "Wait so long before the reply.",
    "drip": "Write the reply one octet at a time, so long apart.",
    "do": "; ".join(f"`{name}`: {what}" for name, what in {**ACTIONS, **HANDSHAKE_ACTIONS}.items()),
    "hide": f"At ehlo: extensions that are left out, and refused from then on: {', '.join(EXTENSIONS)}.",
}
_REPLY = re.compile(r"[245]\d\d(?: .*)?", re.S)
_DOING = ("reply", "delay", "drip", "do", "hide")
_NO_REPLY = ("connect", "handshake", "after-250")
_AT_RECIPIENTS = ("rcpt", "data", "end-of-data", "after-250")
_AT_SENDER = ("mail", *_AT_RECIPIENTS)


def faults_from_tree(tree: Any, path: str = "<input>") -> tuple[Fault, ...]:
    """The faults of a list (or of a single mapping). Raises ConfigError with every problem, in line order."""
    problems: list[Problem] = []
    faults = read_faults(tree, path, problems)
    if problems:
        raise ConfigError(tuple(sorted(problems, key=lambda problem: problem.line or 0)))
    return faults


def read_faults(tree: Any, path: str, problems: list[Problem]) -> tuple[Fault, ...]:
    """As ``faults_from_tree``, with the problems added to a list."""
    if tree is None:
        return ()
    listed = [tree] if isinstance(tree, Mapping) else tree
    if not isinstance(listed, list | tuple):
        fix = "write a list: Faults: [{at: rcpt, first: 2, reply: 451 4.7.500 Server busy}]"
        problems.append(
            Problem("wrong-type", f"{tree!r} is not a list of faults", fix, ("Faults",), path, line_of(tree))
        )
        return ()
    found = []
    for number, element in enumerate(listed, 1):
        line = line_of(listed, number - 1) if isinstance(listed, list) else None
        reader = _Reader(element, number, path, line, problems)
        fault = reader.fault()
        if fault is not None:
            found.append(fault)
    return tuple(found)


class _Reader:
    """One mapping; what is wrong in it goes to ``problems``."""

    def __init__(self, tree: Any, number: int, path: str, line: int | None, problems: list[Problem]) -> None:
        self.tree = tree
        self.where = ("Faults", f"number {number}")
        self.path = path
        self.line = line or line_of(tree)
        self.problems = problems
        self.values: dict[str, Any] = {}

    def fault(self) -> Fault | None:
        """The fault; None if anything is wrong."""
        before = len(self.problems)
        if not isinstance(self.tree, Mapping):
            self.add(
                "", "wrong-type", f"{self.tree!r} is not a fault", "write a mapping: {at: rcpt, reply: 451 4.3.2 no}"
            )
            return None
        for key, value in self.tree.items():
            name = str(key).lower()
            if name not in KEYS:
                near = _near(name, KEYS)
                fix = f"did you mean {near[0]}?" if near else f"known here: {', '.join(KEYS)}"
                self.add(str(key), "unknown-field", f"there is no {key}", fix)
            elif value is not None:
                self.values[name] = value
        fault = self.built()
        self.rules()
        return fault if len(self.problems) == before else None

    def add(self, key: str, code: str, message: str, fix: str = "") -> None:
        """One problem."""
        line = line_of(self.tree, key) if key and isinstance(self.tree, Mapping) and key in self.tree else None
        where = (*self.where, key) if key else self.where
        self.problems.append(Problem(code, message, fix, where, self.path, line or self.line))

    def built(self) -> Fault:
        """The values, read one by one."""
        until = self.until()
        return Fault(
            at=self.word("at", STAGES) or "",
            addresses=self.networks("address"),
            tenant=self.text("tenant"),
            recipient=self.text("recipient"),
            sender=self.text("sender"),
            tls=self.flag("tls", None),
            per=self.word("per", PER) or "all",
            nth=self.numbers("nth"),
            first=self.count("first"),
            every=self.count("every"),
            probability=self.share("probability"),
            until_seconds=until if isinstance(until, float) else None,
            until_count=until if isinstance(until, int) else None,
            until_flag=until if isinstance(until, str) else None,
            reply=self.reply(),
            row=self.row(),
            suffix=self.flag("suffix", True) is not False,
            delay=self.span("delay"),
            drip=self.span("drip"),
            do=self.word("do", (*ACTIONS, *HANDSHAKE_ACTIONS)) or "",
            hide=self.extensions("hide"),
            name=self.text("name") or "",
        )

    def rules(self) -> None:
        """What does not go together."""
        has, at = self.values, self.values.get("at")
        do = has["do"] if isinstance(has.get("do"), str) else ""
        if at is None:
            self.add("at", "missing-field", "at is not given", f"say where: {', '.join(STAGES)}")
        if not any(name in has for name in _DOING):
            self.add("", "missing-field", "it does nothing", f"give one of {', '.join(_DOING)}")
        if "hide" in has and at != "ehlo":
            self.add("hide", "bad-value", "extensions are announced at ehlo only", "write at: ehlo")
        if do in HANDSHAKE_ACTIONS and at != "handshake":
            self.add("do", "bad-value", f"{do} happens in the handshake only", "write at: handshake")
        if at in _NO_REPLY and ("reply" in has or "drip" in has):
            fix = "at: banner replies instead of the banner" if at == "connect" else "take reply and drip out"
            self.add("reply" if "reply" in has else "drip", "bad-value", f"there is no reply at {at}", fix)
        if do in ("close", "lose-reply") and at in _NO_REPLY:
            self.add("do", "bad-value", f"{do} is about a reply, and there is none at {at}", "write drop or reset")
        if do == "lose-reply" and ("reply" in has or "drip" in has):
            self.add("do", "bad-value", "lose-reply sends no reply", "take reply and drip out, or write do: close")
        if at in STAGES:
            for name, stages in (("recipient", _AT_RECIPIENTS), ("tenant", _AT_RECIPIENTS), ("sender", _AT_SENDER)):
                if name in has and at not in stages:
                    self.add(name, "bad-value", f"at {at} no {name} is known yet", f"it is from {stages[0]} on")
            if has.get("per") == "recipient" and at not in _AT_RECIPIENTS:
                self.add("per", "bad-value", f"at {at} no recipient is known yet", "count per address or session")

    # ---- values

    def word(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """One of a closed set."""
        value = self.values.get(key)
        if value is None:
            return None
        word = str(value).strip().lower()
        if word in allowed:
            self.values[key] = word
            return word
        near = _near(word, allowed)
        fix = f"did you mean {near[0]}?" if near else f"one of: {', '.join(allowed)}"
        self.add(key, "bad-value", f"{value!r} is not allowed", fix)
        return None

    def text(self, key: str) -> str | None:
        """Plain text."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        self.add(key, "wrong-type", f"{value!r} is not text", "put it in quotes")
        return None

    def flag(self, key: str, default: bool | None) -> bool | None:
        """True or false."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self.add(key, "wrong-type", f"{value!r} is neither true nor false", "write true or false")
        return None

    def count(self, key: str) -> int | None:
        """A whole number from 1."""
        found = self.numbers(key)
        if len(found) > 1:
            self.add(key, "wrong-type", "one number, not several", f"write {key}: {found[0]}")
        return found[0] if found else None

    def numbers(self, key: str) -> tuple[int, ...]:
        """One whole number from 1, or several."""
        value = self.values.get(key)
        if value is None:
            return ()
        listed = value if isinstance(value, list) else [value]
        found = [each for each in listed if isinstance(each, int) and not isinstance(each, bool) and each >= 1]
        if len(found) != len(listed) or not listed:
            self.add(key, "bad-value", f"{value!r} is not a count", "write a whole number from 1")
        return tuple(found)

    def share(self, key: str) -> float | None:
        """0 to 1."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            return float(value)
        self.add(key, "bad-value", f"{value!r} is not a probability", "write a number from 0 to 1")
        return None

    def span(self, key: str) -> float:
        """A duration in seconds; 0 if not given."""
        return self._parsed(key, seconds, 0.0)

    def _parsed(self, key: str, parse: Callable[[Any], float], default: float) -> float:
        if key not in self.values:
            return default
        try:
            return parse(self.values[key])
        except ValueError as why:
            self.add(key, "bad-value", str(why), "write 30s, 200ms, 5m or a number of seconds")
            return default

    def until(self) -> float | int | str | None:
        """A duration as float, a count as int, a flag as text."""
        value = self.values.get("until")
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return value
        if isinstance(value, str) and value.strip():
            try:
                return seconds(value)
            except ValueError:
                if re.fullmatch(r"[A-Za-z][\w-]*", value.strip()):
                    return value.strip()
        fix = "write a duration (30s), a count (5) or the name of a flag"
        self.add("until", "bad-value", f"{value!r} is not one of these", fix)
        return None

    def networks(self, key: str) -> tuple[Any, ...]:
        """Addresses and CIDR networks of both families."""
        value = self.values.get(key)
        if value is None:
            return ()
        found = []
        for each in value if isinstance(value, list) else [value]:
            try:
                found.append(ipaddress.ip_network(str(each).strip(), strict=False))
            except ValueError as why:
                self.add(key, "bad-value", str(why), "write an address such as 203.0.113.25, or a CIDR network")
        return tuple(found)

    def extensions(self, key: str) -> tuple[str, ...]:
        """Names of EHLO."""
        value = self.values.get(key)
        if value is None:
            return ()
        listed = [str(each).strip().upper() for each in (value if isinstance(value, list) else [value])]
        for each in listed:
            if each not in EXTENSIONS:
                self.add(
                    key, "bad-value", f"{each!r} is not an extension of the service", f"one of: {', '.join(EXTENSIONS)}"
                )
        return tuple(listed)

    def row(self) -> str:
        """The key of ``reply: {row: KEY}``."""
        value = self.values.get("reply")
        if not isinstance(value, Mapping):
            return ""
        key = str(value.get("row", ""))
        if len(value) == 1 and key in ROW:
            return key
        near = _near(key, ROW)
        fix = f"did you mean {near[0]}?" if near else "`fakeeop replies` lists them: {row: relay-access-denied}"
        self.add("reply", "bad-value", f"there is no row {key!r}", fix)
        return ""

    def reply(self) -> str:
        """``451 4.7.500 text``; its placeholders are known ones."""
        value = self.values.get("reply")
        if value is None or isinstance(value, Mapping):
            return ""
        text = str(value).strip()
        if isinstance(value, bool | float | list) or not _REPLY.fullmatch(text):
            fix = 'write code, status and text: "451 4.7.500 Server busy. Please try again later from [{ip}]. (AS761)"'
            self.add("reply", "bad-value", f"{value!r} is not a reply", fix)
            return ""
        try:
            text.format(ip="", recipient="", sender="", domain="")
        except (KeyError, IndexError, ValueError) as why:
            fix = "only {ip}, {recipient}, {sender} and {domain} are filled in; write {{ for a brace"
            self.add("reply", "bad-value", f"a placeholder is not known: {why}", fix)
            return ""
        return text


def _near(word: str, known: Iterable[str]) -> list[str]:
    import difflib  # noqa: PLC0415  only for a file that is wrong: start-up time

    return difflib.get_close_matches(word, list(known), 1, 0.6)
