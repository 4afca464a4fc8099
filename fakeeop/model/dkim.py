"""With which key a tenant signs what leaves."""

from __future__ import annotations

from attrs import field, frozen

__all__ = ["DkimKey"]


@frozen
class DkimKey:
    """One domain's key; ``private_key`` is PEM, for the lab only and never shown."""

    domain_name: str
    selector: str
    private_key: str = field(repr=False)
