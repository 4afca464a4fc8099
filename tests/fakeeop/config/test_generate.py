"""The tables of docs/tenant-file.md are made, not written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakeeop.config import generate
from fakeeop.config.generate import docs_text
from fakeeop.config.parameters.tables import INBOUND_CONNECTOR
from fakeeop.config.rules import RULES
from fakeeop.decision.knobs import KNOBS


def test_the_page_is_in_step_and_tells_everything(repository: Path):
    page = (repository / "docs" / "tenant-file.md").read_text("utf-8")
    assert docs_text(page) == page, "run: python -m fakeeop.config.generate"
    for row in INBOUND_CONNECTOR.parameters:
        assert f"| `{row.name}` | " in page
    for knob in KNOBS:
        assert f"| `{knob.name}` | " in page
    for code in RULES:
        assert f"| `{code}` | " in page
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in page.splitlines() if line.startswith("| `RequireTls`")}
    assert columns == {7}


def test_a_stale_block_is_made_anew():
    old = "before\n<!-- made: transport-config -->\nstale\n<!-- end -->\nafter\n"
    new = docs_text(old)
    assert "stale" not in new
    assert new.startswith("before\n<!-- made: transport-config -->\n| Key |")
    assert new.endswith("<!-- end -->\nafter\n")
    with pytest.raises(KeyError):
        docs_text(old.replace("transport-config", "weather"))


def test_main_writes_only_what_is_stale(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    docs, schema = tmp_path / "tenant-file.md", tmp_path / "schema.json"
    docs.write_text((repository / "docs" / "tenant-file.md").read_text("utf-8"), "utf-8")
    monkeypatch.setattr(generate, "_DOCS", (docs,))
    monkeypatch.setattr(generate, "_SCHEMA", schema)
    assert generate.main(["--check"]) == 1
    assert not schema.exists()
    assert generate.main([]) == 0
    assert capsys.readouterr().out == f"wrote {schema}\n"
    assert generate.main(["--check"]) == 0
