"""What Get-MessageTraceV2 can be asked, and what it refuses (facts connectors §1.8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from fakeeop.errors import FakeEopError

__all__ = ["MOST", "STATUSES", "SUBJECT_FILTERS", "Query", "QueryError"]

STATUSES: Final = ("Delivered", "Expanded", "Failed", "FilteredAsSpam", "GettingStatus", "Pending", "Quarantined")
SUBJECT_FILTERS: Final = ("Contains", "EndsWith", "StartsWith")
MOST: Final = 5000  # rows of a page
LONGEST: Final = timedelta(days=10)  # of one query
OLDEST: Final = timedelta(days=90)
USUAL: Final = timedelta(hours=48)  # back, where no date is given


class QueryError(FakeEopError):
    """A query that the cmdlet refuses; ``parameter`` is the one to change."""

    def __init__(self, parameter: str, message: str) -> None:
        self.parameter = parameter
        super().__init__(f"-{parameter}: {message}")


@frozen
class Query:
    """The parameters, in the words of Exchange; moments are aware. Empty: anything.

    ``organization`` is the tenant whose administrator asks; what belongs to no tenant fits every one.
    """

    sender_address: tuple[str, ...] = ()
    recipient_address: tuple[str, ...] = ()
    start_date: datetime | None = None
    end_date: datetime | None = None
    status: tuple[str, ...] = ()
    message_id: str = ""
    message_trace_id: str = ""
    from_ip: str = ""
    to_ip: str = ""
    subject: str = ""
    subject_filter_type: str = "Contains"
    result_size: int = 1000
    starting_recipient_address: str = ""
    organization: str = ""

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """From and to. Raises QueryError where the service refuses the span (facts §1.8 Window)."""
        end = self.end_date or now
        start = self.start_date or end - USUAL
        if start > end:
            raise QueryError("StartDate", "is after EndDate")
        if end - start > LONGEST:
            raise QueryError("StartDate", "a query spans at most 10 days")
        if start < now - OLDEST:
            raise QueryError("StartDate", "goes back more than 90 days")
        if not 1 <= self.result_size <= MOST:
            raise QueryError("ResultSize", f"is from 1 to {MOST}, not {self.result_size}")
        for each in self.status:
            if each.lower() not in (status.lower() for status in STATUSES):
                raise QueryError("Status", f"{each} is not one of {', '.join(STATUSES)}")
        if self.subject_filter_type.lower() not in (each.lower() for each in SUBJECT_FILTERS):
            raise QueryError("SubjectFilterType", f"is one of {', '.join(SUBJECT_FILTERS)}")
        return start, end
