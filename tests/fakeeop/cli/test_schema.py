"""``fakeeop schema``: prints what is shipped."""

from __future__ import annotations

import argparse
import json

import pytest

from fakeeop.cli import schema
from fakeeop.config.schema import tenant_schema


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    schema.add_arguments(parser)
    return parser.parse_args(arguments)


def test_it_prints_the_schema_of_tenant_files(capsys: pytest.CaptureFixture[str]):
    assert schema.run(parse("tenant")) == 0
    assert json.loads(capsys.readouterr().out) == tenant_schema()


def test_it_prints_the_document_of_the_admin_api(capsys: pytest.CaptureFixture[str]):
    assert schema.run(parse("admin")) == 0
    assert "/tenants/{tenant}/inbound-connectors" in json.loads(capsys.readouterr().out)["paths"]


def test_another_schema_is_a_usage_error(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        parse("weather")
    assert caught.value.code == 2
    assert "tenant" in capsys.readouterr().err
