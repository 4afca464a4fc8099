"""The page: whatever a header holds, it is text there."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fakeeop.cli.headers.command import analysed
from fakeeop.cli.headers.html import page
from fakeeop.reading.hops import fields_of

SAMPLES = Path(__file__).parents[2] / "reading" / "headers"

ELEMENTS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "h3",
        "table",
        "tr",
        "th",
        "td",
        "div",
        "p",
        "b",
        "br",
    ),
    *("br", "code", "span", "small"),
}


class Elements(HTMLParser):
    """The names of the elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


PIECES = st.sampled_from(
    ["<script>", "</td>", '"', "'", "&lt;", "<img src=x onerror=y>", ";", "from", "by", "spf=", "x"]
)
VALUES = st.lists(PIECES | st.text(max_size=8), max_size=8).map(" ".join)
NAMES = st.sampled_from([
    "Subject", "From", "Received", "Authentication-Results", "Received-SPF", "X-Forefront-Antispam-Report",
    "X-MS-Exchange-CrossTenant-FromEntityHeader", "X-MS-Exchange-Organization-AuthAs", "X-CrossPremisesHeadersPromoted",
])  # fmt: skip


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_no_header_brings_an_element_of_its_own(fields):
    found = Elements()
    found.feed(page(analysed(fields)))
    assert found.names <= ELEMENTS
    assert found.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class", "style"}


def test_each_passage_has_its_own_verdict():
    text = (SAMPLES / "11-signature-service-external-view-2024.txt").read_text()
    made = page(analysed(fields_of(text)))
    first, second = made.partition("<h3>Passage 2, hops 4 to 6</h3>")[::2]
    assert '<h3>Passage 1, hops 1 to 2</h3><div class="no">' in first
    assert second.startswith('<div class="yes">')
