"""What the tests of tenant files share."""

from __future__ import annotations

from typing import Any

import pytest

from fakeeop.config.loader import forest_from_tree
from fakeeop.errors import ConfigError
from fakeeop.model import InboundConnector


class Cmdlet:
    """``New-InboundConnector`` as a function: the connector, or the codes of what is wrong."""

    def __call__(self, domains: Any = ("contoso.com",), **parameters: Any) -> InboundConnector:
        tree = {"Tenants": [self.tenant(domains, parameters)]}
        return forest_from_tree(tree).tenants[0].inbound_connectors[0]

    def codes(self, domains: Any = ("contoso.com",), **parameters: Any) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            self(domains, **parameters)
        return [problem.code for problem in caught.value.problems]

    @staticmethod
    def tenant(domains: Any, parameters: dict[str, Any]) -> dict[str, Any]:
        given = {"Name": "x", "ConnectorType": "OnPremises", "SenderDomains": "*", **parameters}
        if not {"SenderIPAddresses", "TlsSenderCertificateName"} & given.keys():
            given["SenderIPAddresses"] = "203.0.113.25"
        return {"Name": "contoso", "AcceptedDomains": list(domains), "InboundConnectors": [given]}


@pytest.fixture
def new_inbound_connector() -> Cmdlet:
    return Cmdlet()
