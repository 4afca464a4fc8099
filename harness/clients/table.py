"""The table client x capability of docs/clients.md, made from what the drivers declare; nothing is probed.

``python -m harness.clients.table docs/clients.md`` makes the tables of that document anew.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from harness.clients.registry import KNOWN, driver

__all__ = ["BEGIN", "END", "markdown_tables", "updated"]

BEGIN: Final = "<!-- clients: made by `harness clients --markdown`, do not edit -->"
END: Final = "<!-- clients end -->"
_SEEN: Final = (
    "outcome",
    "stage",
    "reply",
    "recipients",
    "capabilities",
    "tls",
    "delivery-status",
    "exit",
    "transcript",
)
_MEANINGS: Final = {
    "auth": "signs in",
    "bdat": "sends BDAT",
    "certificate-chain": "sends the intermediate certificates, too",
    "dialogue": "says any line",
    "dsn-notify": "one NOTIFY for all recipients",
    "dsn-parameters": "ENVID, ORCPT, and a NOTIFY for each recipient",
    "dsn-return": "RET",
    "half-close": "half-closes",
    "helo-name": "EHLO name can be given",
    "mta": "has a queue: start, drain, retry, restart",
    "null-sender": "sends from `<>`",
    "partial-delivery": "goes on with the recipients that were taken",
    "pipelining": "pipelines the envelope as the scenario says",
    "raw-message": "sends a given message, header and all",
    "smtputf8": "SMTPUTF8 as the scenario says",
    "source-address": "source address can be given",
    "starttls": "STARTTLS",
    "starttls-client-certificate": "with a client certificate",
    "tls-version": "TLS version can be given",
    "verify-server": "verifies the server, name included",
}


def markdown_tables() -> str:
    """Two tables: what each client can do, and what can be seen from it."""
    made = {name: driver(name) for name, known in KNOWN.items() if known.built}
    clients = {name: each for name, each in made.items() if each is not None}
    names = sorted(set().union(*(each.capabilities for each in clients.values())))
    head = ["can", *clients]
    can = [
        [f"{_MEANINGS.get(name, name)} (`{name}`)", *(_mark(name in each.capabilities) for each in clients.values())]
        for name in names
    ]
    seen = [[f"`{name}`", *(_mark(name in each.observes) for each in clients.values())] for name in _SEEN]
    return f"{_table(head, can)}\n{_table(['seen from it', *clients], seen)}"


def updated(text: str) -> str:
    """A document with the part between the marks made anew. Raises ValueError where they are missing."""
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{markdown_tables()}{END}{after}"


def _mark(holds: bool) -> str:
    return "yes" if holds else ""


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *([":-:"] * (len(head) - 1))], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        document = Path(name)
        document.write_text(updated(document.read_text("utf-8")), "utf-8")
