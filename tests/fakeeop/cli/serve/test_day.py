from __future__ import annotations

from argparse import ArgumentParser

import pytest

from fakeeop.cli.serve import day as serve_day


def test_a_day_is_put_into_the_file():
    parser = ArgumentParser()
    serve_day.add_arguments(parser)
    args = parser.parse_args(["--as-of", "2019-06-01"])
    assert serve_day.dated({"Tenants": [], "AsOf": "2020-01-01"}, args.as_of) == {"Tenants": [], "AsOf": "2019-06-01"}
    assert serve_day.dated({"Tenants": []}, parser.parse_args([]).as_of) == {"Tenants": []}


def test_what_is_no_day_is_wrong_usage(capsys):
    parser = ArgumentParser()
    serve_day.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--as-of", "2019"])
    assert "write 2019-06-01" in capsys.readouterr().err
