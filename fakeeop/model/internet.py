"""Lab: how destinations outside the service behave (``Internet:`` of the tenant file). Nothing is ever sent there."""

from __future__ import annotations

from attrs import frozen

from fakeeop.model.addresses import DomainPattern

__all__ = ["Destination"]


@frozen
class Destination:
    """The servers of one domain, or of a domain and its sub-domains.

    ``reply`` is what they refuse a recipient with, ``delay`` the seconds for which they do not answer; neither: they
    take everything, as those that are not listed. ``delivery_reports``: they send success reports themselves.
    """

    pattern: DomainPattern
    reply: str | None = None
    delay: float = 0.0
    delivery_reports: bool = False
