"""All three checks of one message."""

from __future__ import annotations

from fakeeop.authenticity.dkim_check import check_dkim
from fakeeop.authenticity.dmarc import aligned, check_dmarc
from fakeeop.authenticity.spf_check import check_spf
from fakeeop.message.authentication_results import Results
from fakeeop.message.headers import from_domains
from fakeeop.message.passage import SendingHost
from fakeeop.model.zone import Zone

__all__ = ["authenticate"]


def authenticate(zone: Zone, content: bytes, seen: SendingHost, reverse_path: str) -> Results:
    """SPF of whom the filters look at, DKIM of the content as it came, DMARC of its header From."""
    domains = from_domains(content)
    spf = check_spf(zone, seen.ip, reverse_path, seen.helo)
    dkim = check_dkim(zone, content, lambda domain: domains[:1] != () and aligned(domains[0], domain))
    return Results(spf, dkim, check_dmarc(zone, domains, spf, dkim))
