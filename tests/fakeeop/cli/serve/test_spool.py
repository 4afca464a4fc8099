from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

import pytest

from fakeeop.cli import exits, main
from fakeeop.cli.serve import spool as serve_spool


@pytest.mark.parametrize(
    ("text", "found"), [("0", 0), ("5", 5), ("2k", 2_048), ("3M", 3 * 1_048_576), ("1G", 1_073_741_824)]
)
def test_sizes(text, found):
    assert serve_spool.octets(text) == found


@pytest.mark.parametrize("text", ["", "M", "-1", "1.5G", "1T", "\u0661M", "1 M"])
def test_what_is_no_size(text):
    with pytest.raises(ArgumentTypeError, match="is no size: write octets"):
        serve_spool.octets(text)


def test_settings(tmp_path):
    parser = ArgumentParser()
    serve_spool.add_arguments(parser)
    given = serve_spool.settings(parser.parse_args(["--spool", str(tmp_path), "--spool-limit", "20M"]))
    assert given["spool"] == tmp_path
    assert serve_spool.settings(parser.parse_args([]))["spool"] is None


def test_a_folder_that_is_none(tmp_path, capsys):
    code = main.main(["serve", "--port", "0", "--state", str(tmp_path / "s"), "--spool", str(tmp_path / "nowhere")])
    assert code == exits.ENVIRONMENT
    assert "large messages cannot be spooled there" in capsys.readouterr().err
