"""The schema, the tables of the loader and the core's own closed sets say the same."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from fakeeop.config.marked import load_marked
from fakeeop.decision.verdict import AttributedBy, Direction, Reason
from fakeeop.model import ChainProblem
from harness.match.kinds import FINAL, STEP, VERDICTS, FieldKind
from harness.scenario.schema import scenario_schema, schema_problems
from harness.scenario.verbs import ARGUMENTS
from harness.scenario.vocabulary import CLIENTS, EVIDENCE, PKI, TOP, WORLD

SCHEMA = scenario_schema()
DEFS = SCHEMA["$defs"]


def _object(schema: dict[str, Any]) -> Any:
    """The object of a definition, through anyOf and references."""
    if "$ref" in schema:
        schema = DEFS[schema["$ref"].rpartition("/")[2]]
    if "properties" in schema:
        return schema
    return next((found for found in map(_object, schema.get("anyOf", ())) if found), None)


def _keys(schema: dict[str, Any]) -> set[str]:
    return set(_object(schema)["properties"])


def test_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_top_world_and_evidence_have_the_loaders_keys():
    assert _keys(SCHEMA) == set(TOP.allowed)
    assert set(SCHEMA["required"]) == set(TOP.required)
    assert _keys(DEFS["world"]) == set(WORLD.allowed)
    assert _keys(DEFS["certificate"]) == set(PKI.allowed)
    assert _keys(DEFS["evidence"]) == set(EVIDENCE.allowed)
    assert SCHEMA["properties"]["clients"]["items"]["enum"] == list(CLIENTS)


@pytest.mark.parametrize("verb", ARGUMENTS)
def test_arguments_have_the_loaders_keys(verb):
    step = DEFS[f"step-{verb}"]["properties"]
    arguments = _object(step[verb])
    assert set(arguments["properties"]) == set(ARGUMENTS[verb].allowed)
    assert set(arguments.get("required", ())) == set(ARGUMENTS[verb].required)


@pytest.mark.parametrize("verb", STEP)
def test_expectations_have_the_matchers_fields(verb):
    _compare(STEP[verb], DEFS[f"step-{verb}"]["properties"]["expect"], set())


def test_final_has_the_matchers_fields():
    _compare(FINAL, DEFS["final-matcher"], set())


def _compare(kind: FieldKind, schema: dict[str, Any], later: set[str]) -> None:
    properties = {name: inner for name, inner in _object(schema)["properties"].items() if name != "only-fields"}
    assert set(properties) - later == set(kind.fields)
    for name, field in kind.fields.items():
        if field.fields:
            _compare(field, properties[name], set())
        elif field.item is not None and field.item.fields and field.name == "list":
            items = next(one for one in DEFS[properties[name]["$ref"].rpartition("/")[2]]["anyOf"] if "items" in one)
            _compare(field.item, items["items"], set())
        elif field.choices:
            assert set(field.choices) <= set(DEFS[properties[name]["$ref"].rpartition("/")[2]]["anyOf"][0]["enum"])


def test_every_property_is_described():
    missing: list[str] = []

    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for name, inner in (node.get("properties") or {}).items():
                if isinstance(inner, dict) and "description" not in inner and "$defs" not in path:
                    missing.append(f"{path}.{name}")
            for name, inner in node.items():
                if name not in ("enum", "if", "then", "else"):
                    walk(inner, f"{path}.{name}")
        elif isinstance(node, list):
            for inner in node:
                walk(inner, path)

    walk({key: value for key, value in SCHEMA.items() if key != "$defs"}, "")
    for name, definition in DEFS.items():
        walk(definition, name)
    assert missing == []


def test_closed_sets_are_those_of_the_core():
    assert set(VERDICTS) == {reason.value for reason in Reason}
    session = FINAL.fields["sessions"].item
    assert session is not None
    attribution, certificate = session.fields["attributed-to"], session.fields["tls"].fields["peer-certificate"]
    assert set(attribution.fields["by"].choices) == {by.value for by in AttributedBy}
    assert set(attribution.fields["direction"].choices) == {direction.value for direction in Direction}
    assert set(certificate.fields["chain"].choices) == {"valid", "absent"} | {problem.value for problem in ChainProblem}


def test_problems_count_from_one():
    tree = load_marked("schema: fakeeop.scenario/1\nevidence: [{kind: doc, ref: x}, {kind: blog, ref: x}]\n")
    found = schema_problems(tree)
    assert any(path.startswith("evidence[2]") for path, _ in found)
