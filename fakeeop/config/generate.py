"""Write what is made from the tables: ``schema.json`` and the tables in docs/tenant-file.md, limits.md,
faults.md, notifications.md.

Run ``python -m fakeeop.config.generate`` after a change to a table; ``--check`` only tells whether that is needed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from fakeeop.config.faults.tree import KEYS
from fakeeop.config.parameters.kinds import KeyTable
from fakeeop.config.parameters.tables import (
    ACCEPTED_DOMAIN,
    BLOCKED_ADDRESSES,
    DESTINATION,
    DKIM_SIGNING,
    FILE,
    INBOUND_CONNECTOR,
    INTERNET,
    LIMITS,
    MAILBOX,
    ORGANIZATION_CONFIG,
    OUTBOUND_CONNECTOR,
    SUBMISSION_LIMITS,
    TENANT,
    TRANSPORT_CONFIG,
)
from fakeeop.config.rules import RULES
from fakeeop.config.schema import tenant_schema
from fakeeop.decision.knobs import KNOBS

__all__ = ["docs_text", "main", "schema_text"]

_SCHEMA = Path(__file__).with_name("schema.json")
_PAGES = Path(__file__).parents[2] / "docs"
_DOCS = tuple(_PAGES / name for name in ("tenant-file.md", "limits.md", "faults.md", "notifications.md"))
_BLOCK = re.compile(r"(<!-- made: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TABLES = {
    "file": FILE,
    "tenant": TENANT,
    "accepted-domain": ACCEPTED_DOMAIN,
    "inbound-connector": INBOUND_CONNECTOR,
    "outbound-connector": OUTBOUND_CONNECTOR,
    "organization-config": ORGANIZATION_CONFIG,
    "transport-config": TRANSPORT_CONFIG,
    "mailbox": MAILBOX,
    "dkim-key": DKIM_SIGNING,
    "submission-limits": SUBMISSION_LIMITS,
    "limits": LIMITS,
    "blocked-addresses": BLOCKED_ADDRESSES,
    "internet": INTERNET,
    "destination": DESTINATION,
}


def schema_text() -> str:
    """The content of ``schema.json``."""
    return json.dumps(tenant_schema(), indent=2, ensure_ascii=False) + "\n"


def docs_text(old: str) -> str:
    """A page with every ``<!-- made: NAME -->`` block made anew. Raises KeyError for a name that is not known."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_block(found[2])}\n{found[3]}", old)


def _block(name: str) -> str:
    if name == "behaviour":
        return _rows(
            ("Knob", "Values", "Default"),
            [
                (f"`{knob.name}`", ", ".join(f"`{value}`" for value in knob.values), f"`{knob.default}`")
                for knob in KNOBS
            ],
        )
    if name == "rules":
        return _rules(lambda code: not code.startswith("W-"))
    if name == "advice":
        return _rules(lambda code: code.startswith("W-"))
    if name == "faults":
        return _rows(("Key", "Meaning"), [(f"`{key}`", meaning) for key, meaning in KEYS.items()])
    if name == "read-only":
        return ", ".join(f"`{key}`" for key, _ in INBOUND_CONNECTOR.ignored) + "."
    return _table(_TABLES[name])


def _rules(wanted: Callable[[str], bool]) -> str:
    rows = [(f"`{code}`", text, source) for code, (text, source) in RULES.items() if wanted(code)]
    return _rows(("Code", "Rule", "Source"), rows)


def _table(table: KeyTable) -> str:
    typed = any(row.applies in ("Partner", "OnPremises") for row in table.parameters)
    heads = ("Key", "Value", "Default", *(("Type",) if typed else ()), "Meaning", "Source")
    rows = []
    for row in table.parameters:
        value = ", ".join(f"`{word}`" for word in row.values) if row.values else row.kind.value
        kind = (row.applies,) if typed else ()
        rows.append((f"`{row.name}`", value, row.default, *kind, row.description, row.source))
    return _rows(heads, rows)


def _rows(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main(arguments: list[str]) -> int:
    """Write all of them; with ``--check`` write nothing and return 1 if one is out of date."""
    stale = 0
    pages = [(page, docs_text(page.read_text("utf-8"))) for page in _DOCS]
    for path, text in ((_SCHEMA, schema_text()), *pages):
        if path.exists() and path.read_text("utf-8") == text:
            continue
        stale = 1
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
            sys.stdout.write(f"wrote {path}\n")
    return stale if "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
