"""``Limits:``, ``Faults:``, ``MagicRecipients`` and ``Region`` of a tenant file."""

from __future__ import annotations

import ipaddress
from typing import Any

import jsonschema
import pytest

from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked
from fakeeop.config.schema import tenant_schema
from fakeeop.errors import ConfigError
from fakeeop.model.fault import Fault
from fakeeop.model.limits import Block, Limits

TENANT = {"Name": "contoso", "AcceptedDomains": ["contoso.com"]}


def tree(**top: Any) -> dict[str, Any]:
    return {"Tenants": [TENANT], **top}


def test_a_file_without_them():
    forest = forest_from_tree(tree())
    assert (forest.limits, forest.faults, forest.fault_seed, forest.magic_recipients) == (None, (), 0, False)
    assert (forest.tenants[0].limits, forest.tenants[0].region) == (None, None)


ALL = {
    "MessageSize": "35 MB (36,700,160 bytes)",
    "RecipientsPerMessage": 200,
    "LineLength": 1000,
    "ErrorsPerSession": "3",
    "IdleTimeout": "00:05:00",
    "CommandTimeout": "30s",
    "SessionLifetime": 600,
    "ConnectionsPerAddress": 20,
    "RecipientsPerMinute": 60,
    "RecipientBurst": 100,
    "BlockedAddresses": {"Banned": ["198.51.100.9"], "Spamhaus": "2001:db8::/32"},
    "AcceptIPv6": False,
    "IPv6ReverseName": True,
    "IPv6Authentication": "$true",
    "IPv6SpfPasses": ["2001:db8:1::/48"],
}


def test_every_key():
    whole = tree(Limits=ALL)
    jsonschema.validate(whole, tenant_schema())
    assert forest_from_tree(whole).limits == Limits(
        message_size=36_700_160,
        recipients_per_message=200,
        line_length=1000,
        errors_per_session=3,
        idle_timeout=300.0,
        command_timeout=30.0,
        session_lifetime=600.0,
        connections_per_address=20,
        recipients_per_minute=60,
        recipient_burst=100,
        blocked=(
            Block("Banned", ipaddress.ip_network("198.51.100.9")),
            Block("Spamhaus", ipaddress.ip_network("2001:db8::/32")),
        ),
        accept_ipv6=False,
        ipv6_reverse_name=True,
        ipv6_authentication=True,
        ipv6_spf_passes=(ipaddress.ip_network("2001:db8:1::/48"),),
    )


@pytest.mark.parametrize(("written", "octets"), [(1000, 1000), ("35MB", 36_700_160), ("1 KB", 1024), ("2g", 2 << 30)])
def test_sizes(written: object, octets: int):
    limits = forest_from_tree(tree(Limits={"messagesize": written})).limits
    assert limits is not None
    assert limits.message_size == octets


def test_a_tenants_own():
    own = {**TENANT, "Region": "EUR", "Limits": {"MessageSize": "1MB", "BlockedAddresses": {"Banned": "203.0.113.9"}}}
    jsonschema.validate({"Tenants": [own]}, tenant_schema())
    (tenant,) = forest_from_tree({"Tenants": [own]}).tenants
    assert tenant.region == "EUR"
    assert tenant.limits is not None
    assert tenant.limits.message_size == 1 << 20


@pytest.mark.parametrize(
    ("limits", "code", "words"),
    [
        ([], "wrong-type", "not a mapping"),
        ({"MessageSize": 0}, "bad-value", "cannot be 0"),
        ({"MessageSize": "big"}, "bad-value", "is not a size"),
        ({"MessageSize": True}, "bad-value", "is not a size"),
        ({"LineLength": -1}, "bad-value", "is not a whole number"),
        ({"ErrorsPerSession": 1.5}, "bad-value", "is not a whole number"),
        ({"IdleTimeout": "soon"}, "bad-value", "is not a time span"),
        ({"IdelTimeout": 5}, "unknown-field", "IdleTimeout"),
        ({"BlockedAddresses": ["203.0.113.9"]}, "wrong-type", "not a mapping"),
        ({"BlockedAddresses": {"Banned": ["contoso.com"]}}, "not-an-address", "contoso.com"),
        ({"BlockedAddresses": {"Bad": []}}, "unknown-field", "Bad"),
        ({"AcceptIPv6": "maybe"}, "wrong-type", "neither true nor false"),
    ],
)
def test_mistakes(limits: Any, code: str, words: str):
    with pytest.raises(ConfigError) as caught:
        forest_from_tree(tree(Limits=limits))
    assert any(problem.code == code and words in str(problem) for problem in caught.value.problems)


def test_a_limit_of_the_front_end_is_none_of_a_tenant():
    with pytest.raises(ConfigError, match="there is no IdleTimeout"):
        forest_from_tree({"Tenants": [{**TENANT, "Limits": {"IdleTimeout": 5}}]})


def test_faults():
    whole = tree(Faults=[{"at": "rcpt", "first": 2, "reply": "451 4.3.2 no"}], FaultSeed=7, MagicRecipients=True)
    jsonschema.validate(whole, tenant_schema())
    forest = forest_from_tree(whole)
    assert forest.faults == (Fault("rcpt", first=2, reply="451 4.3.2 no"),)
    assert (forest.fault_seed, forest.magic_recipients) == (7, True)


def test_mistakes_in_faults_come_with_all_others_and_their_lines():
    text = "Tenants: [{Name: contoso}]\nFaults:\n- at: rcpt\n  do: jump\nLimits:\n  IdleTimeout: soon\n"
    with pytest.raises(ConfigError) as caught:
        forest_from_tree(load_marked(text, "f.yaml"), "f.yaml")
    assert [(problem.line, problem.where[-1]) for problem in caught.value.problems] == [(4, "do"), (6, "IdleTimeout")]
