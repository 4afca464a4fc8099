"""Tenant files in, forests or every problem out. ``bad/`` and ``advice/`` hold files that state what must be said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.check import check_forest, check_tree
from fakeeop.config.loader import forest_from_tree, load_forest
from fakeeop.config.marked import load_marked
from fakeeop.config.parameters.tables import ACCEPTED_DOMAIN, FILE, INBOUND_CONNECTOR, TENANT
from fakeeop.config.rules import RULES
from fakeeop.decision.knobs import KNOBS, Knob, knob_key
from fakeeop.errors import ConfigError, Problem
from fakeeop.model import Behaviour, ConnectorType, DomainType, Forest
from fakeeop.model.behaviour import SETTLED

HERE = Path(__file__).parent
BAD = sorted((HERE / "bad").glob("*.yaml"))
ADVICE = sorted((HERE / "advice").glob("*.yaml"))


def stated(path: Path) -> list[str]:
    """The ``# LINE: CODE: TEXT`` lines at the top of a file."""
    lines = []
    for line in path.read_text("utf-8").splitlines():
        if not re.match(r"# (\d+|None): ", line):
            break
        lines.append(line[2:])
    return lines


def said(problems: tuple[Problem, ...], folder: Path) -> list[str]:
    return [
        f"{problem.line}: {problem.code}: {': '.join((*problem.where, problem.message))}".replace(str(folder), "DIR")
        for problem in problems
    ]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_refused_with_every_error_it_states(path: Path):
    with pytest.raises(ConfigError) as caught:
        load_forest(path)
    problems = caught.value.problems
    assert said(problems, path.parent) == stated(path)
    assert stated(path), "a bad file states what is wrong with it"
    for problem in problems:
        assert problem.severity == "error"
        assert problem.path == str(path)
        assert problem.fix
        assert problem.source or problem.code == "syntax"


@pytest.mark.parametrize("path", ADVICE, ids=lambda path: path.stem)
def test_a_doubtful_file_loads_and_gets_the_advice_it_states(path: Path):
    assert load_forest(path).tenants is not None
    forest, problems = check_forest(path)
    assert forest is not None
    assert said(problems, path.parent) == stated(path)
    for problem in problems:
        assert problem.severity == "warning"
        assert problem.source


def test_every_rule_has_a_file_that_breaks_it():
    shown = {line.split(": ")[1] for path in (*BAD, *ADVICE) for line in stated(path)}
    assert set(RULES) - shown == set()
    assert shown - set(RULES) == {"syntax"}


def test_what_is_not_given_has_the_documented_default():
    forest = forest_from_tree({
        "Tenants": [{
            "Name": "contoso",
            "AcceptedDomains": ["Contoso.COM."],
            "InboundConnectors": [{"Name": "a", "ConnectorType": "onpremises", "SenderIPAddresses": "203.0.113.25"}],
        }]
    })  # fmt: skip
    tenant = forest.tenants[0]
    assert forest.behaviour == Behaviour()
    assert tenant.recipients is None
    assert tenant.reject_direct_send is False
    assert tenant.mail_enabled is True
    assert tenant.smtp_client_authentication_disabled is True
    assert [domain.domain_name for domain in tenant.accepted_domains] == ["contoso.com"]
    assert tenant.accepted_domains[0].domain_type is DomainType.AUTHORITATIVE
    assert tenant.accepted_domains[0].default is True
    connector = tenant.inbound_connectors[0]
    assert connector.connector_type is ConnectorType.ON_PREMISES
    assert [str(pattern) for pattern in connector.sender_domains] == ["*"]
    assert connector.require_tls is True
    assert connector.enabled is True
    assert connector.comment == ""
    assert connector.connector_source == "Default"
    assert connector.blocked is False


