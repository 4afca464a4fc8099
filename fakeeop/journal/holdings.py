"""How much the remembered messages take: octets in memory, and files of the spool."""

from __future__ import annotations

from fakeeop.model.ports import Content, StoredContent

__all__ = ["Holdings"]


class Holdings:
    """Counts contents in and out. Copies of one message share its file, which is counted once."""

    __slots__ = ("_spooled", "files", "octets", "spooled_octets")

    def __init__(self) -> None:
        self.octets = 0  # in memory; for every copy, though copies share them
        self.spooled_octets = 0
        self.files = 0  # how many contents lie in the spool
        self._spooled: dict[int, tuple[StoredContent, int]] = {}  # the content and its copies, by its id

    def add(self, content: Content) -> None:
        """One more copy."""
        if isinstance(content, bytes):
            self.octets += len(content)
            return
        _, copies = self._spooled.get(id(content), (content, 0))
        self._spooled[id(content)] = content, copies + 1
        if not copies:
            self.spooled_octets += len(content)
            self.files += 1

    def remove(self, content: Content) -> None:
        """A copy is forgotten. The file goes with the last one, and with who still reads it."""
        if isinstance(content, bytes):
            self.octets -= len(content)
            return
        _, copies = self._spooled.pop(id(content))
        if copies > 1:
            self._spooled[id(content)] = content, copies - 1
        else:
            self.spooled_octets -= len(content)
            self.files -= 1
