from __future__ import annotations

import re
from typing import get_args, get_type_hints

import attrs
import pytest

from fakeeop.decision.knobs import KNOBS
from fakeeop.model import Behaviour

FIELDS = {field.name: field for field in attrs.fields(Behaviour)}
HINTS = get_type_hints(Behaviour)


def test_every_field_of_behaviour_is_a_knob_and_no_other():
    assert sorted(knob.field for knob in KNOBS) == sorted(FIELDS)


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_values_and_default_are_those_of_behaviour(knob):
    assert sorted(knob.values) == sorted(get_args(HINTS[knob.field]))
    assert knob.default == FIELDS[knob.field].default


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_a_knob_says_what_it_asks_and_who_answers(knob):
    assert knob.name.lower() == knob.field.replace("_", "")
    assert knob.question.endswith("?")
    assert knob.conflict
    assert all(side.meaning and side.sources and all(side.sources) for side in knob.sides)


def test_every_tag_of_a_source_is_listed(repository):
    """A source that begins in lower case is told in words: `own`, `captures of 2025`."""
    listed = (repository / "evidence" / "sources.md").read_text(encoding="utf-8")
    tags = set(re.findall(r"^\| ([\w.-]+) \|", listed, flags=re.MULTILINE))
    cited = {source.split()[0] for knob in KNOBS for side in knob.sides for source in side.sources}
    assert {source for source in cited if source[0].isupper()} <= tags | {"Microsoft's"}
