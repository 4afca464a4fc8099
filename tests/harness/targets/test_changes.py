from __future__ import annotations

from typing import Any

import pytest

from harness.errors import HarnessError
from harness.targets.changes import changed_tree

CONNECTOR = {"Name": "Office relay", "Enabled": True, "SenderIPAddresses": ["203.0.113.25"]}
TENANT = {"Name": "contoso", "InboundConnectors": [CONNECTOR]}
TREE: dict[str, Any] = {"Tenants": [TENANT], "Behaviour": {"TenantTie": "none"}}


def test_set_connector_replaces_a_parameter_whatever_its_case():
    changed = changed_tree(TREE, {"set-connector": {"connector": "office RELAY", "senderipaddresses": ["192.0.2.1"]}})
    (connector,) = changed["Tenants"][0]["InboundConnectors"]
    assert connector == {"Name": "Office relay", "Enabled": True, "senderipaddresses": ["192.0.2.1"]}
    assert CONNECTOR["SenderIPAddresses"] == ["203.0.113.25"]


def test_disable_connector():
    changed = changed_tree(TREE, {"disable-connector": {"connector": "Office relay", "tenant": "Contoso"}})
    assert changed["Tenants"][0]["InboundConnectors"][0]["Enabled"] is False


def test_organization_config_and_behaviour():
    changed = changed_tree(TREE, {"set-organization-config": {"RejectDirectSend": True}})
    assert changed["Tenants"][0]["OrganizationConfig"] == {"RejectDirectSend": True}
    changed = changed_tree(changed, {"set-behaviour": {"CertFallback": "refuse"}})
    assert changed["Behaviour"] == {"TenantTie": "none", "CertFallback": "refuse"}
    assert "OrganizationConfig" not in TREE["Tenants"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"disable-connector": {"connector": "x"}}, "no connector 'x'; there are: Office relay"),
        ({"disable-connector": {"connector": "x", "tenant": "y"}}, "no tenant 'y'; there are: contoso"),
    ],
)
def test_what_is_not_there_is_named(change, message):
    with pytest.raises(HarnessError, match=message):
        changed_tree(TREE, change)


def test_with_several_tenants_one_must_be_named():
    tree = {"Tenants": [*TREE["Tenants"], {"Name": "fabrikam"}]}
    with pytest.raises(HarnessError, match="name the tenant; there are: contoso, fabrikam"):
        changed_tree(tree, {"set-organization-config": {"RejectDirectSend": True}})
