"""The tables of docs/scenarios.md, made from the schema and the lists of this package, so that they cannot be wrong.

In the document a table stands between ``<!-- table NAME -->`` and ``<!-- end -->``; ``updated`` fills them in.
``python -m harness.scenario.reference docs/scenarios.md`` writes the file anew; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from harness.match.kinds import OPERATORS, OUTCOMES, STAGES, VERDICTS
from harness.scenario.schema import scenario_schema
from harness.scenario.tags import TAGS
from harness.scenario.verbs import ARGUMENTS

__all__ = ["tables", "updated"]

_TABLE = re.compile(r"<!-- table (\S+) -->\n.*?<!-- end -->", re.DOTALL)


def updated(document: str) -> str:
    """The document with every table made anew. Raises KeyError for a table that nobody knows."""
    made = tables()
    return _TABLE.sub(lambda found: f"<!-- table {found[1]} -->\n{made[found[1]]}<!-- end -->", document)


def tables() -> dict[str, str]:
    """Name → Markdown."""
    schema = scenario_schema()
    made = {
        "top": _fields(schema),
        "evidence": _fields(_definition("evidence")),
        "world": _fields(_definition("world")),
        "certificate": _fields(_definition("certificate")),
        "mail-from": _fields(_definition("mail-from")),
        "rcpt-to": _fields(_definition("rcpt-to")),
        "message-fields": _fields(_definition("message")),
        "tls-fields": _fields(_object(_object(_step("submit")["submit"])["properties"]["tls"])),
        "operators": _rows(("operator", "meaning"), ((f"`{name}`", text) for name, text in OPERATORS.items())),
        "outcomes": _words(OUTCOMES),
        "stages": _words(STAGES),
        "verdicts": _words(VERDICTS),
        "tags": _rows(("tag", "meaning"), ((f"`{name}`", text) for name, text in sorted(TAGS.items()))),
    }
    for verb in ARGUMENTS:
        made[f"verb-{verb}"] = _fields(_object(_step(verb)[verb]))
    for verb in ("submit", "send", "starttls", "admin", "retry"):
        made[f"expect-{verb}"] = _fields(_object(_step(verb)["expect"]))
    made["delivery-status"] = _fields(_definition("delivery-matcher"))
    for name in (
        "session",
        "recipient",
        "tls",
        "certificate",
        "attribution",
        "near",
        "message",
        "dsn",
        "report",
        "reported-recipient",
        "delivered-copy",
        "hop",
        "trace-row",
        "trace-event",
    ):
        made[f"journal-{name}"] = _fields(_definition(f"{name}-matcher"))
    return made


def _definition(name: str) -> dict[str, Any]:
    return _object({"$ref": f"#/$defs/{name}"})


def _step(verb: str) -> dict[str, Any]:
    return _definition(f"step-{verb}")["properties"]  # type: ignore[no-any-return]  # our own file


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    """The object of a schema, through references and alternatives."""
    if "$ref" in schema:
        return _object(scenario_schema()["$defs"][schema["$ref"].rpartition("/")[2]])
    if "properties" in schema:
        return schema
    return next((found for found in map(_object, schema.get("anyOf", ())) if found), {})


def _fields(schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = []
    for name, inner in schema["properties"].items():
        if name != "only-fields":
            words = f"one of {', '.join(f'`{word}`' for word in _choices(inner))}" if _choices(inner) else ""
            rows.append((f"`{name}`" + (" (needed)" if name in required else ""), _joined(inner["description"], words)))
    return _rows(("key", "meaning"), rows)


def _joined(text: str, words: str) -> str:
    return f"{text}; {words}" if words else text


def _choices(schema: dict[str, Any]) -> list[str]:
    if "$ref" in schema:
        schema = scenario_schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    for part in (schema, *schema.get("anyOf", ())):
        if "enum" in part:
            words = [word for word in part["enum"] if isinstance(word, str)]
            return words if 1 < len(words) <= 8 else []
    return []


def _rows(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    lines += [f"| {left} | {right.replace('|', chr(92) + '|')} |" for left, right in rows]
    return "\n".join(lines) + "\n"


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) + "\n"


def _main(path: str) -> None:
    from pathlib import Path  # noqa: PLC0415  only when run as a program

    file = Path(path)
    file.write_text(updated(file.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    import sys

    _main(sys.argv[1])
