"""Server certificates that a careful client refuses: for faults in the handshake."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fakeeop.pki.authority import LabAuthority
from fakeeop.pki.state import SERVER_NAMES

__all__ = ["WRONG_NAME", "faulty_certificate"]

WRONG_NAME = "mail.fabrikam.example"


def faulty_certificate(authority: LabAuthority, kind: str) -> tuple[bytes, bytes]:
    """Chain and key, PEM. ``wrong-certificate``: of another name; ``expired-certificate``: a month over its time."""
    if kind == "wrong-certificate":
        made = authority.issue(common_name=WRONG_NAME, dns_names=(WRONG_NAME,))
    else:
        over = datetime.now(UTC) - timedelta(days=30)
        names = tuple(name for name in SERVER_NAMES if not name[0].isdigit() and ":" not in name)
        made = authority.issue(
            common_name=names[0], dns_names=names, not_before=over - timedelta(days=365), not_after=over
        )
    return made.chain_pem, made.key_pem
