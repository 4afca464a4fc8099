"""The keys of ``Internet:`` in a tenant file, and those of one destination under its ``Domains``."""

from __future__ import annotations

from fakeeop.config.parameters.table import OWN, Kind, Parameter, Table

__all__ = ["DESTINATION", "INTERNET"]

INTERNET = Table(
    "Internet",
    (
        Parameter(
            "Domains",
            Kind.OBJECT,
            "none",
            "Destinations that do not simply take what comes: `fabrikam.example` or `*.fabrikam.example` (and all"
            " below), each a mapping with the keys below. Domains of the tenants' own servers (`InternalRelay`) may"
            " stand here too.",
            OWN,
            applies="-",
        ),
    ),
)

DESTINATION = Table(
    "Internet: Domains",
    (
        Parameter(
            "Reply",
            Kind.TEXT,
            "none",
            "A whole 5xx reply with which its server refuses every recipient, `550 5.1.1 User unknown`.",
            OWN,
            "reply",
            applies="-",
        ),
        Parameter(
            "Delay",
            Kind.DURATION,
            "0",
            "So long its server does not answer; after a day the mail fails.",
            OWN,
            "delay",
            applies="-",
        ),
        Parameter(
            "DeliveryReports",
            Kind.BOOLEAN,
            "false",
            "true: its server announces DSN, so it is the one to tell of success.",
            OWN,
            "delivery_reports",
            applies="-",
        ),
    ),
)
