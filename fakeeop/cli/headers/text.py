"""The analysis of ``fakeeop headers`` as text for a terminal; nothing of the message is left for it to act on."""

from __future__ import annotations

import re
from textwrap import wrap
from typing import Any

from fakeeop.cli.style import Style

__all__ = ["hops_text", "lines_of", "passages_text"]

_UNSAFE = re.compile(r"[^\x20-\x7e\u00a0-\u200d\u2010-\u2027\u2030-\u2065\u206a-\ud7ff\ue000-\U0010ffff]+")
_NARROWEST = 60
_RESULT = 13  # bestguesspass
_SHORTEST_BAR, _LONGEST_BAR = 8, 40
_AROUND_THE_BAR = 60  # columns that the number, the date and the delay take
_THROUGH = {True: "yes", False: "no", None: "cannot be seen here"}


def lines_of(tree: dict[str, Any], style: Style, width: int) -> list[str]:
    """All of it; ``width`` is that of the terminal, in columns."""
    width = max(width, _NARROWEST)
    lines = [line for name, value in tree["summary"].items() if value for line in _pair(f"{name}:", value, 13, width)]
    verdict = tree["verdict"]
    lines += ["", f"{style.bold('Verdict')}, through a connector: {_through(verdict['through-connector'], style)}"]
    if verdict["passages"]:
        lines += _pair("", passages_text(verdict), 2, width)
    for number, passage in enumerate(verdict["passages"], 1):
        head = f"Passage {number}, {hops_text(passage['hops'])}"
        lines += [f"  {style.bold(head)}, through a connector: {_through(passage['through-connector'], style)}"]
        lines += [line for each in passage["statements"] for line in _statement(each, style, width)]
    if not verdict["passages"]:
        lines += [line for each in verdict["statements"] for line in _statement(each, style, width)]
    lines += ["", style.bold("Hops") + (f", {tree['total']} in all" if tree["total"] else "")]
    if not tree["hops"]:
        lines.append("  there is no Received field in it")
    lines += [row for hop in tree["hops"] for row in _hop(hop, style, width)]
    if tree["authentication"]:
        lines += ["", style.bold("Authentication")]
        lines += [line for each in tree["authentication"] for line in _authentication(each, style, width)]
    rows = [each for each in tree["antispam"] if each["value"] and each["key"] != "SFS"]
    if rows:
        lines += ["", style.bold("Antispam")]
        lines += [line for each in rows for line in _antispam(each, width)]
    return lines


def _statement(each: dict[str, Any], style: Style, width: int) -> list[str]:
    evidence = [line for evidence in each["evidence"] for line in _pair("", _spaced(evidence), 15, width)]
    return [*_pair(f"  {each['subject']}:", each["text"], 15, width), *map(style.dim, evidence)]


def passages_text(verdict: dict[str, Any]) -> str:
    """How many there are, and which of them the answer for the whole is of."""
    passages = verdict["passages"]
    main = next(number for number, each in enumerate(passages, 1) if each["hops"] == verdict["hops"])
    return f"it passed the service {len(passages)} times; this is the answer for passage {main}"


def hops_text(numbers: list[int]) -> str:
    """``hop 3``, ``hops 3 to 5``."""
    return f"hop {numbers[0]}" if len(numbers) == 1 else f"hops {numbers[0]} to {numbers[-1]}"


def _through(answer: bool | None, style: Style) -> str:
    paint = {True: style.green, False: style.red, None: style.yellow}[answer]
    return paint(_THROUGH[answer])


def _pair(head: str, text: str, indent: int, width: int) -> list[str]:
    """A name and its text, which goes on in its own column."""
    clean = _UNSAFE.sub("?", text)
    rows = wrap(clean, width - indent, break_on_hyphens=False) or [""]
    return [f"{head:<{indent}}{rows[0]}".rstrip(), *(f"{'':{indent}}{row}" for row in rows[1:])]


def _hop(hop: dict[str, Any], style: Style, width: int) -> list[str]:
    most = min(max(width - _AROUND_THE_BAR, _SHORTEST_BAR), _LONGEST_BAR)
    bar = "█" * max(1, round(hop["percent"] / 100 * most)) if hop["percent"] else ""
    late = hop["seconds"] is not None and hop["seconds"] < 0
    delay = style.red(f"{hop['delay']:>24}") if late else f"{hop['delay']:>24}"
    head = f"  {hop['hop']:>2}  {hop['date'] or 'no date':<26} {delay}  {style.green(bar) if bar else ''}"
    names = f"{hop['from'] or '?'} → {hop['by'] or '?'}"
    ways = [hop[each] for each in ("with", "via") if hop[each]]
    ways += [f"{name} {hop[name]}" for name in ("id", "for") if hop[name]]
    rest = [style.dim(line) for line in _pair("", ", ".join(ways), 6, width)] if ways else []
    return [head.rstrip(), *_pair("", names, 6, width), *rest]


def _authentication(each: dict[str, str], style: Style, width: int) -> list[str]:
    result = _UNSAFE.sub("?", each["result"])[:_RESULT]
    good, bad = result in ("pass", "bestguesspass"), "fail" in result
    painted = style.green(result) if good else style.red(result) if bad else result
    rest = " ".join(part for part in (each["comment"], each["properties"]) if part)
    text = f"{rest} ({each['meaning']})" if each["meaning"] else rest
    plain = _pair(f"  {each['method']:<13} {result}  ", text, 16 + len(result) + 2, width)
    return [plain[0].replace(f" {result}", f" {painted}", 1), *plain[1:]]


def _antispam(each: dict[str, str], width: int) -> list[str]:
    if not each["key"]:
        return _pair("  other", f"{_spaced(each['value'])} ({each['is']})", 9, width)
    meaning = f"{each['is']}: {each['meaning']}" if each["meaning"] else each["is"]
    clean = _UNSAFE.sub("?", each["value"])
    if len(clean) > 28:
        return [*_pair(f"  {each['key']}", clean, 9, width), *_pair("", meaning, 9, width)]
    return _pair(f"  {each['key']:<6} {clean:<28} ", meaning, 38, max(width, 80))


def _spaced(text: str) -> str:
    """With blanks where a line may end: reports have none between their fields."""
    return re.sub(r"[;|](?=\S)", r"\g<0> ", text)
