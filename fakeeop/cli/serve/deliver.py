"""``fakeeop serve --deliver-to``: each recipient's copy as a file. It goes nowhere else."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from fakeeop.errors import StoreError
from fakeeop.journal.memory import Journal, MessageRecord

__all__ = ["add_arguments", "delivering"]

_UNSAFE = re.compile(r"[^0-9A-Za-z.@+_-]")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the option."""
    parser.add_argument(
        "--deliver-to",
        type=Path,
        metavar="DIR",
        help="write what each recipient gets, with Exchange Online's header, as a file in DIR:"
        " MESSAGE-NUMBER-WHERE-RECIPIENT.eml",
    )


@contextmanager
def delivering(journal: Journal, folder: Path | None) -> Iterator[None]:
    """While it lasts, files are written, in a thread of their own; at its end the last ones are done.

    Raises StoreError if there can be no such folder. What goes wrong later is said on stderr, and mail goes on.
    """
    if folder is None:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise StoreError(f"{folder}: no folder for delivered copies: {why.strerror}") from why
    earlier = journal.on_message
    with ThreadPoolExecutor(1, "fakeeop-deliver") as writer:

        def on_message(record: MessageRecord) -> None:
            if earlier is not None:
                earlier(record)
            writer.submit(_write, journal, record, folder)

        journal.on_message = on_message
        try:
            yield
        finally:
            journal.on_message = earlier


def _write(journal: Journal, record: MessageRecord, folder: Path) -> None:
    try:
        for number, delivery in enumerate(journal.deliveries(record), 1):
            if delivery.where == "failed":
                continue
            recipient = _UNSAFE.sub("_", str(delivery.recipient))[:100]
            name = f"{_UNSAFE.sub('_', record.id)}-{number}-{delivery.where}-{recipient}.eml"
            beside = folder / f".{name}.part"
            with beside.open("wb") as file:
                file.writelines(delivery.pieces())
            beside.replace(folder / name)
    except Exception as why:
        sys.stderr.write(f"fakeeop: the copies of message {record.id} are not in {folder}: {why}\n")
