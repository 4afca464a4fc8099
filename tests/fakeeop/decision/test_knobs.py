from __future__ import annotations

import re
from typing import get_args, get_type_hints

import pytest

from fakeeop.decision.knobs import KNOBS, knob_key
from fakeeop.model import Behaviour

HINTS = get_type_hints(Behaviour)


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.name)
def test_values_and_default_are_those_of_behaviour(knob):
    assert knob.values == get_args(HINTS[knob.field])
    assert knob.default == getattr(Behaviour(), knob.field)


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


@pytest.mark.parametrize(("field", "name"), [
    ("cert_fallback", "CertFallback"), ("stage_5751", "Stage5751"), ("attr36_text", "Attr36Text"),
])  # fmt: skip
def test_names_of_knobs(field: str, name: str):
    assert name in {knob.name for knob in KNOBS if knob.field == field}
    assert knob_key(field) == knob_key(name) == name.lower()
