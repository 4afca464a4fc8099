"""Does it get through? By its address."""

from __future__ import annotations

from harness.relay_check.judges import all_of, arrived_once, certificate_shown, connector_used, under_tls
from harness.relay_check.site import BY_ADDRESS
from harness.relay_check.values import RelayCase

__all__ = ["CASES"]

CASES = (
    RelayCase(
        id="accepted-by-ip",
        family="accepted",
        title="A message to the outside is taken, by the address of the relay",
        requirement="With its public address in SenderIPAddresses of an OnPremises connector, a message of an "
        "own sender "
        "to an outside recipient is taken, once, and under TLS where it can be.",
        source="Microsoft Learn, Configure a connector to send mail using Microsoft 365 SMTP relay",
        judge=all_of(arrived_once, connector_used(BY_ADDRESS), under_tls, certificate_shown),
        connector="ip",
        needs=frozenset({"by-address"}),
    ),
)
