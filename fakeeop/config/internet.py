"""``Internet:`` of a tenant file → destinations. Loaded only for a file that has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fakeeop.config import values
from fakeeop.config.marked import line_of
from fakeeop.config.parameters.tables import DESTINATION, INTERNET
from fakeeop.config.place import Fields, Place, read_fields, say
from fakeeop.model.addresses import DomainPattern
from fakeeop.model.durations import seconds
from fakeeop.model.internet import Destination

__all__ = ["read_internet"]

_REPLY = re.compile(r"5[0-5]\d (?:5\.\d{1,3}\.\d{1,3} )?[ -~]*[!-~][ -~]*\Z")
_LONGEST = 500  # octets of a reply


def read_internet(fields: Fields) -> tuple[Destination, ...]:
    """The destinations in the order of the file; what is wrong becomes a problem."""
    tree = fields.values["Internet"]
    if not isinstance(tree, Mapping):
        fix = "write a mapping: Internet: {Domains: {gone.example: {Reply: 550 5.1.1 User unknown}}}"
        fields.error("Internet", "wrong-type", f"{say(tree)} is not a mapping", fix)
        return ()
    own = read_fields(tree, INTERNET, fields.place.under("Internet"))
    listed = own.values.get("Domains", {})
    if not isinstance(listed, Mapping):
        fix = "write a mapping: Domains: {slow.example: {Delay: 4h}}"
        own.error("Domains", "wrong-type", f"{say(listed)} is not a mapping", fix)
        return ()
    found: dict[str, Destination] = {}
    for key, value in listed.items():
        line = line_of(listed, key) if isinstance(key, str) else own.line_of("Domains")
        destination = _destination(own.place.under("Domains"), key, value, line)
        if destination is None:
            continue
        name = str(destination.pattern)
        if name in found:
            own.place.under("Domains").add("duplicate-field", f"{name} occurs twice", "keep one of them", line)
        found[name] = destination
    return tuple(found.values())


def _destination(place: Place, key: object, value: Any, line: int | None) -> Destination | None:
    try:
        pattern = DomainPattern.parse(str(key))
    except ValueError as why:
        place.add("not-a-domain", str(why), "write a domain, *.domain or *", line)
        return None
    if value is not None and not isinstance(value, Mapping):
        fix = f"write a mapping: {key}: {{Delay: 4h}}"
        place.under(str(key)).add("wrong-type", f"{say(value)} is not a mapping", fix, line)
        return None
    own = read_fields(value or {}, DESTINATION, place.under(str(key)))
    reports = "DeliveryReports" in own and values.boolean(own, "DeliveryReports", False)
    return Destination(pattern, _reply(own), _delay(own), reports)


def _reply(own: Fields) -> str | None:
    if "Reply" not in own:
        return None
    value = own.values["Reply"]
    text = value.strip() if isinstance(value, str) else str(value)
    if _REPLY.match(text) and len(text) <= _LONGEST:
        return text
    fix = "write a reply with a code of 500 to 559 and a text, such as 550 5.1.1 User unknown; for 4xx use Delay"
    own.error("Reply", "bad-value", f"{say(value)} is not a reply that refuses permanently", fix)
    return None


def _delay(own: Fields) -> float:
    if "Delay" not in own:
        return 0.0
    try:
        return seconds(own.values["Delay"])
    except ValueError:
        message = f"{say(own.values['Delay'])} is not a time span"
        own.error("Delay", "bad-value", message, "write 30s, 5m, 4h, 00:05:00 or a number of seconds")
        return 0.0
