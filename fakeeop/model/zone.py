"""The lab's names: what DNS says in this world, and nothing else. Pure; the name server and the mail rules ask it.

A zone holds every name there is, of every domain: what is not in it does not exist, and nobody outside is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from fakeeop.model.addresses import IpAddress

__all__ = [
    "BROKEN",
    "EMPTY",
    "SUBMISSION_NAME",
    "TYPES",
    "LookupResult",
    "Mx",
    "Records",
    "Value",
    "Zone",
    "mx_name",
    "reverse_name",
    "with_service",
]

TYPES = ("A", "AAAA", "CNAME", "MX", "PTR", "TXT")
BROKEN = "SERVFAIL"  # in place of records: whoever asks for the name, or one below it, gets a server failure
SUBMISSION_NAME = "smtp.office365.com"
_LONGEST_CHAIN = 16  # aliases in a row; more is a server failure, as resolvers do


class Mx(NamedTuple):
    """One mail exchanger; an empty ``exchange`` is the null MX (RFC 7505)."""

    preference: int
    exchange: str

    def __str__(self) -> str:
        return f"{self.preference} {self.exchange or '.'}"


Value = IpAddress | Mx | str  # A and AAAA; MX; the name of CNAME and PTR, and the text of TXT, its pieces joined
Records = Mapping[str, Mapping[str, tuple[Value, ...]]]  # name → type → values


class LookupResult(NamedTuple):
    """What was found. No ``values`` with ``noerror``: the name exists, without that type (NODATA).

    ``chain`` are the aliases on the way: the name that was asked for, then the target of each CNAME.
    """

    status: Literal["noerror", "nxdomain", "servfail"]
    values: tuple[Value, ...] = ()
    chain: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name that the values belong to, once all aliases are followed."""
        return self.chain[-1]


class Zone:
    """Names with their records: lower case, no trailing dot, A-labels; ``*.contoso.com`` is a wildcard (RFC 4592).

    ``broken`` names answer SERVFAIL, with all below them.
    """

    __slots__ = ("_existing", "broken", "records")

    def __init__(self, records: Records | None = None, broken: Iterable[str] = ()) -> None:
        self.records: Records = records or {}
        self.broken = frozenset(broken)
        self._existing = {parent for name in self.records for parent in (name, *_parents(name))}  # RFC 8020

    def lookup(self, name: str, kind: str) -> LookupResult:
        """The records of one type (a word of ``TYPES``; any other has none), aliases followed. Case does not count."""
        current = name.rstrip(".").lower()
        chain = [current]
        while True:
            if self._is_broken(current):
                return LookupResult("servfail", (), tuple(chain))
            found = self._at(current)
            if found is None:
                return LookupResult("nxdomain", (), tuple(chain))
            values = found.get(kind, ())
            target = found.get("CNAME")
            if values or target is None:
                return LookupResult("noerror", values, tuple(chain))
            current = str(target[0])
            if current in chain or len(chain) > _LONGEST_CHAIN:
                return LookupResult("servfail", (), tuple(chain))
            chain.append(current)

    def at(self, name: str) -> Mapping[str, tuple[Value, ...]]:
        """Every record of a name, aliases not followed; empty if there are none."""
        return self._at(name.rstrip(".").lower()) or {}

    def reverse_names(self, address: IpAddress) -> tuple[str, ...]:
        """The names that PTR gives to an address."""
        return tuple(str(name) for name in self.lookup(reverse_name(address), "PTR").values)

    def _is_broken(self, name: str) -> bool:
        return bool(self.broken) and not self.broken.isdisjoint((name, *_parents(name)))

    def _at(self, name: str) -> Mapping[str, tuple[Value, ...]] | None:
        """The records of a name, a wildcard's if that is nearest; None if the name does not exist."""
        records = self.records.get(name)
        if records is not None:
            return records
        if name in self._existing or not name:
            return {}
        encloser = next((parent for parent in _parents(name) if parent in self._existing), "")
        return self.records.get(f"*.{encloser}" if encloser else "*")


EMPTY = Zone()


def reverse_name(address: IpAddress) -> str:
    """``25.113.0.203.in-addr.arpa``: where the PTR of an address stands."""
    return address.reverse_pointer


def mx_name(domain: str) -> str:
    """``contoso-com.mail.protection.outlook.com`` (assumption for names with dashes and for onmicrosoft.com)."""
    return f"{domain.replace('.', '-')}.mail.protection.outlook.com"


def with_service(zone: Zone, domains: Iterable[str], address: IpAddress) -> Zone:
    """``zone`` and what follows from the tenants, where the file does not say otherwise.

    The MX of each accepted domain, the address of what it points to, and that of the submission endpoint. A name with
    a record of the same type, with an alias, or that is broken, is left alone.
    """
    records = {name: dict(kinds) for name, kinds in zone.records.items()}

    def add(name: str, kind: str, value: Value) -> None:
        here = records.setdefault(name, {})
        if "CNAME" not in here:
            here.setdefault(kind, (value,))

    for domain in domains:
        add(domain, "MX", Mx(0, mx_name(domain)))
        add(mx_name(domain), "A" if address.version == 4 else "AAAA", address)
    add(SUBMISSION_NAME, "A" if address.version == 4 else "AAAA", address)
    return Zone(records, zone.broken)


def _parents(name: str) -> list[str]:
    """The names above, the nearest first."""
    found = []
    while "." in name:
        name = name.partition(".")[2]
        found.append(name)
    return found
