"""The OpenAPI document is what is checked in, and the API does what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fakeeop.admin import AdminSettings
from fakeeop.admin.app import AdminApp
from fakeeop.emulator import Emulator
from fakeeop.model import Forest

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 16  # for each operation


def new_app(emulator: Emulator | None = None) -> AdminApp:
    return AdminApp(emulator or Emulator(Forest()), AdminSettings())


def contoso() -> dict[str, Any]:
    connector = {"Name": "0", "ConnectorType": "OnPremises", "SenderIPAddresses": ["203.0.113.25"]}
    return {"Tenants": [{"Name": "0", "AcceptedDomains": ["contoso.com"], "InboundConnectors": [connector]}]}


def test_the_document_is_checked_in(repository: Path):
    same = json.loads((repository / "docs" / "openapi.json").read_text("utf-8")) == new_app().document()
    assert same, "run: fakeeop schema admin > docs/openapi.json"


def test_every_operation_says_what_it_answers():
    found = new_app().document()
    assert found["openapi"] == "3.1.0"
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            named = f"{method} {path}"
            assert operation["summary"], named
            assert {"401", "403"} <= operation["responses"].keys(), named
            if method in ("post", "put", "patch") and path not in ("/reset", "/faults/flags/{flag}"):
                assert operation["requestBody"]["content"], named
                assert {"400", "413", "415", "422"} <= operation["responses"].keys(), named
            if "{" in path:
                assert "404" in operation["responses"], named
    assert "HTTPValidationError" not in json.dumps(found)


def test_every_reference_leads_somewhere():
    found = new_app().document()

    def references(tree: Any) -> list[str]:
        if isinstance(tree, dict):
            here = [tree["$ref"]] if isinstance(tree.get("$ref"), str) else []
            return here + [one for each in tree.values() for one in references(each)]
        return [one for each in tree for one in references(each)] if isinstance(tree, list) else []

    names = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}
    assert set(references(found)) <= names


APP = new_app()
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", APP.api)
FOUND: Any = SCHEMA.get_all_operations()
OPERATIONS = [each.ok() for each in FOUND]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
def test_the_api_does_what_the_document_says(operation: Any):
    """Generated requests, good and bad, against the application in this process."""
    app = new_app(Emulator.from_tree(contoso()))

    def one(case: Any) -> None:
        if case.path == "/journal/wait" and case.query:
            case.query["timeout"] = 0
        response = case.call(app=app.api)
        unready = (case.path, response.status_code) == (
            "/ready",
            503,
        )  # it is not open: the one such answer that is right
        case.validate_response(response, checks=CHECKS[1:] if unready else CHECKS)

    bounded = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    bounded(given(case=operation.as_strategy())(lambda case: one(case)))()
