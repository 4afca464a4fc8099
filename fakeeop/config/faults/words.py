"""``Fault`` values → ``Faults:`` as data: what ``fakeeop.config.faults.tree`` reads, in reverse."""

from __future__ import annotations

from typing import Any

from fakeeop.model.fault import Fault

__all__ = ["fault_tree"]


def fault_tree(fault: Fault) -> dict[str, Any]:
    """The words of one fault, JSON-ready; what is as it would be anyway is left out."""
    tree: dict[str, Any] = {
        "at": fault.at,
        "name": fault.name,
        "address": [str(network) for network in fault.addresses],
        "tenant": fault.tenant,
        "recipient": fault.recipient,
        "sender": fault.sender,
        "tls": fault.tls,
        "per": None if fault.per == "all" else fault.per,
        "nth": list(fault.nth),
        "first": fault.first,
        "every": fault.every,
        "probability": fault.probability,
        "until": _until(fault),
        "reply": {"row": fault.row} if fault.row else fault.reply,
        "suffix": None if fault.suffix else False,
        "delay": fault.delay or None,
        "drip": fault.drip or None,
        "do": fault.do,
        "hide": list(fault.hide),
    }
    empty = ("name", "do", "reply", "address", "nth", "hide")
    return {key: value for key, value in tree.items() if value is not None and (value or key not in empty)}


def _until(fault: Fault) -> str | int | None:
    if fault.until_seconds is not None:
        return f"{fault.until_seconds:.9f}".rstrip("0").rstrip(".") + "s"
    return fault.until_count if fault.until_count is not None else fault.until_flag
