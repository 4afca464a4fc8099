"""Header fields as octets: taken apart, written, folded as the service folds. What is not touched stays as it came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attrs import frozen

from fakeeop.message.headers import head_of, header_end
from fakeeop.model.ports import Content

__all__ = ["WIDTH", "Field", "Head", "fold", "written"]

WIDTH = 78  # columns; the lines of Received, Received-SPF and Authentication-Results in all real samples (wire §4.1)
_TRACE = frozenset(["Received", "Received-SPF", "Authentication-Results", "X-MS-Exchange-Authentication-Results"])


@frozen
class Field:
    """One field with its folding and line end. ``name`` is as it came; ``key`` for comparing."""

    name: str
    raw: bytes

    @property
    def key(self) -> str:
        """The name in lower case."""
        return self.name.lower()

    @property
    def value(self) -> str:
        """The value, unfolded."""
        text = self.raw.partition(b":")[2].decode("utf-8", "replace")
        return text.replace("\r\n", "").replace("\n", "").strip()

    def renamed(self, name: str) -> Field:
        """The same value under another name, its folding kept."""
        return Field(name, name.encode() + b":" + self.raw.partition(b":")[2])


@frozen
class Head:
    """The header of a message. ``rest``: from the first line that is not a field to the empty line; mostly the body."""

    fields: tuple[Field, ...]
    rest: bytes
    end: int  # where the header ends in the content; the empty line and the body follow

    @classmethod
    def of(cls, content: Content) -> Head:
        """Read it; a line that is not a field ends it, and is kept."""
        octets = head_of(content)
        end = header_end(octets)
        found: list[tuple[str, list[bytes]]] = []
        lines = _lines(octets[:end])
        for number, line in enumerate(lines):
            if line[:1] in (b" ", b"\t") and found:
                found[-1][1].append(line)
                continue
            name, colon, _ = line.partition(b":")
            bare = name.rstrip(b" \t")
            if not colon or not bare or any(octet <= 32 or octet >= 127 for octet in bare):
                return cls(_fields(found), b"".join(lines[number:]), end)
            found.append((bare.decode("ascii"), [line]))
        return cls(_fields(found), b"", end)

    def named(self, name: str) -> list[Field]:
        """Every field of this name, in order."""
        key = name.lower()
        return [field for field in self.fields if field.key == key]

    def value(self, name: str) -> str | None:
        """The first one's value."""
        return next((field.value for field in self.fields if field.key == name.lower()), None)

    def without(self, drop: Callable[[Field], bool]) -> Head:
        """Those fields left out."""
        return Head(tuple(field for field in self.fields if not drop(field)), self.rest, self.end)

    def between(self, above: Iterable[Field], below: Iterable[Field]) -> Head:
        """New fields on top, and others behind what is there."""
        return Head((*above, *self.fields, *below), self.rest, self.end)

    def octets(self) -> bytes:
        """The whole header, the empty line not included; one stands in front of what is not a field."""
        header = b"".join(_ended(field.raw) for field in self.fields)
        return header + b"\r\n" + self.rest if self.rest else header


def written(name: str, value: str, *, folded: bool = True) -> Field:
    """A field of the service; of the X- fields a line has a column less (OriginalArrivalTime in samples 01, 02 and 07).

    ``folded`` False: some fields are never folded, however long (samples 01, 07).
    """
    line = f"{name}: {value}" if value else f"{name}:"
    if folded:
        line = fold(line, WIDTH if name in _TRACE else WIDTH - 1)
    return Field(name, line.encode("utf-8", "surrogateescape") + b"\r\n")


def fold(line: str, width: int = WIDTH) -> str:
    """At the last blank that keeps a line within ``width``, one blank in front of what goes on.

    A longer word stays whole. Never right behind the name of the field.
    """
    words = _words(line)
    lines = [next(words)]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > width:
            lines.append(" " + word)
        else:
            lines[-1] += " " + word
    return "\r\n".join(lines)


def _words(line: str) -> Iterator[str]:
    name, blank, value = line.partition(" ")
    first, *others = value.split(" ")
    yield name + blank + first
    yield from others


def _lines(octets: bytes) -> list[bytes]:
    """Split at LF alone, CRLF among them: a bare CR is not a line end (RFC 5322 section 2.2)."""
    parts = octets.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def _fields(found: list[tuple[str, list[bytes]]]) -> tuple[Field, ...]:
    return tuple(Field(name, b"".join(lines)) for name, lines in found)


def _ended(raw: bytes) -> bytes:
    """A header that the content ended in the middle of a line gets its line end."""
    return raw if raw.endswith(b"\n") else raw + b"\r\n"