def test_everything_a_tenant_can_say_arrives():
    forest = forest_from_tree(load_marked("""\
tenants:
  - name: contoso
    TENANTID: '{3F2504E0-4F89-41D3-9A0C-0305E82C3301}'
    accepteddomains:
      - {DomainName: contoso.com, DomainType: internalrelay, MatchSubDomains: $true, Name: Main}
      - {DomainName: bücher.example, Default: "True"}
    recipients: [Ann@Contoso.com, SMTP:bob@sub.contoso.com]
    InboundConnectors:
      - Name: One
        ConnectorType: Partner
        SenderDomains: ["*.Partner.example", "smtp:bank.example;1"]
        SenderIPAddresses: [203.0.113.1/25]
        RestrictDomainsToIPAddresses: true
        AssociatedAcceptedDomains: [main, sub.contoso.com]
        EFSkipIPs: 192.0.2.1-192.0.2.9
        EFSkipLastIP: true
        EFUsers: ann@contoso.com
        TrustedOrganizations: tailspin.example
        ClientHostNames: [a b]
        ConnectorSource: 3
        Comment: " for the bank "
        Enabled: $false
        RequireTls: false
    OrganizationConfig: {RejectDirectSend: true}
    TransportConfig: {SmtpClientAuthenticationDisabled: false}
    BlockedConnectors: one
    MailEnabled: false
behaviour: {certfallback: Refuse, require_tls_default: false, attr5-code: 550}
"""))  # fmt: skip
    tenant = forest.tenants[0]
    assert forest.behaviour == Behaviour(cert_fallback="refuse", require_tls_default="false", attr5_code="550")
    assert tenant.tenant_id == "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
    assert tenant.line == 2
    main, books = tenant.accepted_domains
    assert (main.name, main.domain_type, main.match_sub_domains) == ("Main", DomainType.INTERNAL_RELAY, True)
    assert (books.domain_name, books.default, main.default) == ("xn--bcher-kva.example", True, False)
    assert tenant.recipients == frozenset({"ann@contoso.com", "bob@sub.contoso.com"})
    assert tenant.reject_direct_send is True
    assert tenant.smtp_client_authentication_disabled is False
    assert tenant.mail_enabled is False
    connector = tenant.inbound_connectors[0]
    assert [str(pattern) for pattern in connector.sender_domains] == ["*.partner.example", "bank.example"]
    assert str(connector.sender_ip_addresses[0]) == "203.0.113.1/25"
    assert connector.restrict_domains_to_ip_addresses is True
    assert connector.associated_accepted_domains == ("contoso.com", "sub.contoso.com")
    assert connector.ef_skip_ips == ("192.0.2.1-192.0.2.9",)
    assert connector.ef_skip_last_ip is True
    assert connector.ef_users == ("ann@contoso.com",)
    assert connector.trusted_organizations == ("tailspin.example",)
    assert connector.client_host_names == ("a b",)
    assert connector.connector_source == "3"
    assert connector.comment == "for the bank"
    assert connector.enabled is False
    assert connector.require_tls is False
    assert connector.blocked is True
    assert connector.line == 9


def test_a_tenant_without_an_id_gets_one_from_its_name():
    def identity(name: str) -> str:
        return forest_from_tree({"Tenants": {"Name": name}}).tenants[0].tenant_id

    assert identity("contoso") == identity("Contoso")
    assert identity("contoso") != identity("fabrikam")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}", identity("contoso"))


def test_require_tls_follows_its_knob_only_when_it_is_not_given():
    def require_tls(**parameters: object) -> list[bool]:
        common = {"ConnectorType": "Partner", "SenderDomains": "bank.example", **parameters}
        tree = {"Tenants": [{"Name": "a", "InboundConnectors": [{"Name": "b", **common}]}]}
        return [
            forest_from_tree({**tree, "Behaviour": {"RequireTlsDefault": knob}})
            .tenants[0]
            .inbound_connectors[0]
            .require_tls
            for knob in (True, "false")
        ]

    assert require_tls() == [True, False]
    assert require_tls(RequireTls=None) == [True, False]
    assert require_tls(RequireTLS=True) == [True, True]
    assert require_tls(RequireTLS="False") == [False, False]


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_every_knob_and_each_of_its_values_can_be_written(knob: Knob):
    for value in knob.values:
        forest = forest_from_tree({"Tenants": [], "Behaviour": {knob.name: value}})
        assert getattr(forest.behaviour, knob.field) == value


@pytest.mark.parametrize("name", [
    "NullSenderInScope", "RequireTlsStage", "DbebOrder", "DbebOriginating", "NulOctets", "LongContentLines",
])  # fmt: skip
def test_a_knob_that_was_taken_away_says_since_when_and_what_holds(name: str):
    with pytest.raises(ConfigError) as caught:
        forest_from_tree({"Tenants": [], "Behaviour": {name: "first"}})
    (problem,) = caught.value.problems
    assert problem.code == "removed-field"
    assert problem.message == f"{name} is not a knob since 0.2.0: {SETTLED[knob_key(name)].holds}"
    assert problem.fix == f"take {name} out"


def test_a_file_that_cannot_be_read_is_a_config_error(tmp_path: Path):
    for path in (tmp_path / "absent.yaml", tmp_path, "nul\0byte"):
        with pytest.raises(ConfigError) as caught:
            load_forest(path)
        assert [problem.code for problem in caught.value.problems] == ["unreadable"]
        forest, problems = check_forest(path)
        assert forest is None
        assert problems == caught.value.problems


def test_problems_of_plain_data_have_no_line():
    with pytest.raises(ConfigError) as caught:
        forest_from_tree({"Tenants": [{"Name": "a", "Colour": 1}]}, "scenario.yaml")
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (None, "scenario.yaml")
    assert str(problem).startswith("scenario.yaml: error unknown-field: tenant a: there is no Colour")


@pytest.mark.parametrize("tree", [
    {1: "a", "Tenants": []}, {"Tenants": [{"Name": "a", None: 1}]}, {"Tenants": [], "Behaviour": {7: "x"}},
])  # fmt: skip
def test_keys_of_plain_data_that_are_no_text(tree: object):
    with pytest.raises(ConfigError) as caught:
        forest_from_tree(tree)
    assert next(problem.code for problem in caught.value.problems) in ("wrong-type", "unknown-field")


