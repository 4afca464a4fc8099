"""A tenant file with comments to keep."""

from __future__ import annotations

from pathlib import Path

import pytest

TENANT = """\
# the lab of contoso
Tenants:
  - Name: contoso
    AcceptedDomains:
      - {DomainName: contoso.com, Default: true}  # the one that counts
      - contoso.onmicrosoft.com
    Recipients: [ann@contoso.com, 'bob@contoso.com']
    InboundConnectors:
      # the scanner on floor 2
      - Name: SMTP Relay
        ConnectorType: OnPremises
        SenderDomains: ["*"]
        SenderIPAddresses:
          - 203.0.113.25   # old
          - 203.0.113.26
      # by certificate
      - Name: SMTP Relay (TLS)
        ConnectorType: OnPremises
        SenderDomains: ["*"]
        RequireTls: true
        TlsSenderCertificateName: "*.contoso.com"
    # the end of contoso
"""


@pytest.fixture
def tenant_file(tmp_path: Path) -> Path:
    path = tmp_path / "tenant.yaml"
    path.write_text(TENANT, encoding="utf-8")
    return path
