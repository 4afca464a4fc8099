"""SPF (RFC 7208) by pyspf. Its resolver is a global of the module; a subclass with its own look-up spares us that."""

from __future__ import annotations

import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from fakeeop.message.authentication_results import Spf
from fakeeop.model.zone import Mx, Zone

if TYPE_CHECKING:
    from fakeeop.message.authentication_results import SpfResult

__all__ = ["check_spf"]

_RESULTS: dict[str, SpfResult] = {
    "pass": "pass",
    "fail": "fail",
    "softfail": "softfail",
    "neutral": "neutral",
    "none": "none",
    "temperror": "temperror",
    "permerror": "permerror",
    "ambiguous": "permerror",
}


@cache
def _query() -> Any:
    """The class of checks: pyspf's, with the look-up of one zone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspf of 2020 has string escapes that Python warns of
        import spf  # noqa: PLC0415  heavy: start-up time

    class Query(spf.query):  # type: ignore[misc]  # pyspf has no types
        """One check against one zone."""

        def __init__(self, zone: Zone, ip: str, sender: str, helo: str) -> None:
            self._zone = zone
            super().__init__(i=ip, s=sender, h=helo)

        def dns(self, name: str, qtype: str, cnames: Any = None, ignore_void: bool = False) -> list[Any]:  # noqa: ARG002  as pyspf calls it
            """As pyspf asks: the values of one type; aliases are followed by the zone."""
            found = self._zone.lookup(str(name), qtype)
            if found.status == "servfail":
                raise spf.TempError(f"DNS server failure for {name}")
            values = [_value(qtype, each) for each in found.values]
            if not values and not ignore_void:
                self.void_lookups += 1
                if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                    raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
            return values

    return Query


def check_spf(zone: Zone, ip: str, reverse_path: str, helo: str) -> Spf:
    """The reverse-path's domain, or HELO's for the null reverse-path. ``reverse_path`` is empty for the null one."""
    domain = reverse_path.rpartition("@")[2] if reverse_path else helo
    if not _is_domain(domain):  # [192.0.2.1], a name of one label, no name at all
        return Spf("none", domain, ip, helo, not reverse_path)
    query = _query()(zone, ip, reverse_path, helo)
    result = query.check()[0]
    return Spf(_RESULTS[result], domain, ip, helo, not reverse_path)


def _is_domain(text: str) -> bool:
    return "." in text and all(0 < len(label) < 64 for label in text.rstrip(".").split(".")) and "[" not in text


def _value(kind: str, value: object) -> Any:
    """In pyspf's form: a text comes in pieces."""
    if isinstance(value, Mx):
        return value.preference, value.exchange
    return (str(value).encode("utf-8", "replace"),) if kind == "TXT" else str(value)
