"""What the tables of keys are made of, and the names of the sources that their rows cite.

Plain classes and named tuples here and in the modules that read by the tables: making an attrs class costs a
millisecond of every start.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

__all__ = [
    "OWN",
    "PS_AD",
    "PS_NEW",
    "PS_ORG",
    "FileKey",
    "KeyTable",
    "ValueKind",
    "key_of",
]

PS_NEW = "New-InboundConnector (Microsoft Learn)"
PS_AD = "Set-AcceptedDomain (Microsoft Learn)"
PS_ORG = "Set-OrganizationConfig (Microsoft Learn)"
OWN = "fakeeop"


class ValueKind(Enum):
    """The form of a value; ``fakeeop.config.values`` reads each, ``fakeeop.config.schema`` describes each."""

    TEXT = "text"
    BOOLEAN = "true or false"
    CHOICE = "one of"
    DOMAIN_PATTERNS = "domains or `*`"
    DOMAINS = "domains"
    IP_RANGES = "IPv4 addresses, CIDR /24 to /32"
    CERTIFICATE_NAME = "domain or `*.domain`"
    TEXTS = "texts"
    MAILBOXES = "mail addresses"
    GUID = "GUID"
    WHOLE_NUMBER = "whole number"
    SIZE = "octets, or a size such as `35MB`"
    DURATION = "`30s`, `5m`, `00:05:00` or seconds"
    NETWORKS = "IP addresses or CIDR networks"
    FAULTS = "list of mappings"
    OBJECTS = "list"
    OBJECT = "mapping"
    FILE = "file name"
    ZONE = "mapping, or lines as dig prints them"
    IGNORED = "anything"


def key_of(name: str) -> str:
    """The form in which keys are compared: Exchange does not look at case."""
    return name.lower()


class FileKey(NamedTuple):
    """One key of the tenant file. ``fakeeop.config.parameters.tables`` says what the columns hold."""

    name: str
    kind: ValueKind
    default: str
    field: str
    applies: str
    source: str
    description: str
    values: tuple[str, ...] = ()
    required: bool = False
    inert: bool = False


class KeyTable:
    """All keys that one mapping of the tenant file may have; ``ignored`` are accepted and never looked at.

    ``names`` leads from the compared form of a key to its right spelling, or to "" if nobody looks at the value;
    ``required`` are the parameters without which the mapping is an error.
    """

    __slots__ = ("ignored", "known", "names", "parameters", "required", "title")

    def __init__(self, title: str, parameters: tuple[FileKey, ...], ignored: tuple[tuple[str, str], ...] = ()) -> None:
        self.title = title
        self.parameters = parameters
        self.ignored = ignored
        self.names = {key_of(name): "" for name, _ in ignored}
        self.names.update({key_of(row.name): "" if row.kind is ValueKind.IGNORED else row.name for row in parameters})
        self.known = {row.name: row for row in parameters}
        self.required = tuple(row for row in parameters if row.required)

    def __getitem__(self, name: str) -> FileKey:
        return self.known[name]
