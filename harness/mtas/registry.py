"""The MTAs by name, in the order in which people are told of them. To add one: its folder here, and its row below.

What is in a folder stands in its ``__init__`` (``FOLDER``): the client's driver, the form of ``check-relay``, the lint.
Whatever lists MTAs is made of this table: clients, the options of ``check-relay``, the formats of ``lint-relay``.
"""

from __future__ import annotations

import importlib
from typing import Any, Final

from harness.mtas.base import MtaFolder

__all__ = ["MTAS", "loaded"]

_FOLDERS: Final = {
    "postfix": "harness.mtas.postfix:FOLDER",
    "exim": "harness.mtas.exim:FOLDER",
    "opensmtpd": "harness.mtas.opensmtpd:FOLDER",
    "sendmail": "harness.mtas.sendmail:FOLDER",
    "dma": "harness.mtas.dma:FOLDER",
}


def loaded(at: str) -> Any:
    """What ``module:name`` says, imported now."""
    module, _, name = at.partition(":")
    return getattr(importlib.import_module(module), name)


MTAS: Final[dict[str, MtaFolder]] = {name: loaded(at) for name, at in _FOLDERS.items()}
