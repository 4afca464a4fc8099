"""The JSON Schema of one fault, from ``fakeeop.config.faults.tree.KEYS``."""

from __future__ import annotations

from typing import Any

from fakeeop.config.faults.tree import KEYS
from fakeeop.model.fault import ACTIONS, HANDSHAKE_ACTIONS, PER, STAGES
from fakeeop.smtp.extensions import EXTENSIONS

__all__ = ["fault_schema"]

_COUNT: dict[str, Any] = {"type": "integer", "minimum": 1}
_SPAN: dict[str, Any] = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "^[0-9]"}]}
_TEXT: dict[str, Any] = {"type": "string"}


def _some(form: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [form, {"type": "array", "items": form, "minItems": 1}]}


_FORMS: dict[str, dict[str, Any]] = {
    "at": {"enum": list(STAGES)},
    "address": _some({"type": "string", "pattern": "^[0-9a-fA-F.:]+(/[0-9]{1,3})?$"}),
    "tls": {"type": "boolean"},
    "per": {"enum": list(PER)},
    "nth": _some(_COUNT),
    "first": _COUNT,
    "every": _COUNT,
    "probability": {"type": "number", "minimum": 0, "maximum": 1},
    "until": {"anyOf": [_COUNT, _TEXT]},
    "reply": {
        "anyOf": [
            {"type": "string", "pattern": "^[245][0-9]{2}( |$)"},
            {"type": "integer"},
            {"type": "object", "properties": {"row": _TEXT}, "required": ["row"], "additionalProperties": False},
        ]
    },
    "suffix": {"type": "boolean"},
    "delay": _SPAN,
    "drip": _SPAN,
    "do": {"enum": [*ACTIONS, *HANDSHAKE_ACTIONS]},
    "hide": _some({"type": "string", "enum": [*EXTENSIONS, *map(str.lower, EXTENSIONS)]}),
}


def fault_schema() -> dict[str, Any]:
    """A new one on every call."""
    properties = {key: {"description": meaning, **_FORMS.get(key, _TEXT)} for key, meaning in KEYS.items()}
    return {"type": "object", "properties": properties, "required": ["at"], "additionalProperties": False}
