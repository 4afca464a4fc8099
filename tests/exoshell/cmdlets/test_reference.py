"""The list of cmdlets in the documentation."""

from __future__ import annotations

from pathlib import Path

from exoshell.cmdlets.reference import main, page


def test_the_page_is_up_to_date(repository: Path):
    assert main(["--check", str(repository / "docs" / "exchange-cmdlets.md")]) == 0


def test_it_is_written_anew(tmp_path: Path):
    path = tmp_path / "x.md"
    path.write_text("a\n<!-- made: cmdlets -->\nSTALE\n<!-- end -->\nb\n")
    assert main(["--check", str(path)]) == 1
    assert main([str(path)]) == 0
    text = path.read_text()
    assert text == page(text)
    assert text.startswith("a\n<!-- made: cmdlets -->\n### Accepted domains\n")
    assert "#### New-InboundConnector" in text
    assert "STALE" not in text
