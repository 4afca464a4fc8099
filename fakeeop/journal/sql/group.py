"""What goes into one transaction of the journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import define, field

from fakeeop.journal.records import Pending, SessionRecord
from fakeeop.journal.reports import ReportRecord
from fakeeop.journal.sql.writing import Totals

__all__ = ["Group"]


@define(eq=False)
class Group:
    """What goes into one transaction, and afterwards what came of it. ``refusal`` is the key of a reply."""

    pendings: list[Pending] = field(factory=list)
    sessions: list[SessionRecord] = field(factory=list)
    reports: list[ReportRecord] = field(factory=list)
    tell: Callable[[Group], None] | None = None
    refusal: str | None = None
    totals: Totals | None = None
    stamp: int = 0  # a later transaction has a higher one

    def take(self, other: Group) -> None:
        """This one too."""
        self.pendings += other.pendings
        self.sessions += other.sessions
        self.reports += other.reports
        self.tell = self.tell or other.tell

    @property
    def empty(self) -> bool:
        """Nothing to do."""
        return not (self.pendings or self.sessions or self.reports)

    def singles(self) -> Iterator[Group]:
        """Each thing in a group of its own."""
        for pending in self.pendings:
            yield Group([pending], tell=self.tell)
        for session in self.sessions:
            yield Group(sessions=[session], tell=self.tell)
        for report in self.reports:
            yield Group(reports=[report], tell=self.tell)
