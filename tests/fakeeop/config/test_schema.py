"""The schema is shipped, in step, and takes what the loader takes."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fakeeop.config.generate import docs_text, schema_text
from fakeeop.config.loader import forest_from_tree
from fakeeop.config.marked import load_marked, read_text
from fakeeop.config.schema import tenant_schema
from fakeeop.errors import ConfigError

VALIDATOR = jsonschema.Draft202012Validator(tenant_schema())
HERE = Path(__file__).parent
# What a schema cannot see: rules over several fields, names that must exist, unique names.
FORM = {"unknown-field", "wrong-type", "bad-value", "missing-field", "E10", "not-a-tenant-file", "enum-number"}


def read(path: Path) -> Any:
    return load_marked(read_text(path.read_bytes(), str(path)), str(path))


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(tenant_schema())


def test_the_shipped_schema_is_in_step():
    shipped = resources.files("fakeeop.config").joinpath("schema.json").read_text("utf-8")
    assert shipped == schema_text(), "run: python -m fakeeop.config.generate"
    assert json.loads(shipped) == tenant_schema()


def test_the_tables_of_the_documentation_are_in_step(repository: Path):
    page = (repository / "docs" / "tenant-file.md").read_text("utf-8")
    assert page == docs_text(page), "run: python -m fakeeop.config.generate"


def test_every_property_has_a_hover_text():
    def properties(tree: Any) -> Any:
        for name, schema in tree.get("properties", {}).items():
            yield name, schema
        for schema in tree.get("$defs", {}).values():
            yield from properties(schema)

    found = list(properties(tenant_schema()))
    assert len(found) > 100
    assert [name for name, schema in found if not schema.get("description")] == []


@pytest.mark.parametrize("name", ["contoso.yaml", "two-tenants.yaml", "exported.yaml"])
def test_the_examples_fit(repository: Path, name: str):
    VALIDATOR.validate(read(repository / "examples" / name))


def test_exported_connectors_fit(repository: Path):
    exported = json.loads((repository / "examples" / "exported-connectors.json").read_text("utf-8"))
    VALIDATOR.validate({"Tenants": [{"Name": "contoso", "InboundConnectors": exported}]})


@pytest.mark.parametrize("path", sorted((HERE / "advice").glob("*.yaml")), ids=lambda path: path.stem)
def test_what_loads_fits(path: Path):
    unknown = path.stem == "unknown-property-of-an-export"
    assert VALIDATOR.is_valid(read(path)) is not unknown


NO_YAML = {"star-without-quotes", "powershell-list", "tab"}
BAD = [path for path in sorted((HERE / "bad").glob("*.yaml")) if path.stem not in NO_YAML]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_what_has_a_fault_of_form_does_not_fit(path: Path):
    tree = read(path)
    with pytest.raises(ConfigError) as caught:
        forest_from_tree(tree, str(path))
    faults = {problem.code for problem in caught.value.problems} & FORM
    if path.stem != "empty-name" and faults:
        assert not VALIDATOR.is_valid(tree)
