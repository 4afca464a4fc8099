"""The text: it ends where the terminal does, and holds nothing that one acts on."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.cli.headers.command import analysed
from fakeeop.cli.headers.text import lines_of
from fakeeop.cli.style import Style
from fakeeop.reading.hops import fields_of

SAMPLES = Path(__file__).parents[2] / "reading" / "headers"

NAMES = st.sampled_from(
    ["Subject", "Received", "Authentication-Results", "X-Forefront-Antispam-Report", "Received-SPF"]
)
FIELDS = st.lists(st.tuples(NAMES, st.text() | st.text("from by;:=(|) ab", max_size=200)), max_size=6)


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")


@given(FIELDS, st.integers(0, 250))
def test_no_line_is_wider_and_nothing_controls_the_terminal(fields, width):
    lines = lines_of(analysed(fields), Style(io.StringIO()), width)
    assert all(len(line) <= max(width, 80) for line in lines)
    assert not any(set(line) & set("\x1b\x07\x9b\u202e\u2066\r\n") for line in lines)


@pytest.mark.parametrize(("width", "most"), [(40, 8), (80, 20), (100, 40), (300, 40)])
def test_bars_grow_with_the_terminal(width, most):
    received = [f"from a by b; Mon, 1 Jan 2024 10:00:0{second} +0000" for second in (5, 1, 0)]
    lines = lines_of(analysed([("Received", each) for each in received]), Style(io.StringIO()), width)
    bars = [line.count("█") for line in lines if "█" in line]
    assert bars == [round(most * 0.2), round(most * 0.8)]


def test_each_passage_has_its_own_verdict():
    text = (SAMPLES / "11-signature-service-external-view-2024.txt").read_text()
    lines = [line.strip() for line in lines_of(analysed(fields_of(text)), Style(io.StringIO()), 100)]
    start = lines.index("Verdict, through a connector: yes")
    assert lines[start + 1] == "it passed the service 2 times; this is the answer for passage 2"
    assert lines[start + 2] == "Passage 1, hops 1 to 2, through a connector: no"
    assert "Passage 2, hops 4 to 6, through a connector: yes" in lines


def test_colours_are_around_what_they_mean(monkeypatch):
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    fields = [
        ("Received", "from b by c; Mon, 1 Jan 2024 10:00:00 +0000"),
        ("Received", "from a by b; Mon, 1 Jan 2024 10:00:09 +0000"),
        ("Authentication-Results", "spf=fail (x) smtp.mailfrom=a; dkim=pass header.d=b"),
    ]
    text = "\n".join(lines_of(analysed(fields), Style(io.StringIO()), 100))
    assert "\x1b[31m              -9 seconds\x1b[0m" in text
    assert "spf           \x1b[31mfail\x1b[0m" in text
    assert "dkim          \x1b[32mpass\x1b[0m" in text
