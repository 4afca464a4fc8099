"""Changes of a tenant file: what nobody asked to change stays, and a wrong change changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.admin.tree import prepared
from fakeeop.errors import ConfigError, StoreError
from fakeeop.exchange.backend import open_backend
from fakeeop.exchange.changes import Add, Configure, Missing, Put, Remove, Update, applied
from fakeeop.exchange.tenant_file import edited
from fakeeop.marked import load_marked

CONNECTOR = {
    "Name": "New",
    "ConnectorType": "OnPremises",
    "SenderDomains": ["*"],
    "SenderIPAddresses": ["198.51.100.7"],
}


def test_an_edit_shows_in_its_own_lines_only(tenant_file: Path):
    before = tenant_file.read_text(encoding="utf-8")
    backend = open_backend(str(tenant_file))
    backend.change(
        Update(
            "InboundConnectors", "smtp relay", {"SenderIPAddresses": ["203.0.113.26", "203.0.113.27"], "Comment": "x"}
        ),
        Update("AcceptedDomains", "contoso.onmicrosoft.com", {"DomainType": "InternalRelay"}),
        Configure("OrganizationConfig", {"RejectDirectSend": True}),
        Put("Recipients", ["bob@contoso.com", "eve@contoso.com"]),
        Add("InboundConnectors", CONNECTOR),
    )
    after = tenant_file.read_text(encoding="utf-8")
    assert after == (
        before.replace("          - 203.0.113.25   # old\n", "")
        .replace("203.0.113.26\n", "203.0.113.26\n          - 203.0.113.27\n        Comment: x\n")
        .replace("- contoso.onmicrosoft.com", "- {DomainName: contoso.onmicrosoft.com, DomainType: InternalRelay}")
        .replace("[ann@contoso.com, 'bob@contoso.com']", "['bob@contoso.com', eve@contoso.com]")
        .replace(
            '"*.contoso.com"\n',
            '"*.contoso.com"\n      - Name: New\n        ConnectorType: OnPremises\n        SenderDomains: ["*"]\n'
            "        SenderIPAddresses: [198.51.100.7]\n    OrganizationConfig:\n      RejectDirectSend: true\n",
        )
    )


def test_every_comment_survives_the_removal_of_every_connector(tenant_file: Path):
    backend = open_backend(str(tenant_file))
    backend.change(Remove("InboundConnectors", "SMTP Relay"))
    backend.change(Remove("InboundConnectors", "SMTP Relay (TLS)"))
    text = tenant_file.read_text(encoding="utf-8")
    for comment in (
        "# the lab of contoso",
        "# the one that counts",
        "# the scanner",
        "# by certificate",
        "# the end of contoso",
    ):
        assert comment in text
    assert backend.tenant()["InboundConnectors"] == []


def test_a_wrong_change_among_right_ones_changes_nothing(tenant_file: Path):
    before = tenant_file.read_bytes()
    backend = open_backend(str(tenant_file))
    with pytest.raises(ConfigError) as caught:
        backend.change(Add("InboundConnectors", CONNECTOR), Add("InboundConnectors", CONNECTOR))
    assert [problem.code for problem in caught.value.problems] == ["E14"]
    with pytest.raises(Missing):
        backend.change(Add("InboundConnectors", CONNECTOR), Remove("InboundConnectors", "nobody"))
    assert tenant_file.read_bytes() == before
    assert os.listdir(tenant_file.parent) == ["tenant.yaml"]


def test_a_full_disk_or_a_closed_folder_leaves_the_file_as_it_was(tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    before = tenant_file.read_bytes()
    backend = open_backend(str(tenant_file))

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match="No space left"):
        backend.change(Add("InboundConnectors", CONNECTOR))
    assert tenant_file.read_bytes() == before
    assert os.listdir(tenant_file.parent) == ["tenant.yaml"]


def test_mode_links_and_encoding_stay(tmp_path: Path):
    target = tmp_path / "real.yaml"
    target.write_bytes("\ufeffTenants: [{Name: ä, AcceptedDomains: [contoso.com]}]\r\n".encode("utf-16-le"))
    target.chmod(0o640)
    link = tmp_path / "tenant.yaml"
    link.symlink_to(target.name)
    open_backend(str(link)).change(Put("Region", "EUR"))
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    text = target.read_bytes().decode("utf-16")
    assert text == "Tenants: [{Name: ä, AcceptedDomains: [contoso.com], Region: EUR}]\r\n"


def test_several_tenants_are_never_guessed_among(tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants:\n- {Name: a, AcceptedDomains: [a.example]}\n- {Name: b, AcceptedDomains: [b.example]}\n")
    with pytest.raises(ConfigError, match="--organization NAME, one of: a, b"):
        open_backend(str(path))
    with pytest.raises(ConfigError, match="one of: a, b"):
        open_backend(str(path), "c")
    for name in ("B", "b.example"):
        assert open_backend(str(path), name).organization == "b"
    open_backend(str(path), "b").change(Put("Region", "EUR"))
    assert path.read_text().splitlines()[1:] == [
        "- {Name: a, AcceptedDomains: [a.example]}",
        "- {Name: b, AcceptedDomains: [b.example], Region: EUR}",
    ]


def test_what_stands_in_another_file_is_shown_and_not_edited(tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants: [{Name: a, AcceptedDomains: [a.example], InboundConnectorsFile: c.json}]\n")
    (tmp_path / "c.json").write_text('[{"Name": "There", "ConnectorType": "Partner", "SenderDomains": "*"}]')
    backend = open_backend(str(path))
    assert [each["Name"] for each in backend.tenant()["InboundConnectors"]] == ["There"]
    with pytest.raises(ConfigError, match=r"does not stand in this file.*c\.json"):
        backend.change(Remove("InboundConnectors", "There"))
    backend.change(Add("InboundConnectors", {**CONNECTOR}))
    assert sorted(each["Name"] for each in backend.tenant()["InboundConnectors"]) == ["New", "There"]


def test_a_file_that_is_wrong_already_is_refused(tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants: [{Nam: a}]\n")
    with pytest.raises(ConfigError, match="did you mean Name"):
        open_backend(str(path))


ONE_LINE = (
    "Tenants: {Name: contoso, AcceptedDomains: 'contoso.com, a.example',"
    " InboundConnectors: {Name: c, CONNECTORTYPE: partner, senderdomains: '*'}}\n"
)
WRAPPED = """\
tenants:
  value:
    - name: contoso
      accepteddomains: [contoso.com, {domainname: a.example}]
      inboundconnectors:
        -
          name: c
          connectortype: Partner
          senderdomains: {x.example, y.example}
  Count: 1
