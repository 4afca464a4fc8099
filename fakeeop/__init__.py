"""fakeeop: an offline Exchange Online Protection. Unofficial, not affiliated with Microsoft."""

__version__ = "0.1.0"
