from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakeeop.config.marked import MarkedDict, MarkedList, load_marked
from harness.errors import ScenarioError
from harness.scenario.expand import expand
from harness.scenario.loader import find_scenarios, is_scenario, load_scenario, scenario_from_tree

GOOD = Path(__file__).parent / "good"


def test_what_is_left_out_has_its_default(scenario_with):
    scenario = scenario_with()
    assert (scenario.id, scenario.timeout, scenario.tags, scenario.requires) == ("folder/name", 10.0, (), ())
    assert scenario.known_gap is None
    assert scenario.variants == {}
    assert scenario.evidence[0].ref == "a page"


def test_steps_know_their_lines(scenario_with):
    (step,) = scenario_with().steps
    assert step.verb == "submit"
    assert step.line == 11
    assert step.expect.lines == {"reply": 13}


def test_durations_are_seconds(scenario_with):
    assert scenario_with(("level: must", "level: must\ntimeout: 200ms")).timeout == 0.2
    assert scenario_with(("level: must", "level: must\ntimeout: 2m")).timeout == 120
    assert scenario_with(("level: must", "level: must\ntimeout: 7")).timeout == 7


def test_a_word_of_a_later_version_is_a_requirement(scenario_with):
    more = "steps:\n  - connect: {from-host: relay, as: c}\n  - send: {session: c, lines: [NOOP], after: 200ms}"
    scenario = scenario_with(("steps:", more))
    assert scenario.requires == ("send-after",)
    assert [step.verb for step in scenario.steps] == ["connect", "send", "submit"]


def test_short_forms_are_written_out(scenario_with):
    more = "steps:\n  - connect: {from-host: relay, as: c}\n  - disconnect: c\n  - admin: {disable-connector: Office}\n"
    more += "  - advance: 20m\n  - start: {from-host: relay, as: mta}\n  - drain: mta"
    _, disconnect, admin, advance, _, drain, _ = scenario_with(("steps:", more)).steps
    assert disconnect.arguments == {"session": "c"}
    assert admin.arguments == {"disable-connector": {"connector": "Office"}}
    assert advance.arguments == {"by": "20m"}
    assert drain.arguments == {"via": "mta"}


def test_every_problem_at_once_in_line_order(scenario_with):
    with pytest.raises(ScenarioError) as caught:
        scenario_with(("level: must", "level: perhaps"), ("reply: 550", "reply: 99"), ("from-host", "from_host"))
    lines = [problem.line or 0 for problem in caught.value.problems]
    assert lines == sorted(lines)
    assert len(lines) == 4  # the wrong key is also a missing one
    assert all(str(problem).startswith("scenarios/folder/name.yaml:") for problem in caught.value.problems)


def test_unreadable_and_not_utf8(tmp_path):
    with pytest.raises(ScenarioError, match="cannot be read: No such file"):
        load_scenario(tmp_path / "none.yaml", tmp_path)
    (tmp_path / "latin.yaml").write_bytes(b"title: caf\xe9\n")
    with pytest.raises(ScenarioError, match="not UTF-8 text"):
        load_scenario(tmp_path / "latin.yaml", tmp_path)


def test_finds_only_our_yaml(tmp_path):
    (tmp_path / "deep").mkdir()
    ours = tmp_path / "deep" / "ours.yaml"
    ours.write_text("# a comment\n---\nschema: fakeeop.scenario/1\n")
    (tmp_path / "other.yaml").write_text("name: x\n")
    (tmp_path / "empty.yaml").write_text("")
    assert find_scenarios(tmp_path) == (ours,)
    assert not is_scenario(tmp_path / "not-there.yaml")


def _marked(value: Any) -> Any:
    """Plain data as the YAML loader would give it."""
    if isinstance(value, dict):
        made = MarkedDict(1)
        made.update((key, _marked(item)) for key, item in value.items())
        made.lines = dict.fromkeys(value, 1)
        return made
    if isinstance(value, list):
        items = MarkedList(1)
        items.extend(_marked(item) for item in value)
        items.lines = [1] * len(value)
        return items
    return value


_TREES = [load_marked(path.read_text("utf-8")) for path in sorted(GOOD.glob("*.yaml"))]
_WORDS = sorted(
    {str(key) for tree in _TREES for key in tree} | {"submit", "count", "items", "first-of", "not", "order"}
)
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 600),
    st.floats(allow_nan=False),
    st.text(max_size=6),
    st.sampled_from(
        [*_WORDS, "{{run.id}}", "{{variant.a}}", "{{x", "550 5.7.64 *", "10s", "2026-11-24", "relay", "raw"]
    ),
)
_KEYS = st.sampled_from(_WORDS) | st.text(max_size=4)
_ANY = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=12,
)


def _loads_or_says_why(tree: Any) -> None:
    try:
        scenario = scenario_from_tree(_marked(tree), Path("scenarios/x.yaml"), Path("scenarios"))
        cases = expand(scenario)
    except ScenarioError:
        return
    assert len(cases) == len(scenario.clients) * max(1, len(scenario.variants))


@given(_ANY)
def test_any_tree_is_a_scenario_or_an_error(tree):
    _loads_or_says_why(tree)


def _places(tree: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    for key in tree if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ():
        yield from _places(tree[key], (*here, key))


def _plain(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _plain(value) for key, value in tree.items()}
    return [_plain(item) for item in tree] if isinstance(tree, list) else tree


@given(st.sampled_from(_TREES), st.data())
def test_a_good_file_with_one_place_replaced_is_a_scenario_or_an_error(good, data):
    tree = _plain(good)
    place = data.draw(st.sampled_from([one for one in _places(tree) if one]))
    holder = tree
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = data.draw(_ANY)
    _loads_or_says_why(tree)