def test_null_is_as_good_as_absent():
    names = {row.name: None for row in INBOUND_CONNECTOR.parameters}
    connector = {**names, "Name": "x", "ConnectorType": "Partner", "SenderDomains": "*"}
    tenant = {**{row.name: None for row in TENANT.parameters}, "Name": "a", "InboundConnectors": [connector]}
    forest = forest_from_tree({"$schema": "x", "Tenants": [tenant], "Behaviour": {"CertFallback": None}})
    assert forest.behaviour == Behaviour()
    assert forest.tenants[0].recipients is None
    assert forest.tenants[0].inbound_connectors[0].require_tls is True


def test_connectors_of_another_file_keep_its_name_and_lines(tmp_path: Path):
    (tmp_path / "connectors.json").write_text(
        '{\n"Name": "x",\n"ConnectorType": "OnPremises",\n"SenderIPAddresses": "::1"}'
    )
    (tmp_path / "domains.json").write_text('["contoso.com",\n7,\n{"DomainName": "-"}]')
    tenant = tmp_path / "tenant.yaml"
    files = "AcceptedDomainsFile: domains.json, InboundConnectorsFile: connectors.json"
    tenant.write_text(f"Tenants:\n  - {{Name: contoso, {files}, Recipients: [ann@fabrikam.com], Color: red}}\n")
    with pytest.raises(ConfigError) as caught:
        load_forest(tenant)
    got = [(Path(problem.path).name, problem.line, problem.code) for problem in caught.value.problems]
    assert got == [
        ("tenant.yaml", 2, "unknown-field"),
        ("connectors.json", 4, "E9"),
        ("domains.json", 2, "wrong-type"),
        ("domains.json", 3, "not-a-domain"),
    ]


def test_a_file_in_a_file_that_is_no_list_or_no_json(tmp_path: Path):
    (tmp_path / "text.json").write_text("7")
    (tmp_path / "broken.json").write_text("[1,")
    tenant = tmp_path / "tenant.yaml"
    tenant.write_text(
        "Tenants:\n  - {Name: a, AcceptedDomainsFile: text.json}\n  - {Name: b, InboundConnectorsFile: broken.json}\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_forest(tenant)
    got = [(Path(problem.path).name, problem.code) for problem in caught.value.problems]
    assert got == [("tenant.yaml", "wrong-type"), ("broken.json", "syntax")]


def test_both_lists_count_when_both_are_given(tmp_path: Path):
    (tmp_path / "domains.json").write_text('{"value": [{"DomainName": "contoso.net"}], "Count": 1}')
    tenant = tmp_path / "tenant.yaml"
    tenant.write_text("Tenants: {Name: a, AcceptedDomains: contoso.com, AcceptedDomainsFile: domains.json}\n")
    domains = load_forest(tenant).tenants[0].accepted_domains
    assert [domain.domain_name for domain in domains] == ["contoso.com", "contoso.net"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_as_windows_writes_them(tmp_path: Path, encoding: str):
    path = tmp_path / "tenant.json"
    tree = {"Tenants": [{"Name": "日本", "AcceptedDomains": ["contoso.com"]}]}
    path.write_text(json.dumps(tree, ensure_ascii=False, indent="\t").replace("\n", "\r\n"), encoding)
    assert load_forest(path).tenants[0].name == "日本"


KEYS = sorted({row.name for table in (FILE, TENANT, INBOUND_CONNECTOR, ACCEPTED_DOMAIN) for row in table.parameters})
WORDS = ["contoso.com", "*.contoso.com", "*", "203.0.113.25", "10.0.0.0/8", "::1", "1.1.1.1-1.1.1.9", "ann@contoso.com"]
WORDS += [
    "OnPremises",
    "Partner",
    "Authoritative",
    "$true",
    "smtp:contoso.com;1",
    "{a, b...}",
    "",
    "\0",
    ".",
    "a\ud800",
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(WORDS) | st.text(max_size=8)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner, max_size=6)
        | st.fixed_dictionaries({"value": inner}, optional={"Count": inner})
    ),
    max_leaves=20,
)
VALUES = LEAVES | st.lists(LEAVES, max_size=3)
TENANTS = st.fixed_dictionaries(
    {"Name": LEAVES},
    optional={
        row.name: (
            st.lists(
                st.dictionaries(st.sampled_from(KEYS), LEAVES | st.lists(LEAVES, max_size=3), max_size=8), max_size=3
            )
            if row.name in ("InboundConnectors", "AcceptedDomains")
            else TREES
        )
        for row in TENANT.parameters
        if row.name != "Name"
    },
)


@given(tree=TREES | st.fixed_dictionaries({"Tenants": st.lists(TENANTS, max_size=2)}, optional={"Behaviour": TREES}))
def test_any_data_is_a_forest_or_a_config_error(tree: object):
    checked, problems = check_tree(tree)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert all(problem.message and problem.severity in ("error", "warning") for problem in problems)
    if checked is None:
        with pytest.raises(ConfigError) as caught:
            forest_from_tree(tree)
        assert [problem.code for problem in caught.value.problems] == [problem.code for problem in errors]
        assert errors
    else:
        assert not errors
        assert isinstance(forest_from_tree(tree), Forest)
