"""What the harness writes, the emulator's own parser reads."""

from __future__ import annotations

import pytest

from fakeeop.server.proxy_header import parse_proxy_header
from harness.clients.proxy_header import proxy_header


@pytest.mark.parametrize("source", ["203.0.113.10", "2001:db8::9"])
@pytest.mark.parametrize("version", [1, 2])
def test_both_versions(source, version):
    data = proxy_header(source, version)
    found = parse_proxy_header(data)
    assert found is not None
    header, octets = found
    assert (header.version, str(header.source), header.destination_port, octets) == (version, source, 25, len(data))
