"""Changes of a tenant file: what nobody asked to change stays, and a wrong change changes nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakeeop.config.editor.tenant_file as tenant_file_module
from fakeeop.config.editor.changes import Add, Configure, NoSuchElement, Put, Remove, Update, applied
from fakeeop.config.editor.tenant_file import TenantFile, edited
from fakeeop.config.editor.tree import prepared
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked
from fakeeop.errors import ConfigError, StoreError

CONNECTOR = {
    "Name": "New",
    "ConnectorType": "OnPremises",
    "SenderDomains": ["*"],
    "SenderIPAddresses": ["198.51.100.7"],
}


def test_an_edit_shows_in_its_own_lines_only(tenant_file: Path):
    before = tenant_file.read_text(encoding="utf-8")
    backend = TenantFile(str(tenant_file))
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
    backend = TenantFile(str(tenant_file))
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
    backend = TenantFile(str(tenant_file))
    with pytest.raises(ConfigError) as caught:
        backend.change(Add("InboundConnectors", CONNECTOR), Add("InboundConnectors", CONNECTOR))
    assert [problem.code for problem in caught.value.problems] == ["E14"]
    with pytest.raises(NoSuchElement):
        backend.change(Add("InboundConnectors", CONNECTOR), Remove("InboundConnectors", "nobody"))
    assert tenant_file.read_bytes() == before
    assert os.listdir(tenant_file.parent) == ["tenant.yaml"]


def test_a_full_disk_or_a_closed_folder_leaves_the_file_as_it_was(tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    before = tenant_file.read_bytes()
    backend = TenantFile(str(tenant_file))

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match="No space left"):
        backend.change(Add("InboundConnectors", CONNECTOR))
    assert tenant_file.read_bytes() == before
    assert os.listdir(tenant_file.parent) == ["tenant.yaml"]


def test_a_write_protected_file_stays(tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    """Tests may run as root, who may write everything."""
    before = tenant_file.read_bytes()
    backend = TenantFile(str(tenant_file))
    monkeypatch.setattr(os, "access", lambda path, mode: (Path(path), mode) != (tenant_file, os.W_OK))
    with pytest.raises(StoreError, match="write-protected"):
        backend.change(Add("InboundConnectors", CONNECTOR))
    assert tenant_file.read_bytes() == before


def test_mode_links_and_encoding_stay(tmp_path: Path):
    target = tmp_path / "real.yaml"
    target.write_bytes("\ufeffTenants: [{Name: ä, AcceptedDomains: [contoso.com]}]\r\n".encode("utf-16-le"))
    target.chmod(0o640)
    link = tmp_path / "tenant.yaml"
    link.symlink_to(target.name)
    TenantFile(str(link)).change(Put("Region", "EUR"))
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    text = target.read_bytes().decode("utf-16")
    assert text == "Tenants: [{Name: ä, AcceptedDomains: [contoso.com], Region: EUR}]\r\n"


def test_several_tenants_are_never_guessed_among(tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants:\n- {Name: a, AcceptedDomains: [a.example]}\n- {Name: b, AcceptedDomains: [b.example]}\n")
    with pytest.raises(ConfigError, match="--organization NAME, one of: a, b"):
        TenantFile(str(path))
    with pytest.raises(ConfigError, match="one of: a, b"):
        TenantFile(str(path), "c")
    for name in ("B", "b.example"):
        assert TenantFile(str(path), name).organization == "b"
    TenantFile(str(path), "b").change(Put("Region", "EUR"))
    assert path.read_text().splitlines()[1:] == [
        "- {Name: a, AcceptedDomains: [a.example]}",
        "- {Name: b, AcceptedDomains: [b.example], Region: EUR}",
    ]


def test_what_stands_in_another_file_is_shown_and_not_edited(tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants: [{Name: a, AcceptedDomains: [a.example], InboundConnectorsFile: c.json}]\n")
    (tmp_path / "c.json").write_text('[{"Name": "There", "ConnectorType": "Partner", "SenderDomains": "*"}]')
    backend = TenantFile(str(path))
    assert [each["Name"] for each in backend.tenant()["InboundConnectors"]] == ["There"]
    with pytest.raises(ConfigError, match=r"is not in this file.*c\.json"):
        backend.change(Remove("InboundConnectors", "There"))
    backend.change(Add("InboundConnectors", {**CONNECTOR}))
    assert sorted(each["Name"] for each in backend.tenant()["InboundConnectors"]) == ["New", "There"]


def test_a_file_that_is_wrong_already_is_refused(tmp_path: Path):
    path = tmp_path / "tenant.yaml"
    path.write_text("Tenants: [{Nam: a}]\n")
    with pytest.raises(ConfigError, match="did you mean Name"):
        TenantFile(str(path))


def test_nothing_is_lost_where_several_change_the_file(tenant_file: Path):
    """Each with a backend of its own, as processes have: they wait for each other."""
    before = tenant_file.read_text(encoding="utf-8")
    started = threading.Barrier(4)

    def work(worker: int) -> None:
        backend = TenantFile(str(tenant_file))
        started.wait(30)
        for number in range(6):
            name = f"{worker}-{number}"
            backend.change(Add("InboundConnectors", {**CONNECTOR, "Name": name}))
            backend.change(Update("InboundConnectors", name, {"Comment": f"by {worker}"}))
        backend.change(Update("AcceptedDomains", "contoso.onmicrosoft.com", {"Name": f"by {worker}"}))

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, worker) for worker in range(4)]:
            done.result(60)
    found = TenantFile(str(tenant_file)).tenant()["InboundConnectors"][2:]
    made = {f"{worker}-{number}": f"by {worker}" for worker in range(4) for number in range(6)}
    assert {each["Name"]: each["Comment"] for each in found} == made
    after = tenant_file.read_text(encoding="utf-8")
    assert [line for line in before.splitlines() if "#" in line and line not in after] == []
    assert os.listdir(tenant_file.parent) == ["tenant.yaml"]


def test_what_an_editor_writes_meanwhile_is_not_overwritten(tenant_file: Path, monkeypatch: pytest.MonkeyPatch):
    backend = TenantFile(str(tenant_file))
    backend.change(Add("InboundConnectors", CONNECTOR))
    real = tenant_file_module._encoded

    def meanwhile(text: str, octets: bytes) -> bytes:
        tenant_file.write_bytes(octets + b"# by hand\n")
        return real(text, octets)

    for change, sign in (
        (Add("InboundConnectors", {**CONNECTOR, "Name": "Newer"}), "Newer"),
        (Put("Region", "E"), "Region"),
    ):
        monkeypatch.setattr(tenant_file_module, "_encoded", meanwhile)
        with pytest.raises(StoreError, match="somebody else changed it meanwhile; nothing was written, try again"):
            backend.change(change)
        monkeypatch.undo()
        text = tenant_file.read_text(encoding="utf-8")
        assert text.endswith("# by hand\n")
        assert sign not in text
        backend.change(change)
    assert [each["Name"] for each in backend.tenant()["InboundConnectors"]][2:] == ["New", "Newer"]
    assert "# by hand" in tenant_file.read_text(encoding="utf-8")


def test_a_reader_and_kill_9_find_every_connector_that_was_said_to_be_made(tenant_file: Path):
    script = tenant_file.with_name("many.ps1")
    script.write_text(
        'foreach ($i in 1..250) { New-InboundConnector -Name "x$i" -ConnectorType OnPremises -SenderDomains *'
        ' -SenderIPAddresses "198.51.100.$i" | Out-Null; Write-Host $i }'
    )
    command = [sys.executable, "-m", "fakeeop", "exo", "--tenant", str(tenant_file), str(script)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            names = {each["Name"] for each in TenantFile(str(tenant_file)).tenant()["InboundConnectors"]}
            assert f"x{line.strip()}" in names
            if line == "20\n":
                run.kill()
                break
    tree = load_marked(tenant_file.read_text(encoding="utf-8"), "x")
    forest_from_tree(tree)
    assert len(tree["Tenants"][0]["InboundConnectors"]) >= 22
    assert "# the end of contoso" in tenant_file.read_text(encoding="utf-8")


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
        except NoSuchElement:
            with pytest.raises(NoSuchElement):
                edited(text, "x", "contoso", (change,))
            continue
        text = edited(text, "x", "contoso", (change,))
    assert prepared(load_marked(text, "x"), "x")["Tenants"][0] == data
