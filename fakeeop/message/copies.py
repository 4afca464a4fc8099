"""One message, one copy for each recipient scope: internal recipients and external ones travel apart."""

from __future__ import annotations

__all__ = ["EXTERNAL", "INTERNAL", "queued_figures"]

INTERNAL, EXTERNAL = "internal", "external"


def queued_figures(octets: int, seconds: float) -> tuple[str, str]:
    """The seconds and KB/sec of the 250 2.6.0 reply: seconds cut to ms, the rate from the uncut value (wire §2.2).

    Under a millisecond counts as one: the service never prints 0.000 (assumption).
    """
    if seconds <= 0.001:  # as nearly always
        return "0.001", f"{octets / 1024 / 0.001:.3f}"
    whole, thousandths = divmod(int(seconds * 1000), 1000)
    return f"{whole}.{thousandths:03d}", f"{octets / 1024 / seconds:.3f}"
