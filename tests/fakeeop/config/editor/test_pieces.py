"""A change made in the lines of its element is the change that the whole text would get."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config import tenants
from fakeeop.config.connectors import build_connector
from fakeeop.config.editor.changes import Add, NoSuchElement, Put, Remove, Update
from fakeeop.config.editor.pieces import Pieces, changed_whole
from fakeeop.config.editor.tenant_file import TenantFile, edited
from fakeeop.config.editor.tree import prepared
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError

WAY = ("Tenants", 0, "InboundConnectors")
HEAD = "# top\nTenants:\n  - Name: contoso  # here\n    AcceptedDomains: [contoso.com]\n"
TAIL = "    # the end of the list\n    Region: EUR\n# the end\n"
INDENTED = """\
    InboundConnectors:   # the list
      # before one
      - Name: c
        ConnectorType: Partner   # why
        SenderDomains:
          # the first
          - a.example   # one
          - b.example

        # of c, or of d?
      # before d
      - {Name: d, ConnectorType: OnPremises, SenderDomains: ["*"], SenderIPAddresses: [203.0.113.1]}

      -   Name: "e: f"
          ConnectorType: OnPremises
          SenderIPAddresses: {203.0.113.2, 203.0.113.3}
          Comment: |
            one
            two
"""
FLUSH = """\
    InboundConnectors:
    - Name: c
      ConnectorType: Partner
      SenderDomains: ["*"]
    - Name: d
      ConnectorType: Partner
      SenderDomains: a.example
    - ConnectorType: OnPremises
      SenderIPAddresses:
      - 203.0.113.1
      Name: Ünï
"""
FILES = [
    HEAD + INDENTED + TAIL,
    HEAD + FLUSH + TAIL,
    HEAD + INDENTED,
    (HEAD + FLUSH).rstrip("\n"),
    (HEAD + INDENTED + TAIL).replace("\n", "\r\n"),
]
NAMES = st.sampled_from(["c", "d", "D", "e: f", "Ünï", "new"])
LISTS = st.lists(st.sampled_from(["a.example", "*.c.example", "198.51.100.7", "203.0.113.2"]), max_size=3)
PATCHES = st.dictionaries(
    st.sampled_from(["Comment", "SenderDomains", "SenderIPAddresses", "Enabled", "Name", "RequireTls", "Nonsense"]),
    st.none() | st.booleans() | st.sampled_from(["x", "a # b", "*", "a\nb", ""]) | LISTS,
    max_size=3,
)
TYPED = {"ConnectorType": "OnPremises", "SenderDomains": ["*"], "SenderIPAddresses": ["198.51.100.9"]}
CHANGES = st.one_of(
    st.builds(lambda name, patch: Add("InboundConnectors", {"Name": name, **TYPED, **patch}), NAMES, PATCHES),
    st.builds(lambda name, patch: Update("InboundConnectors", name, patch), NAMES, PATCHES),
    st.builds(lambda name: Remove("InboundConnectors", name), NAMES),
)


@given(st.sampled_from(FILES), st.lists(CHANGES, max_size=6))
def test_it_is_what_the_whole_text_would_get(text: str, changes: list[Any]):
    whole = prepared(load_marked(text), "x")
    pieces = Pieces.of(text, WAY)
    for change in changes:
        assert pieces is not None
        found = changed_whole(whole, "contoso", pieces, change)
        try:
            new = edited(text, "x", "contoso", (change,))
        except (NoSuchElement, ConfigError, KeyError):
            assert found is None
            continue
        if found is None:
            pieces = Pieces.of(new, WAY)
            whole = prepared(load_marked(new), "x")
            if pieces is None:
                return
        else:
            whole, pieces = found
            assert str(pieces) == new
            assert whole == prepared(load_marked(new), "x")
        text = new


@pytest.mark.parametrize("change", [
    Add("InboundConnectors", {"Name": "new", **TYPED, "Comment": "a: b # c"}),
    Update("InboundConnectors", "E: F", {"SenderIPAddresses": ["203.0.113.2"], "Comment": None}),
    Update("InboundConnectors", "d", {"Enabled": False}),
    Remove("InboundConnectors", "c"),
    Remove("InboundConnectors", "e: f"),
], ids=str)  # fmt: skip
def test_right_changes_are_made_so(change: Any):
    text = FILES[0]
    pieces = Pieces.of(text, WAY)
    assert pieces is not None
    assert str(pieces) == text
    found = changed_whole(prepared(load_marked(text), "x"), "contoso", pieces, change)
    assert found is not None
    assert str(found[1]) == edited(text, "x", "contoso", (change,))


@pytest.mark.parametrize("change", [
    Add("InboundConnectors", {"Name": "C ", **TYPED}),
    Add("InboundConnectors", {"Name": "new", "ConnectorType": "OnPremises"}),
    Add("InboundConnectors", {"Name": "new", **TYPED, "AssociatedAcceptedDomains": ["notmine.example"]}),
    Update("InboundConnectors", "c", {"Name": "d"}),
    Update("InboundConnectors", "d", {"SenderIPAddresses": ["203.0.113.0/20"]}),
    Update("InboundConnectors", "nobody", {"Comment": "x"}),
    Put("Region", None),
], ids=str)  # fmt: skip
def test_what_is_wrong_or_concerns_others_takes_the_whole_text(change: Any):
    text = FILES[0]
    pieces = Pieces.of(text, WAY)
    assert pieces is not None
    assert changed_whole(prepared(load_marked(text), "x"), "contoso", pieces, change) is None


@pytest.mark.parametrize("listed", ["[]", "[{Name: c, ConnectorType: Partner, SenderDomains: '*'}]", "{Name: c}"])
def test_other_forms_of_a_list_have_no_pieces(listed: str):
    assert Pieces.of(f"{HEAD}    InboundConnectors: {listed}\n", WAY) is None
    assert Pieces.of(HEAD, WAY) is None
    assert Pieces.of(f"{HEAD}    InboundConnectors:\n      -\n        Name: c\n", WAY) is None


def test_the_work_for_one_connector_does_not_grow_with_the_others(tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    built = []
    real = build_connector

    def counted(*given: Any) -> Any:
        built.append(given)
        return real(*given)

    monkeypatch.setattr(tenants, "build_connector", counted)
    backend = TenantFile(str(tenant_file))
    for number in range(40):
        address = f"198.51.100.{number}"
        backend.change(Add("InboundConnectors", {**TYPED, "Name": f"x{number}", "SenderIPAddresses": [address]}))
        backend.change(Update("InboundConnectors", f"x{number}", {"Comment": "made"}))
    for number in range(40):
        backend.change(Remove("InboundConnectors", f"x{number}"))
    assert len(built) <= 2 * 40 + 10
    assert [each["Name"] for each in backend.tenant()["InboundConnectors"]] == ["SMTP Relay", "SMTP Relay (TLS)"]
    monkeypatch.undo()
    assert TenantFile(str(tenant_file)).whole() == backend.whole()
