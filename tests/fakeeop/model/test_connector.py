"""What an inbound connector says of itself."""

from __future__ import annotations

import pytest

from fakeeop.model import ConnectorType, InboundConnector


@pytest.mark.parametrize(("kind", "by_ip", "by_certificate", "restricting"), [
    (ConnectorType.PARTNER, True, False, True),
    (ConnectorType.PARTNER, False, True, True),
    (ConnectorType.PARTNER, False, False, False),
    (ConnectorType.ON_PREMISES, True, False, False),
    (ConnectorType.ON_PREMISES, False, True, False),
])  # fmt: skip
def test_restrict_flags_work_on_partner_only(kind: ConnectorType, by_ip: bool, by_certificate: bool, restricting: bool):
    connector = InboundConnector(
        "a", kind, restrict_domains_to_ip_addresses=by_ip, restrict_domains_to_certificate=by_certificate
    )
    assert connector.is_restricting is restricting
    assert connector.is_partner is (kind is ConnectorType.PARTNER)


def test_two_equal_connectors_are_still_two():
    one, two = (InboundConnector("a", ConnectorType.PARTNER) for _ in range(2))
    assert one != two
    assert len({one, two}) == 2