"""
JSON = (
    '{"Tenants": [{"Name": "contoso", "AcceptedDomains": ["contoso.com", "a.example"], "InboundConnectors": {"value":'
    ' [{"Name": "c", "ConnectorType": "Partner", "SenderDomains": ["*"]}], "Count": 1}}]}'
)
FORMS = [ONE_LINE, WRAPPED, JSON]
NAMES = st.sampled_from(["c", "d", "e: f", "Ünï"])
TEXTS = st.lists(st.sampled_from(["a", "b", "*.c", "1.5"]), max_size=3)
PATCHES = st.dictionaries(
    st.sampled_from(["Comment", "SenderDomains", "SenderIPAddresses", "Enabled", "EFUsers"]),
    st.none() | st.booleans() | st.sampled_from(["x", "a # b", "*", ""]) | TEXTS,
    max_size=3,
)
LABELS = st.fixed_dictionaries({"Name": st.text("ab ", min_size=1)})
ADDRESSES = st.lists(st.sampled_from(["a@contoso.com", "b@contoso.com"]))
CHANGES = st.one_of(
    st.builds(lambda name, patch: Add("InboundConnectors", {"Name": name, **patch}), NAMES, PATCHES),
    st.builds(lambda name, patch: Update("InboundConnectors", name, patch), NAMES, PATCHES),
    st.builds(lambda name: Remove("InboundConnectors", name), NAMES),
    st.builds(lambda patch: Update("AcceptedDomains", "A.example", patch), LABELS),
    st.builds(lambda value: Configure("OrganizationConfig", {"RejectDirectSend": value}), st.none() | st.booleans()),
    st.builds(lambda value: Put("Recipients", value), st.none() | ADDRESSES),
)


@given(st.sampled_from(FORMS), st.lists(CHANGES, max_size=6))
def test_the_text_says_what_the_same_changes_make_of_the_data(text, changes):
    """Whatever the form of the file; ``edited`` compares too, and would refuse."""
    data = prepared(load_marked(text, "x"), "x")["Tenants"][0]
    for change in changes:
        try:
            data = applied(data, change)
        except Missing:
            with pytest.raises(Missing):
                edited(text, "x", "contoso", (change,))
            continue
        text = edited(text, "x", "contoso", (change,))
    assert prepared(load_marked(text, "x"), "x")["Tenants"][0] == data
